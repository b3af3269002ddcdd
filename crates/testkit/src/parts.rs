//! Images, snapshots, references and small inventories for tests, with nothing odd about them until the test says so.

use std::sync::Arc;

use amictl_model::{
    BlockDevice, Coverage, CoverageStatus, DeregistrationProtection, Image, ImageState, Inventory, LaunchPermissions,
    Moment, Platform, Reference, RootDeviceType, Scope, ScopeInventory, Snapshot, SnapshotState, Source, StorageTier,
    Tags, Usage,
};

/// The account of [`in_scope`].
pub const ACCOUNT: &str = "111111111111";
/// The Region of [`in_scope`].
pub const REGION: &str = "us-east-1";
/// The moment of the scan, in seconds after the epoch: 2026-11-21T09:30:00Z.
pub const NOW: i64 = 1_795_253_400;

/// What a scan reads whatever it finds, beside the references.
pub(crate) const READ_IN_A_SWEEP: &[Source] = &[Source::Images, Source::Snapshots, Source::LaunchPermissions];

fn parsed<T: std::str::FromStr>(text: &str) -> T {
    match text.parse() {
        Ok(value) => value,
        Err(_) => panic!("the test writes an id that is none: {text}"),
    }
}

/// An available, private, unprotected EBS-backed image of [`ACCOUNT`], so many days old, never launched, with one snapshot:
/// `ami-x1` has `snap-x1`.
///
/// # Panics
/// When `id` is no image id.
#[must_use]
pub fn image(id: &str, name: &str, age_days: i64) -> Image {
    Image {
        id: parsed(id),
        name: name.into(),
        owner: parsed(ACCOUNT),
        state: ImageState::Available,
        public: false,
        root_device_type: RootDeviceType::Ebs,
        created_at: Some(Moment::from_secs(NOW - age_days * 86_400)),
        deprecation_at: None,
        last_launched_at: None,
        protection: DeregistrationProtection::Disabled,
        description: None,
        location: None,
        architecture: "x86_64".into(),
        platform_details: Platform::from_wire("Linux/UNIX"),
        source_image: None,
        block_devices: Arc::new([BlockDevice {
            device_name: "/dev/xvda".into(),
            snapshot: Some(parsed(&id.replace("ami-", "snap-"))),
            size_gib: Some(8),
            encrypted: false,
        }]),
        tags: Tags::default(),
        launch_permissions: LaunchPermissions::read([]),
    }
}

/// A completed snapshot of [`ACCOUNT`] of 8 GiB.
///
/// # Panics
/// When `id` is no snapshot id.
#[must_use]
pub fn snapshot(id: &str) -> Snapshot {
    Snapshot {
        id: parsed(id),
        owner: parsed(ACCOUNT),
        state: SnapshotState::Completed,
        tier: StorageTier::Standard,
        encrypted: false,
        size_gib: 8,
        full_size_bytes: Some(4 << 30),
        started_at: None,
        volume: None,
        description: None,
        tags: Tags::default(),
    }
}

/// A running instance that uses the image.
///
/// # Panics
/// When `image` is no image id.
#[must_use]
pub fn instance(image: &str, instance: &str) -> Reference {
    let usage = Usage::Instance { state: "running".into() };
    Reference { image: parsed(image), source: Source::Instances, resource: instance.into(), usage }
}

/// A launch template version that names the image.
///
/// # Panics
/// When `image` is no image id.
#[must_use]
pub fn template_version(image: &str, version: u64, age_rank: u32, default: bool) -> Reference {
    let usage = Usage::LaunchTemplateVersion { version, age_rank, default, alias: false };
    let resource = format!("lt-0123456789abcdef0:{version}").into();
    Reference { image: parsed(image), source: Source::LaunchTemplates, resource, usage }
}

/// What was seen in [`ACCOUNT`] and [`REGION`]: these images with a [`snapshot`] for each block device, these references, every source whole.
#[must_use]
pub fn in_scope(
    images: impl IntoIterator<Item = Image>,
    references: impl IntoIterator<Item = Reference>,
) -> ScopeInventory {
    let images: Vec<Image> = images.into_iter().collect();
    let mut snapshots: Vec<Snapshot> =
        images.iter().flat_map(Image::snapshots).map(|id| snapshot(id.as_str())).collect();
    snapshots.sort_by(|a, b| a.id.cmp(&b.id));
    snapshots.dedup_by(|a, b| a.id == b.id);
    let coverage = READ_IN_A_SWEEP.iter().chain(Source::REFERENCES).map(|source| Coverage {
        source: *source,
        status: CoverageStatus::Complete,
        detail: "".into(),
        items: 1,
        calls: 1,
        read_at: Moment::from_secs(NOW),
    });
    let mut scope = ScopeInventory {
        images,
        snapshots,
        references: references.into_iter().collect(),
        coverage: coverage.collect(),
        ..ScopeInventory::empty(Scope { account: parsed(ACCOUNT), region: parsed(REGION) })
    };
    scope.sort();
    scope
}

/// An inventory of these scopes, read at [`NOW`].
#[must_use]
pub fn inventory_of(scopes: impl IntoIterator<Item = ScopeInventory>) -> Inventory {
    Inventory {
        format_version: amictl_model::INVENTORY_FORMAT_VERSION.into(),
        id: "test".into(),
        created_at: Moment::from_secs(NOW),
        scopes: scopes.into_iter().collect(),
        files: None,
    }
}
