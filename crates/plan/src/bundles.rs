//! The end of instance-store images: their bundles in S3, after the images themselves.

use amictl_model::{
    AccountId, BundlePlace, DeregistrationProtection, ImageState, LaunchPermissions, Region, Scope, Tags,
};
use compact_str::{CompactString, format_compact};
use serde::{Deserialize, Serialize};

use crate::command::with_client_token;
use crate::file::{Expects, Plan, SnapshotDeletion, Step};
use crate::price::four_decimals;
use crate::snapshots::step_id;
use crate::{Change, Target, monthly_usd_of_objects};

/// What names a step in its plan.
pub type StepId = CompactString;

/// A bundle that is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundling {
    /// Where it is.
    pub place: BundlePlace,
    /// `sha256:` and the hash of its manifest; `None` where there is none any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Box<str>>,
    /// The keys of its parts, which go before the manifest.
    pub parts: Box<[Box<str>]>,
    /// Whether every version of every object goes, delete markers too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_versions: bool,
    /// What it takes, in bytes.
    pub bytes: u64,
    /// Where images were looked for, and are again before anything goes: none of them may be made of it.
    pub scopes: Box<[Scope]>,
}

/// A bucket that is to be deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Emptied {
    /// Its name.
    pub bucket: Box<str>,
}

impl Emptied {
    /// What a step is about that deletes it.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::S3(format_compact!("s3://{}", self.bucket))
    }
}

impl Bundling {
    /// What a step is about that deletes it.
    #[must_use]
    pub fn target(&self) -> Target {
        Target::S3(format_compact!("s3://{}", self.place))
    }

    /// Checks that nothing but a bundle goes: a plan may have been written by anybody.
    pub(crate) fn check(&self) -> Result<(), String> {
        let place = BundlePlace::of_manifest(&self.place.bucket, &self.place.key);
        if place.as_ref() != Some(&self.place) {
            return Err("the manifest of its bundle does not end with .manifest.xml".to_owned());
        }
        match self.parts.iter().find(|key| !self.place.is_part(key)) {
            None => Ok(()),
            Some(other) => {
                let shown: String = other.chars().take(80).flat_map(char::escape_debug).collect();
                Err(format!("{shown} is no part of its bundle"))
            }
        }
    }
}

/// What is to be added to a plan: a change that is not about an image, by whose credentials and where.
#[derive(Debug, Clone, PartialEq)]
pub struct Added {
    /// The account.
    pub account: AccountId,
    /// The Region of the bucket.
    pub region: Region,
    /// The change.
    pub change: Change,
    /// The steps that must have ended first.
    pub after: Vec<StepId>,
}

/// Adds steps at the end of a plan, and makes its digest anew; the ids of the new steps, in their order.
pub fn add_steps(plan: &mut Plan, added: impl IntoIterator<Item = Added>) -> Vec<StepId> {
    let before = plan.steps.len();
    for Added { account, region, change, mut after } in added {
        // What is yet to be made goes by what it is made of.
        let maker = change.of_step().cloned();
        let made_of =
            || plan.steps.iter().find(|step| Some(&step.id) == maker.as_ref()).map(|step| step.target.clone());
        let Some(target) = change.target().or_else(made_of) else { continue };
        after.extend(maker.filter(|maker| !after.contains(maker)));
        let bytes = if let Change::DeleteBundle(bundling) = &change { bundling.bytes } else { 0 };
        let id = step_id(u32::try_from(plan.steps.len() + 1).unwrap_or(u32::MAX));
        let change = with_client_token(change, &plan.plan_id, &id);
        plan.steps.push(Step {
            id,
            action: change.action(),
            account,
            region,
            target,
            name: None,
            after: after.into(),
            expects: nothing(),
            undo: change.undo(),
            change: Some(Box::new(change)),
            even_if_used: None,
            require_recycle_bin_days: None,
            staging: None,
            snapshot_deletion: SnapshotDeletion::None,
            snapshots: Box::default(),
            monthly_usd_upper_bound: four_decimals(monthly_usd_of_objects(bytes)),
        });
    }
    plan.digest = plan.digest_now();
    plan.steps[before..].iter().map(|step| step.id.clone()).collect()
}

/// What is expected of the image of a step that is about none.
fn nothing() -> Expects {
    Expects {
        state: ImageState::Unknown,
        public: false,
        tags: Tags::default(),
        launch_permissions: LaunchPermissions::Unread,
        block_devices: [].into(),
        protection: DeregistrationProtection::Disabled,
        deprecation_at: None,
        last_launched_at: None,
    }
}
