//! Snapshots, volumes and the Recycle Bin.

use amictl_cloud::Service;
use serde_json::json;

use super::Story;
use crate::world::Pace;

pub(super) fn tell(story: &mut Story) {
    retention_rules(story);
    volumes(story);
    snapshots(story);
    sharing(story);
    tiers_and_locks(story);
    imports(story);
    blocks(story);
}

fn blocks(story: &mut Story) {
    let listed = story.json(Service::Ebs, "ListSnapshotBlocks", &json!({"snapshotId": "$snap"}));
    let block = &listed["Blocks"][0];
    let get = json!({"snapshotId": "$snap", "blockIndex": block["BlockIndex"], "blockToken": block["BlockToken"]});
    assert_eq!(story.json(Service::Ebs, "GetSnapshotBlock", &get)["bytes"], 524_288);
    let changed = json!({"firstSnapshotId": "$snap", "secondSnapshotId": "$snap"});
    assert_eq!(story.json(Service::Ebs, "ListChangedBlocks", &changed)["ChangedBlocks"], json!([]));
    let started = story.json(Service::Ebs, "StartSnapshot", &json!({"VolumeSize": 1}));
    let zeros = "\u{0}".repeat(524_288);
    let put = json!({"snapshotId": started["SnapshotId"], "blockIndex": 0, "BlockData": zeros,
                     "x-amz-data-length": 524_288, "x-amz-checksum-algorithm": "SHA256",
                     "x-amz-checksum": "B4VNL+8pega6gWheZgwzLeNtXRjVRpJ9MNqtbX/aFUE="});
    story.json(Service::Ebs, "PutSnapshotBlock", &put);
    let complete = json!({"snapshotId": started["SnapshotId"], "x-amz-changedblockscount": 1});
    assert_eq!(story.json(Service::Ebs, "CompleteSnapshot", &complete)["Status"], "completed");
}

fn volumes(story: &mut Story) {
    story.keep("volume", "CreateVolume", "AvailabilityZone=us-east-1a&Size=8&VolumeType=gp3", "volumeId");
    story.keep("snap", "CreateSnapshot", "VolumeId=$volume&Description=story", "snapshotId");
    let image = "Name=disk&RootDeviceName=/dev/xvda&Architecture=x86_64&VirtualizationType=hvm\
                 &BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId=$snap";
    story.keep("image", "RegisterImage", image, "imageId");
    let instance = "ImageId=$image&MinCount=1&MaxCount=1&Placement.AvailabilityZone=us-east-1a";
    story.keep("instance", "RunInstances", instance, "instanceId");
    story.ec2("AttachVolume", "VolumeId=$volume&InstanceId=$instance&Device=/dev/sdf");
    let attached = story.ec2("DescribeVolumes", "Filter.1.Name=attachment.device&Filter.1.Value.1=/dev/sdf");
    assert!(attached.contains("<status>attached</status>") && attached.contains("in-use"), "{attached}");
    story.ec2("DetachVolume", "VolumeId=$volume&Force=true");
    story.ec2("ModifyVolume", "VolumeId=$volume&Size=16&Iops=4000");
    let modified = story.ec2("DescribeVolumesModifications", "VolumeId.1=$volume");
    assert!(modified.contains("<targetSize>16</targetSize>"), "{modified}");
    story.ec2("ModifyVolumeAttribute", "VolumeId=$volume&AutoEnableIO.Value=true");
    let attribute = story.ec2("DescribeVolumeAttribute", "VolumeId=$volume&Attribute=autoEnableIO");
    assert!(attribute.contains("<value>true</value>"), "{attribute}");
    story.ec2("EnableVolumeIO", "VolumeId=$volume");
    story.json(
        Service::Rbin,
        "CreateRule",
        &json!({"ResourceType": "EBS_VOLUME",
                "RetentionPeriod": {"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"}}),
    );
    story.ec2("DeleteVolume", "VolumeId=$volume");
    assert!(story.ec2("ListVolumesInRecycleBin", "").contains("<recycleBinExitTime>2026-11-28T09"));
    story.ec2("RestoreVolumeFromRecycleBin", "VolumeId=$volume");
    assert!(story.ec2("DescribeVolumeStatus", "VolumeId.1=$volume").contains("<status>ok</status>"));
}

fn snapshots(story: &mut Story) {
    let all = story.ec2("CreateSnapshots", "InstanceSpecification.InstanceId=$instance&CopyTagsFromSource=volume");
    assert!(all.contains("<state>completed</state>"), "{all}");
    let copy = "SourceSnapshotId=$snap&SourceRegion=us-east-1&Encrypted=true&CompletionDurationMinutes=15";
    story.keep("copied", "CopySnapshot", copy, "snapshotId");
    let shown = story.ec2("DescribeSnapshots", "SnapshotId.1=$copied");
    assert!(shown.contains("<transferType>time-based") && shown.contains("<sseType>sse-kms"), "{shown}");
    story.ec2("DeleteSnapshot", "SnapshotId=$copied");
    assert!(story.ec2("ListSnapshotsInRecycleBin", "").contains("<recycleBinExitTime>2026-11-30T09"));
    story.ec2("RestoreSnapshotFromRecycleBin", "SnapshotId=$copied");
}

