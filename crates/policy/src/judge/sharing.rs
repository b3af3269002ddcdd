//! What images that other accounts may launch need: that all those accounts were read whole, or a usage report.

use std::borrow::Cow;

use amictl_model::{AccountId, Grantee, Image, ImageState, ImageUsage, ScopeInventory, Source, UsageReport};
use compact_str::{CompactString, format_compact};

use super::elsewhere::Others;
use super::unreadable::short;
use super::uses::USES_TOLD_MAX;
use super::{Reasons, reason, say};
use crate::policy::{OtherAccounts, Policy};
use crate::stage_tags::before_stages;
use crate::{Reason, ReasonCode};

/// Judges the sharing of the images of one scope.
pub(super) struct Sharing<'a> {
    pub(super) policy: &'a Policy,
    pub(super) scope: &'a ScopeInventory,
    pub(super) others: Others<'a>,
}

impl Sharing<'_> {
    fn required(&self) -> bool {
        self.policy.references.other_accounts == OtherAccounts::Required
    }

    fn usage(&self, image: &Image) -> Option<&ImageUsage> {
        if self.scope.usage.is_empty() { None } else { self.scope.usage_of(&image.id) }
    }

    /// Whether somebody may launch it whose use no scan has shown: the public, an organization, or an account that was not read whole.
    fn has_unseen_users(&self, image: &Image) -> bool {
        image.public || grantees(image).iter().any(|grantee| !self.is_seen(grantee))
    }

    fn is_seen(&self, grantee: &Grantee) -> bool {
        matches!(grantee, Grantee::Account(account) if self.others.is_read_whole(*account))
    }

    /// Adds the uses that a usage report tells of.
    pub(super) fn tell_uses(&self, image: &Image, reasons: &mut Reasons, scratch: &mut String) {
        let Some(ImageUsage { report: UsageReport::Read { uses, .. }, .. }) = self.usage(image) else { return };
        if !self.required() {
            return;
        }
        for used in uses.iter().take(USES_TOLD_MAX) {
            let what = match (used.resource_type.as_str(), used.count) {
                ("ec2:Instance", 1) => "instance",
                ("ec2:Instance", _) => "instances",
                ("ec2:LaunchTemplate", 1) => "launch template",
                ("ec2:LaunchTemplate", _) => "launch templates",
                (other, _) => other,
            };
            reasons.push(Reason {
                code: ReasonCode::InUse,
                message: say(scratch, format_args!("used by {} {what} of another account", used.count)),
                source: Some(Source::ImageUsage),
                resource: Some(format_compact!("account {}", used.account)),
            });
        }
        if let Some(more) = uses.len().checked_sub(USES_TOLD_MAX).filter(|more| *more > 0) {
            let message = say(scratch, format_args!("and {more} more uses by other accounts"));
            reasons.push(Reason { source: Some(Source::ImageUsage), ..reason(ReasonCode::InUse, message) });
        }
    }

    /// Adds the reason to keep an image that is shared and that no usage report was asked for.
    pub(super) fn tell(&self, image: &Image, reasons: &mut Reasons, scratch: &mut String) {
        if !self.required() || !self.has_unseen_users(image) || self.usage(image).is_some() {
            return;
        }
        let grantees = grantees(image);
        let unseen = || grantees.iter().filter(|grantee| !self.is_seen(grantee));
        let message = match (unseen().next(), unseen().count()) {
            _ if image.public => CompactString::const_new("public: use by other accounts is not known"),
            (None, _) => return,
            (Some(one), 1) => say(scratch, format_args!("shared with {one}, whose use is not known")),
            (Some(first), count) => {
                say(scratch, format_args!("shared with {first} and {} more, whose use is not known", count - 1))
            }
        };
        reasons.push(reason(ReasonCode::Shared, message));
    }

    /// Whether only a usage report speaks for nobody else using the image.
    pub(super) fn rests_on_report(&self, image: &Image) -> bool {
        self.required() && self.usage(image).is_some() && self.has_unseen_users(image)
    }

    /// Adds what blocks an image because somebody else's use of it is not known.
    pub(super) fn tell_unreadable(&self, image: &Image, reasons: &mut Reasons) {
        for (account, unread) in self.others.accounts().filter(|(_, unread)| !unread.is_empty()) {
            if may_launch(image, account) {
                let resource = Some(format_compact!("account {account}"));
                reasons.extend(unread.iter().map(|reason| Reason { resource: resource.clone(), ..reason.clone() }));
            }
        }
        let Some(ImageUsage { report: UsageReport::Unreadable(why), .. }) = self.usage(image) else { return };
        if self.required() && self.has_unseen_users(image) {
            let message =
                format_compact!("other accounts may launch it, and their use could not be read: {}", short(why));
            reasons.push(Reason { source: Some(Source::ImageUsage), ..reason(ReasonCode::Unreadable, message) });
        }
    }
}

/// Whom an image is shared with, or was before a stage disabled it: that took the permissions away, and nothing from whoever uses it since.
fn grantees(image: &Image) -> Cow<'_, [Grantee]> {
    let now = image.launch_permissions.known().unwrap_or_default();
    if image.state != ImageState::Disabled {
        return Cow::Borrowed(now);
    }
    match before_stages(&image.tags).shared_with {
        Some(before) if !before.is_empty() => Cow::Owned(before.into_iter().chain(now.iter().cloned()).collect()),
        _ => Cow::Borrowed(now),
    }
}

/// Whether this account may launch the image, as far as is known: any scanned account may be of an organization.
fn may_launch(image: &Image, account: AccountId) -> bool {
    image.public
        || grantees(image).iter().any(|grantee| match grantee {
            Grantee::Account(grantee) => *grantee == account,
            Grantee::Group(_) | Grantee::Organization(_) | Grantee::OrganizationalUnit(_) => true,
        })
}
