//! What belongs to the account and the Region: identity, network, tags.

pub(crate) mod describe_regions;
pub(crate) mod describe_tags;
pub(crate) mod network;
pub(crate) mod sts;
pub(crate) mod tags;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<describe_regions::DescribeAvailabilityZones>(),
    Entry::of::<describe_regions::DescribeRegions>(),
    Entry::of::<describe_tags::DescribeTags>(),
    Entry::of::<network::DescribeSubnets>(),
    Entry::of::<network::DescribeVpcs>(),
    Entry::of::<sts::AssumeRole>(),
    Entry::of::<sts::GetCallerIdentity>(),
    Entry::of::<tags::CreateTags>(),
    Entry::of::<tags::DeleteTags>(),
];
