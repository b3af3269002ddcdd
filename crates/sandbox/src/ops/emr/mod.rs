//! Amazon EMR: clusters with their images. They start no instances; what counts here is what they name.

mod document;
mod list;
mod run;

use super::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<list::DescribeCluster>(),
    Entry::of::<list::ListClusters>(),
    Entry::of::<list::ListInstanceFleets>(),
    Entry::of::<list::ListInstanceGroups>(),
    Entry::of::<run::RunJobFlow>(),
    Entry::of::<run::TerminateJobFlows>(),
];
