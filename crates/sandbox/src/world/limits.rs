//! How much an account may have in a Region.

use serde::{Deserialize, Serialize};

use super::World;

/// AWS's quotas, each for an account in a Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Images, disabled ones and those in the Recycle Bin too.
    pub images_max: usize,
    /// Public images.
    pub public_images_max: usize,
    /// Entities that one image may be shared with.
    pub image_sharing_max: usize,
    /// Copies of images that run at once.
    pub image_copies_max: usize,
    /// Usage reports that are pending at once.
    pub usage_reports_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            images_max: 50_000,
            public_images_max: 5,
            image_sharing_max: 1000,
            image_copies_max: 300,
            usage_reports_max: 2000,
        }
    }
}

impl World {
    /// Raises the quotas of accounts that already have more than AWS allows unasked, to twice what they have.
    pub(crate) fn raise_limits(&mut self) {
        let most =
            |count: fn(&super::Scope) -> usize| self.scopes().map(|(_, _, scope)| count(scope)).max().unwrap_or(0);
        let images = most(|scope| scope.images().len());
        let public_images = most(|scope| scope.images().filter(|image| image.is_public()).count());
        if images > self.limits.images_max / 2 {
            self.limits.images_max = images * 2;
        }
        if public_images >= self.limits.public_images_max {
            self.limits.public_images_max = public_images * 2;
        }
    }
}

#[cfg(test)]
mod tests {
    use amictl_model::Moment;

    use super::super::Image;
    use super::*;

    #[test]
    fn who_has_more_may_have_more() {
        let mut world = World::new(1);
        let (account, region) = ("123456789012".parse().unwrap(), "us-east-1".parse().unwrap());
        world.raise_limits();
        assert_eq!(world.limits, Limits::default());
        world.set_limits(Limits { images_max: 3, ..Limits::default() });
        for number in 1..=2 {
            let id = format!("ami-{number}").parse().unwrap();
            world.scope_mut(account, &region).put_image(Image::new(id, account, "a", Moment::from_secs(1)));
        }
        world.raise_limits();
        assert_eq!(world.limits.images_max, 4);
    }
}
