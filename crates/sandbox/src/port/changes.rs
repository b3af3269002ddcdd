//! The port's operations that make images, share their snapshots and protect them.

use amictl_cloud::ops::{
    CopyImage, CopyImageRequest, CreateImage, CreateImageRequest, DisableImageDeregistrationProtection,
    DisableImageDeregistrationProtectionRequest, EnableImageDeregistrationProtection,
    EnableImageDeregistrationProtectionRequest, ModifySnapshotPermissions, ModifySnapshotPermissionsRequest,
};
use amictl_cloud::{Call, CloudError, ErrorClass};
use amictl_model::{Grantee, ImageId, Region, Tags};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::InProcess;
use super::asked::said;

type Answer<'a, T> = BoxFuture<'a, Result<T, CloudError>>;

/// `TagSpecification` of an image and its snapshots.
fn specifications(tags: &Tags) -> Value {
    if tags.is_empty() {
        return json!([]);
    }
    let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    ["image", "snapshot"].iter().map(|kind| json!({ "ResourceType": kind, "Tag": tags })).collect()
}

fn put(members: &mut Value, name: &str, text: Option<&str>) {
    if let Some(text) = text {
        members[name] = text.into();
    }
}

fn new_image(operation: &'static str, reply: &Value) -> Result<ImageId, CloudError> {
    said(reply, "imageId").parse().map_err(|error| CloudError {
        class: ErrorClass::Other,
        operation,
        code: None,
        message: format!("the reply cannot be used: {error}"),
        request_id: None,
    })
}

impl Call<CopyImage> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: CopyImageRequest) -> Answer<'a, ImageId> {
        async move {
            let mut members = json!({
                "SourceImageId": request.source.as_str(),
                "SourceRegion": request.source_region.as_str(),
                "Name": request.name,
                "Encrypted": request.encrypted,
                "CopyImageTags": request.copy_tags,
                "TagSpecification": specifications(&request.tags),
                "ClientToken": request.client_token,
            });
            put(&mut members, "Description", request.description.as_deref());
            if let Some(minutes) = request.within_minutes {
                members["SnapshotCopyCompletionDurationMinutes"] = minutes.into();
            }
            put(&mut members, "KmsKeyId", request.kms_key.as_deref());
            new_image("CopyImage", &self.ask::<CopyImage>(region, members).await?)
        }
        .boxed()
    }
}

impl Call<CreateImage> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: CreateImageRequest) -> Answer<'a, ImageId> {
        async move {
            let mut members = json!({
                "InstanceId": request.instance,
                "Name": request.name,
                "NoReboot": request.no_reboot,
                "BlockDeviceMapping": request.exclude_devices.iter().map(|name| json!({ "DeviceName": name, "NoDevice": "" })).collect::<Vec<_>>(),
                "TagSpecification": specifications(&request.tags),
            });
            put(&mut members, "Description", request.description.as_deref());
            new_image("CreateImage", &self.ask::<CreateImage>(region, members).await?)
        }
        .boxed()
    }
}

impl Call<ModifySnapshotPermissions> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: ModifySnapshotPermissionsRequest) -> Answer<'a, ()> {
        async move {
            let grantees = |grantees: &[Grantee]| -> Value {
                let of = |grantee: &Grantee| match grantee {
                    Grantee::Account(account) => Some(json!({ "UserId": account.to_string() })),
                    Grantee::Group(group) => Some(json!({ "Group": group })),
                    Grantee::Organization(_) | Grantee::OrganizationalUnit(_) => None,
                };
                grantees.iter().filter_map(of).collect()
            };
            let members = json!({
                "SnapshotId": request.snapshot.as_str(),
                "Attribute": "createVolumePermission",
                "CreateVolumePermission": { "Add": grantees(&request.add), "Remove": grantees(&request.remove) },
            });
            self.ask::<ModifySnapshotPermissions>(region, members).await.map(|_| ())
        }
        .boxed()
    }
}

impl Call<EnableImageDeregistrationProtection> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: EnableImageDeregistrationProtectionRequest) -> Answer<'a, ()> {
        async move {
            let members = json!({ "ImageId": request.image.as_str(), "WithCooldown": request.with_cooldown });
            self.ask::<EnableImageDeregistrationProtection>(region, members).await.map(|_| ())
        }
        .boxed()
    }
}

impl Call<DisableImageDeregistrationProtection> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: DisableImageDeregistrationProtectionRequest) -> Answer<'a, ()> {
        async move {
            let members = json!({ "ImageId": request.image.as_str() });
            self.ask::<DisableImageDeregistrationProtection>(region, members).await.map(|_| ())
        }
        .boxed()
    }
}
