//! What an image is, whatever family it belongs to: protected, excluded, managed, shared, in a state that is left alone.

use amictl_model::{DeregistrationProtection, Image, ImageState, RootDeviceType, ScopeInventory};
use compact_str::CompactString;

use super::sharing::Sharing;
use super::{Reasons, reason, say};
use crate::ReasonCode;
use crate::policy::Policy;

/// Adds every reason that the image's own properties give to keep it.
pub(super) fn tell(policy: &Policy, sharing: &Sharing<'_>, image: &Image, reasons: &mut Reasons, scratch: &mut String) {
    let scope = sharing.scope;
    if image.protection != DeregistrationProtection::Disabled {
        let message = say(scratch, format_args!("deregistration protection is {}", image.protection.as_str()));
        reasons.push(reason(ReasonCode::Protected, message));
    }
    for rule in policy.protect.iter().filter(|rule| rule.matches(image, &scope.scope)) {
        let message = say(scratch, format_args!("the policy protects {}", rule.describe()));
        reasons.push(reason(ReasonCode::Excluded, message));
    }
    if let Some(manager) = manager(image) {
        reasons.push(reason(ReasonCode::Managed, say(scratch, format_args!("managed by {manager}"))));
    }
    sharing.tell(image, reasons, scratch);
    state(scope, image, reasons, scratch);
    if image.created_at.is_none() {
        reasons
            .push(reason(ReasonCode::NoDate, CompactString::const_new("its age is unknown: it has no creation date")));
    }
}

/// The AWS service that manages the image, by the tags that the service sets.
fn manager(image: &Image) -> Option<&'static str> {
    image.tags.iter().find_map(|(key, value)| match key {
        "aws:backup:source-resource" => Some("AWS Backup"),
        "aws:dlm:lifecycle-policy-id" | "aws:dlm:lifecycle-schedule-name" | "dlm:managed" => {
            Some("Data Lifecycle Manager")
        }
        "Ec2ImageBuilderArn" => Some("EC2 Image Builder"),
        "CreatedBy" if value == "EC2 Image Builder" => Some("EC2 Image Builder"),
        _ => None,
    })
}

fn state(scope: &ScopeInventory, image: &Image, reasons: &mut Reasons, scratch: &mut String) {
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
        RootDeviceType::InstanceStore => reasons.push(reason(
            ReasonCode::State,
            CompactString::const_new("instance-store images are handled by a later version"),
        )),
        RootDeviceType::Unknown => {
            reasons.push(reason(ReasonCode::State, CompactString::const_new("its root device type is unknown")));
        }
    }
}
