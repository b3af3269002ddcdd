//! The operations: a folder for each kind of resource, one operation a file or a few that belong together.
//!
//! To add one: its file, and its line in the table of its folder; to add a folder, its line in [`FOLDERS`].

pub(crate) mod account;
mod dispatch;
pub(crate) mod groups;
pub(crate) mod images;
pub(crate) mod input;
pub(crate) mod instances;
mod op;
pub(crate) mod snapshots;
#[cfg(test)]
mod story;
pub(crate) mod templates;
pub(crate) mod volumes;

pub(crate) use dispatch::{Entry, Route, all, find, find_route};
pub(crate) use op::{Ctx, Done, Nothing, Op, paged};

/// The tables of all folders.
static FOLDERS: &[&[Entry]] =
    &[account::OPS, groups::OPS, images::OPS, instances::OPS, snapshots::OPS, templates::OPS, volumes::OPS];
