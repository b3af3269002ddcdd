//! `amictl iam-policy`: made from the operations as they are declared, so it cannot go stale.

use amictl_cloud::Task;
use amictl_report::{Format, IamReport, Output, iam_policy};

use crate::args::{Global, IamPolicyArgs};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::state;

/// Prints the IAM policy document, or what each of its actions is for.
pub(crate) fn run(global: &Global, args: &IamPolicyArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let tasks = args.tasks();
    let partition = args.partition(&global.region);
    let mut report = IamReport::of(&tasks, partition);
    if let Some(role) = &global.accounts.assume_role {
        let roles = if role.starts_with("arn:") {
            role.clone()
        } else {
            format!("arn:{partition}:iam::{{account}}:role/{role}")
        };
        report.policy = report.policy.assuming(roles.replace("{account}", "*"));
    } else if tasks.contains(&Task::Accounts) {
        terminal.note("give --assume-role too, and the policy allows assuming that role in every account");
    }
    if let Some(bucket) = state::bucket(global)? {
        report.policy = report.policy.keeping_state(partition, &bucket.bucket, &bucket.prefix);
    }
    if let Some(warning) = report.size_warning() {
        terminal.note(&warning);
    }
    // A policy is there to be handed to IAM, so a table has to be asked for.
    let asked = global.output.is_some();
    terminal.report(|out, output| {
        iam_policy(out, &report, if asked { output } else { Output { format: Format::Json, ..output } })
    })?;
    Ok(Exit::Done)
}
