//! What few images have, apart from what all have, so that a million images stay small.

use amictl_model::{ImageState, Moment};
use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::Image;

/// What few images have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageExtras {
    /// What is still under way.
    pub pending: Option<Pending>,
    /// `StateReason` of an image that came here failed, invalid or the like.
    pub state_reason: Option<StateReason>,
    /// `ImageOwnerAlias`, where it does not follow from the owner.
    pub owner_alias: Option<CompactString>,
    /// `PlatformDetails`, where it does not follow from the platform; `UsageOperation` follows from it.
    pub platform_details: Option<CompactString>,
    /// `ProductCodes`.
    pub product_codes: Vec<ProductCode>,
    /// `UefiData`.
    pub uefi_data: Option<Box<str>>,
    /// `FreeTierEligible`.
    pub free_tier: bool,
    /// `PublicSsmParameterName`.
    pub public_parameter: Option<Box<str>>,
}

/// An image in the making.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// When it is over.
    pub until: Moment,
    /// Why it will have failed then; none when it succeeds.
    pub failure: Option<StateReason>,
}

/// `StateReason`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateReason {
    /// `Code`, such as `Client.InvalidKMSKey.InvalidState`.
    pub code: CompactString,
    /// `Message`.
    pub message: Box<str>,
}

/// One of `ProductCodes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductCode {
    /// `ProductCodeId`.
    pub id: CompactString,
    /// `ProductCodeType`: `marketplace` or `devpay`.
    pub kind: CompactString,
}

/// Platforms with the operation that AWS bills them as, as its documentation lists them.
const BILLING: &[(&str, &str)] = &[
    ("Linux/UNIX", "RunInstances"),
    ("Red Hat BYOL Linux", "RunInstances:00g0"),
    ("Red Hat Enterprise Linux", "RunInstances:0010"),
    ("Red Hat Enterprise Linux with HA", "RunInstances:1010"),
    ("Red Hat Enterprise Linux with SQL Server Standard and HA", "RunInstances:1014"),
    ("Red Hat Enterprise Linux with SQL Server Enterprise and HA", "RunInstances:1110"),
    ("Red Hat Enterprise Linux with SQL Server Standard", "RunInstances:0014"),
    ("Red Hat Enterprise Linux with SQL Server Web", "RunInstances:0210"),
    ("Red Hat Enterprise Linux with SQL Server Enterprise", "RunInstances:0110"),
    ("SQL Server Enterprise", "RunInstances:0100"),
    ("SQL Server Standard", "RunInstances:0004"),
    ("SQL Server Web", "RunInstances:0200"),
    ("SUSE Linux", "RunInstances:000g"),
    ("Ubuntu Pro", "RunInstances:0g00"),
    ("Windows", "RunInstances:0002"),
    ("Windows BYOL", "RunInstances:0800"),
    ("Windows with SQL Server Enterprise", "RunInstances:0102"),
    ("Windows with SQL Server Standard", "RunInstances:0006"),
    ("Windows with SQL Server Web", "RunInstances:0202"),
];

impl Image {
    /// `State` at this time.
    #[must_use]
    pub fn state_at(&self, now: Moment) -> ImageState {
        match self.pending() {
            Some(pending) if now < pending.until => ImageState::Pending,
            Some(Pending { failure: Some(_), .. }) => ImageState::Failed,
            _ => self.state,
        }
    }

    /// `StateReason` at this time.
    #[must_use]
    pub fn state_reason(&self, now: Moment) -> Option<&StateReason> {
        let failure =
            self.pending().filter(|pending| now >= pending.until).and_then(|pending| pending.failure.as_ref());
        failure.or_else(|| self.extras.as_ref()?.state_reason.as_ref())
    }

    fn pending(&self) -> Option<&Pending> {
        self.extras.as_ref()?.pending.as_ref()
    }

    /// `ImageOwnerAlias`: of AWS's own accounts and of what AWS Backup keeps in its vaults.
    #[must_use]
    pub fn owner_alias(&self) -> Option<&str> {
        let own = self.extras.as_ref().and_then(|extras| extras.owner_alias.as_deref());
        own.or_else(|| super::owner_alias(self.owner))
    }

    /// `PlatformDetails`.
    #[must_use]
    pub fn platform_details(&self) -> &str {
        let follows = if self.traits.platform.is_some() { "Windows" } else { "Linux/UNIX" };
        self.extras.as_ref().and_then(|extras| extras.platform_details.as_deref()).unwrap_or(follows)
    }

    /// `UsageOperation`.
    #[must_use]
    pub fn usage_operation(&self) -> &'static str {
        let details = self.platform_details();
        BILLING.iter().find(|(platform, _)| *platform == details).map_or("RunInstances", |(_, operation)| operation)
    }

    /// `ProductCodes`.
    #[must_use]
    pub fn product_codes(&self) -> &[ProductCode] {
        self.extras.as_ref().map_or(&[], |extras| extras.product_codes.as_slice())
    }

    /// What few images have, to change it.
    pub fn extras_mut(&mut self) -> &mut ImageExtras {
        self.extras.get_or_insert_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image() -> Image {
        Image::new("ami-1".parse().unwrap(), "123456789012".parse().unwrap(), "test", Moment::from_secs(1000))
    }

    #[test]
    fn states_follow_from_the_time() {
        let mut image = image();
        let (before, then) = (Moment::from_secs(1059), Moment::from_secs(1060));
        image.extras_mut().pending = Some(Pending { until: then, failure: None });
        assert_eq!((image.state_at(before), image.state_at(then)), (ImageState::Pending, ImageState::Available));
        let reason = StateReason { code: "Client.InternalError".into(), message: "no".into() };
        image.extras_mut().pending = Some(Pending { until: then, failure: Some(reason.clone()) });
        assert_eq!((image.state_at(before), image.state_at(then)), (ImageState::Pending, ImageState::Failed));
        assert_eq!((image.state_reason(before), image.state_reason(then)), (None, Some(&reason)));
    }

    #[test]
    fn what_a_platform_is_billed_as_is_known() {
        let mut image = image();
        assert_eq!((image.platform_details(), image.usage_operation()), ("Linux/UNIX", "RunInstances"));
        image.extras_mut().platform_details = Some("Windows BYOL".into());
        assert_eq!(image.usage_operation(), "RunInstances:0800");
        image.owner = "137112412989".parse().unwrap();
        assert_eq!(image.owner_alias(), Some("amazon"));
    }
}
