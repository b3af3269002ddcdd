//! The SDK's shapes → amictl's. What cannot be understood is an error, never left out.

use std::sync::Arc;

use amictl_cloud::{CloudError, ErrorClass};
use amictl_model::{
    BlockDevice, DeregistrationProtection, Grantee, Image, ImageState, LaunchPermissions, Moment, Platform,
    RootDeviceType, Snapshot, SnapshotState, StorageTier, Tags,
};
use aws_sdk_ec2::types;

/// The error for a reply that lacks or garbles something.
pub(crate) fn garbled(operation: &'static str, what: &str) -> CloudError {
    CloudError {
        class: ErrorClass::Other,
        operation,
        code: None,
        message: format!("the reply cannot be used: {what}"),
        request_id: None,
    }
}

/// A required member, parsed.
pub(crate) fn required<T: std::str::FromStr<Err: std::fmt::Display>>(
    operation: &'static str,
    member: &str,
    value: Option<&str>,
) -> Result<T, CloudError> {
    let value = value.ok_or_else(|| garbled(operation, &format!("{member} is missing")))?;
    value.parse().map_err(|error| garbled(operation, &format!("{member}: {error}")))
}

pub(crate) fn image(operation: &'static str, image: types::Image) -> Result<Image, CloudError> {
    let root_device_type = root_device_type(&image);
    let platform_details = platform_details(&image);
    Ok(Image {
        id: required(operation, "ImageId", image.image_id.as_deref())?,
        name: Arc::from(image.name.unwrap_or_default()),
        owner: required(operation, "OwnerId", image.owner_id.as_deref())?,
        state: image.state.as_ref().map_or(ImageState::Unknown, |state| ImageState::from_wire(state.as_str())),
        public: image.public.unwrap_or(false),
        root_device_type,
        created_at: moment(image.creation_date.as_deref()),
        deprecation_at: moment(image.deprecation_time.as_deref()),
        last_launched_at: moment(image.last_launched_time.as_deref()),
        protection: DeregistrationProtection::from_wire(image.deregistration_protection.as_deref().unwrap_or("")),
        description: text(image.description),
        location: if root_device_type == RootDeviceType::Ebs { None } else { text(image.image_location) },
        architecture: image.architecture.map_or_else(Default::default, |name| name.as_str().into()),
        platform_details,
        source_image: text(image.source_image_id),
        block_devices: image
            .block_device_mappings
            .unwrap_or_default()
            .into_iter()
            .map(|device| block_device(operation, device))
            .collect::<Result<_, _>>()?,
        tags: tags(image.tags),
        launch_permissions: LaunchPermissions::Unread,
    })
}

/// EC2 sends `ebs` or `instance-store`. EC2-compatible endpoints send other words; an image with a snapshot is EBS-backed all the same.
fn root_device_type(image: &types::Image) -> RootDeviceType {
    match image.root_device_type.as_ref().map(types::DeviceType::as_str) {
        Some("ebs") => RootDeviceType::Ebs,
        Some("instance-store") => RootDeviceType::InstanceStore,
        _ => {
            let mut ebs = image.block_device_mappings.iter().flatten().filter_map(|device| device.ebs.as_ref());
            if ebs.any(|ebs| ebs.snapshot_id.is_some()) { RootDeviceType::Ebs } else { RootDeviceType::Unknown }
        }
    }
}

/// EC2 sends `platformDetails` for every image, and `platform` for Windows alone. EC2-compatible endpoints may send the latter only.
fn platform_details(image: &types::Image) -> Platform {
    match (image.platform_details.as_deref(), &image.platform) {
        (Some(details), _) if !details.is_empty() => Platform::from_wire(details),
        (_, Some(platform)) if platform.as_str().eq_ignore_ascii_case("windows") => Platform::from_wire("Windows"),
        _ => Platform::UNREAD,
    }
}

fn block_device(operation: &'static str, device: types::BlockDeviceMapping) -> Result<BlockDevice, CloudError> {
    let ebs = device.ebs;
    let snapshot = ebs.as_ref().and_then(|ebs| ebs.snapshot_id.as_deref()).filter(|id| !id.is_empty());
    Ok(BlockDevice {
        device_name: Arc::from(device.device_name.unwrap_or_default()),
        snapshot: snapshot.map(|id| required(operation, "SnapshotId", Some(id))).transpose()?,
        size_gib: ebs.as_ref().and_then(|ebs| ebs.volume_size).and_then(|size| u32::try_from(size).ok()),
        encrypted: ebs.as_ref().and_then(|ebs| ebs.encrypted).unwrap_or(false),
    })
}

