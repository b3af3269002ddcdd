//! The operations: a folder for each kind of resource, one operation a file or a few that belong together.
//!
//! To add one: its file, and its line in the table of its folder; to add a folder, its line in [`FOLDERS`].

pub(crate) mod account;
pub(crate) mod backup;
pub(crate) mod cloudcontrol;
pub(crate) mod config;
mod dispatch;
pub(crate) mod ebs;
pub(crate) mod emr;
pub(crate) mod fleets;
pub(crate) mod groups;
pub(crate) mod imagebuilder;
pub(crate) mod images;
pub(crate) mod input;
pub(crate) mod instances;
mod op;
pub(crate) mod organizations;
pub(crate) mod quotas;
pub(crate) mod rbin;
#[cfg(test)]
mod sequences;
pub(crate) mod snapshots;
pub(crate) mod sns;
pub(crate) mod ssm;
#[cfg(test)]
mod story;
pub(crate) mod templates;
pub(crate) mod volumes;

pub(crate) use dispatch::{Entry, Route, all, find, find_route};
pub(crate) use op::{Ctx, Done, Nothing, Op, paged};

/// The tables of all folders.
static FOLDERS: &[&[Entry]] = &[
    account::OPS,
    backup::OPS,
    cloudcontrol::OPS,
    ebs::OPS,
    config::OPS,
    emr::OPS,
    fleets::OPS,
    groups::OPS,
    imagebuilder::OPS,
    images::OPS,
    instances::OPS,
    organizations::OPS,
    quotas::OPS,
    rbin::OPS,
    snapshots::OPS,
    sns::OPS,
    ssm::OPS,
    templates::OPS,
    volumes::OPS,
];
