//! The states of an image, and what each forbids.

use super::aws::{Aws, text, texts, try_text};

#[test]
fn an_image_is_pending_for_a_while_and_cannot_be_shared_until_then() {
    let aws = Aws::slow();
    let (image, _) = aws.own().image("web-1");
    assert_eq!(text(&aws.own().describe(&image), "imageState"), "pending");
    for form in [
        format!("ModifyImageAttribute&ImageId={image}&LaunchPermission.Add.1.UserId=210987654321"),
        format!("DisableImage&ImageId={image}"),
        format!("RunInstances&ImageId={image}&MinCount=1&MaxCount=1"),
        format!("CopyImage&SourceImageId={image}&SourceRegion=us-east-1&Name=copy"),
    ] {
        assert_eq!(aws.fails(&form), "InvalidAMIID.Unavailable", "{form}");
    }
    aws.pass_secs(60);
    assert_eq!(text(&aws.own().describe(&image), "imageState"), "available");
    aws.does(&format!("DisableImage&ImageId={image}"));
}

#[test]
fn an_image_of_an_instance_leaves_out_what_it_is_told_to() {
    let aws = Aws::new();
    let (image, _) = aws.own().image("web-1");
    let data = "BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.1.Ebs.VolumeSize=20";
    let run = aws.does(&format!("RunInstances&ImageId={image}&MinCount=1&MaxCount=1&{data}"));
    let instance = text(&run, "instanceId");
    let whole = text(&aws.does(&format!("CreateImage&InstanceId={instance}&Name=whole")), "imageId");
    assert_eq!(texts(&aws.own().describe(&whole), "deviceName"), ["/dev/xvda", "/dev/sdf"]);
    let no_data = "BlockDeviceMapping.1.DeviceName=/dev/sdf&BlockDeviceMapping.1.NoDevice=";
    let before = texts(&aws.does("DescribeSnapshots&Owner.1=self"), "snapshotId").len();
    let root = text(&aws.does(&format!("CreateImage&InstanceId={instance}&Name=root&{no_data}")), "imageId");
    assert_eq!(texts(&aws.own().describe(&root), "deviceName"), ["/dev/xvda"]);
    assert_eq!(texts(&aws.does("DescribeSnapshots&Owner.1=self"), "snapshotId").len(), before + 1);
    let no_root = "BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.NoDevice=";
    let refused = aws.fails(&format!("CreateImage&InstanceId={instance}&Name=none&{no_root}"));
    assert_eq!(refused, "InvalidBlockDeviceMapping");
    let twice = aws.fails(&format!("CreateImage&InstanceId={instance}&Name=root"));
    assert_eq!(twice, "InvalidAMIName.Duplicate");
}

#[test]
fn a_copy_with_a_key_that_cannot_be_used_fails_later() {
    let aws = Aws::slow();
    let (image, _) = aws.own().image("web-1");
    aws.pass_secs(60);
    let copy =
        format!("CopyImage&SourceImageId={image}&SourceRegion=us-east-1&Name=copy&Encrypted=true&KmsKeyId=nokey");
    let copy = text(&aws.does(&copy), "imageId");
    let shown = aws.own().describe(&copy);
    assert_eq!((text(&shown, "imageState").as_str(), try_text(&shown, "stateReason")), ("pending", None));
    aws.pass_secs(60);
    let shown = aws.own().describe(&copy);
    assert_eq!(text(&shown, "imageState"), "failed");
    assert_eq!(text(&shown, "code"), "Client.InvalidKMSKey.InvalidState");
    let found = aws.does("DescribeImages&Filter.1.Name=state-reason-code&Filter.1.Value.1=Client.*");
    assert_eq!(texts(&found, "imageId"), [copy]);
}

#[test]
fn protection_cools_down_and_then_lets_go() {
    let aws = Aws::new();
    let (image, _) = aws.own().image("web-1");
    aws.does(&format!("EnableImageDeregistrationProtection&ImageId={image}&WithCooldown=true"));
    aws.does(&format!("DisableImageDeregistrationProtection&ImageId={image}"));
    assert!(text(&aws.own().describe(&image), "deregistrationProtection").starts_with("disabled after "));
    assert_eq!(aws.fails(&format!("DeregisterImage&ImageId={image}")), "OperationNotPermitted");
    aws.pass_secs(24 * 3600);
    aws.does(&format!("DeregisterImage&ImageId={image}"));
    assert_eq!(aws.fails(&format!("DeregisterImage&ImageId={image}")), "InvalidAMIID.Unavailable");
    assert_eq!(aws.fails(&format!("DescribeImages&ImageId.1={image}")), "InvalidAMIID.NotFound");
}

#[test]
fn deprecation_is_rounded_and_has_its_limits() {
    let aws = Aws::new();
    let (image, _) = aws.own().image("web-1");
    let at = |time: &str| format!("EnableImageDeprecation&ImageId={image}&DeprecateAt={time}");
    aws.does(&at("2027-01-01T00:00:40Z"));
    assert_eq!(text(&aws.own().describe(&image), "deprecationTime"), "2027-01-01T00:01:00.000Z");
    for time in ["2026-11-20T00:00:00Z", "2036-12-01T00:00:00Z"] {
        assert_eq!(aws.fails(&at(time)), "InvalidParameterValue", "{time}");
    }
    aws.does(&format!("ModifyImageAttribute&ImageId={image}&LaunchPermission.Add.1.Group=all"));
    assert_eq!(aws.fails(&at("2029-01-01T00:00:00Z")), "InvalidParameterValue");
    assert_eq!(aws.fails(&format!("DisableImageDeprecation&ImageId={image}")), "OperationNotPermitted");
    aws.does(&format!("ResetImageAttribute&ImageId={image}&Attribute=launchPermission"));
    aws.does(&format!("DisableImageDeprecation&ImageId={image}"));
    assert_eq!(try_text(&aws.own().describe(&image), "deprecationTime"), None);
}

