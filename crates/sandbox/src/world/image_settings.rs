//! What an account has set about images in a Region: block public access, and which images are allowed.

use amictl_model::Moment;
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::Image;
use crate::filter::is_match;

/// An account's settings about images in a Region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageSettings {
    /// Block public access.
    pub block_public_access: BlockPublicAccess,
    /// Allowed images: whether the criteria are applied.
    pub allowed: AllowedImages,
    /// Allowed images: an image is allowed when one of these takes it.
    pub criteria: Vec<ImageCriterion>,
}

/// Block public access, which changes a while after it is asked to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockPublicAccess {
    is_blocked: bool,
    from: Option<Moment>,
}

impl BlockPublicAccess {
    /// Blocked, or unblocked, from a moment on; until then it is the other way.
    #[must_use]
    pub fn from(is_blocked: bool, from: Moment) -> Self {
        Self { is_blocked, from: Some(from) }
    }

    /// Whether images cannot be made public at this time.
    #[must_use]
    pub fn is_blocked(self, now: Moment) -> bool {
        match self.from {
            Some(from) if now < from => !self.is_blocked,
            _ => self.is_blocked,
        }
    }
}

/// `State` of the allowed images settings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AllowedImages {
    /// No criteria apply.
    #[default]
    Disabled,
    /// They are only shown.
    AuditMode,
    /// Only what they take can be found and launched.
    Enabled,
}

impl AllowedImages {
    /// The name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::AuditMode => "audit-mode",
            Self::Enabled => "enabled",
        }
    }
}

/// `ImageCriterion`: all that is given must take the image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageCriterion {
    /// `ImageProviders`: account ids, `amazon`, `aws-marketplace`, `aws-backup-vault`, or `none` alone.
    pub providers: Vec<CompactString>,
    /// `MarketplaceProductCodes`.
    pub product_codes: Vec<CompactString>,
    /// `ImageNames`, with wildcards.
    pub names: Vec<Box<str>>,
    /// `DeprecationTimeCondition.MaximumDaysSinceDeprecated`.
    pub days_since_deprecated_max: Option<u32>,
    /// `CreationDateCondition.MaximumDaysSinceCreated`.
    pub days_since_created_max: Option<u32>,
}

const DAY_SECS: i64 = 86_400;

impl ImageCriterion {
    fn takes(&self, image: &Image, now: Moment) -> bool {
        let days = |max: Option<u32>, since: Moment| {
            max.is_none_or(|max| now.seconds_since(since) <= i64::from(max) * DAY_SECS)
        };
        let deprecated = image.deprecation().filter(|at| *at <= now);
        let is_provided = || {
            let owner = image.owner.to_string();
            let alias = image.owner_alias();
            self.providers.iter().any(|provider| provider == owner || Some(provider.as_str()) == alias)
        };
        (self.providers.is_empty() || is_provided())
            && (self.product_codes.is_empty()
                || image.product_codes().iter().any(|code| self.product_codes.contains(&code.id)))
            && (self.names.is_empty() || self.names.iter().any(|name| is_match(name, &image.name)))
            && deprecated.is_none_or(|at| match self.days_since_deprecated_max {
                Some(0) => false,
                max => days(max, at),
            })
            && days(self.days_since_created_max, image.created_at)
    }
}

impl ImageSettings {
    /// Whether the criteria take another account's image; without any criterion none is taken.
    #[must_use]
    pub fn takes(&self, image: &Image, now: Moment) -> bool {
        self.criteria.iter().any(|criterion| criterion.takes(image, now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_block_public_access_takes_its_time() {
        let (now, then) = (Moment::from_secs(1000), Moment::from_secs(1600));
        assert!(!BlockPublicAccess::default().is_blocked(now));
        let blocking = BlockPublicAccess::from(true, then);
        assert!(!blocking.is_blocked(now) && blocking.is_blocked(then));
    }

    #[test]
    fn criteria_are_or_and_what_is_in_one_is_and() {
        let now = Moment::from_secs(100 * DAY_SECS);
        let created = Moment::from_secs(90 * DAY_SECS);
        let image = Image::new("ami-1".parse().unwrap(), "210987654321".parse().unwrap(), "golden-1", created);
        let takes =
            |criteria: Vec<ImageCriterion>| ImageSettings { criteria, ..ImageSettings::default() }.takes(&image, now);
        let by = |provider: &str| ImageCriterion { providers: vec![provider.into()], ..ImageCriterion::default() };
        assert!(!takes(Vec::new()) && !takes(vec![by("none")]) && !takes(vec![by("amazon")]));
        assert!(takes(vec![by("210987654321")]) && takes(vec![by("amazon"), by("210987654321")]));
        let named = |name: &str| ImageCriterion { names: vec![name.into()], ..by("210987654321") };
        assert!(takes(vec![named("golden-*")]) && !takes(vec![named("silver-*")]));
        let aged = |days| ImageCriterion { days_since_created_max: Some(days), ..ImageCriterion::default() };
        assert!(takes(vec![aged(10)]) && !takes(vec![aged(9)]));
    }
}
