//! Recycle Bin: the rules that retain what is deleted.

pub(crate) mod change_rule;
pub(crate) mod create_rule;
pub(crate) mod lock_rule;
pub(crate) mod read_rules;
pub(crate) mod rule_input;
pub(crate) mod rule_json;
pub(crate) mod rule_tags;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<change_rule::DeleteRule>(),
    Entry::of::<change_rule::UpdateRule>(),
    Entry::of::<create_rule::CreateRule>(),
    Entry::of::<lock_rule::LockRule>(),
    Entry::of::<lock_rule::UnlockRule>(),
    Entry::of::<read_rules::GetRule>(),
    Entry::of::<read_rules::ListRules>(),
    Entry::of::<rule_tags::ListTagsForResource>(),
    Entry::of::<rule_tags::TagResource>(),
    Entry::of::<rule_tags::UntagResource>(),
];
