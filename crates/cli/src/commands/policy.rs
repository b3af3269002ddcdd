//! `amictl policy`.

mod convert;
mod diff;
mod forecast;
mod test;

use std::path::Path;

use amictl_policy::{BUILT_IN_TEXT, policy_schema};

use crate::args::{Global, PolicyArgs, PolicyCommand};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::pipeline::parse_policy;

/// Runs one of the commands about policy files.
pub(crate) async fn run(global: &Global, args: &PolicyArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    match &args.command {
        PolicyCommand::Validate { file } => validate(file, terminal),
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
        PolicyCommand::Test(args) => test::run(args, terminal),
        PolicyCommand::Diff(args) => diff::run(global, args, terminal).await,
        PolicyCommand::Forecast(args) => forecast::run(global, args, terminal).await,
        PolicyCommand::Convert(args) => convert::run(args, terminal),
    }
}

/// Checks a policy file.
fn validate(file: &Path, terminal: &Terminal) -> Result<Exit, Failure> {
    let policy = parse_policy(file, terminal)?;
    let families = match policy.families.len() {
        1 => "1 family".to_owned(),
        count => format!("{count} families"),
    };
    terminal.print(&format!("{}: {families}, {}", file.display(), policy.digest()))?;
    Ok(Exit::Done)
}
