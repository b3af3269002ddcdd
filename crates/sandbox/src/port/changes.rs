//! The port's operations that make images, share their snapshots and protect them.

use amictl_cloud::ops::{
    CopyImage, CopyImageRequest, CreateImage, CreateImageRequest, CreateRestoreImageTask,
    CreateRestoreImageTaskRequest, CreateStoreImageTask, CreateStoreImageTaskRequest, DescribeStoreImageTasks,
    DescribeStoreImageTasksReply, DescribeStoreImageTasksRequest, DisableImageDeregistrationProtection,
    DisableImageDeregistrationProtectionRequest, EnableImageDeregistrationProtection,
    EnableImageDeregistrationProtectionRequest, ModifySnapshotPermissions, ModifySnapshotPermissionsRequest,
    RegisterImage, RegisterImageRequest, StoreImageTask,
};
use amictl_cloud::{Call, CloudError, ErrorClass};
use amictl_model::{Grantee, ImageId, NewDevice, Region, SnapshotId, Tags};
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::InProcess;
use super::asked::{items, number, said, text};

type Answer<'a, T> = BoxFuture<'a, Result<T, CloudError>>;

/// `TagSpecification` of an image and its snapshots.
const IMAGE_AND_SNAPSHOTS: &[&str] = &["image", "snapshot"];

/// `TagSpecification` of these kinds of resources alike.
fn specifications(kinds: &[&str], tags: &Tags) -> Value {
    if tags.is_empty() {
        return json!([]);
    }
    let tags: Vec<Value> = tags.iter().map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    kinds.iter().map(|kind| json!({ "ResourceType": kind, "Tag": tags })).collect()
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
                "TagSpecification": specifications(IMAGE_AND_SNAPSHOTS, &request.tags),
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
                "TagSpecification": specifications(IMAGE_AND_SNAPSHOTS, &request.tags),
            });
            put(&mut members, "Description", request.description.as_deref());
            new_image("CreateImage", &self.ask::<CreateImage>(region, members).await?)
        }
        .boxed()
    }
}

fn new_device(device: &NewDevice) -> Value {
    if let Some(name) = &device.virtual_name {
        return json!({ "DeviceName": device.name, "VirtualName": name });
    }
    let mut ebs = json!({ "DeleteOnTermination": !device.outlives });
    put(&mut ebs, "SnapshotId", device.snapshot.as_ref().map(SnapshotId::as_str));
    put(&mut ebs, "VolumeType", device.volume_type.as_deref());
    for (name, number) in [("VolumeSize", device.size_gib), ("Iops", device.iops), ("Throughput", device.throughput)] {
        if let Some(number) = number {
            ebs[name] = number.into();
        }
    }
    json!({ "DeviceName": device.name, "Ebs": ebs })
}

impl Call<RegisterImage> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: RegisterImageRequest) -> Answer<'a, ImageId> {
        async move {
            let traits = &request.traits;
            let mut members = json!({
                "Name": request.name,
                "BlockDeviceMapping": request.devices.iter().map(new_device).collect::<Vec<_>>(),
                "EnaSupport": traits.ena,
                "TagSpecification": specifications(&["image"], &request.tags),
            });
            for (name, text) in [
                ("Description", request.description.as_deref()),
                ("ImageLocation", request.location.as_deref()),
                ("RootDeviceName", request.root_device.as_deref()),
                ("Architecture", traits.architecture.as_deref()),
                ("VirtualizationType", traits.virtualization.as_deref()),
                ("BootMode", traits.boot_mode.as_deref()),
                ("TpmSupport", traits.tpm.then_some("v2.0")),
                ("ImdsSupport", traits.imds_v2.then_some("v2.0")),
                ("UefiData", traits.uefi_data.as_deref()),
                ("SriovNetSupport", traits.sriov.then_some("simple")),
                ("KernelId", traits.kernel.as_deref()),
                ("RamdiskId", traits.ramdisk.as_deref()),
            ] {
                put(&mut members, name, text);
            }
            new_image("RegisterImage", &self.ask::<RegisterImage>(region, members).await?)
        }
        .boxed()
    }
}

impl Call<CreateStoreImageTask> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: CreateStoreImageTaskRequest) -> Answer<'a, String> {
        async move {
            let members = json!({ "ImageId": request.image.as_str(), "Bucket": request.bucket });
            Ok(said(&self.ask::<CreateStoreImageTask>(region, members).await?, "objectKey"))
        }
        .boxed()
    }
}

impl Call<CreateRestoreImageTask> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: CreateRestoreImageTaskRequest) -> Answer<'a, ImageId> {
        async move {
            let members = json!({
                "Bucket": request.bucket,
                "ObjectKey": request.key,
                "Name": request.name,
                "TagSpecification": specifications(IMAGE_AND_SNAPSHOTS, &request.tags),
            });
            new_image("CreateRestoreImageTask", &self.ask::<CreateRestoreImageTask>(region, members).await?)
        }
        .boxed()
    }
}

impl Call<DescribeStoreImageTasks> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: DescribeStoreImageTasksRequest,
    ) -> Answer<'a, DescribeStoreImageTasksReply> {
        async move {
            let images: Vec<&str> = request.images.iter().map(ImageId::as_str).collect();
            let members = if images.is_empty() {
                json!({ "MaxResults": 200, "NextToken": request.next_token })
            } else {
                json!({ "ImageId": images, "NextToken": request.next_token })
            };
            let reply = self.ask::<DescribeStoreImageTasks>(region, members).await?;
            let tasks = items(&reply, "storeImageTaskResultSet").iter().map(|task| StoreImageTask {
                image: said(task, "amiId"),
                bucket: said(task, "bucket"),
                key: said(task, "s3objectKey"),
                state: said(task, "storeTaskState"),
                percent: Some(number(task, "progressPercentage")),
                failure: text(task, "storeTaskFailureReason"),
            });
            Ok(DescribeStoreImageTasksReply { tasks: tasks.collect(), next_token: text(&reply, "nextToken") })
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
