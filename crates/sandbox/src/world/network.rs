//! The default VPC with one subnet a zone and its default security group, which every account has in every Region: they are
//! computed, not kept. Beside them key pairs and further security groups.

use amictl_model::{AccountId, Moment, Region, Tags};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

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

/// The id of the default security group.
pub(crate) fn default_security_group(account: AccountId, region: &Region) -> CompactString {
    compact_str::format_compact!("sg-0{:016x}", mix(hash(account, region.as_str())))
}

/// The zone of a default subnet.
pub(crate) fn zone_of_subnet(account: AccountId, region: &Region, subnet: &str) -> Option<String> {
    zones(region).into_iter().find(|zone| default_subnet(account, zone) == subnet)
}

/// The zone of this id.
pub(crate) fn zone_of_id(region: &Region, id: &str) -> Option<String> {
    zones(region).into_iter().find(|zone| zone_id(region, zone) == id)
}

/// The id of a zone, such as `use1-az1`, as AWS shortens the Region's name.
pub(crate) fn zone_id(region: &Region, zone: &str) -> String {
    let mut parts = region.as_str().split('-');
    let (area, direction, number) =
        (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let direction = match direction {
        "northeast" => "ne",
        "southeast" => "se",
        "northwest" => "nw",
        "southwest" => "sw",
        other => other.get(..1).unwrap_or_default(),
    };
    let letter = zone.bytes().last().map_or(1, |letter| letter.wrapping_sub(b'a').wrapping_add(1));
    format!("{area}{direction}{number}-az{letter}")
}

/// A key pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPair {
    /// `KeyPairId`.
    pub id: CompactString,
    /// `KeyName`.
    pub name: CompactString,
    /// `KeyType`: `rsa` or `ed25519`.
    pub key_type: CompactString,
    /// `KeyFingerprint`.
    pub fingerprint: Box<str>,
    /// `CreateTime`.
    pub created_at: Moment,
    /// `Tags`.
    pub tags: Tags,
}

/// A security group other than the default one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecurityGroup {
    /// `GroupId`.
    pub id: CompactString,
    /// `GroupName`.
    pub name: Box<str>,
    /// `Description`.
    pub description: Box<str>,
    /// `VpcId`.
    pub vpc: CompactString,
    /// `Tags`.
    pub tags: Tags,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_the_ids_that_aws_gives_them() {
        for (region, zone, id) in [
            ("us-east-1", "us-east-1a", "use1-az1"),
            ("eu-central-1", "eu-central-1c", "euc1-az3"),
            ("ap-northeast-2", "ap-northeast-2b", "apne2-az2"),
        ] {
            assert_eq!(zone_id(&region.parse().unwrap(), zone), id);
        }
    }
}
