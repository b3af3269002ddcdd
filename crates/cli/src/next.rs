//! Commands to go on with, in the same account and state folder as the command that names them.

use amictl_report::CommandLine;

use crate::args::Global;

/// The state folder when none is named.
pub(crate) const DEFAULT_STATE: &str = ".amictl";

/// `amictl` with these words and with the global options that choose account, endpoint and state folder.
pub(crate) fn command<'a>(global: &Global, words: impl IntoIterator<Item = &'a str>) -> CommandLine {
    let mut command = CommandLine::new(["amictl"].into_iter().chain(words));
    let state = (global.state != DEFAULT_STATE).then_some(&global.state);
    for (option, value) in [
        ("--profile", global.profile.as_ref()),
        ("--role-arn", global.role_arn.as_ref()),
        ("--endpoint-url", global.endpoint_url.as_ref()),
        ("--assume-role", global.accounts.assume_role.as_ref()),
        ("--external-id", global.accounts.external_id.as_ref()),
        ("--state", state),
    ] {
        if let Some(value) = value {
            command = command.arg(option).arg(value);
        }
    }
    command
}
