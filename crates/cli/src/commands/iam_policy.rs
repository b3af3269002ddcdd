//! `amictl iam-policy`: made from the operations as they are declared, so it cannot go stale.

use amictl_report::{Format, IamReport, Output, iam_policy};

use crate::args::{Global, IamPolicyArgs};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;

/// Prints the IAM policy document, or what each of its actions is for.
pub(crate) fn run(global: &Global, args: &IamPolicyArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let tasks = args.tasks();
    let report = IamReport::of(&tasks, args.partition(&global.region));
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
