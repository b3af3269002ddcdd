//! What is known of an image's use beyond the resources of the accounts that were scanned: in files, and by a usage report.

use amictl_model::{AccountUse, FileMention, UsageReport};
use serde::Serialize;

use super::{ImageEntry, Places};
use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{count, date_time, len, plural};

/// The lines of files that name an image, and what AWS reports of other accounts.
#[derive(Serialize)]
pub(crate) struct Beyond<'a> {
    /// The lines.
    pub(crate) files: &'a [FileMention],
    /// Files that could not be read: they may name it.
    pub(crate) unread_files: &'a [Box<str>],
    /// The usage report, if one was asked for.
    pub(crate) usage_report: Option<&'a UsageReport>,
}

/// What a usage report does not see.
const REPORT_IS_LATE: &str =
    "It is late: instances by up to a day, launch templates by days. Other resources it does not count.";

impl<'a> Beyond<'a> {
    pub(crate) fn of(places: &Places<'a>, entry: &ImageEntry<'a>) -> Self {
        Self {
            files: places.files().map_or(&[], |files| files.mentions_of(&entry.image.id)),
            unread_files: places.files().map_or(&[], |files| &files.failures),
            usage_report: entry.scope.usage_of(&entry.image.id).map(|usage| &usage.report),
        }
    }

    /// The uses that another account has by the report.
    pub(crate) fn accounts(&self) -> &'a [AccountUse] {
        match self.usage_report {
            Some(UsageReport::Read { uses, .. }) => uses,
            Some(UsageReport::Unreadable(_)) | None => &[],
        }
    }

    /// How many lines and entries of the report there are.
    pub(crate) fn count(&self) -> usize {
        self.files.len() + self.accounts().len()
    }

    /// Each as kind, source, resource and detail.
    pub(crate) fn rows(&self) -> Vec<[String; 4]> {
        let row =
            |kind: &str, source: &str, resource: String, detail: String| [kind.into(), source.into(), resource, detail];
        let files = self
            .files
            .iter()
            .map(|mention| row("reference", "files", mention.place.to_string(), "named in a file".into()));
        let unread = self.unread_files.iter().map(|file| row("unread", "files", String::new(), file.to_string()));
        let accounts = self.accounts().iter().map(|used| {
            row(
                "reference",
                "image_usage",
                format!("account {}", used.account),
                format!("{} × {}", used.count, used.resource_type),
            )
        });
        let failed = match self.usage_report {
            Some(UsageReport::Unreadable(why)) => Some(row("unread", "image_usage", String::new(), why.to_string())),
            Some(UsageReport::Read { .. }) | None => None,
        };
        files.chain(accounts).chain(unread).chain(failed).collect()
    }

    /// Says it to people.
    pub(crate) fn tell(&self, doc: &mut Doc) {
        if !self.files.is_empty() {
            doc.line(Tone::Plain, format!("Named in files, {}:", plural(len(self.files.len()), "line", "lines")));
            let mut grid = Grid::new(&[("Line", Kind::Name)]);
            self.files.iter().for_each(|mention| grid.row(vec![mention.place.to_string()]));
            doc.grid(grid);
        }
        if let Some(first) = self.unread_files.first() {
            let files = plural(len(self.unread_files.len()), "file", "files");
            doc.line(Tone::Bad, format!("{files} could not be read and may name it, such as {first}"));
        }
        match self.usage_report {
            None => {}
            Some(UsageReport::Unreadable(why)) => {
                doc.line(Tone::Bad, format!("Its use by other accounts could not be read: {why}"));
            }
            Some(UsageReport::Read { made_at, uses }) => {
                let known = if uses.is_empty() { "no use" } else { "these uses" };
                let made_at = date_time(*made_at);
                doc.line(
                    Tone::Plain,
                    format!("Of other accounts, AWS's usage report of {made_at} knows {known}. {REPORT_IS_LATE}"),
                );
                let mut grid = Grid::new(&[("Account", Kind::Id), ("Resource", Kind::Word), ("Count", Kind::Number)]);
                for used in uses {
                    grid.row(vec![used.account.to_string(), used.resource_type.to_string(), count(used.count)]);
                }
                doc.grid(grid);
            }
        }
    }
}
