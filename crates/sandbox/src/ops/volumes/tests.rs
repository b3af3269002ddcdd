//! Volumes as time goes by.

use super::attach_volume::{AttachVolume, DetachVolume};
use super::create_volume::CreateVolume;
use super::delete_volume::DeleteVolume;
use super::describe_volumes::DescribeVolumes;
use super::modify_volume::{DescribeVolumesModifications, ModifyVolume};
use super::recycle_bin::{ListVolumesInRecycleBin, RestoreVolumeFromRecycleBin};
use super::volume_status::DescribeVolumeStatus;
use crate::ops::images::register_image::RegisterImage;
use crate::ops::instances::run_instances::RunInstances;
use crate::ops::rbin::create_rule::CreateRule;
use crate::ops::snapshots::tests::{Talk, element};

fn volume(talk: &mut Talk, form: &str) -> String {
    element(&talk.ask::<CreateVolume>(&format!("AvailabilityZone=us-east-1a&{form}")).unwrap(), "volumeId")
}

fn instance(talk: &mut Talk) -> String {
    let snapshot = talk.snapshot();
    talk.wait(100);
    let image = format!(
        "Name=disk&RootDeviceName=/dev/xvda&Architecture=x86_64&VirtualizationType=hvm\
         &BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
    );
    let image = element(&talk.ask::<RegisterImage>(&image).unwrap(), "imageId");
    let form =
        format!("ImageId={image}&MinCount=1&MaxCount=1&InstanceType=t3.micro&Placement.AvailabilityZone=us-east-1a");
    let id = element(&talk.ask::<RunInstances>(&form).unwrap(), "instanceId");
    talk.wait(100);
    id
}

