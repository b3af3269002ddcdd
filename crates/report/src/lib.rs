//! Inventory, plan and run as text: for people on a terminal or in Markdown, for programs as JSON and CSV.
//!
//! Pure: no I/O, no clock. Each function writes one thing in the [`Format`] and [`Style`] of an [`Output`]; whatever
//! others chose (names, tags, error texts) is escaped for the place that it goes to, see [`escape`].

mod approval;
mod bundles;
mod change;
mod command;
mod coverage;
mod demo;
mod doc;
mod doctor;
mod due;
mod error;
pub mod escape;
mod estimate;
mod format;
mod found;
mod grid;
mod iam_policy;
mod image;
mod leftovers;
mod markdown;
mod notices;
mod number;
mod plan;
mod policy;
mod recycle_bin;
mod refs;
mod run;
mod scan;
mod sink;
mod terminal;
mod terminal_grid;
mod text_width;
mod tree;
mod undo;
mod versions;
mod wait;
mod words;

pub use approval::{ApprovalReport, approval};
pub use bundles::{BundleList, bundles};
pub use command::CommandLine;
pub use demo::{DemoCleaned, DemoFound, DemoReturned, DemoSummary, demo};
pub use doctor::{DoctorReport, doctor};
pub use due::{DueOutcome, DueReport, due};
pub use error::ReportError;
pub use estimate::{EstimateReport, estimate};
pub use format::{Format, Output, Style};
pub use found::{FoundImage, found};
pub use iam_policy::{IamReport, iam_policy};
pub use image::{
    FindError, ImageEntry, ImageFilter, ImageList, ImageOrder, ImageReport, Selected, StateFilter, TagFilter, image,
    images, limit,
};
pub use leftovers::{LeftoverList, snapshots, volumes};
pub use notices::{
    NoticeForm, NoticeOutcome, NoticeRow, NoticeText, NoticesReport, notice_line, notice_texts, notices,
    webhook_document,
};
pub use number::bytes;
pub use plan::{KeptReason, PlanReport, kept_by_reason, plan};
pub use policy::{ForecastReport, PolicyDiffReport, policy_conversion, policy_diff, policy_forecast, policy_tests};
pub use recycle_bin::{BinList, BinRow, bin};
pub use refs::refs;
pub use run::{Calls, RunReport, run, runs};
pub use scan::{ScanReport, scan};
pub use tree::{TreeReport, tree};
pub use undo::{UndoResult, undo};
pub use versions::{VersionList, VersionNext, version_next, versions};
pub use wait::wait;
