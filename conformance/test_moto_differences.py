"""The same boto3 story against moto and the sandbox: the answers differ only where the table says so, and why."""

from pathlib import Path

import pytest
from differences import Teller, differences, known_differences
from harness import ACCOUNT, REGION, moto_server, sandbox_server

TABLE = Path(__file__).resolve().parent / "moto_differences.md"
ZONE = f"{REGION}a"
PARTNER = "210987654321"
NOTHING = {
    "image": "ami-0123456789abcdef0",
    "snapshot": "snap-0123456789abcdef0",
    "volume": "vol-0123456789abcdef0",
    "instance": "i-0123456789abcdef0",
    "template": "lt-0123456789abcdef0",
}


def volumes_and_snapshots(t: Teller):
    t.call(
        "create volume",
        "ec2:create_volume",
        {"volume": "VolumeId"},
        AvailabilityZone=ZONE,
        Size=8,
        VolumeType="gp3",
        TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": "app", "Value": "web"}]}],
    )
    t.call("describe volume", "ec2:describe_volumes", VolumeIds=[t.id("volume")])
    t.call(
        "create snapshot",
        "ec2:create_snapshot",
        {"snapshot": "SnapshotId"},
        VolumeId=t.id("volume"),
        Description="of the root",
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": [{"Key": "app", "Value": "web"}]}],
    )
    t.call("create another snapshot", "ec2:create_snapshot", {"loose": "SnapshotId"}, VolumeId=t.id("volume"))
    t.call("describe snapshot", "ec2:describe_snapshots", SnapshotIds=[t.id("snapshot")])
    t.call(
        "describe snapshots by tag",
        "ec2:describe_snapshots",
        OwnerIds=["self"],
        Filters=[{"Name": "tag:app", "Values": ["web"]}],
    )
    t.call("no snapshot", "ec2:describe_snapshots", SnapshotIds=[NOTHING["snapshot"]])
    t.call("snapshot of no volume", "ec2:create_snapshot", VolumeId=NOTHING["volume"])
    t.call("no volume", "ec2:describe_volumes", VolumeIds=[NOTHING["volume"]])
    t.call("create volume in no zone", "ec2:create_volume", AvailabilityZone="mars-1a", Size=8)
    t.call(
        "share snapshot",
        "ec2:modify_snapshot_attribute",
        SnapshotId=t.id("snapshot"),
        Attribute="createVolumePermission",
        OperationType="add",
        UserIds=[PARTNER],
    )
    t.call(
        "who may use the snapshot",
        "ec2:describe_snapshot_attribute",
        SnapshotId=t.id("snapshot"),
        Attribute="createVolumePermission",
    )


