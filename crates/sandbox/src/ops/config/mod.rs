//! AWS Config: aggregators over accounts and Regions, and what they know of instances and launch configurations.

mod aggregator;
mod expression;
mod select;

use super::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<aggregator::DeleteConfigurationAggregator>(),
    Entry::of::<aggregator::DescribeConfigurationAggregators>(),
    Entry::of::<aggregator::PutConfigurationAggregator>(),
    Entry::of::<select::SelectAggregateResourceConfig>(),
];
