//! Which images `DescribeImages` is about: by owner, by who may launch them, by state and filters.

use std::collections::BTreeSet;
use std::sync::Arc;

use amictl_model::{AccountId, Grantee, ImageState, Moment};

use super::describe_images::DescribeImagesInput;
use super::image_filter::{ImageView, image_matches};
use super::viewer::Viewer;
use crate::ops::Ctx;
use crate::ops::input::user_id;
use crate::world::Image;
use crate::{Fault, World};

/// Who must own the images and who must be allowed to launch them.
pub(crate) struct Selection<'a> {
    viewer: Viewer<'a>,
    caller: AccountId,
    now: Moment,
    owners: Option<Owners>,
    executable_by: Vec<Executor>,
}

#[derive(Default)]
struct Owners {
    accounts: BTreeSet<AccountId>,
    aliases: BTreeSet<String>,
}

enum Executor {
    Caller,
    Everyone,
    Other(AccountId),
}

impl<'a> Selection<'a> {
    pub(crate) fn new(world: &'a World, ctx: &Ctx, input: &DescribeImagesInput) -> Result<Self, Fault> {
        let mut owners = Owners::default();
        for owner in &input.owners {
            match owner.as_str() {
                "self" => owners.accounts.extend([ctx.account]),
                "amazon" | "aws-marketplace" | "aws-backup-vault" => owners.aliases.extend([owner.clone()]),
                account => owners.accounts.extend([user_id(account)?]),
            }
        }
        let executable_by = input.executable_by.iter().map(|user| match user.as_str() {
            "self" => Ok(Executor::Caller),
            "all" => Ok(Executor::Everyone),
            account => user_id(account)
                .map(|account| if account == ctx.account { Executor::Caller } else { Executor::Other(account) }),
        });
        Ok(Self {
            viewer: Viewer::new(world, ctx),
            caller: ctx.account,
            now: ctx.now,
            owners: (!input.owners.is_empty()).then_some(owners),
            executable_by: executable_by.collect::<Result<_, _>>()?,
        })
    }

    /// Whether images of this owner can be meant at all.
    pub(crate) fn may_take_owner(&self, owner: AccountId) -> bool {
        self.owners.as_ref().is_none_or(|owners| !owners.aliases.is_empty() || owners.accounts.contains(&owner))
    }

    /// The image, if it is meant.
    pub(crate) fn pick(&self, input: &DescribeImagesInput, image: &Arc<Image>) -> Option<Arc<Image>> {
        let is_owner = image.owner == self.caller;
        let view = ImageView { now: self.now, is_owner, allowed: self.viewer.allowed(image) };
        let is_listed =
            is_owner || input.include_deprecated || !input.images.is_empty() || !image.is_deprecated(self.now);
        let takes = self.viewer.sees(image)
            && self.takes_owner(image)
            && (input.include_disabled || image.state_at(self.now) != ImageState::Disabled)
            && is_listed
            && self.takes_executor(image)
            && image_matches(&input.filters, image, &view);
        takes.then(|| Arc::clone(image))
    }

    fn takes_owner(&self, image: &Image) -> bool {
        self.owners.as_ref().is_none_or(|owners| {
            owners.accounts.contains(&image.owner)
                || image.owner_alias().is_some_and(|alias| owners.aliases.contains(alias))
        })
    }

    fn takes_executor(&self, image: &Image) -> bool {
        let shared_with = |account| image.permissions.contains(&Grantee::Account(account));
        self.executable_by.is_empty()
            || self.executable_by.iter().any(|executor| match executor {
                Executor::Caller => shared_with(self.caller) || self.viewer.is_shared_by_organization(image),
                Executor::Everyone => image.is_public(),
                Executor::Other(account) => image.owner == self.caller && shared_with(*account),
            })
    }
}
