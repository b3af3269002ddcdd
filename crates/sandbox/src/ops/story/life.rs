//! The life of an image from volume to deregistration, with templates and groups on the way.

use amictl_cloud::Service;

use super::Story;

pub(super) fn tell(story: &mut Story) {
    story.keep("volume", "CreateVolume", "AvailabilityZone=us-east-1a&Size=8", "volumeId");
    story.keep("snap", "CreateSnapshot", "VolumeId=$volume", "snapshotId");
    story.keep("spare", "CreateSnapshot", "VolumeId=$volume", "snapshotId");
    let devices = "Name=story-1&RootDeviceName=/dev/xvda&BlockDeviceMapping.1.DeviceName=/dev/xvda&BlockDeviceMapping.1.Ebs.SnapshotId=$snap";
    story.keep("image", "RegisterImage", devices, "imageId");
    story.ec2("CreateTags", "ResourceId.1=$image&Tag.1.Key=app&Tag.1.Value=x");
    story.ec2("DeleteTags", "ResourceId.1=$image&Tag.1.Key=app");
    story.keep("instance", "RunInstances", "ImageId=$image&MinCount=1&MaxCount=1", "instanceId");
    story.keep("made", "CreateImage", "InstanceId=$instance&Name=story-2", "imageId");
    story.keep("copy", "CopyImage", "SourceImageId=$made&SourceRegion=us-east-1&Name=story-3", "imageId");
    story.ec2("StopInstances", "InstanceId.1=$instance");
    story.ec2("StartInstances", "InstanceId.1=$instance");
    story.ec2("TerminateInstances", "InstanceId.1=$instance");
    story.ec2("ModifyImageAttribute", "ImageId=$image&LaunchPermission.Add.1.Group=all");
    story.ec2("ResetImageAttribute", "ImageId=$image&Attribute=launchPermission");
    story.ec2("EnableImageDeprecation", "ImageId=$image&DeprecateAt=2027-01-01T00:00:00Z");
    story.ec2("DisableImageDeprecation", "ImageId=$image");
    story.ec2("EnableImageDeregistrationProtection", "ImageId=$image");
    story.ec2("DisableImageDeregistrationProtection", "ImageId=$image");
    story.ec2("DisableImage", "ImageId=$image");
    story.ec2("EnableImage", "ImageId=$image");
    let data = "LaunchTemplateName=story&LaunchTemplateData.ImageId=$image";
    story.keep("template", "CreateLaunchTemplate", data, "launchTemplateId");
    story.ec2("CreateLaunchTemplateVersion", data);
    story.ec2("ModifyLaunchTemplate", "LaunchTemplateId=$template&SetDefaultVersion=2");
    story.ec2("DeleteLaunchTemplateVersions", "LaunchTemplateId=$template&LaunchTemplateVersion.1=1");
    story.group("CreateLaunchConfiguration", "LaunchConfigurationName=lc&ImageId=$image&InstanceType=t3.micro");
    let sizes = "AutoScalingGroupName=g&MinSize=1&MaxSize=2&AvailabilityZones.member.1=us-east-1a&LaunchTemplate.LaunchTemplateId=$template";
    story.group("CreateAutoScalingGroup", sizes);
    assert!(story.group("DescribeAutoScalingGroups", "").contains("<LifecycleState>InService"));
    story.group("UpdateAutoScalingGroup", "AutoScalingGroupName=g&LaunchConfigurationName=lc&DesiredCapacity=2");
    story.group("DeleteAutoScalingGroup", "AutoScalingGroupName=g&ForceDelete=true");
    story.group("DescribeLaunchConfigurations", "");
    story.group("DeleteLaunchConfiguration", "LaunchConfigurationName=lc");
    for action in ["DescribeImages", "DescribeSnapshots", "DescribeInstances", "DescribeVolumes", "DescribeTags"] {
        story.ec2(action, "");
    }
    for action in ["DescribeRegions", "DescribeAvailabilityZones", "DescribeVpcs", "DescribeSubnets"] {
        story.ec2(action, "");
    }
    story.ec2("DescribeLaunchTemplates", "");
    story.ec2("DescribeLaunchTemplateVersions", "LaunchTemplateId=$template");
    story.ec2("DescribeImageAttribute", "ImageId=$image&Attribute=launchPermission");
    story.ec2("DeleteLaunchTemplate", "LaunchTemplateId=$template");
    story.ec2("DeregisterImage", "ImageId=$copy&DeleteAssociatedSnapshots=true");
    story.ec2("DeleteSnapshot", "SnapshotId=$spare");
    story.ec2("DeleteVolume", "VolumeId=$volume");
    story.does(Service::Sts, "GetCallerIdentity", "");
    let role = "RoleArn=arn:aws:iam::210987654321:role/audit&RoleSessionName=story";
    story.does(Service::Sts, "AssumeRole", role);
}
