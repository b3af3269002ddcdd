//! What came of a check-up: what works, what is denied, and what that would block.

mod document;
mod record;
mod rules;

use std::collections::BTreeSet;
use std::fmt;

use amictl_collect::doctor::{Checkup, NeedHealth};
use amictl_model::{AccountId, Scope};

use crate::{CommandLine, Format, Output, ReportError, markdown, sink, terminal};

/// A check-up of one account.
#[derive(Debug)]
pub struct DoctorReport<'a> {
    /// The account.
    pub account: AccountId,
    /// The ARN of whoever asks. Text from outside.
    pub caller: &'a str,
    /// Regions that are enabled, and Regions that there are; `None` when that could not be read.
    pub regions: Option<(usize, usize)>,
    /// Each account and Region that was looked at.
    pub checkups: &'a [Checkup],
    /// Accounts and Regions that cannot be worked in, and why. Text from outside.
    pub unreachable: &'a [(Scope, String)],
    /// What prints the permissions that are missing.
    pub policy_command: CommandLine,
}

impl DoctorReport<'_> {
    /// Everything that does not work.
    fn ill(&self) -> impl Iterator<Item = &NeedHealth> {
        self.checkups.iter().flat_map(|checkup| &checkup.needs).filter(|health| health.health.is_ill())
    }

    /// A place in words: the account only where others than the caller's were looked at too.
    fn place(&self, scope: &Scope) -> String {
        let is_own = |other: &Scope| other.account == self.account;
        let all_own = self
            .checkups
            .iter()
            .map(|checkup| &checkup.scope)
            .chain(self.unreachable.iter().map(|(scope, _)| scope))
            .all(is_own);
        if all_own { scope.region.to_string() } else { scope.to_string() }
    }

    /// The IAM actions that are missing in any Region.
    fn missing(&self) -> BTreeSet<&str> {
        self.ill().flat_map(|health| &health.missing).map(String::as_str).collect()
    }
}

/// Writes what came of a check-up.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn doctor(out: &mut dyn fmt::Write, report: &DoctorReport<'_>, output: Output) -> Result<(), ReportError> {
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document::document(report), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document::document(report))?),
        Format::Json => sink::write_json(out, &record::Document::of(report)),
        Format::Ndjson => {
            record::rows(report).iter().try_for_each(|row| sink::write_json_line(out, row))?;
            report.checkups.iter().map(record::Settings::of).try_for_each(|row| sink::write_json_line(out, &row))
        }
        Format::Csv => record::write_csv(out, report),
    }
}
