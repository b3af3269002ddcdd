//! `amictl policy convert`.

use amictl_policy::convert;

use crate::args::{ConvertArgs, Tool};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::pipeline::{policy_errors, read_policy_text};

/// Makes a policy from another tool's; fails if nothing of it can be carried over.
pub(super) fn run(args: &ConvertArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let text = read_policy_text(&args.file)?;
    let from = args.from.map(Tool::kind);
    let conversion = convert(&text, &args.file.display().to_string(), from);
    let conversion = conversion.map_err(|errors| policy_errors(&errors, terminal))?;
    terminal.report(|out, output| amictl_report::policy_conversion(out, &conversion, output))?;
    match conversion.left_out.len() {
        0 => {}
        1 => terminal.note("one thing could not be carried over as it was"),
        several => terminal.note(&format!("{several} things could not be carried over as they were")),
    }
    Ok(if conversion.text.is_empty() { Exit::Error } else { Exit::Done })
}