pub(crate) fn snapshot(operation: &'static str, snapshot: types::Snapshot) -> Result<Snapshot, CloudError> {
    Ok(Snapshot {
        id: required(operation, "SnapshotId", snapshot.snapshot_id.as_deref())?,
        owner: required(operation, "OwnerId", snapshot.owner_id.as_deref())?,
        state: match snapshot.state.as_ref().map(types::SnapshotState::as_str) {
            Some("pending") => SnapshotState::Pending,
            Some("completed") => SnapshotState::Completed,
            Some("error") => SnapshotState::Error,
            Some("recoverable") => SnapshotState::Recoverable,
            Some("recovering") => SnapshotState::Recovering,
            _ => SnapshotState::Unknown,
        },
        tier: match snapshot.storage_tier.as_ref().map(types::StorageTier::as_str) {
            Some("archive") => StorageTier::Archive,
            _ => StorageTier::Standard,
        },
        encrypted: snapshot.encrypted.unwrap_or(false),
        size_gib: snapshot.volume_size.and_then(|size| u32::try_from(size).ok()).unwrap_or(0),
        full_size_bytes: snapshot.full_snapshot_size_in_bytes.and_then(|size| u64::try_from(size).ok()),
        started_at: time(snapshot.start_time),
        volume: snapshot.volume_id.filter(|id| !id.is_empty()).map(Into::into),
        description: text(snapshot.description),
        tags: tags(snapshot.tags),
    })
}

pub(crate) fn grantee(operation: &'static str, permission: &types::LaunchPermission) -> Result<Grantee, CloudError> {
    if let Some(account) = permission.user_id.as_deref().filter(|id| !id.is_empty()) {
        return required(operation, "UserId", Some(account)).map(Grantee::Account);
    }
    if let Some(group) = &permission.group {
        return Ok(Grantee::Group(group.as_str().into()));
    }
    if let Some(arn) = permission.organization_arn.as_deref().filter(|arn| !arn.is_empty()) {
        return Ok(Grantee::Organization(arn.into()));
    }
    if let Some(arn) = permission.organizational_unit_arn.as_deref().filter(|arn| !arn.is_empty()) {
        return Ok(Grantee::OrganizationalUnit(arn.into()));
    }
    Err(garbled(operation, "a launch permission names nobody"))
}

pub(crate) fn permission(grantee: &Grantee) -> types::LaunchPermission {
    let builder = types::LaunchPermission::builder();
    match grantee {
        Grantee::Account(account) => builder.user_id(account.to_string()),
        Grantee::Group(group) => builder.group(types::PermissionGroup::from(&**group)),
        Grantee::Organization(arn) => builder.organization_arn(&**arn),
        Grantee::OrganizationalUnit(arn) => builder.organizational_unit_arn(&**arn),
    }
    .build()
}

/// A timestamp of the SDK.
pub(crate) fn time(time: Option<aws_smithy_types::DateTime>) -> Option<Moment> {
    time.and_then(|time| time.to_millis().ok()).map(Moment::from_millis)
}

fn moment(time: Option<&str>) -> Option<Moment> {
    time.and_then(|time| time.parse().ok())
}

fn text(text: Option<String>) -> Option<Box<str>> {
    text.filter(|text| !text.is_empty()).map(String::into_boxed_str)
}

pub(crate) fn tags(tags: Option<Vec<types::Tag>>) -> Tags {
    tags.unwrap_or_default()
        .into_iter()
        .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()))
        .collect()
}

/// `TagSpecifications` of a new image and of its snapshots alike; nothing where there are no tags.
pub(crate) fn new_tags(tags: &Tags) -> Option<Vec<types::TagSpecification>> {
    tagged(&[types::ResourceType::Image, types::ResourceType::Snapshot], tags)
}

/// `TagSpecifications` of new resources of these kinds alike; nothing where there are no tags.
pub(crate) fn tagged(kinds: &[types::ResourceType], tags: &Tags) -> Option<Vec<types::TagSpecification>> {
    let of = |kind: &types::ResourceType| {
        let tags = tags.iter().map(|(key, value)| types::Tag::builder().key(key).value(value).build());
        types::TagSpecification::builder().resource_type(kind.clone()).set_tags(Some(tags.collect())).build()
    };
    (!tags.is_empty()).then(|| kinds.iter().map(of).collect())
}