#[test]
fn a_public_image_deprecates_by_itself_and_then_hides_from_others() {
    let aws = Aws::new();
    let (image, _) = aws.own().image("web-1");
    aws.does(&format!("ModifyImageAttribute&ImageId={image}&LaunchPermission.Add.1.Group=all"));
    assert!(text(&aws.own().describe(&image), "deprecationTime").starts_with("2028-11-21"));
    let listed = |client: &super::aws::Client<'_>, flag: &str| {
        texts(&client.does(&format!("DescribeImages&Filter.1.Name=name&Filter.1.Value.1=web-1{flag}")), "imageId").len()
    };
    assert_eq!(listed(&aws.other(), ""), 1);
    aws.pass_secs(2 * 366 * 86_400);
    assert_eq!((listed(&aws.other(), ""), listed(&aws.other(), "&IncludeDeprecated=true")), (0, 1));
    assert_eq!((listed(&aws.own(), ""), aws.other().describe(&image).contains(&image)), (1, true));
}

#[test]
fn an_image_stays_disabled_while_a_snapshot_is_archived_or_lent() {
    let aws = Aws::new();
    let (image, snapshot) = aws.own().image("web-1");
    aws.does(&format!("DisableImage&ImageId={image}"));
    aws.does(&format!("ModifySnapshotTier&SnapshotId={snapshot}&StorageTier=archive"));
    let enable = format!("EnableImage&ImageId={image}");
    assert_eq!(aws.fails(&enable), "IncorrectState");
    aws.does(&format!("RestoreSnapshotTier&SnapshotId={snapshot}&TemporaryRestoreDays=2"));
    assert_eq!(aws.fails(&enable), "IncorrectState");
    aws.does(&format!("RestoreSnapshotTier&SnapshotId={snapshot}&PermanentRestore=true"));
    aws.does(&enable);
}

#[test]
fn an_image_of_windows_is_billed_as_windows_also_when_its_snapshot_is_registered() {
    let aws = Aws::new();
    let (image, _) = aws.own().image("win-1");
    {
        let mut world = aws.sandbox.world();
        let scope = world.scope_mut("123456789012".parse().unwrap(), &"us-east-1".parse().unwrap());
        let image = scope.image_mut(&image.parse().unwrap()).unwrap();
        image.extras_mut().platform_details = Some("Windows BYOL".into());
        std::sync::Arc::make_mut(&mut image.traits).platform = Some("windows".into());
    }
    let instance = text(&aws.does(&format!("RunInstances&ImageId={image}&MinCount=1&MaxCount=1")), "instanceId");
    let made = text(&aws.does(&format!("CreateImage&InstanceId={instance}&Name=win-2")), "imageId");
    let shown = aws.own().describe(&made);
    assert_eq!(
        (text(&shown, "platform"), text(&shown, "usageOperation")),
        ("windows".into(), "RunInstances:0800".into())
    );
    let again = aws.own().registered("win-3", &text(&shown, "snapshotId"));
    assert_eq!(text(&aws.own().describe(&again), "usageOperation"), "RunInstances:0800");
}

#[test]
fn pages_and_ids_do_not_go_together() {
    let aws = Aws::new();
    let (image, _) = aws.own().image("web-1");
    let refused = aws.fails(&format!("DescribeImages&ImageId.1={image}&MaxResults=10"));
    assert_eq!(refused, "InvalidParameterCombination");
    let gone = "DescribeImages&ImageId.1=ami-0000000000000000a&ImageId.2=ami-0000000000000000b";
    assert_eq!(aws.fails(gone), "InvalidAMIID.NotFound");
}

#[test]
fn an_account_has_room_for_so_many_images_only() {
    let mut world = amictl_sandbox::World::new(1);
    world.set_limits(amictl_sandbox::world::Limits { images_max: 2, ..amictl_sandbox::world::Limits::default() });
    let aws = Aws::of(world);
    aws.own().retain("EC2_IMAGE", 7);
    let (one, snapshot) = aws.own().image("one");
    aws.own().registered("two", &snapshot);
    let form = format!("CopyImage&SourceImageId={one}&SourceRegion=us-east-1&Name=three");
    assert_eq!(aws.fails(&form), "ResourceLimitExceeded");
    aws.does(&format!("DisableImage&ImageId={one}"));
    aws.does(&format!("DeregisterImage&ImageId={one}"));
    let three = format!(
        "RegisterImage&Name=three&RootDeviceName=/dev/xvda&BlockDeviceMapping.1.DeviceName=/dev/xvda&\
                         BlockDeviceMapping.1.Ebs.SnapshotId={snapshot}"
    );
    assert_eq!(aws.fails(&three), "ResourceLimitExceeded");
    aws.pass_secs(7 * 86_400);
    aws.does(&three);
}
