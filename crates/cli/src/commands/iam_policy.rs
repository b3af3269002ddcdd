//! `amictl iam-policy`: made from the operations as they are declared, so it cannot go stale.

use std::collections::BTreeSet;

use amictl_cloud::{Effect, OperationSpec, Service};
use serde_json::json;

use crate::args::{IamPolicyArgs, IamRole};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;

/// Prints the IAM policy document.
pub(crate) fn run(args: &IamPolicyArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let mut statements = vec![statement("AmictlRead", Effect::Read)];
    if args.role == IamRole::Retirer {
        statements.push(statement("AmictlRetire", Effect::Mutating));
    }
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    let text = serde_json::to_string_pretty(&document).map_err(|error| Failure::error(error.to_string()))?;
    terminal.print(&text)?;
    Ok(Exit::Done)
}

fn statement(sid: &str, effect: Effect) -> serde_json::Value {
    let actions: BTreeSet<String> = OperationSpec::ALL
        .iter()
        // GetCallerIdentity needs no permission.
        .filter(|spec| spec.effect == effect && spec.service != Service::Sts)
        .flat_map(|spec| std::iter::once(spec.iam_action()).chain(spec.also_needs.iter().map(ToString::to_string)))
        .collect();
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": "*" })
}