#[test]
fn a_volume_is_created_attached_and_detached_by_the_clock() {
    let mut talk = Talk::new().pace(60);
    let instance = instance(&mut talk);
    let id = volume(&mut talk, "Size=8&VolumeType=gp3");
    let status = |talk: &mut Talk| {
        let reply = talk.ask::<DescribeVolumes>(&format!("VolumeId.1={id}")).unwrap();
        reply.split("<status>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(status(&mut talk), ["creating"]);
    let attach = format!("VolumeId={id}&InstanceId={instance}&Device=/dev/sdf");
    assert_eq!(talk.code::<AttachVolume>(&attach), "IncorrectState");
    assert!(talk.ask::<DescribeVolumeStatus>(&format!("VolumeId.1={id}")).unwrap().contains("insufficient-data"));
    talk.wait(60);
    assert_eq!(status(&mut talk), ["available"]);
    assert_eq!(talk.code::<AttachVolume>(&attach.replace("sdf", "xvda")), "InvalidParameterValue");
    assert_eq!(element(&talk.ask::<AttachVolume>(&attach).unwrap(), "status"), "attaching");
    assert_eq!(status(&mut talk), ["in-use", "attaching"]);
    talk.wait(60);
    assert_eq!(status(&mut talk), ["in-use", "attached"]);
    assert_eq!(talk.code::<AttachVolume>(&attach), "VolumeInUse");
    assert_eq!(talk.code::<DeleteVolume>(&format!("VolumeId={id}")), "VolumeInUse");
    let elsewhere = format!("VolumeId={id}&InstanceId=i-01234567");
    assert_eq!(talk.code::<DetachVolume>(&elsewhere), "InvalidAttachment.NotFound");
    talk.ask::<DetachVolume>(&format!("VolumeId={id}")).unwrap();
    assert_eq!(status(&mut talk), ["in-use", "detaching"]);
    talk.wait(60);
    assert_eq!(status(&mut talk), ["available"]);
    assert_eq!(talk.code::<DetachVolume>(&format!("VolumeId={id}")), "IncorrectState");
    talk.ask::<AttachVolume>(&attach).unwrap();
    talk.wait(60);
    talk.ask::<DetachVolume>(&format!("VolumeId={id}&Force=true")).unwrap();
    assert_eq!(status(&mut talk), ["available"]);
    talk.ask::<DeleteVolume>(&format!("VolumeId={id}")).unwrap();
    assert_eq!(talk.code::<DeleteVolume>(&format!("VolumeId={id}")), "InvalidVolume.NotFound");
}

#[test]
fn volumes_of_other_zones_and_roots_of_running_instances_are_refused() {
    let mut talk = Talk::new();
    let instance = instance(&mut talk);
    let reply = talk.ask::<CreateVolume>("AvailabilityZone=us-east-1b&Size=8").unwrap();
    let form = format!("VolumeId={}&InstanceId={instance}&Device=/dev/sdf", element(&reply, "volumeId"));
    assert_eq!(talk.code::<AttachVolume>(&form), "InvalidVolume.ZoneMismatch");
    let root = talk.ask::<DescribeVolumes>("Filter.1.Name=attachment.device&Filter.1.Value.1=/dev/xvda").unwrap();
    assert!(root.contains("<deleteOnTermination>true"), "{root}");
    let root = element(&root, "volumeId");
    assert_eq!(talk.code::<DetachVolume>(&format!("VolumeId={root}")), "OperationNotPermitted");
}

#[test]
fn a_modification_takes_its_time_and_four_a_day_are_enough() {
    let mut talk = Talk::new().pace(60);
    let id = volume(&mut talk, "Size=8");
    talk.wait(60);
    let modify = |size: u32| format!("VolumeId={id}&Size={size}");
    assert_eq!(talk.code::<ModifyVolume>(&modify(7)), "InvalidParameterValue");
    let form = format!("VolumeId.1={id}");
    assert_eq!(talk.code::<DescribeVolumesModifications>(&form), "InvalidVolumeModification.NotFound");
    for size in 9..13 {
        talk.ask::<ModifyVolume>(&modify(size)).unwrap();
        assert_eq!(talk.code::<ModifyVolume>(&modify(size)), "IncorrectModificationState");
        talk.wait(30);
        let reply = talk.ask::<DescribeVolumesModifications>(&form).unwrap();
        assert_eq!(
            (element(&reply, "modificationState").as_str(), element(&reply, "progress").as_str()),
            ("optimizing", "50")
        );
        talk.wait(30);
    }
    let reply = talk.ask::<DescribeVolumesModifications>(&form).unwrap();
    assert_eq!((element(&reply, "originalSize").as_str(), element(&reply, "targetSize").as_str()), ("11", "12"));
    assert!(reply.contains("<modificationState>completed") && reply.contains("endTime"), "{reply}");
    assert_eq!(talk.code::<ModifyVolume>(&modify(20)), "VolumeModificationRateExceeded");
    talk.wait(86_400);
    assert!(talk.ask::<ModifyVolume>(&modify(20)).is_ok());
}

#[test]
fn the_bin_keeps_a_volume_for_its_days() {
    let mut talk = Talk::new();
    let rule = serde_json::json!({
        "ResourceType": "EBS_VOLUME",
        "RetentionPeriod": {"RetentionPeriodValue": 2, "RetentionPeriodUnit": "DAYS"},
        "ResourceTags": [{"ResourceTagKey": "keep", "ResourceTagValue": "yes"}],
    });
    talk.json::<CreateRule>(&rule).unwrap();
    let tags =
        "TagSpecification.1.ResourceType=volume&TagSpecification.1.Tag.1.Key=keep&TagSpecification.1.Tag.1.Value=yes";
    let (kept, gone) = (volume(&mut talk, &format!("Size=8&{tags}")), volume(&mut talk, "Size=8"));
    for id in [&kept, &gone] {
        talk.ask::<DeleteVolume>(&format!("VolumeId={id}")).unwrap();
    }
    talk.wait(2 * 86_400 - 1);
    let bin = talk.ask::<ListVolumesInRecycleBin>("").unwrap();
    assert!(bin.contains(&kept) && !bin.contains(&gone), "{bin}");
    talk.ask::<RestoreVolumeFromRecycleBin>(&format!("VolumeId={kept}")).unwrap();
    assert!(talk.ask::<DescribeVolumes>(&format!("VolumeId.1={kept}")).is_ok());
    talk.ask::<DeleteVolume>(&format!("VolumeId={kept}")).unwrap();
    talk.wait(2 * 86_400);
    assert_eq!(talk.code::<RestoreVolumeFromRecycleBin>(&format!("VolumeId={kept}")), "InvalidVolume.NotFound");
}
