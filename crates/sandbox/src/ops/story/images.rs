//! Images of two accounts: shared, restricted, reported on, stored, put into the Recycle Bin and restored.

use amictl_cloud::Service;
use serde_json::json;

use super::Story;

pub(super) fn tell(story: &mut Story) {
    story.keep("volume", "CreateVolume", "AvailabilityZone=us-east-1a&Size=8", "volumeId");
    story.keep("snap", "CreateSnapshot", "VolumeId=$volume", "snapshotId");
    let devices = "Name=images-1&RootDeviceName=/dev/xvda&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId=$snap";
    story.keep("image", "RegisterImage", devices, "imageId");
    settings(story);
    lineage(story);
    storing(story);
    moving(story);
    sharing(story);
    let rule = json!({
        "ResourceType": "EC2_IMAGE",
        "RetentionPeriod": {"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"},
    });
    story.json(Service::Rbin, "CreateRule", &rule);
    story.ec2("DeregisterImage", "ImageId=$image");
    assert!(story.ec2("ListImagesInRecycleBin", "MaxResults=10").contains("<name>images-1</name>"));
    story.ec2("RestoreImageFromRecycleBin", "ImageId=$image");
}

fn settings(story: &mut Story) {
    story.ec2("EnableImageBlockPublicAccess", "ImageBlockPublicAccessState=block-new-sharing");
    assert!(story.ec2("GetImageBlockPublicAccessState", "").contains("block-new-sharing"));
    story.ec2("DisableImageBlockPublicAccess", "");
    story.ec2("ReplaceImageCriteriaInAllowedImagesSettings", "ImageCriterion.1.ImageProvider.1=amazon");
    story.ec2("EnableAllowedImagesSettings", "AllowedImagesSettingsState=audit-mode");
    assert!(story.ec2("GetAllowedImagesSettings", "").contains("audit-mode"));
    story.ec2("DisableAllowedImagesSettings", "");
}

fn lineage(story: &mut Story) {
    story.ec2("RunInstances", "ImageId=$image&MinCount=1&MaxCount=1");
    assert!(story.ec2("DescribeInstanceImageMetadata", "").contains("<imageState>available"));
    let references = story.ec2("DescribeImageReferences", "ImageId.1=$image&IncludeAllResourceTypes=true");
    assert!(references.contains("ec2:Instance"), "{references}");
    assert!(story.ec2("GetImageAncestry", "ImageId=$image").contains("<creationDate>"));
    let report = "ImageId=$image&ResourceType.1.ResourceType=ec2:Instance";
    story.keep("report", "CreateImageUsageReport", report, "reportId");
    assert!(story.ec2("DescribeImageUsageReports", "ImageId.1=$image").contains("<state>available"));
    story.ec2("DescribeImageUsageReportEntries", "ReportId.1=$report");
    story.ec2("DeleteImageUsageReport", "ReportId=$report");
}

fn storing(story: &mut Story) {
    let (account, region) = (story.caller.account, story.caller.region.clone());
    let now = story.sandbox.clock().now();
    story.sandbox.world().s3.create_bucket("images", account, region, now);
    story.keep("object", "CreateStoreImageTask", "ImageId=$image&Bucket=images", "objectKey");
    assert!(story.ec2("DescribeStoreImageTasks", "").contains("<storeTaskState>Completed"));
    story.ec2("CreateRestoreImageTask", "Bucket=images&ObjectKey=$object&Name=images-2");
}

fn moving(story: &mut Story) {
    story.paced(3600);
    let export = "ImageId=$image&DiskImageFormat=VMDK&S3ExportLocation.S3Bucket=images&S3ExportLocation.S3Prefix=out/";
    story.keep("export", "ExportImage", export, "exportImageTaskId");
    let shown = story.ec2("DescribeExportImageTasks", "ExportImageTaskId.1=$export");
    assert!(shown.contains("<status>active</status>") && shown.contains("<s3Prefix>out/"), "{shown}");
    story.ec2("CancelExportTask", "ExportTaskId=$export");
    let cancelled = "Filter.1.Name=task-state&Filter.1.Value.1=deleted";
    assert!(story.ec2("DescribeExportImageTasks", cancelled).contains("export-ami-"));
    story.paced(0);
    let disks = "Description=x&DiskContainer.1.Format=VMDK&DiskContainer.1.Url=https://example.com/disk.vmdk\
                 &DiskContainer.2.SnapshotId=$snap";
    story.keep("import", "ImportImage", disks, "importTaskId");
    let shown = story.ec2("DescribeImportImageTasks", "ImportTaskId.1=$import");
    assert!(shown.contains("<status>completed</status>") && shown.contains("<imageId>ami-"), "{shown}");
    assert!(story.ec2("DescribeImages", "Filter.1.Name=name&Filter.1.Value.1=$import").contains("AWS-VMImport"));
}

fn sharing(story: &mut Story) {
    story.ec2("ModifyImageAttribute", "ImageId=$image&LaunchPermission.Add.1.UserId=210987654321");
    let owner = story.caller.clone();
    story.caller.account = "210987654321".parse().unwrap();
    story.ec2("CancelImageLaunchPermission", "ImageId=$image");
    story.caller = owner;
}
