//! Where images come from, and who uses them.

use amictl_sandbox::World;

use super::aws::{Aws, OTHER, text, texts, try_text};

#[test]
fn copies_know_their_ancestors_also_those_that_are_gone() {
    let aws = Aws::new();
    let (first, _) = aws.own().image("web-1");
    let west = aws.client("123456789012", "us-west-2");
    let copy = |client: &super::aws::Client<'_>, from: &str, region: &str| {
        text(&client.does(&format!("CopyImage&SourceImageId={from}&SourceRegion={region}&Name=copy")), "imageId")
    };
    let second = copy(&west, &first, "us-east-1");
    let third = copy(&aws.own(), &second, "us-west-2");
    west.does(&format!("DeregisterImage&ImageId={second}"));
    let ancestry = aws.does(&format!("GetImageAncestry&ImageId={third}"));
    assert_eq!(texts(&ancestry, "imageId"), [third, second, first.clone()]);
    assert_eq!(texts(&ancestry, "sourceImageRegion"), ["us-west-2", "us-east-1"]);
    assert_eq!(texts(&aws.does(&format!("GetImageAncestry&ImageId={first}")), "imageId"), [first]);
}

#[test]
fn another_accounts_image_is_copied_only_with_its_snapshots() {
    let aws = Aws::new();
    let (image, snapshot) = aws.own().image("web-1");
    aws.does(&format!("ModifyImageAttribute&ImageId={image}&LaunchPermission.Add.1.UserId={OTHER}"));
    let form = format!("CopyImage&SourceImageId={image}&SourceRegion=us-east-1&Name=copy");
    assert_eq!(aws.other().fails(&form), "InvalidRequest");
    let share = "OperationType=add&Attribute=createVolumePermission";
    aws.does(&format!("ModifySnapshotAttribute&SnapshotId={snapshot}&{share}&UserId.1={OTHER}"));
    let copy = text(&aws.other().does(&form), "imageId");
    let left = aws.other().does(&format!("DescribeImageAttribute&ImageId={copy}&Attribute=launchPermission"));
    assert_eq!(try_text(&left, "userId"), None);
    assert_eq!(aws.fails(&format!("{form}&DestinationOutpostArn=arn:aws:outposts:x")), "InvalidParameterValue");
}

#[test]
fn a_client_token_makes_a_copy_and_a_report_once() {
    let aws = Aws::slow();
    let (image, _) = aws.own().image("web-1");
    aws.pass_secs(60);
    let copy = format!("CopyImage&SourceImageId={image}&SourceRegion=us-east-1&ClientToken=t-1&Name=copy");
    let report =
        format!("CreateImageUsageReport&ImageId={image}&ResourceType.1.ResourceType=ec2:Instance&ClientToken=t-1");
    for (form, element) in [(copy, "imageId"), (report, "reportId")] {
        let made = text(&aws.does(&form), element);
        assert_eq!(text(&aws.does(&form), element), made);
        let other = form.replace("web", "x").replace("ec2:Instance", "ec2:LaunchTemplate").replace("=copy", "=other");
        assert_eq!(aws.fails(&other), "IdempotentParameterMismatch");
    }
}

#[test]
fn so_many_copies_run_at_once() {
    let mut world = amictl_sandbox::World::new(1);
    world.set_limits(amictl_sandbox::world::Limits { image_copies_max: 1, ..amictl_sandbox::world::Limits::default() });
    world.set_pace(amictl_sandbox::world::Pace { image_secs: 60, ..amictl_sandbox::world::Pace::default() });
    let aws = Aws::of(world);
    let (image, _) = aws.own().image("web-1");
    aws.pass_secs(60);
    let form = format!("CopyImage&SourceImageId={image}&SourceRegion=us-east-1&Name=copy");
    aws.does(&form);
    assert_eq!(aws.fails(&form), "ResourceLimitExceeded");
    aws.pass_secs(60);
    aws.does(&form);
}

#[test]
fn references_are_found_in_the_callers_account() {
    let aws = Aws::new();
    let (image, _) = aws.own().image("web-1");
    let run = aws.does(&format!("RunInstances&ImageId={image}&MinCount=1&MaxCount=1"));
    let instance = text(&run, "instanceId");
    aws.does(&format!("CreateLaunchTemplate&LaunchTemplateName=web-lt&LaunchTemplateData.ImageId={image}"));
    let describe = |rest: &str| {
        let reply = aws.does(&format!("DescribeImageReferences&ImageId.1={image}{rest}"));
        texts(&reply, "resourceType")
    };
    assert_eq!(describe("&IncludeAllResourceTypes=true"), ["ec2:Instance", "ec2:LaunchTemplate"]);
    assert_eq!(describe("&ResourceType.1.ResourceType=ec2:LaunchTemplate"), ["ec2:LaunchTemplate"]);
    let stopped = "&ResourceType.1.ResourceType=ec2:Instance&ResourceType.1.ResourceTypeOption.1.OptionName=state-name&\
                   ResourceType.1.ResourceTypeOption.1.OptionValue.1=stopped";
    assert_eq!(describe(stopped), Vec::<String>::new());
    aws.does(&format!("StopInstances&InstanceId.1={instance}"));
    assert_eq!(describe(stopped), ["ec2:Instance"]);
    // A version that no longer names it, and a depth that does not reach back to the one that does.
    let version = "CreateLaunchTemplateVersion&LaunchTemplateName=web-lt&LaunchTemplateData.InstanceType=t3.micro";
    aws.does(version);
    let depth = |depth: u32| {
        format!(
            "&ResourceType.1.ResourceType=ec2:LaunchTemplate&ResourceType.1.ResourceTypeOption.1.OptionName=version-depth&\
             ResourceType.1.ResourceTypeOption.1.OptionValue.1={depth}"
        )
    };
    assert_eq!((describe(&depth(1)).len(), describe(&depth(2)).len()), (0, 1));
    assert!(aws.fails(&format!("DescribeImageReferences&ImageId.1={image}")).contains("Parameter"));
}