fn sharing(story: &mut Story) {
    let everyone =
        "SnapshotId=$snap&CreateVolumePermission.Add.1.Group=all&CreateVolumePermission.Add.2.UserId=210987654321";
    story.ec2("ModifySnapshotAttribute", everyone);
    let shared = story.ec2("DescribeSnapshotAttribute", "SnapshotId=$snap&Attribute=createVolumePermission");
    assert!(shared.contains("<group>all") && shared.contains("210987654321"), "{shared}");
    story.ec2("ResetSnapshotAttribute", "SnapshotId=$snap&Attribute=createVolumePermission");
    story.ec2("EnableSnapshotBlockPublicAccess", "State=block-all-sharing");
    assert!(story.ec2("GetSnapshotBlockPublicAccessState", "").contains("block-all-sharing"));
    story.ec2("DisableSnapshotBlockPublicAccess", "");
}

fn tiers_and_locks(story: &mut Story) {
    let zone = "AvailabilityZone.1=us-east-1a&SourceSnapshotId.1=$copied";
    assert!(story.ec2("EnableFastSnapshotRestores", zone).contains("<state>enabled</state>"));
    assert!(story.ec2("DescribeFastSnapshotRestores", "").contains("<state>enabled</state>"));
    assert!(story.ec2("DisableFastSnapshotRestores", zone).contains("<state>disabled</state>"));
    story.ec2("ModifySnapshotTier", "SnapshotId=$copied&StorageTier=archive");
    assert!(story.ec2("DescribeSnapshotTierStatus", "").contains("archival-completed"));
    story.ec2("RestoreSnapshotTier", "SnapshotId=$copied&TemporaryRestoreDays=7");
    story.ec2("LockSnapshot", "SnapshotId=$copied&LockMode=governance&LockDuration=1");
    assert!(story.ec2("DescribeLockedSnapshots", "").contains("<lockState>governance"));
    story.ec2("UnlockSnapshot", "SnapshotId=$copied");
}

fn imports(story: &mut Story) {
    let pace = story.sandbox.world().pace;
    story.sandbox.world().set_pace(Pace { snapshot_secs: 60, ..pace });
    let disk = "DiskContainer.Format=VMDK&DiskContainer.Url=https://example.com/disk.vmdk";
    story.keep("task", "ImportSnapshot", disk, "importTaskId");
    assert!(story.ec2("DescribeImportSnapshotTasks", "ImportTaskId.1=$task").contains("<status>active"));
    story.ec2("CancelImportTask", "ImportTaskId=$task");
    story.sandbox.world().set_pace(pace);
}

fn retention_rules(story: &mut Story) {
    let period = |days: u32| json!({"RetentionPeriodValue": days, "RetentionPeriodUnit": "DAYS"});
    let lock = json!({"UnlockDelay": {"UnlockDelayValue": 7, "UnlockDelayUnit": "DAYS"}});
    let rule = story.json(
        Service::Rbin,
        "CreateRule",
        &json!({"ResourceType": "EBS_SNAPSHOT", "RetentionPeriod": period(7), "Tags": [{"Key": "a", "Value": "b"}],
                "ExcludeResourceTags": [{"ResourceTagKey": "scratch"}]}),
    );
    assert_eq!(rule["Status"], "available");
    story.names.insert("rule", rule["Identifier"].as_str().unwrap().to_owned());
    story.names.insert("arn", rule["RuleArn"].as_str().unwrap().to_owned());
    let tags = story.json(Service::Rbin, "ListTagsForResource", &json!({"resourceArn": "$arn"}));
    assert_eq!(tags["Tags"], json!([{"Key": "a", "Value": "b"}]));
    story.json(Service::Rbin, "TagResource", &json!({"resourceArn": "$arn", "Tags": [{"Key": "c", "Value": ""}]}));
    story.json(Service::Rbin, "UntagResource", &json!({"resourceArn": "$arn", "tagKeys": ["a"]}));
    story.json(Service::Rbin, "UpdateRule", &json!({"identifier": "$rule", "RetentionPeriod": period(9)}));
    let listed = story.json(Service::Rbin, "ListRules", &json!({"ResourceType": "EBS_SNAPSHOT"}));
    assert_eq!(listed["Rules"][0]["RetentionPeriod"], period(9));
    story.json(Service::Rbin, "LockRule", &json!({"identifier": "$rule", "LockConfiguration": lock}));
    assert_eq!(story.json(Service::Rbin, "GetRule", &json!({"identifier": "$rule"}))["LockState"], "locked");
    let unlocked = story.json(Service::Rbin, "UnlockRule", &json!({"identifier": "$rule"}));
    assert_eq!(unlocked["LockState"], "pending_unlock");
    let other =
        json!({"ResourceType": "EC2_IMAGE", "RetentionPeriod": period(1), "ResourceTags": [{"ResourceTagKey": "k"}]});
    let other = story.json(Service::Rbin, "CreateRule", &other);
    story.json(Service::Rbin, "DeleteRule", &json!({"identifier": other["Identifier"]}));
}
