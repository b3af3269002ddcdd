"""Each refusal has AWS's code and HTTP status, in the protocol of its service: a table."""

from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError
from harness import ACCOUNT, REGION, sandbox_server
from strict import Recorder
from tale import PARTNER, Tale

NO_IMAGE = "ami-0123456789abcdef0"
NO_SNAPSHOT = "snap-0123456789abcdef0"
NO_VOLUME = "vol-0123456789abcdef0"
NO_INSTANCE = "i-0123456789abcdef0"
NO_TEMPLATE = "lt-0123456789abcdef0"
DEVICES = [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": "{snapshot}"}}]
REGISTER = {"Name": "new", "RootDeviceName": "/dev/xvda", "BlockDeviceMappings": DEVICES}
LAUNCH = {"InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
ONE_TAG = [{"Key": "a", "Value": "b"}]
GROUP = {"AutoScalingGroupName": "new", "MinSize": 0, "MaxSize": 1, "AvailabilityZones": [f"{REGION}a"]}
DAYS = {"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"}
FLEET = {"TotalTargetCapacity": 1, "DefaultTargetCapacityType": "spot"}


@dataclass(frozen=True)
class Case:
    """What is asked, by whom, and how it is refused. `{name}` in a parameter is something of the world below."""

    service: str
    operation: str
    code: str
    status: int
    parameters: dict
    account: str = ACCOUNT

    def __str__(self) -> str:
        return f"{self.operation}-{self.code}"


def case(target: str, code: str, status: int = 400, account: str = ACCOUNT, **parameters) -> Case:
    """A case, with little to write."""
    service, operation = target.split(":")
    return Case(service, operation, code, status, parameters, account)


IMAGES = [
    case("ec2:describe_images", "InvalidAMIID.NotFound", ImageIds=[NO_IMAGE]),
    case("ec2:describe_images", "InvalidAMIID.NotFound", ImageIds=["{image}", NO_IMAGE]),
    case("ec2:describe_images", "InvalidAMIID.NotFound", ImageIds=["{image}"], account=PARTNER),
    case("ec2:describe_images", "InvalidAMIID.Malformed", ImageIds=["web"]),
    case("ec2:describe_images", "InvalidAMIID.Malformed", ImageIds=["ami-xyz"]),
    case("ec2:describe_images", "InvalidUserID.Malformed", Owners=["somebody"]),
    case("ec2:describe_images", "InvalidParameterValue", Filters=[{"Name": "colour", "Values": ["red"]}]),
    case("ec2:describe_images", "InvalidParameterCombination", ImageIds=["{image}"], MaxResults=5),
    case(
        "ec2:describe_images",
        "FilterLimitExceeded",
        Filters=[{"Name": "name", "Values": [f"n{n}" for n in range(201)]}],
    ),
    case("ec2:describe_images", "DryRunOperation", 412, DryRun=True),
    case("ec2:describe_image_attribute", "InvalidAMIID.NotFound", ImageId=NO_IMAGE, Attribute="description"),
    case("ec2:describe_image_attribute", "AuthFailure", 401, ImageId="{image}", Attribute="blockDeviceMapping"),
    case(
        "ec2:describe_image_attribute",
        "AuthFailure",
        401,
        PARTNER,
        ImageId="{shared_image}",
        Attribute="launchPermission",
    ),
    case(
        "ec2:modify_image_attribute",
        "InvalidAMIAttributeItemValue",
        ImageId="{image}",
        LaunchPermission={"Add": [{"UserId": "me"}]},
    ),
    case(
        "ec2:modify_image_attribute",
        "InvalidAMIAttributeItemValue",
        ImageId="{image}",
        LaunchPermission={"Add": [{"Group": "some"}]},
    ),
    case(
        "ec2:modify_image_attribute",
        "AuthFailure",
        401,
        PARTNER,
        ImageId="{shared_image}",
        Description={"Value": "mine"},
    ),
    case("ec2:modify_image_attribute", "InvalidAMIID.NotFound", ImageId=NO_IMAGE, Description={"Value": "x"}),
    case(
        "ec2:modify_image_attribute", "DryRunOperation", 412, ImageId="{image}", Description={"Value": "x"}, DryRun=True
    ),
    case("ec2:register_image", "InvalidAMIName.Duplicate", **{**REGISTER, "Name": "taken"}),
    case("ec2:register_image", "InvalidAMIName.Malformed", **{**REGISTER, "Name": "n" * 129}),
    case("ec2:register_image", "InvalidAMIName.Malformed", **{**REGISTER, "Name": "a name with a #"}),
    case(
        "ec2:register_image",
        "InvalidSnapshot.NotFound",
        **{**REGISTER, "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": NO_SNAPSHOT}}]},
    ),
    case(
        "ec2:register_image",
        "InvalidSnapshotID.Malformed",
        **{**REGISTER, "BlockDeviceMappings": [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": "snap"}}]},
    ),
    case("ec2:register_image", "InvalidManifest", Name="new", ImageLocation="no-such-bucket-here/no.manifest.xml"),
    case("ec2:create_image", "InvalidInstanceID.NotFound", InstanceId=NO_INSTANCE, Name="new"),
    case("ec2:create_image", "InvalidInstanceID.Malformed", InstanceId="web", Name="new"),
    case("ec2:create_image", "InvalidAMIName.Duplicate", InstanceId="{instance}", Name="taken"),
    case("ec2:copy_image", "InvalidAMIID.NotFound", Name="new", SourceImageId=NO_IMAGE, SourceRegion=REGION),
    case(
        "ec2:copy_image",
        "IdempotentParameterMismatch",
        Name="another name",
        SourceImageId="{image}",
        SourceRegion=REGION,
        ClientToken="spent",
    ),
    case("ec2:deregister_image", "InvalidAMIID.NotFound", ImageId=NO_IMAGE),
    case("ec2:deregister_image", "InvalidAMIID.Malformed", ImageId="web"),
    case("ec2:deregister_image", "InvalidAMIID.Unavailable", ImageId="{gone_image}"),
    case("ec2:deregister_image", "OperationNotPermitted", ImageId="{protected_image}"),
    case("ec2:deregister_image", "AuthFailure", 401, PARTNER, ImageId="{shared_image}"),
    case("ec2:deregister_image", "DryRunOperation", 412, ImageId="{image}", DryRun=True),
    case("ec2:disable_image", "InvalidAMIID.NotFound", ImageId=NO_IMAGE),
    case("ec2:disable_image", "AuthFailure", 401, PARTNER, ImageId="{shared_image}"),
    case("ec2:disable_image", "DryRunOperation", 412, ImageId="{image}", DryRun=True),
    case("ec2:enable_image", "InvalidAMIID.NotFound", ImageId=NO_IMAGE),
    case(
        "ec2:enable_image_deprecation", "InvalidParameterValue", ImageId="{image}", DeprecateAt="2001-01-01T00:00:00Z"
    ),
    case(
        "ec2:enable_image_deprecation", "InvalidParameterValue", ImageId="{image}", DeprecateAt="2099-01-01T00:00:00Z"
    ),
    case("ec2:disable_image_deprecation", "InvalidAMIID.NotFound", ImageId=NO_IMAGE),
    case("ec2:enable_image_deregistration_protection", "InvalidAMIID.NotFound", ImageId=NO_IMAGE),
    case("ec2:reset_image_attribute", "InvalidAMIID.NotFound", ImageId=NO_IMAGE, Attribute="launchPermission"),
    case("ec2:restore_image_from_recycle_bin", "InvalidAMIID.NotFound", ImageId=NO_IMAGE),
    case("ec2:get_image_ancestry", "InvalidAMIID.NotFound", ImageId=NO_IMAGE),
    case(
        "ec2:create_image_usage_report",
        "InvalidAMIID.NotFound",
        ImageId=NO_IMAGE,
        ResourceTypes=[{"ResourceType": "ec2:Instance"}],
    ),
    case("ec2:create_store_image_task", "InvalidAMIID.NotFound", ImageId=NO_IMAGE, Bucket="no-such-bucket-here"),
]

SNAPSHOTS = [
    case("ec2:describe_snapshots", "InvalidSnapshot.NotFound", SnapshotIds=[NO_SNAPSHOT]),
    case("ec2:describe_snapshots", "InvalidSnapshotID.Malformed", SnapshotIds=["snap"]),
    case("ec2:describe_snapshots", "InvalidUserID.Malformed", OwnerIds=["somebody"]),
    case("ec2:describe_snapshots", "InvalidParameterCombination", SnapshotIds=["{snapshot}"], MaxResults=5),
    case("ec2:create_snapshot", "InvalidVolume.NotFound", VolumeId=NO_VOLUME),
    case("ec2:create_snapshot", "DryRunOperation", 412, VolumeId="{volume}", DryRun=True),
    case("ec2:create_snapshots", "InvalidInstanceID.NotFound", InstanceSpecification={"InstanceId": NO_INSTANCE}),
    case("ec2:copy_snapshot", "InvalidSnapshot.NotFound", SourceRegion=REGION, SourceSnapshotId=NO_SNAPSHOT),
    case("ec2:delete_snapshot", "InvalidSnapshot.NotFound", SnapshotId=NO_SNAPSHOT),
    case("ec2:delete_snapshot", "InvalidSnapshotID.Malformed", SnapshotId="snap"),
    case("ec2:delete_snapshot", "InvalidSnapshot.InUse", SnapshotId="{snapshot}"),
    case("ec2:delete_snapshot", "InvalidSnapshot.InUse", SnapshotId="{disabled_snapshot}"),
    case("ec2:delete_snapshot", "DryRunOperation", 412, SnapshotId="{loose_snapshot}", DryRun=True),
    case(
        "ec2:describe_snapshot_attribute", "InvalidSnapshot.NotFound", SnapshotId=NO_SNAPSHOT, Attribute="productCodes"
    ),
    case("ec2:modify_snapshot_tier", "InvalidSnapshot.NotFound", SnapshotId=NO_SNAPSHOT, StorageTier="archive"),
    case("ec2:restore_snapshot_tier", "InvalidSnapshot.NotFound", SnapshotId=NO_SNAPSHOT, PermanentRestore=True),
    case(
        "ec2:lock_snapshot", "InvalidSnapshot.NotFound", SnapshotId=NO_SNAPSHOT, LockMode="governance", LockDuration=1
    ),
    case("ec2:unlock_snapshot", "InvalidSnapshot.NotFound", SnapshotId=NO_SNAPSHOT),
    case("ec2:restore_snapshot_from_recycle_bin", "InvalidSnapshot.NotFound", SnapshotId=NO_SNAPSHOT),
    case("ec2:describe_volumes", "InvalidVolume.NotFound", VolumeIds=[NO_VOLUME]),
    case("ec2:create_volume", "MissingParameter", AvailabilityZone=f"{REGION}a"),
    case("ec2:create_volume", "InvalidZone.NotFound", AvailabilityZone="mars-1a", Size=8),
    case("ec2:create_volume", "InvalidSnapshot.NotFound", AvailabilityZone=f"{REGION}a", SnapshotId=NO_SNAPSHOT),
    case("ec2:delete_volume", "InvalidVolume.NotFound", VolumeId=NO_VOLUME),
    case("ec2:delete_volume", "VolumeInUse", VolumeId="{root_volume}"),
    case("ec2:attach_volume", "InvalidVolume.NotFound", VolumeId=NO_VOLUME, InstanceId="{instance}", Device="/dev/sdf"),
    case(
        "ec2:attach_volume",
        "InvalidInstanceID.NotFound",
        VolumeId="{volume}",
        InstanceId=NO_INSTANCE,
        Device="/dev/sdf",
    ),
    case("ec2:attach_volume", "VolumeInUse", VolumeId="{root_volume}", InstanceId="{instance}", Device="/dev/sdf"),
    case("ec2:detach_volume", "IncorrectState", VolumeId="{volume}"),
    case("ebs:list_snapshot_blocks", "ResourceNotFoundException", 404, SnapshotId=NO_SNAPSHOT),
    case("ebs:list_changed_blocks", "ResourceNotFoundException", 404, SecondSnapshotId=NO_SNAPSHOT),
]

INSTANCES = [
    case("ec2:describe_instances", "InvalidInstanceID.NotFound", InstanceIds=[NO_INSTANCE]),
    case("ec2:describe_instances", "InvalidInstanceID.Malformed", InstanceIds=["web"]),
    case("ec2:run_instances", "InvalidAMIID.NotFound", ImageId=NO_IMAGE, **LAUNCH),
    case("ec2:run_instances", "InvalidAMIID.Malformed", ImageId="web", **LAUNCH),
    case("ec2:run_instances", "InvalidAMIID.Unavailable", ImageId="{disabled_image}", **LAUNCH),
    case("ec2:run_instances", "MissingParameter", **LAUNCH),
    case("ec2:run_instances", "IdempotentParameterMismatch", ImageId="{shared_image}", ClientToken="spent", **LAUNCH),
    case("ec2:run_instances", "DryRunOperation", 412, ImageId="{image}", DryRun=True, **LAUNCH),
    case("ec2:start_instances", "IncorrectInstanceState", InstanceIds=["{terminated_instance}"]),
    case("ec2:stop_instances", "InvalidInstanceID.NotFound", InstanceIds=[NO_INSTANCE]),
    case("ec2:terminate_instances", "InvalidInstanceID.NotFound", InstanceIds=[NO_INSTANCE]),
    case("ec2:create_replace_root_volume_task", "InvalidInstanceID.NotFound", InstanceId=NO_INSTANCE),
    case(
        "ec2:create_launch_template",
        "InvalidLaunchTemplateName.AlreadyExistsException",
        LaunchTemplateName="taken",
        LaunchTemplateData={"ImageId": "{image}"},
    ),
    case(
        "ec2:create_launch_template",
        "InvalidLaunchTemplateName.MalformedException",
        LaunchTemplateName="a b",
        LaunchTemplateData={"ImageId": "{image}"},
    ),
    case(
        "ec2:create_launch_template_version",
        "InvalidLaunchTemplateId.NotFound",
        LaunchTemplateId=NO_TEMPLATE,
        LaunchTemplateData={"ImageId": "{image}"},
    ),
    case("ec2:describe_launch_templates", "InvalidLaunchTemplateId.NotFound", LaunchTemplateIds=[NO_TEMPLATE]),
    case("ec2:describe_launch_templates", "InvalidLaunchTemplateId.Malformed", LaunchTemplateIds=["web"]),
    case(
        "ec2:describe_launch_templates", "InvalidLaunchTemplateName.NotFoundException", LaunchTemplateNames=["nobody"]
    ),
    case("ec2:describe_launch_template_versions", "InvalidLaunchTemplateId.NotFound", LaunchTemplateId=NO_TEMPLATE),
    case(
        "ec2:modify_launch_template",
        "InvalidLaunchTemplateId.VersionNotFound",
        LaunchTemplateId="{template}",
        DefaultVersion="99",
    ),
    case(
        "ec2:run_instances",
        "InvalidLaunchTemplateId.VersionNotFound",
        LaunchTemplate={"LaunchTemplateId": "{template}", "Version": "99"},
        MinCount=1,
        MaxCount=1,
    ),
    case("ec2:delete_launch_template", "InvalidLaunchTemplateId.NotFound", LaunchTemplateId=NO_TEMPLATE),
    case(
        "ec2:describe_spot_instance_requests",
        "InvalidSpotInstanceRequestID.NotFound",
        SpotInstanceRequestIds=["sir-0abcdefg"],
    ),
    case(
        "ec2:describe_spot_fleet_requests",
        "InvalidSpotFleetRequestId.NotFound",
        SpotFleetRequestIds=["sfr-12345678-1234-1234-1234-123456789012"],
    ),
    case("ec2:create_tags", "InvalidAMIID.NotFound", Resources=[NO_IMAGE], Tags=ONE_TAG),
    case("ec2:create_tags", "InvalidID", Resources=["what-is-this"], Tags=ONE_TAG),
    case(
        "ec2:create_tags",
        "TagLimitExceeded",
        Resources=["{image}"],
        Tags=[{"Key": f"key-{n}", "Value": ""} for n in range(51)],
    ),
    case("ec2:create_tags", "InvalidParameterValue", Resources=["{image}"], Tags=[{"Key": "aws:mine", "Value": "x"}]),
    case("ec2:create_tags", "InvalidParameterValue", Resources=["{image}"], Tags=[{"Key": "k" * 129, "Value": "x"}]),
    case("ec2:create_tags", "InvalidParameterValue", Resources=["{image}"], Tags=[{"Key": "k", "Value": "x" * 257}]),
]

SERVICES = [
    case(
        "autoscaling:create_launch_configuration",
        "AlreadyExists",
        LaunchConfigurationName="taken",
        ImageId="{image}",
        InstanceType="t3.micro",
    ),
    case("autoscaling:delete_launch_configuration", "ResourceInUse", LaunchConfigurationName="taken"),
    case("autoscaling:delete_launch_configuration", "ValidationError", LaunchConfigurationName="nobody"),
    case(
        "autoscaling:create_auto_scaling_group",
        "AlreadyExists",
        LaunchConfigurationName="taken",
        **{**GROUP, "AutoScalingGroupName": "taken"},
    ),
    case("autoscaling:create_auto_scaling_group", "ValidationError", LaunchConfigurationName="nobody", **GROUP),
    case("autoscaling:create_auto_scaling_group", "ValidationError", **GROUP),
    case(
        "autoscaling:create_auto_scaling_group",
        "ValidationError",
        LaunchConfigurationName="taken",
        **{**GROUP, "MinSize": 2},
    ),
    case("autoscaling:update_auto_scaling_group", "ValidationError", AutoScalingGroupName="nobody", MaxSize=1),
    case("autoscaling:delete_auto_scaling_group", "ValidationError", AutoScalingGroupName="nobody"),
    case("autoscaling:delete_auto_scaling_group", "ResourceInUse", AutoScalingGroupName="{group}"),
    case("autoscaling:describe_auto_scaling_groups", "ValidationError", MaxRecords=1000),
    case("autoscaling:start_instance_refresh", "ValidationError", AutoScalingGroupName="nobody"),
    case("autoscaling:cancel_instance_refresh", "ActiveInstanceRefreshNotFound", AutoScalingGroupName="taken"),
    case("autoscaling:rollback_instance_refresh", "ActiveInstanceRefreshNotFound", AutoScalingGroupName="taken"),
    case("autoscaling:put_warm_pool", "ValidationError", AutoScalingGroupName="nobody"),
    case("sts:assume_role", "ValidationError", RoleArn="not-an-arn-but-long-enough", RoleSessionName="nightly"),
    case("ssm:get_parameter", "ParameterNotFound", Name="/nothing"),
    case("ssm:get_parameter", "ParameterVersionNotFound", Name="/taken:99"),
    case("ssm:put_parameter", "ParameterAlreadyExists", Name="/taken", Value="x", Type="String"),
    case("ssm:put_parameter", "ValidationException", Name="/taken twice", Value="x", Type="String"),
    case("ssm:put_parameter", "HierarchyLevelLimitExceededException", Name="/a" * 16, Value="x", Type="String"),
    case("ssm:delete_parameter", "ParameterNotFound", Name="/nothing"),
    case("ssm:get_parameter_history", "ParameterNotFound", Name="/nothing"),
    case("ssm:label_parameter_version", "ParameterNotFound", Name="/nothing", Labels=["a"]),
    case("ssm:label_parameter_version", "ParameterVersionNotFound", Name="/taken", ParameterVersion=9, Labels=["a"]),
    case("rbin:get_rule", "ResourceNotFoundException", 404, Identifier="0123456789a"),
    case("rbin:update_rule", "ResourceNotFoundException", 404, Identifier="0123456789a", RetentionPeriod=DAYS),
    case("rbin:delete_rule", "ResourceNotFoundException", 404, Identifier="0123456789a"),
    case(
        "rbin:create_rule",
        "ValidationException",
        ResourceType="EC2_IMAGE",
        RetentionPeriod={**DAYS, "RetentionPeriodValue": 366},
    ),
    case("rbin:create_rule", "ValidationException", ResourceType="SHOES", RetentionPeriod=DAYS),
    case("service-quotas:get_service_quota", "NoSuchResourceException", ServiceCode="ec2", QuotaCode="L-00000000"),
    case("service-quotas:list_service_quotas", "NoSuchResourceException", ServiceCode="shoes"),
    case("organizations:list_organizational_units_for_parent", "ParentNotFoundException", ParentId="ou-ab12-cdefgh34"),
    case("cloudcontrol:list_resources", "TypeNotFoundException", TypeName="AWS::Shoes::Left"),
    case("cloudcontrol:get_resource", "ResourceNotFoundException", TypeName="AWS::EKS::Nodegroup", Identifier="a|b"),
    case("s3:list_objects_v2", "NoSuchBucket", 404, Bucket="no-such-bucket-here"),
    case("s3:get_object", "NoSuchKey", 404, Bucket="{bucket}", Key="nothing"),
    case("s3:head_object", "404", 404, Bucket="{bucket}", Key="nothing"),
    case("s3:delete_bucket", "BucketNotEmpty", 409, Bucket="{bucket}"),
    case("sns:publish", "NotFound", 404, TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:no-such-topic", Message="x"),
    case("sns:publish", "InvalidParameter", TopicArn="images", Message="x"),
]


@dataclass
class World:
    """What the cases refer to."""

    tale: Tale
    names: dict[str, str]


def ec2_world(t: Tale) -> dict[str, str]:
    """Images in each state, and what uses them."""
    snapshot = t.snapshot()
    names = {
        "snapshot": snapshot,
        "loose_snapshot": t.snapshot(),
        "volume": t.volume(),
        "image": t.image(snapshot=snapshot, Name="taken"),
        "shared_image": t.image(),
        "protected_image": t.image(),
        "disabled_image": t.image(),
        "gone_image": t.image(),
    }
    t.ec2.modify_image_attribute(ImageId=names["shared_image"], LaunchPermission={"Add": [{"UserId": PARTNER}]})
    t.ec2.enable_image_deregistration_protection(ImageId=names["protected_image"])
    [names["disabled_snapshot"]] = t.snapshots(names["disabled_image"])
    t.ec2.disable_image(ImageId=names["disabled_image"])
    t.ec2.deregister_image(ImageId=names["gone_image"])
    t.ec2.copy_image(Name="copy", SourceImageId=names["image"], SourceRegion=REGION, ClientToken="spent")
    names["instance"] = t.instance(names["image"], ClientToken="spent")
    filters = [{"Name": "attachment.instance-id", "Values": [names["instance"]]}]
    names["root_volume"] = t.ec2.describe_volumes(Filters=filters)["Volumes"][0]["VolumeId"]
    names["terminated_instance"] = t.instance(names["image"])
    t.ec2.terminate_instances(InstanceIds=[names["terminated_instance"]])
    data = {"ImageId": names["image"], "InstanceType": "t3.micro"}
    reply = t.ec2.create_launch_template(LaunchTemplateName="taken", LaunchTemplateData=data)
    names["template"] = reply["LaunchTemplate"]["LaunchTemplateId"]
    return names


def other_world(t: Tale, names: dict[str, str]):
    """What the other services need."""
    t.autoscaling.create_launch_configuration(
        LaunchConfigurationName="taken", ImageId=names["image"], InstanceType="t3.micro"
    )
    t.autoscaling.create_auto_scaling_group(
        **{**GROUP, "AutoScalingGroupName": "taken", "LaunchConfigurationName": "taken"}
    )
    names["group"] = t.group(names["image"], 1)
    t.client("ssm").put_parameter(Name="/taken", Value="x", Type="String")
    names["bucket"] = "taken-bucket"
    t.client("s3").create_bucket(Bucket="taken-bucket")
    t.client("s3").put_object(Bucket="taken-bucket", Key="something", Body=b"x")


@pytest.fixture(scope="module")
def world() -> World:
    """One sandbox for all cases: a refusal changes nothing."""
    with sandbox_server() as server:
        tale = Tale(server)
        names = ec2_world(tale)
        other_world(tale, names)
        yield World(tale, names)


def filled(value, names: dict[str, str]):
    """The parameters with the names filled in."""
    if isinstance(value, str):
        return value.format_map(names) if value.startswith("{") else value
    if isinstance(value, list):
        return [filled(inner, names) for inner in value]
    if isinstance(value, dict):
        return {key: filled(inner, names) for key, inner in value.items()}
    return value


@pytest.mark.parametrize("told", [*IMAGES, *SNAPSHOTS, *INSTANCES, *SERVICES], ids=str)
def test_refusal(world, told):
    client = world.tale.client(told.service, account=told.account)
    seen = len(world.tale.recorder.replies)
    with pytest.raises(ClientError) as refused:
        getattr(client, told.operation)(**filled(told.parameters, world.names))
    answer = refused.value.response
    found = (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"])
    assert found == (told.code, told.status), answer["Error"].get("Message")
    assert answer["ResponseMetadata"]["RequestId"]
    for reply in world.tale.recorder.replies[seen:]:
        assert not reply.problems, f"{reply.problems}\n{reply}"


MESSAGES = [
    ("describe_images", {"ImageIds": [NO_IMAGE]}, f"The image id '[{NO_IMAGE}]' does not exist"),
    (
        "describe_images",
        {"ImageIds": [NO_IMAGE, "ami-0123456789abcdef1"]},
        f"The image ids '[{NO_IMAGE}, ami-0123456789abcdef1]' do not exist",
    ),
    ("describe_images", {"ImageIds": ["web"]}, 'Invalid id: "web"'),
    ("delete_snapshot", {"SnapshotId": "{snapshot}"}, "is currently in use by {image}"),
    ("describe_instances", {"InstanceIds": [NO_INSTANCE]}, f"The instance ID '{NO_INSTANCE}' does not exist"),
]


@pytest.mark.parametrize("operation, parameters, part", MESSAGES)
def test_a_message_that_tools_read(world, operation, parameters, part):
    """Cloud Custodian takes the ids out of these, and so do others."""
    with pytest.raises(ClientError) as refused:
        getattr(world.tale.ec2, operation)(**filled(parameters, world.names))
    assert part.format_map(world.names) in refused.value.response["Error"]["Message"]


def test_what_aws_backup_manages_is_refused():
    """Such an image, and its snapshots, can be deleted through AWS Backup only."""
    with sandbox_server(world="sample") as server:
        ec2 = server.client("ec2")
        managed = ec2.describe_images(
            Owners=["self"], Filters=[{"Name": "tag-key", "Values": ["aws:backup:source-resource"]}]
        )["Images"]
        with pytest.raises(ClientError) as refused:
            ec2.deregister_image(ImageId=managed[0]["ImageId"])
        error = refused.value.response
        assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("AuthFailure", 401)
        assert error["Error"]["Message"] == "This image is managed by AWS Backup and cannot be deleted via EC2 APIs"
        assert ec2.describe_images(ImageIds=[managed[0]["ImageId"]])["Images"]


def test_a_bucket_that_is_empty_answers_503():
    """DisableImage has 50 tokens and 5 a second, and a refused call costs one too; boto3 tries once more by itself."""
    recorder = Recorder()
    with sandbox_server("--throttle", "aws") as server:
        ec2 = recorder.watch(server.client("ec2"))
        while not any(reply.status == 503 for reply in recorder.replies) and len(recorder.replies) < 100:
            with pytest.raises(ClientError):
                ec2.disable_image(ImageId=NO_IMAGE)
    limited = [reply for reply in recorder.replies if reply.status == 503]
    assert limited and all(b"<Code>RequestLimitExceeded</Code>" in reply.body for reply in limited)
    assert len(recorder.replies) > 50 and not any(reply.problems for reply in recorder.replies)
