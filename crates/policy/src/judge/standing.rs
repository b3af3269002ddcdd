//! What an image is, whatever family it belongs to: protected, excluded, managed, shared, in a state that is left alone.

use amictl_model::{DeregistrationProtection, Image, ImageState, RootDeviceType, ScopeInventory, Tags};
use compact_str::CompactString;

use super::sharing::Sharing;
use super::{Reasons, reason, say};
use crate::keep_until::{KEEP_UNTIL_TAG, KeepUntil, keep_until};
use crate::policy::{DLM_POLICY_TAG, Family, Policy};
use crate::selector::{Selector, Subject};
use crate::stages::STAGE_TAG;
use crate::{ReasonCode, recipe};

/// Adds every reason that the image's own properties give to keep it, in the family that it belongs to. Returns whether it has the tag of
/// a stage.
pub(super) fn tell(
    policy: &Policy,
    sharing: &Sharing<'_>,
    subject: &Subject<'_>,
    family: Option<&Family>,
    reasons: &mut Reasons,
    scratch: &mut String,
) -> bool {
    let (scope, image) = (sharing.scope, subject.image);
    if image.protection != DeregistrationProtection::Disabled {
        let message = say(scratch, format_args!("deregistration protection is {}", image.protection.as_str()));
        reasons.push(reason(ReasonCode::Protected, message));
    }
    for rule in policy.protect.iter().filter(|rule| rule.truth(subject).is_yes()) {
        let message = say(scratch, format_args!("the policy protects {}", rule.describe()));
        reasons.push(reason(ReasonCode::Excluded, message));
    }
    let is_staged = tags(&image.tags, subject, family, reasons, scratch);
    sharing.tell(image, reasons, scratch);
    state(policy, scope, image, reasons, scratch);
    if image.created_at.is_none() {
        reasons
            .push(reason(ReasonCode::NoDate, CompactString::const_new("its age is unknown: it has no creation date")));
    }
    is_staged
}

/// Adds what the tags say: an exception until a date, and the AWS service that manages the image. Returns whether one tells of a stage.
fn tags(
    tags: &Tags,
    subject: &Subject<'_>,
    family: Option<&Family>,
    reasons: &mut Reasons,
    scratch: &mut String,
) -> bool {
    let (mut is_managed, mut is_staged) = (false, false);
    for (key, value) in tags.iter() {
        // One match over all keys: this is asked of every tag of every image.
        let manager = match key {
            KEEP_UNTIL_TAG => {
                exception(value, subject, reasons, scratch);
                continue;
            }
            STAGE_TAG => {
                is_staged = true;
                continue;
            }
            "aws:backup:source-resource" => Manager::Backup,
            DLM_POLICY_TAG | "aws:dlm:lifecycle-schedule-name" | "dlm:managed" => Manager::Dlm,
            recipe::ARN_TAG => Manager::ImageBuilder,
            "CreatedBy" if value == "EC2 Image Builder" => Manager::ImageBuilder,
            _ => continue,
        };
        if !is_managed && !claims(family, manager) {
            is_managed = true;
            reasons.push(reason(ReasonCode::Managed, say(scratch, format_args!("managed by {}", manager.as_str()))));
        }
    }
    is_staged
}

/// Adds what the tag of an exception says.
fn exception(value: &str, subject: &Subject<'_>, reasons: &mut Reasons, scratch: &mut String) {
    let message = match keep_until(value, subject.now) {
        KeepUntil::Holds => say(scratch, format_args!("its tag {KEEP_UNTIL_TAG} keeps it until {value}")),
        KeepUntil::Unreadable => say(scratch, format_args!("its tag {KEEP_UNTIL_TAG} holds no date: `{value}`")),
        KeepUntil::Past => return,
    };
    reasons.push(reason(ReasonCode::Excluded, message));
}

/// An AWS service that manages images.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manager {
    Backup,
    Dlm,
    ImageBuilder,
}

impl Manager {
    fn as_str(self) -> &'static str {
        match self {
            Self::Backup => "AWS Backup",
            Self::Dlm => "Data Lifecycle Manager",
            Self::ImageBuilder => "EC2 Image Builder",
        }
    }
}

/// Whether the family speaks of the images of this service by name, so that they are judged like others.
fn claims(family: Option<&Family>, manager: Manager) -> bool {
    family.is_some_and(|family| match manager {
        Manager::Dlm => family.matcher.dlm_policy.is_some() || is_of_named(family),
        Manager::ImageBuilder => family.matcher.recipe.is_some() || is_of_named(family),
        // Its recovery points cannot be deregistered by the API of EC2.
        Manager::Backup => false,
    })
}

/// Whether somebody named the images of the family, each for itself.
fn is_of_named(family: &Family) -> bool {
    matches!(family.matcher.selector, Some(Selector::Ids(_)))
}

fn state(policy: &Policy, scope: &ScopeInventory, image: &Image, reasons: &mut Reasons, scratch: &mut String) {
    if image.owner != scope.scope.account {
        let message = say(scratch, format_args!("owned by account {}", image.owner));
        reasons.push(reason(ReasonCode::State, message));
    }
    if !matches!(image.state, ImageState::Available | ImageState::Disabled) {
        let message = say(scratch, format_args!("its state is {}", image.state.as_str()));
        reasons.push(reason(ReasonCode::State, message));
    }
    match image.root_device_type {
        RootDeviceType::Ebs => {}
        RootDeviceType::InstanceStore if policy.takes_bundles => {}
        RootDeviceType::InstanceStore => reasons.push(reason(
            ReasonCode::State,
            CompactString::const_new(
                "it is made of a bundle in S3, which would be left behind: `amictl bundles delete` takes both",
            ),
        )),
        RootDeviceType::Unknown => {
            reasons.push(reason(ReasonCode::State, CompactString::const_new("its root device type is unknown")));
        }
    }
}