#[test]
fn a_report_says_which_other_accounts_use_an_image() {
    let aws = Aws::slow();
    let (image, _) = aws.own().image("web-1");
    aws.pass_secs(60);
    aws.does(&format!("ModifyImageAttribute&ImageId={image}&LaunchPermission.Add.1.UserId={OTHER}"));
    aws.does(&format!("RunInstances&ImageId={image}&MinCount=1&MaxCount=1"));
    aws.other().does(&format!("RunInstances&ImageId={image}&MinCount=2&MaxCount=2"));
    let create = format!("CreateImageUsageReport&ImageId={image}&ResourceType.1.ResourceType=ec2:Instance");
    let report = text(&aws.does(&create), "reportId");
    assert_eq!(aws.fails(&create), "ResourceLimitExceeded");
    let state = || text(&aws.does("DescribeImageUsageReports"), "state");
    let entries = || aws.does(&format!("DescribeImageUsageReportEntries&ReportId.1={report}"));
    assert_eq!((state().as_str(), try_text(&entries(), "usageCount")), ("pending", None));
    aws.pass_secs(60);
    assert_eq!((state().as_str(), text(&entries(), "usageCount")), ("available", "2".to_owned()));
    assert_eq!(text(&entries(), "accountId"), OTHER);
    aws.pass_secs(30 * 86_400);
    assert_eq!(aws.fails(&format!("DeleteImageUsageReport&ReportId={report}")), "InvalidImageUsageReportId.NotFound");
    assert!(texts(&aws.does("DescribeImageUsageReports"), "reportId").is_empty());
}

#[test]
fn a_report_knows_instances_after_a_while_and_templates_by_their_newest_versions() {
    let mut world = World::new(1);
    world.set_pace("usage=24h".parse().unwrap());
    let aws = Aws::of(world);
    let (image, snapshot) = aws.own().image("web-1");
    let newer = aws.own().registered("web-2", &snapshot);
    for id in [&image, &newer] {
        aws.does(&format!("ModifyImageAttribute&ImageId={id}&LaunchPermission.Add.1.UserId={OTHER}"));
    }
    let instance =
        text(&aws.other().does(&format!("RunInstances&ImageId={image}&MinCount=1&MaxCount=1")), "instanceId");
    aws.other().does(&format!("CreateLaunchTemplate&LaunchTemplateName=web&LaunchTemplateData.ImageId={image}"));
    let counts = |kind: &str, more: &str| {
        let create = format!("CreateImageUsageReport&ImageId={image}&ResourceType.1.ResourceType={kind}{more}");
        let report = text(&aws.does(&create), "reportId");
        texts(&aws.does(&format!("DescribeImageUsageReportEntries&ReportId.1={report}")), "usageCount")
    };
    let of_depth = |depth: u32| {
        let option = "&ResourceType.1.ResourceTypeOption.1";
        counts("ec2:LaunchTemplate", &format!("{option}.OptionName=version-depth{option}.OptionValue.1={depth}"))
    };
    assert!(counts("ec2:Instance", "").is_empty());
    aws.pass_secs(86_400);
    assert_eq!(counts("ec2:Instance", ""), ["1"]);
    for action in ["StopInstances", "StartInstances"] {
        aws.other().does(&format!("{action}&InstanceId.1={instance}"));
    }
    assert_eq!(counts("ec2:Instance", ""), ["1"], "a start is no launch");
    let version = format!("CreateLaunchTemplateVersion&LaunchTemplateName=web&LaunchTemplateData.ImageId={newer}");
    (0..19).for_each(|_| drop(aws.other().does(&version)));
    assert_eq!(counts("ec2:LaunchTemplate", ""), ["1"], "twenty versions count");
    aws.other().does(&version);
    assert!(counts("ec2:LaunchTemplate", "").is_empty());
    assert_eq!((of_depth(21), of_depth(20)), (vec!["1".to_owned()], vec![]));
}

#[test]
fn instances_remember_images_that_are_gone() {
    let aws = Aws::new();
    let (image, _) = aws.own().image("web-1");
    aws.does(&format!("RunInstances&ImageId={image}&MinCount=1&MaxCount=1"));
    let state = || text(&aws.does("DescribeInstanceImageMetadata"), "imageState");
    assert_eq!(state(), "available");
    aws.does(&format!("DisableImage&ImageId={image}"));
    assert_eq!(state(), "disabled");
    aws.does(&format!("DeregisterImage&ImageId={image}"));
    assert_eq!(state(), "deregistered");
    assert!(aws.does("DescribeInstanceImageMetadata").contains("<name>web-1</name>"));
}
