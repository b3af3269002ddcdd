//! Service Quotas: what an account may have, and how fast it may ask.

mod catalog;
mod operations;

use super::Entry;

pub(crate) use catalog::bucket;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<operations::GetAWSDefaultServiceQuota>(),
    Entry::of::<operations::GetServiceQuota>(),
    Entry::of::<operations::ListAWSDefaultServiceQuotas>(),
    Entry::of::<operations::ListServiceQuotas>(),
    Entry::of::<operations::ListServices>(),
];
