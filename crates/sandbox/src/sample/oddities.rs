//! What makes a cleanup hard: sharing, protection, disabled and deprecated images, orphans, hostile text.

use std::sync::Arc;

use amictl_model::{AccountId, Grantee, ImageId, ImageState, RootDeviceType, Tags};

use super::maker::{DAY_SECS, Maker, NewImage, mapping};
use crate::world::{Launches, Protection};

impl Maker<'_> {
    /// Shares images with an account, and one with everyone.
    pub(super) fn share(&mut self, images: &[ImageId], with: AccountId) {
        for image in &images[..images.len().min(4)] {
            self.tweak(image, |image| image.permissions.extend([Grantee::Account(with)]));
        }
        if let Some(image) = images.get(1) {
            self.tweak(image, |image| image.permissions.extend([Grantee::Group("all".into())]));
        }
    }

    /// Deprecates images since some time, and others from some time on.
    pub(super) fn deprecate(&mut self, past: &[ImageId], future: &[ImageId]) {
        let now = self.now;
        for (days, image) in (1..).zip(past) {
            self.tweak(image, |image| image.deprecation_at = Some(now.plus_secs(-30 * days * DAY_SECS)));
        }
        for (days, image) in (1..).zip(future) {
            self.tweak(image, |image| image.deprecation_at = Some(now.plus_secs(30 * days * DAY_SECS)));
        }
    }

    /// Disables images.
    pub(super) fn disable(&mut self, images: &[ImageId]) {
        for image in images {
            self.tweak(image, |image| {
                image.state = ImageState::Disabled;
                image.permissions.clear();
            });
        }
    }

    /// Protects three images in the three ways there are, and marks one to be kept.
    pub(super) fn protect(&mut self, images: &[ImageId; 4]) {
        let until = self.now.plus_secs(9 * 3600);
        let ways = [Protection::Enabled, Protection::EnabledWithCooldown, Protection::CoolingDown(until)];
        for (image, way) in images.iter().zip(ways) {
            self.tweak(image, |image| image.protection = way);
        }
        self.tweak(&images[3], |image| {
            let kept = [("amictl:keep", "audit 2027")];
            image.tags = image.tags.iter().chain(kept).map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
        });
    }

    /// An old image that was launched a few days ago and left no other trace.
    pub(super) fn launched_lately(&mut self, image: &ImageId) {
        let at = self.ago(6);
        self.tweak(image, |image| image.launches = Launches::reported(at));
    }

    /// Two images on one data snapshot.
    pub(super) fn sharing_a_snapshot(&mut self) {
        let data = self.snapshot(400, 500, "reference data set", Tags::default());
        for (number, age_days) in [(1, 480), (2, 450)] {
            let id = self.image(NewImage {
                name: format!("geo-index-{number}"),
                age_days,
                sizes: &[8],
                tags: vec![("app".to_owned(), "geo-index".to_owned())],
                ..NewImage::default()
            });
            let scope = self.world.scope_mut(self.account, &self.region);
            let Some(image) = scope.remove_image(&id) else { continue };
            let mut image = Arc::unwrap_or_clone(image);
            image.mappings = image.mappings.iter().cloned().chain([mapping("/dev/sdf", data.clone(), 400)]).collect();
            scope.put_image(image);
        }
    }

    /// Snapshots of images that were deregistered long ago, and snapshots that never had one.
    pub(super) fn orphaned_snapshots(&mut self) {
        for (number, age_days) in (1..).zip([1000, 940, 910, 850, 760, 700, 640, 410, 380, 365]) {
            let description = format!("Created by CreateImage(i-0aa{number:014x}) for ami-0dead{number:012x}");
            self.snapshot(30, age_days, &description, Tags::default());
        }
        for age_days in [30, 60, 90] {
            let tags: Tags = [("purpose", "before migration")].into_iter().collect();
            self.snapshot(120, age_days, "manual backup of orders-db", tags);
        }
    }

    /// Text that wants to be more than text, in the places where AWS allows any.
    pub(super) fn hostile(&mut self) {
        let tags = [
            ("note", "=cmd|'/C calc'!A0"),
            ("owner", "<script>alert('tag')</script>"),
            ("app", "partner-drop"),
            ("path", "../../etc/passwd; rm -rf ~"),
        ];
        self.image(NewImage {
            name: "partner-drop (copy) [final] @2024".to_owned(),
            age_days: 610,
            sizes: &[8, 8],
            tags: tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into(),
            description: Some(
                "\u{1b}[31mred\u{1b}[0m <script>alert(1)</script> \"quoted\", 100% \u{202e}desrever".to_owned(),
            ),
            ..NewImage::default()
        });
    }

    /// An image whose root is a bundle in S3.
    pub(super) fn bundle(&mut self) {
        let id = self.image(NewImage {
            name: "legacy-importer-bundle".to_owned(),
            age_days: 1090,
            tags: vec![("app".to_owned(), "legacy-importer".to_owned())],
            ..NewImage::default()
        });
        self.tweak(&id, |image| {
            image.location = Some("legacy-bundles/importer/image.manifest.xml".into());
            let traits = Arc::make_mut(&mut image.traits);
            traits.root_device_type = RootDeviceType::InstanceStore;
            traits.root_device_name = None;
            traits.virtualization_type = "paravirtual".into();
        });
    }
}
