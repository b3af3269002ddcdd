//! What belongs to the account and the Region: identity, network, tags.

pub(crate) mod account_attributes;
pub(crate) mod describe_regions;
pub(crate) mod describe_tags;
pub(crate) mod key_pairs;
pub(crate) mod network;
pub(crate) mod network_interfaces;
pub(crate) mod security_groups;
pub(crate) mod sessions;
pub(crate) mod sts;
pub(crate) mod tags;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<account_attributes::DescribeAccountAttributes>(),
    Entry::of::<describe_regions::DescribeAvailabilityZones>(),
    Entry::of::<describe_regions::DescribeRegions>(),
    Entry::of::<describe_tags::DescribeTags>(),
    Entry::of::<key_pairs::CreateKeyPair>(),
    Entry::of::<key_pairs::DeleteKeyPair>(),
    Entry::of::<key_pairs::DescribeKeyPairs>(),
    Entry::of::<key_pairs::ImportKeyPair>(),
    Entry::of::<network::DescribeSubnets>(),
    Entry::of::<network::DescribeVpcs>(),
    Entry::of::<network_interfaces::DescribeNetworkInterfaces>(),
    Entry::of::<security_groups::CreateSecurityGroup>(),
    Entry::of::<security_groups::DeleteSecurityGroup>(),
    Entry::of::<security_groups::DescribeSecurityGroups>(),
    Entry::of::<sts::AssumeRole>(),
    Entry::of::<sts::AssumeRoleWithWebIdentity>(),
    Entry::of::<sts::GetCallerIdentity>(),
    Entry::of::<sts::GetSessionToken>(),
    Entry::of::<tags::CreateTags>(),
    Entry::of::<tags::DeleteTags>(),
];
