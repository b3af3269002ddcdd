//! Which images an account may see and launch.

use amictl_model::{AccountId, Grantee, ImageState, Moment};

use crate::World;
use crate::ops::Ctx;
use crate::world::{AllowedImages, Image, ImageSettings};

/// An account that looks at images, with its settings.
#[derive(Clone, Copy)]
pub(crate) struct Viewer<'a> {
    world: &'a World,
    account: AccountId,
    now: Moment,
    settings: Option<&'a ImageSettings>,
}

impl<'a> Viewer<'a> {
    /// The caller.
    pub(crate) fn new(world: &'a World, ctx: &Ctx) -> Self {
        let settings = world.scope(ctx.account, &ctx.region).map(|scope| &scope.image_settings);
        Self { world, account: ctx.account, now: ctx.now, settings }
    }

    /// Whether it is shared with the caller in any way, or the caller's own.
    pub(crate) fn may_launch(&self, image: &Image) -> bool {
        image.is_launchable_by(self.account) || self.is_shared_by_organization(image)
    }

    /// Whether it is shared with an organization or an organizational unit that the caller belongs to.
    pub(crate) fn is_shared_by_organization(&self, image: &Image) -> bool {
        image.permissions.iter().any(|grantee| match grantee {
            Grantee::Organization(arn) | Grantee::OrganizationalUnit(arn) => self.world.is_member(self.account, arn),
            Grantee::Account(_) | Grantee::Group(_) => false,
        })
    }

    /// `ImageAllowed`, while the caller's settings ask for it.
    pub(crate) fn allowed(&self, image: &Image) -> Option<bool> {
        image_allowed(self.settings?, self.account, image, self.now)
    }

    /// Whether the caller's settings hide it.
    pub(crate) fn is_hidden(&self, image: &Image) -> bool {
        self.settings.is_some_and(|settings| settings.allowed == AllowedImages::Enabled)
            && self.allowed(image) == Some(false)
    }

    /// Whether the caller may see it by its id: its own always, others' while they are shared, not disabled and allowed.
    pub(crate) fn sees(&self, image: &Image) -> bool {
        image.owner == self.account
            || (image.state_at(self.now) != ImageState::Disabled && self.may_launch(image) && !self.is_hidden(image))
    }
}

/// `ImageAllowed` for an account with these settings; one's own images always are.
pub(crate) fn image_allowed(settings: &ImageSettings, account: AccountId, image: &Image, now: Moment) -> Option<bool> {
    (settings.allowed != AllowedImages::Disabled).then(|| image.owner == account || settings.takes(image, now))
}
