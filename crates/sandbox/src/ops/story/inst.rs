//! Instances, launch templates, groups, fleets and the account.

use super::Story;

pub(super) fn tell(story: &mut Story) {
    image(story);
    instances(story);
    network(story);
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
