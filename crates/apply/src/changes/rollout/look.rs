//! What there is: the versions of the template, the groups and their refreshes.

use amictl_cloud::ops::{
    AutoScalingGroup, DescribeAutoScalingGroups, DescribeAutoScalingGroupsRequest, DescribeInstanceRefreshes,
    DescribeLaunchTemplateVersions, DescribeLaunchTemplateVersionsRequest, LaunchTemplateUse, Launcher, OfGroupRequest,
    RefreshProgress,
};
use amictl_cloud::{Call, CloudError, ErrorClass, PageError, for_each_page};
use amictl_plan::{GroupVersion, Rollout, RolloutGroup};

use super::Rolling;
use crate::context::RegionWork;

/// An instance refresh as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Seen {
    /// Empty where a group has had none.
    pub(super) id: Box<str>,
    /// `Status`.
    pub(super) status: String,
    pub(super) progress: RefreshProgress,
}

impl Seen {
    fn of(launcher: Launcher) -> Self {
        let progress = launcher.progress.map(|progress| *progress).unwrap_or_default();
        Self { id: launcher.id.into(), status: launcher.state, progress }
    }

    /// Whether it goes on.
    pub(super) fn is_active(&self) -> bool {
        ["Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress"].contains(&self.status.as_str())
    }

    /// Whether it is being ended already.
    pub(super) fn is_ending(&self) -> bool {
        ["Cancelling", "RollbackInProgress"].contains(&self.status.as_str())
    }

    /// What is said of it.
    pub(super) fn words(&self) -> String {
        let reason = self.progress.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        format!("{}{reason}", self.status)
    }
}

/// The number of a template's version, such as `$Default`; `None` where there is none.
pub(super) async fn number_of(
    work: &RegionWork<'_>,
    rollout: &Rollout,
    version: &str,
) -> Result<Option<u64>, CloudError> {
    let request = DescribeLaunchTemplateVersionsRequest {
        template_id: Some(rollout.template.to_string()),
        versions: vec![version.to_owned()],
        ..DescribeLaunchTemplateVersionsRequest::default()
    };
    match Call::<DescribeLaunchTemplateVersions>::call(work.cloud, work.region, request).await {
        Ok(reply) => Ok(reply.versions.first().map(|version| version.number)),
        Err(error) if error.class == ErrorClass::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

impl Rolling<'_> {
    /// Every refresh of a group that Auto Scaling remembers, the newest last.
    async fn refreshes(&self, group: &str) -> Result<Vec<Seen>, CloudError> {
        let request = OfGroupRequest { group: group.to_owned(), next_token: None };
        let mut all = Vec::new();
        let (_, result) =
            for_each_page::<DescribeInstanceRefreshes>(self.work.cloud, self.work.region, request, |page| {
                all.extend(page.launchers.into_iter().map(Seen::of));
            })
            .await;
        result.map_err(|error| whole(error, "DescribeInstanceRefreshes"))?;
        // Auto Scaling lists the newest first, which decides between those of one moment.
        all.reverse();
        all.sort_by_key(|seen| seen.progress.started_at);
        Ok(all)
    }

    /// The newest refresh of a group.
    pub(super) async fn newest(&self, group: &str) -> Result<Seen, CloudError> {
        Ok(self.refreshes(group).await?.pop().unwrap_or_default())
    }

    /// A refresh of a group; `None` where it is not seen.
    pub(super) async fn seen(&self, group: &str, id: &str) -> Result<Option<Seen>, CloudError> {
        Ok(self.refreshes(group).await?.into_iter().find(|seen| *seen.id == *id))
    }

    async fn group(&self, name: &str) -> Result<Option<AutoScalingGroup>, CloudError> {
        let request = DescribeAutoScalingGroupsRequest { groups: vec![name.to_owned()], next_token: None };
        let mut found = None;
        let (_, result) =
            for_each_page::<DescribeAutoScalingGroups>(self.work.cloud, self.work.region, request, |page| {
                found = found.take().or(page.groups.into_iter().find(|group| group.name == name));
            })
            .await;
        result.map_err(|error| whole(error, "DescribeAutoScalingGroups"))?;
        Ok(found)
    }

    /// Whether a group and all its instances are of this version, and of the image where a parameter decides on that; `None` where the
    /// group is gone.
    pub(super) async fn is_current(&self, group: &RolloutGroup, version: u64) -> Result<Option<bool>, CloudError> {
        let Some(found) = self.group(&group.name).await? else { return Ok(None) };
        Ok(Some(is_of(self.rollout, group, &found, version, self.step.target.as_str())))
    }
}

/// Whether a group and all its instances are of this version.
fn is_of(rollout: &Rollout, group: &RolloutGroup, found: &AutoScalingGroup, version: u64, image: &str) -> bool {
    let number = version.to_string();
    let is_ours = |used: &LaunchTemplateUse| used.names(&rollout.template, &rollout.template_name);
    let is_it = |used: &LaunchTemplateUse| is_ours(used) && used.version.as_deref() == Some(number.as_str());
    let (of_instances, of_group): (Vec<_>, Vec<_>) =
        found.templates.iter().partition(|used| used.place == LaunchTemplateUse::OF_INSTANCE);
    // An override of a mixed instances policy may have a template or an image of its own.
    let is_of_override = |used: &LaunchTemplateUse| {
        !is_ours(used) && of_group.iter().any(|other| other.id == used.id && other.name == used.name)
    };
    let overrides: Vec<&str> = found
        .images
        .iter()
        .filter(|used| used.place != LaunchTemplateUse::OF_INSTANCE)
        .map(|used| used.image.as_str())
        .collect();
    let images: Vec<&str> = found
        .images
        .iter()
        .filter(|used| used.place == LaunchTemplateUse::OF_INSTANCE)
        .map(|used| used.image.as_str())
        .collect();
    // Where it is not told what instances were launched from, they may have been launched from anything.
    let is_told = !images.is_empty() || of_instances.is_empty();
    let is_moved = match group.uses {
        GroupVersion::Pinned(_) => of_group.iter().any(|used| is_it(used)),
        GroupVersion::Default | GroupVersion::Latest => true,
    };
    is_moved
        && found.launch_configurations.is_empty()
        && of_instances.iter().all(|used| is_it(used) || is_of_override(used))
        && (rollout.parameter().is_none()
            || (is_told && images.iter().all(|used| *used == image || overrides.contains(used))))
}

fn whole(error: PageError, operation: &'static str) -> CloudError {
    match error {
        PageError::Call(error) => error,
        other => {
            CloudError { class: ErrorClass::Other, operation, code: None, message: other.to_string(), request_id: None }
        }
    }
}
