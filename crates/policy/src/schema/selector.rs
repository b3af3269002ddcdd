//! What describes a selector of a policy file.

use std::collections::BTreeMap;

use schemars::JsonSchema;

use super::{DurationText, OneOrMore};

/// A condition on images. Several keys must all hold.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("minProperties" = 1))]
pub(super) struct SelectorSection {
    /// All of these hold.
    #[schemars(length(min = 1, max = 1000))]
    all: Option<Vec<SelectorSection>>,
    /// One of these holds, or more.
    #[schemars(length(min = 1, max = 1000))]
    any: Option<Vec<SelectorSection>>,
    /// This does not hold.
    not: Option<Box<SelectorSection>>,
    /// Globs over the name.
    name: Option<OneOrMore<String>>,
    /// Tags that must all be there, their values matched by globs.
    tags: Option<BTreeMap<String, String>>,
    /// Its state.
    state: Option<OneOrMore<StateWord>>,
    /// Created this long ago or longer.
    older_than: Option<DurationText>,
    /// Created less than this long ago.
    younger_than: Option<DurationText>,
    /// Globs over the architecture.
    architecture: Option<OneOrMore<String>>,
    /// Globs over the platform: AWS's `PlatformDetails` such as `Linux/UNIX` or `Windows*`, and `windows` for all of Windows.
    platform: Option<OneOrMore<String>>,
    /// Globs over the Region.
    region: Option<OneOrMore<String>>,
    /// Account ids, in quotes.
    account: Option<OneOrMore<AccountText>>,
    /// Whether everybody may launch it.
    public: Option<bool>,
    /// Whether anybody else may launch it.
    shared: Option<bool>,
    /// Whether its deprecation time is past.
    deprecated: Option<bool>,
    /// Whether every snapshot behind it is encrypted.
    encrypted: Option<bool>,
    /// GiB of its volumes in all, at least.
    min_size_gib: Option<u64>,
    /// GiB of its volumes in all, at most.
    max_size_gib: Option<u64>,
    /// Globs over the id of the image that it was copied from.
    source: Option<OneOrMore<String>>,
}

#[derive(JsonSchema)]
#[serde(transparent)]
struct AccountText(#[schemars(regex(pattern = "^[0-9]{12}$"))] String);

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
enum StateWord {
    Available,
    Disabled,
    Pending,
    Failed,
    Error,
    Invalid,
    Transient,
    Deregistered,
}