def images(t: Teller):
    mappings = [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": t.id("snapshot"), "VolumeType": "gp3"}}]
    register = {
        "Architecture": "x86_64",
        "RootDeviceName": "/dev/xvda",
        "VirtualizationType": "hvm",
        "BlockDeviceMappings": mappings,
    }
    t.call(
        "register image",
        "ec2:register_image",
        {"image": "ImageId"},
        Name="web-1",
        Description="the web server",
        EnaSupport=True,
        TagSpecifications=[{"ResourceType": "image", "Tags": [{"Key": "app", "Value": "web"}]}],
        **register,
    )
    t.call("register another image", "ec2:register_image", {"second": "ImageId"}, Name="web-2", **register)
    t.call("register an image by the same name", "ec2:register_image", Name="web-1", **register)
    t.call("describe image", "ec2:describe_images", ImageIds=[t.id("image")])
    t.call("describe images of self", "ec2:describe_images", Owners=["self"])
    t.call(
        "describe images by name",
        "ec2:describe_images",
        Owners=["self"],
        Filters=[{"Name": "name", "Values": ["web-*"]}, {"Name": "state", "Values": ["available"]}],
    )
    t.call("no image", "ec2:describe_images", ImageIds=[NOTHING["image"]])
    t.call("an id that is none", "ec2:describe_images", ImageIds=["web"])
    t.call(
        "a filter that is none", "ec2:describe_images", Owners=["self"], Filters=[{"Name": "colour", "Values": ["red"]}]
    )
    t.call("a dry run", "ec2:deregister_image", ImageId=t.id("image"), DryRun=True)
    add = {"Add": [{"UserId": PARTNER}]}
    t.call("share image", "ec2:modify_image_attribute", ImageId=t.id("image"), LaunchPermission=add)
    t.call(
        "who may launch the image",
        "ec2:describe_image_attribute",
        ImageId=t.id("image"),
        Attribute="launchPermission",
    )
    t.call(
        "describe the image's description",
        "ec2:describe_image_attribute",
        ImageId=t.id("image"),
        Attribute="description",
    )
    t.call(
        "share image with nobody",
        "ec2:modify_image_attribute",
        ImageId=t.id("image"),
        LaunchPermission={"Add": [{"UserId": "me"}]},
    )
    t.call("deprecate", "ec2:enable_image_deprecation", ImageId=t.id("image"), DeprecateAt="2030-01-02T03:04:05Z")
    t.call("describe deprecated image", "ec2:describe_images", ImageIds=[t.id("image")])
    t.call("undeprecate", "ec2:disable_image_deprecation", ImageId=t.id("image"))
    t.call("disable", "ec2:disable_image", ImageId=t.id("second"))
    t.call("describe disabled image", "ec2:describe_images", ImageIds=[t.id("second")], IncludeDisabled=True)
    t.call("describe images without disabled ones", "ec2:describe_images", Owners=["self"])
    t.call("enable", "ec2:enable_image", ImageId=t.id("second"))
    t.call(
        "copy image",
        "ec2:copy_image",
        {"copy": "ImageId"},
        Name="web-copy",
        SourceImageId=t.id("image"),
        SourceRegion=REGION,
        CopyImageTags=True,
    )
    t.call(
        "describe copy",
        "ec2:describe_images",
        {"snapshot of copy": "Images.0.BlockDeviceMappings.0.Ebs.SnapshotId"},
        ImageIds=[t.id("copy")],
    )
    t.call("protect", "ec2:enable_image_deregistration_protection", ImageId=t.id("copy"))


def tags(t: Teller):
    t.call("create tags", "ec2:create_tags", Resources=[t.id("image")], Tags=[{"Key": "team", "Value": "infra"}])
    t.call("describe tags", "ec2:describe_tags", Filters=[{"Name": "resource-id", "Values": [t.id("image")]}])
    t.call("delete tags", "ec2:delete_tags", Resources=[t.id("image")], Tags=[{"Key": "team"}])
    t.call("tag nothing", "ec2:create_tags", Resources=[NOTHING["image"]], Tags=[{"Key": "a", "Value": "b"}])
    t.call("a tag of AWS", "ec2:create_tags", Resources=[t.id("image")], Tags=[{"Key": "aws:a", "Value": "b"}])


def instances(t: Teller):
    launch = {"InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    t.call(
        "run instance",
        "ec2:run_instances",
        {"instance": "Instances.0.InstanceId", "reservation": "ReservationId"},
        ImageId=t.id("image"),
        **launch,
    )
    t.call("describe instance", "ec2:describe_instances", InstanceIds=[t.id("instance")])
    t.call("launch nothing", "ec2:run_instances", ImageId=NOTHING["image"], **launch)
    t.call("stop instance", "ec2:stop_instances", InstanceIds=[t.id("instance")])
    t.call("start instance", "ec2:start_instances", InstanceIds=[t.id("instance")])
    t.call(
        "create image",
        "ec2:create_image",
        {"created": "ImageId"},
        InstanceId=t.id("instance"),
        Name="web-3",
        Description="of an instance",
        NoReboot=True,
    )
    t.call("describe created image", "ec2:describe_images", ImageIds=[t.id("created")])
    t.call("create image of nothing", "ec2:create_image", InstanceId=NOTHING["instance"], Name="web-4")
    t.call("terminate instance", "ec2:terminate_instances", InstanceIds=[t.id("instance")])
    t.call("describe terminated instance", "ec2:describe_instances", InstanceIds=[t.id("instance")])
    t.call("no instance", "ec2:describe_instances", InstanceIds=[NOTHING["instance"]])
    t.call("volumes that are attached", "ec2:describe_volumes", Filters=[{"Name": "status", "Values": ["in-use"]}])


def templates(t: Teller):
    data = {"ImageId": t.id("image"), "InstanceType": "t3.micro"}
    t.call(
        "create template",
        "ec2:create_launch_template",
        {"template": "LaunchTemplate.LaunchTemplateId"},
        LaunchTemplateName="web",
        LaunchTemplateData=data,
    )
    t.call(
        "create template by the same name",
        "ec2:create_launch_template",
        LaunchTemplateName="web",
        LaunchTemplateData=data,
    )
    t.call(
        "create template version",
        "ec2:create_launch_template_version",
        LaunchTemplateId=t.id("template"),
        LaunchTemplateData={"ImageId": t.id("second")},
        VersionDescription="second",
    )
    t.call("describe template versions", "ec2:describe_launch_template_versions", LaunchTemplateId=t.id("template"))
    t.call(
        "describe latest version",
        "ec2:describe_launch_template_versions",
        LaunchTemplateName="web",
        Versions=["$Latest"],
    )
    t.call("change default version", "ec2:modify_launch_template", LaunchTemplateName="web", DefaultVersion="2")
    t.call("describe templates", "ec2:describe_launch_templates")
    t.call("no template", "ec2:describe_launch_templates", LaunchTemplateIds=[NOTHING["template"]])
    t.call("no template by name", "ec2:describe_launch_templates", LaunchTemplateNames=["nobody"])
    t.call(
        "run instance of template",
        "ec2:run_instances",
        {"templated": "Instances.0.InstanceId"},
        LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"},
        MinCount=1,
        MaxCount=1,
    )
    t.call("terminate instance of template", "ec2:terminate_instances", InstanceIds=[t.id("templated")])


def scaling(t: Teller):
    t.call(
        "create launch configuration",
        "autoscaling:create_launch_configuration",
        LaunchConfigurationName="old-style",
        ImageId=t.id("image"),
        InstanceType="t3.micro",
    )
    t.call(
        "create launch configuration by the same name",
        "autoscaling:create_launch_configuration",
        LaunchConfigurationName="old-style",
        ImageId=t.id("image"),
        InstanceType="t3.micro",
    )
    t.call("describe launch configurations", "autoscaling:describe_launch_configurations")
    group = {"MinSize": 0, "MaxSize": 2, "AvailabilityZones": [ZONE]}
    template = {"LaunchTemplateId": t.id("template"), "Version": "1"}
    t.call(
        "create group",
        "autoscaling:create_auto_scaling_group",
        AutoScalingGroupName="web",
        LaunchTemplate=template,
        **group,
    )
    t.call(
        "create group by the same name",
        "autoscaling:create_auto_scaling_group",
        AutoScalingGroupName="web",
        LaunchTemplate=template,
        **group,
    )
    t.call(
        "create group of launch configuration",
        "autoscaling:create_auto_scaling_group",
        AutoScalingGroupName="old",
        LaunchConfigurationName="old-style",
        **group,
    )
    t.call(
        "create mixed group",
        "autoscaling:create_auto_scaling_group",
        AutoScalingGroupName="mixed",
        MixedInstancesPolicy={
            "LaunchTemplate": {
                "LaunchTemplateSpecification": {"LaunchTemplateId": t.id("template"), "Version": "$Latest"},
                "Overrides": [{"InstanceType": "t3.small"}],
            }
        },
        **group,
    )
    t.call("describe groups", "autoscaling:describe_auto_scaling_groups")
    t.call("update group", "autoscaling:update_auto_scaling_group", AutoScalingGroupName="web", DesiredCapacity=1)
    t.call("describe group", "autoscaling:describe_auto_scaling_groups", AutoScalingGroupNames=["web"])
    t.call("put warm pool", "autoscaling:put_warm_pool", AutoScalingGroupName="old", MinSize=0)
    t.call("describe warm pool", "autoscaling:describe_warm_pool", AutoScalingGroupName="old")
    t.call("delete warm pool", "autoscaling:delete_warm_pool", AutoScalingGroupName="old", ForceDelete=True)
    t.call(
        "delete launch configuration in use",
        "autoscaling:delete_launch_configuration",
        LaunchConfigurationName="old-style",
    )
    for name in ("web", "old", "mixed"):
        t.call(
            f"delete group {name}", "autoscaling:delete_auto_scaling_group", AutoScalingGroupName=name, ForceDelete=True
        )
    t.call(
        "delete launch configuration", "autoscaling:delete_launch_configuration", LaunchConfigurationName="old-style"
    )
    t.call("delete no group", "autoscaling:delete_auto_scaling_group", AutoScalingGroupName="nobody")


def services(t: Teller):
    t.call("who calls", "sts:get_caller_identity")
    t.call("assume role", "sts:assume_role", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/cleaner", RoleSessionName="nightly")
    put = {"Name": "/golden/web", "Type": "String"}
    t.call("put parameter", "ssm:put_parameter", Value="one", Description="the golden image", **put)
    t.call("put parameter again", "ssm:put_parameter", Value="two", **put)
    t.call("overwrite parameter", "ssm:put_parameter", Value="two", Overwrite=True, **put)
    t.call("label parameter", "ssm:label_parameter_version", Name="/golden/web", ParameterVersion=1, Labels=["stable"])
    t.call("get parameter", "ssm:get_parameter", Name="/golden/web")
    t.call("get parameter by version", "ssm:get_parameter", Name="/golden/web:1")
    t.call("get parameter by label", "ssm:get_parameter", Name="/golden/web:stable")
    t.call("get parameters", "ssm:get_parameters", Names=["/golden/web", "/golden/nothing"])
    t.call("get parameters by path", "ssm:get_parameters_by_path", Path="/golden", Recursive=True)
    t.call("parameter history", "ssm:get_parameter_history", Name="/golden/web")
    t.call(
        "describe parameters",
        "ssm:describe_parameters",
        ParameterFilters=[{"Key": "Name", "Option": "BeginsWith", "Values": ["/golden"]}],
    )
    t.call("no parameter", "ssm:get_parameter", Name="/golden/nothing")
    t.call("delete parameter", "ssm:delete_parameter", Name="/golden/web")
    t.call("delete parameter again", "ssm:delete_parameter", Name="/golden/web")
    t.call("regions", "ec2:describe_regions")
    t.call("zones", "ec2:describe_availability_zones")


def the_end(t: Teller):
    t.call("delete snapshot in use", "ec2:delete_snapshot", SnapshotId=t.id("snapshot"))
    t.call("delete loose snapshot", "ec2:delete_snapshot", SnapshotId=t.id("loose"))
    t.call("delete it again", "ec2:delete_snapshot", SnapshotId=t.id("loose"))
    t.call("deregister with snapshots", "ec2:deregister_image", ImageId=t.id("image"), DeleteAssociatedSnapshots=True)
    t.call("deregister again", "ec2:deregister_image", ImageId=t.id("image"))
    t.call("deregister the second", "ec2:deregister_image", ImageId=t.id("second"))
    t.call("deregister nothing", "ec2:deregister_image", ImageId=NOTHING["image"])
    t.call(
        "delete template version",
        "ec2:delete_launch_template_versions",
        LaunchTemplateId=t.id("template"),
        Versions=["1"],
    )
    t.call("delete template", "ec2:delete_launch_template", LaunchTemplateId=t.id("template"))
    t.call("delete template again", "ec2:delete_launch_template", LaunchTemplateId=t.id("template"))
    t.call("delete volume", "ec2:delete_volume", VolumeId=t.id("volume"))
    t.call("delete volume again", "ec2:delete_volume", VolumeId=t.id("volume"))
    t.call("images at the end", "ec2:describe_images", Owners=["self"])


CHAPTERS = (volumes_and_snapshots, images, tags, instances, templates, scaling, services, the_end)


def told_to(server) -> Teller:
    """The whole story, told to one server."""
    teller = Teller(server)
    for chapter in CHAPTERS:
        chapter(teller)
    return teller


@pytest.fixture(scope="module")
def found() -> dict:
    """What differs."""
    with moto_server() as moto, sandbox_server() as sandbox:
        return differences(told_to(moto), told_to(sandbox))


KNOWN = known_differences(TABLE)


def test_every_difference_is_listed(found):
    unlisted = {
        str(difference): {"moto": sides[0], "sandbox": sides[1]}
        for difference, sides in found.items()
        if not any(known.covers(difference) for known in KNOWN)
    }
    assert not unlisted, "\n".join(f"{where}\n    {both}" for where, both in unlisted.items())


@pytest.mark.parametrize("known", KNOWN, ids=lambda known: f"{known.step} {known.path}")
def test_what_is_listed_still_differs(found, known):
    assert any(known.covers(difference) for difference in found), "this difference is gone: take it off the table"
