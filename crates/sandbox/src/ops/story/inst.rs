//! Instances, launch templates, groups, fleets and the account.

use amictl_cloud::Service;

use super::Story;

pub(super) fn tell(story: &mut Story) {
    image(story);
    instances(story);
    network(story);
    groups(story);
    fleets(story);
    account(story);
}

fn account(story: &mut Story) {
    story.ec2("DescribeAccountAttributes", "");
    let role = "RoleArn=arn:aws:iam::210987654321:role/audit&RoleSessionName=story";
    story.does(Service::Sts, "AssumeRoleWithWebIdentity", &format!("{role}&WebIdentityToken=abcd"));
    story.does(Service::Sts, "GetSessionToken", "");
    for id in ["$one", "$inst", "$image"] {
        story.ec2("CreateTags", &format!("ResourceId.1={id}&Tag.1.Key=told&Tag.1.Value=yes"));
    }
    assert!(story.ec2("DescribeTags", "Filter.1.Name=key&Filter.1.Value.1=told").matches("<key>").count() == 3);
}

fn fleets(story: &mut Story) {
    let template = "LaunchTemplateSpecification.LaunchTemplateId=$inst";
    let config =
        format!("LaunchTemplateConfigs.1.{template}&LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version=1");
    let target = "TargetCapacitySpecification.TotalTargetCapacity";
    story.keep("fleet", "CreateFleet", &format!("{config}&{target}=1"), "fleetId");
    story.ec2("ModifyFleet", &format!("FleetId=$fleet&{target}=2"));
    assert!(story.ec2("DescribeFleets", "").contains("fulfilled"));
    assert!(story.ec2("DescribeFleetInstances", "FleetId=$fleet").contains("<instanceId>"));
    story.ec2("DeleteFleets", "FleetId.1=$fleet&TerminateInstances=true");
    let config = "SpotFleetRequestConfig";
    let form =
        format!("{config}.IamFleetRole=r&{config}.TargetCapacity=1&{config}.LaunchSpecifications.1.ImageId=$image");
    story.keep("sfr", "RequestSpotFleet", &form, "spotFleetRequestId");
    story.ec2("ModifySpotFleetRequest", "SpotFleetRequestId=$sfr&TargetCapacity=2");
    story.ec2("DescribeSpotFleetRequests", "");
    assert!(story.ec2("DescribeSpotFleetInstances", "SpotFleetRequestId=$sfr").contains("<instanceId>"));
    story.ec2("CancelSpotFleetRequests", "SpotFleetRequestId.1=$sfr&TerminateInstances=true");
    story.keep("sir", "RequestSpotInstances", "LaunchSpecification.ImageId=$image", "spotInstanceRequestId");
    story.ec2("DescribeSpotInstanceRequests", "SpotInstanceRequestId.1=$sir");
    story.ec2("CancelSpotInstanceRequests", "SpotInstanceRequestId.1=$sir");
    story.windows("$newer");
    story.ec2("EnableFastLaunch", "ImageId=$newer");
    story.ec2("DescribeFastLaunchImages", "");
    story.ec2("DisableFastLaunch", "ImageId=$newer");
}

