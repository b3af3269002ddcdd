//! What of an image can be taken back once it is done.

use amictl_model::{Image, ImageState, RootDeviceType};
use serde::Serialize;

/// What brings an image back after it was disabled, and after it was deregistered.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Undoable {
    /// `enable`: with the launch permissions that were recorded before.
    disable: &'static str,
    /// `recycle_bin` where its rules keep the image and all of its snapshots, else `none`.
    deregister: &'static str,
}

impl Undoable {
    pub(super) fn of(image: &Image) -> Self {
        let deregister = if image.root_device_type == RootDeviceType::Ebs { "recycle_bin" } else { "none" };
        Self { disable: "enable", deregister }
    }
}

/// The same in sentences.
pub(super) fn sentences(image: &Image) -> Vec<&'static str> {
    let mut sentences = vec![match image.state {
        ImageState::Disabled => {
            "It is disabled; it can be enabled again, but AWS does not keep whom it was shared with."
        }
        _ => "Disabling can be taken back with `amictl undo`, which restores the launch permissions too.",
    }];
    sentences.push(match image.root_device_type {
        RootDeviceType::Ebs => {
            "Deregistering can be taken back only while the Recycle Bin keeps the image and all of its snapshots: `amictl doctor` \
             shows the rules."
        }
        RootDeviceType::InstanceStore => {
            "Deregistering cannot be taken back: the Recycle Bin keeps no instance-store images. While its bundle is in S3 it can be \
             registered again under another id."
        }
        RootDeviceType::Unknown => "Whether deregistering could be taken back is unknown.",
    });
    if !image.protection.is_disabled() {
        sentences.push("Deregistration protection is on or cooling down, so AWS refuses to deregister it.");
    }
    sentences
}
