//! Settings of the account in a Region that decide what amictl can see and what can come back.

use amictl_cloud::ops::{
    GetAllowedImagesSettings, GetAllowedImagesSettingsRequest, GetImageBlockPublicAccessState,
    GetImageBlockPublicAccessStateRequest, ListServiceQuotas, ListServiceQuotasReply, ListServiceQuotasRequest,
    RegionSetting,
};
use amictl_cloud::{Call, Cloud, for_each_page};
use amictl_model::Region;
use futures::join;

use crate::recovery::{Answer, Recovery, read_recovery};

/// The settings of one account in one Region.
#[derive(Debug, Clone)]
pub struct RegionSettings {
    /// What the Recycle Bin keeps.
    pub recovery: Recovery,
    /// `GetAllowedImagesSettings`: where it is `enabled`, images that are not allowed are hidden from every listing.
    pub allowed_images: Answer<RegionSetting>,
    /// `GetImageBlockPublicAccessState`.
    pub public_access: Answer<RegionSetting>,
    /// The quota `AMIs` of Service Quotas; disabled images and those in the Recycle Bin count.
    pub images_max: Answer<Option<f64>>,
}

/// The name of the quota in Service Quotas (`ec2`, code `L-B665C33B`).
const IMAGES_QUOTA: &str = "AMIs";
/// Reads the settings; never fails, as each says for itself why it could not be read.
pub(super) async fn read(cloud: &dyn Cloud, region: &Region) -> RegionSettings {
    let (recovery, allowed_images, public_access, images_max) = join!(
        read_recovery(cloud, region),
        Call::<GetAllowedImagesSettings>::call(cloud, region, GetAllowedImagesSettingsRequest {}),
        Call::<GetImageBlockPublicAccessState>::call(cloud, region, GetImageBlockPublicAccessStateRequest {}),
        images_quota(cloud, region),
    );
    RegionSettings {
        recovery,
        allowed_images: allowed_images.map_err(|error| error.to_string()),
        public_access: public_access.map_err(|error| error.to_string()),
        images_max,
    }
}

async fn images_quota(cloud: &dyn Cloud, region: &Region) -> Answer<Option<f64>> {
    let mut found = None;
    let request = ListServiceQuotasRequest { service_code: "ec2".to_owned(), next_token: None };
    let each = |page: ListServiceQuotasReply| {
        let quota = page.quotas.into_iter().find(|(name, _)| name == IMAGES_QUOTA);
        found = found.or(quota.map(|(_, value)| value));
    };
    let (_, result) = for_each_page::<ListServiceQuotas>(cloud, region, request, each).await;
    // What was found before a later page failed holds all the same.
    match (found, result) {
        (Some(value), _) => Ok(Some(value)),
        (None, Ok(())) => Ok(None),
        (None, Err(error)) => Err(error.to_string()),
    }
}
