//! Scopes in a saved world: a list, each beside its Region and account.

use std::collections::BTreeMap;
use std::fmt;

use amictl_model::{AccountId, Region};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Scope;

#[derive(Serialize)]
struct Saved<'a> {
    region: &'a Region,
    account: AccountId,
    resources: &'a Scope,
}

#[derive(Deserialize)]
struct Loaded {
    region: Region,
    account: AccountId,
    resources: Scope,
}

pub(super) fn serialize<S: Serializer>(
    scopes: &BTreeMap<(Region, AccountId), Scope>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(scopes.iter().map(|((region, account), resources)| Saved {
        region,
        account: *account,
        resources,
    }))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<(Region, AccountId), Scope>, D::Error> {
    deserializer.deserialize_seq(Places)
}

struct Places;

impl<'de> Visitor<'de> for Places {
    type Value = BTreeMap<(Region, AccountId), Scope>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of `region`, `account` and `resources`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut scopes = BTreeMap::new();
        while let Some(Loaded { region, account, mut resources }) = list.next_element()? {
            resources.index();
            let place = format!("{region} of {account}");
            if scopes.insert((region, account), resources).is_some() {
                return Err(serde::de::Error::custom(format!("{place} comes twice")));
            }
        }
        Ok(scopes)
    }
}