fn groups(story: &mut Story) {
    let data = "LaunchTemplateName=inst&LaunchTemplateData.ImageId";
    story.keep("inst", "CreateLaunchTemplate", &format!("{data}=$image"), "launchTemplateId");
    story.ec2("CreateLaunchTemplateVersion", &format!("{data}=$newer"));
    let group = "AutoScalingGroupName=inst";
    let create = "MinSize=0&MaxSize=3&DesiredCapacity=2&AvailabilityZones.member.1=us-east-1a&LaunchTemplate.LaunchTemplateId=$inst&LaunchTemplate.Version=1";
    story.group("CreateAutoScalingGroup", &format!("{group}&{create}"));
    let reply = story.group("DescribeAutoScalingInstances", "");
    let id = super::first(&reply, "InstanceId").unwrap_or_else(|| panic!("{reply}")).to_owned();
    let member = format!("{group}&InstanceIds.member.1={id}");
    story.group("SetInstanceProtection", &format!("{member}&ProtectedFromScaleIn=true"));
    story.group("EnterStandby", &format!("{member}&ShouldDecrementDesiredCapacity=true"));
    story.group("ExitStandby", &member);
    story.group("DetachInstances", &format!("{member}&ShouldDecrementDesiredCapacity=true"));
    story.group("AttachInstances", &member);
    story.group("TerminateInstanceInAutoScalingGroup", &format!("InstanceId={id}&ShouldDecrementDesiredCapacity=true"));
    story.group("SuspendProcesses", group);
    story.group("ResumeProcesses", group);
    story.group("SetDesiredCapacity", &format!("{group}&DesiredCapacity=2"));
    story.group("CreateOrUpdateTags", "Tags.member.1.ResourceId=inst&Tags.member.1.Key=a&Tags.member.1.Value=1");
    assert!(story.group("DescribeTags", "").contains("<Key>a"));
    story.group("DeleteTags", "Tags.member.1.ResourceId=inst&Tags.member.1.Key=a");
    story.group("PutWarmPool", &format!("{group}&MinSize=1"));
    assert!(story.group("DescribeWarmPool", group).contains("Warmed:Stopped"));
    story.group("DeleteWarmPool", group);
    let desired =
        "DesiredConfiguration.LaunchTemplate.LaunchTemplateId=$inst&DesiredConfiguration.LaunchTemplate.Version=2";
    story.paced(60);
    story.group("StartInstanceRefresh", &format!("{group}&{desired}"));
    story.group("RollbackInstanceRefresh", group);
    story.group("CancelInstanceRefresh", group);
    story.paced(0);
    assert!(story.group("DescribeInstanceRefreshes", group).contains("<Status>Cancel"));
    story.group("DescribeScalingActivities", group);
}

fn image(story: &mut Story) {
    story.keep("volume", "CreateVolume", "AvailabilityZone=us-east-1a&Size=8", "volumeId");
    story.keep("snap", "CreateSnapshot", "VolumeId=$volume", "snapshotId");
    let devices = "RootDeviceName=/dev/xvda&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId=$snap&Architecture=x86_64";
    story.keep("image", "RegisterImage", &format!("Name=inst-1&{devices}"), "imageId");
    story.keep("newer", "RegisterImage", &format!("Name=inst-2&{devices}"), "imageId");
}

fn instances(story: &mut Story) {
    story.keep("one", "RunInstances", "ImageId=$image&MinCount=1&MaxCount=1", "instanceId");
    story.ec2("DescribeInstanceStatus", "InstanceId.1=$one");
    story.ec2("DescribeInstanceAttribute", "InstanceId=$one&Attribute=instanceType");
    story.ec2("ModifyInstanceAttribute", "InstanceId=$one&DisableApiStop.Value=true");
    story.ec2("ModifyInstanceMetadataOptions", "InstanceId=$one&HttpTokens=required");
    story.ec2("RebootInstances", "InstanceId.1=$one");
    story.ec2("GetConsoleOutput", "InstanceId=$one");
    story.ec2("GetLaunchTemplateData", "InstanceId=$one");
    story.ec2("CreateReplaceRootVolumeTask", "InstanceId=$one&ImageId=$newer");
    story.ec2("DescribeReplaceRootVolumeTasks", "");
    story.ec2("DescribeInstanceTypes", "InstanceType.1=t3.micro");
    story.ec2("DescribeInstanceTypeOfferings", "LocationType=availability-zone");
}

fn network(story: &mut Story) {
    story.ec2("CreateKeyPair", "KeyName=made");
    story.ec2("ImportKeyPair", "KeyName=brought&PublicKeyMaterial=c3NoLXJzYQ==");
    assert!(story.ec2("DescribeKeyPairs", "").contains("<keyName>brought"));
    story.ec2("DeleteKeyPair", "KeyName=made");
    story.keep("sg", "CreateSecurityGroup", "GroupName=web&GroupDescription=web", "groupId");
    assert!(story.ec2("DescribeSecurityGroups", "").contains("<groupName>default"));
    assert!(story.ec2("DescribeNetworkInterfaces", "").contains("<networkInterfaceId>"));
    story.ec2("DeleteSecurityGroup", "GroupId=$sg");
}
