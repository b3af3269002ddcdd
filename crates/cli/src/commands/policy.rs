//! `amictl policy`.

use amictl_policy::{BUILT_IN_TEXT, policy_schema};

use crate::args::{PolicyArgs, PolicyCommand};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::pipeline::parse_policy;

/// Checks a policy file, or prints the schema or the built-in policy.
pub(crate) fn run(args: &PolicyArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.command {
        PolicyCommand::Validate { file } => {
            let policy = parse_policy(file, terminal)?;
            let unsupported = policy.unsupported();
            for message in &unsupported {
                terminal.note_laid_out(&message.render(terminal.color_errors()));
            }
            let families = policy.families.len();
            terminal.print(&format!("{}: {families} families, {}", file.display(), policy.digest()))?;
            Ok(Exit::Done)
        }
        PolicyCommand::Schema => {
            let schema =
                serde_json::to_string_pretty(&policy_schema()).map_err(|error| Failure::error(error.to_string()))?;
            terminal.print(&schema)?;
            Ok(Exit::Done)
        }
        PolicyCommand::BuiltIn => {
            terminal.print(BUILT_IN_TEXT)?;
            Ok(Exit::Done)
        }
    }
}
