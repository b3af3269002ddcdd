//! Settings of the account in a Region that decide what amictl can see and what can come back.

use amictl_cloud::ops::{
    GetAllowedImagesSettings, GetAllowedImagesSettingsRequest, GetImageBlockPublicAccessState,
    GetImageBlockPublicAccessStateRequest, GetRule, GetRuleRequest, ListRules, ListRulesReply, ListRulesRequest,
    ListServiceQuotas, ListServiceQuotasReply, ListServiceQuotasRequest, RegionSetting, RetentionRule,
};
use amictl_cloud::{Call, Cloud, PageError, for_each_page};
use amictl_model::Region;
use futures::join;
use futures::stream::{self, StreamExt, TryStreamExt};

/// What was answered, or why nothing was, as a text for a person.
pub type Answer<T> = Result<T, String>;

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

/// The retention rules of the Recycle Bin. Images and their snapshots need rules of their own: without its snapshots an image cannot
/// be restored.
#[derive(Debug, Clone)]
pub struct Recovery {
    /// Rules for `EC2_IMAGE`.
    pub images: Answer<Vec<RetentionRule>>,
    /// Rules for `EBS_SNAPSHOT`.
    pub snapshots: Answer<Vec<RetentionRule>>,
}

impl Recovery {
    /// Days for which everything that is deregistered without exception can be restored: the shorter of the longest rules for all images
    /// and for all snapshots; `None` when one is missing or was not read.
    #[must_use]
    pub fn days_for_all(&self) -> Option<u64> {
        let longest = |rules: &Answer<Vec<RetentionRule>>| {
            let rules = rules.as_ref().ok()?.iter();
            rules
                .filter(|rule| rule.is_available && rule.tags.is_empty() && rule.exclude_tags.is_empty())
                .map(|rule| rule.days)
                .max()
        };
        Some(longest(&self.images)?.min(longest(&self.snapshots)?))
    }
}

/// The name of the quota in Service Quotas (`ec2`, code `L-B665C33B`).
const IMAGES_QUOTA: &str = "AMIs";
/// Rules read at once.
const RULES_AT_ONCE: usize = 4;

/// Reads the settings; never fails, as each says for itself why it could not be read.
pub(super) async fn read(cloud: &dyn Cloud, region: &Region) -> RegionSettings {
    let (images, snapshots, allowed_images, public_access, images_max) = join!(
        rules(cloud, region, "EC2_IMAGE"),
        rules(cloud, region, "EBS_SNAPSHOT"),
        Call::<GetAllowedImagesSettings>::call(cloud, region, GetAllowedImagesSettingsRequest {}),
        Call::<GetImageBlockPublicAccessState>::call(cloud, region, GetImageBlockPublicAccessStateRequest {}),
        images_quota(cloud, region),
    );
    RegionSettings {
        recovery: Recovery { images, snapshots },
        allowed_images: allowed_images.map_err(|error| error.to_string()),
        public_access: public_access.map_err(|error| error.to_string()),
        images_max,
    }
}

async fn rules(cloud: &dyn Cloud, region: &Region, resource_type: &str) -> Answer<Vec<RetentionRule>> {
    let mut ids = Vec::new();
    let request = ListRulesRequest { resource_type: resource_type.to_owned(), next_token: None };
    let each = |page: ListRulesReply| ids.extend(page.rules);
    for_each_page::<ListRules>(cloud, region, request, each).await.1.map_err(|error: PageError| error.to_string())?;
    let get = |id: String| Call::<GetRule>::call(cloud, region, GetRuleRequest { id });
    let mut rules: Vec<RetentionRule> = stream::iter(ids)
        .map(get)
        .buffer_unordered(RULES_AT_ONCE)
        .try_collect()
        .await
        .map_err(|error| error.to_string())?;
    rules.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(rules)
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
