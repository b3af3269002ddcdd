//! The policy without a file.

use crate::Policy;

/// The text of the built-in policy, commented, as a start for a file of one's own.
pub const BUILT_IN_TEXT: &str = include_str!("built_in.yaml");

impl Policy {
    /// The careful policy that is used without a file: every image, grouped by [`name_family`](crate::name_family); keeps the 5 newest of each
    /// group, what is younger than 90 days and what was launched within 180 days; deregisters the rest, at most 100 images and 20 % a plan.
    ///
    /// # Panics
    /// Never: a test parses the embedded text.
    #[must_use]
    pub fn built_in() -> Self {
        match Self::parse(BUILT_IN_TEXT, "the built-in policy") {
            Ok(policy) => policy,
            Err(errors) => unreachable!("the built-in policy does not parse: {errors}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{GroupKey, Stage};

    #[test]
    fn the_built_in_policy_parses_and_is_carried_out() {
        let policy = Policy::built_in();
        assert_eq!(policy.families[0].group_by, [GroupKey::NameFamily]);
        assert_eq!(policy.families[0].retire.iter().map(|stage| stage.stage).collect::<Vec<_>>(), [Stage::Deregister]);
        assert_eq!((policy.limits.max_actions, policy.limits.min_images), (100, 1));
    }
}
