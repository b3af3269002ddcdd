//! The default VPC with one subnet a zone, which every account has in every Region. It is computed, not kept.

use amictl_model::{AccountId, Region};

use super::id::mix;

/// The names of a Region's zones.
pub(crate) fn zones(region: &Region) -> [String; 3] {
    ["a", "b", "c"].map(|letter| format!("{region}{letter}"))
}

/// The id of the default VPC.
pub(crate) fn default_vpc(account: AccountId, region: &Region) -> String {
    format!("vpc-0{:016x}", hash(account, region.as_str()))
}

/// The id of the default subnet in this zone.
pub(crate) fn default_subnet(account: AccountId, zone: &str) -> String {
    format!("subnet-0{:016x}", hash(account, zone))
}

fn hash(account: AccountId, place: &str) -> u64 {
    account.to_string().bytes().chain(place.bytes()).fold(17, |hash, byte| mix(hash ^ u64::from(byte)))
}
