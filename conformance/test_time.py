"""What takes time in AWS takes it in the sandbox, by a clock that stands still until it is moved."""

import pytest
from botocore.exceptions import ClientError
from harness import ADMIN, Server, sandbox_server
from tale import PARTNER, Tale

PACE = ("--pace", "image=5m,snapshot=10m,instance=30s,task=1h")
START = ("--clock", "2026-11-21T09:00:00Z")
DEVICE = "/dev/xvda"
WEEK = {"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"}


@pytest.fixture
def slow() -> Tale:
    """A sandbox that takes its time."""
    with sandbox_server(*ADMIN, *START, *PACE) as server:
        yield Tale(server)


@pytest.fixture
def tale() -> Tale:
    """A sandbox whose clock stands still, and in which everything is done at once."""
    with sandbox_server(*ADMIN, *START) as server:
        yield Tale(server)


def code_of(call, **parameters) -> str:
    """The error that this call is refused with; nothing when it is not."""
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


def ready_volume(slow: Tale) -> str:
    """A volume that is available: it takes as long as an instance."""
    volume = slow.volume()
    assert slow.ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["State"] == "creating"
    slow.server.advance("30s")
    assert slow.ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["State"] == "available"
    return volume


def snapshot_state(server: Server, snapshot: str) -> str:
    """The state of a snapshot."""
    return server.client("ec2").describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0]["State"]


def instance_state(server: Server, instance: str) -> str:
    """The state of an instance."""
    reply = server.client("ec2").describe_instances(InstanceIds=[instance])
    return reply["Reservations"][0]["Instances"][0]["State"]["Name"]


def test_snapshots_images_and_instances_come_to_be(slow):
    ec2, server = slow.ec2, slow.server
    snapshot = ec2.create_snapshot(VolumeId=ready_volume(slow))["SnapshotId"]
    assert snapshot_state(server, snapshot) == "pending"
    server.advance("10m")
    assert snapshot_state(server, snapshot) == "completed"

    mapping = {"DeviceName": DEVICE, "Ebs": {"SnapshotId": snapshot}}
    image = ec2.register_image(Name="web-1", RootDeviceName=DEVICE, BlockDeviceMappings=[mapping])["ImageId"]
    share = {"LaunchPermission": {"Add": [{"UserId": PARTNER}]}}
    assert slow.seen(image)["State"] == "pending"
    assert code_of(ec2.modify_image_attribute, ImageId=image, **share) == "InvalidAMIID.Unavailable"
    launch = {"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
    assert code_of(ec2.run_instances, **launch) == "InvalidAMIID.Unavailable"
    server.advance("5m")
    assert slow.seen(image)["State"] == "available"
    ec2.modify_image_attribute(ImageId=image, **share)

    [instance] = ec2.run_instances(**launch)["Instances"]
    assert instance["State"] == {"Code": 0, "Name": "pending"}
    server.advance("30s")
    assert instance_state(server, instance["InstanceId"]) == "running"
    reply = ec2.terminate_instances(InstanceIds=[instance["InstanceId"]])
    assert reply["TerminatingInstances"][0]["CurrentState"] == {"Code": 32, "Name": "shutting-down"}
    server.advance("30s")
    assert instance_state(server, instance["InstanceId"]) == "terminated"


def test_the_waiters_of_boto3_end(slow):
    """A waiter polls; here another thread of time moves the clock between two looks."""
    ec2, server = slow.ec2, slow.server
    snapshot = ec2.create_snapshot(VolumeId=ready_volume(slow))["SnapshotId"]
    looks = []

    def look(**_):
        looks.append(1)
        if len(looks) == 2:
            server.advance("10m")

    ec2.meta.events.register("before-call.ec2.DescribeSnapshots", look)
    ec2.get_waiter("snapshot_completed").wait(SnapshotIds=[snapshot], WaiterConfig={"Delay": 0, "MaxAttempts": 5})
    assert len(looks) == 2


def test_what_lies_in_the_bin_expires(tale):
    rbin = tale.client("rbin")
    for kind in ("EC2_IMAGE", "EBS_SNAPSHOT"):
        rbin.create_rule(ResourceType=kind, RetentionPeriod=WEEK)
    image = tale.image()
    [snapshot] = tale.snapshots(image)
    tale.ec2.deregister_image(ImageId=image, DeleteAssociatedSnapshots=True)
    tale.server.advance("167h")
    assert [found["ImageId"] for found in tale.ec2.list_images_in_recycle_bin()["Images"]] == [image]
    assert [found["SnapshotId"] for found in tale.ec2.list_snapshots_in_recycle_bin()["Snapshots"]] == [snapshot]
    tale.server.advance("2h")
    assert tale.ec2.list_images_in_recycle_bin()["Images"] == []
    assert tale.ec2.list_snapshots_in_recycle_bin()["Snapshots"] == []
    assert code_of(tale.ec2.restore_image_from_recycle_bin, ImageId=image) == "InvalidAMIID.NotFound"


def test_the_longest_rule_wins(tale):
    rbin = tale.client("rbin")
    rbin.create_rule(
        ResourceType="EC2_IMAGE",
        RetentionPeriod=WEEK,
        ResourceTags=[{"ResourceTagKey": "app", "ResourceTagValue": "web"}],
    )
    rbin.create_rule(
        ResourceType="EC2_IMAGE",
        RetentionPeriod={**WEEK, "RetentionPeriodValue": 30},
        ResourceTags=[{"ResourceTagKey": "env", "ResourceTagValue": "prod"}],
    )
    tags = [{"Key": "app", "Value": "web"}, {"Key": "env", "Value": "prod"}]
    both = tale.image(TagSpecifications=[{"ResourceType": "image", "Tags": tags}])
    one = tale.image(TagSpecifications=[{"ResourceType": "image", "Tags": tags[:1]}])
    none = tale.image()
    for image in (both, one, none):
        tale.ec2.deregister_image(ImageId=image)
    found = {
        binned["ImageId"]: (binned["RecycleBinExitTime"] - binned["RecycleBinEnterTime"]).days
        for binned in tale.ec2.list_images_in_recycle_bin()["Images"]
    }
    assert found == {both: 30, one: 7}


def test_a_launch_is_seen_a_day_later(tale):
    image = tale.image()
    tale.instance(image)
    assert "LastLaunchedTime" not in tale.seen(image)
    tale.server.advance("23h")
    assert "LastLaunchedTime" not in tale.seen(image)
    tale.server.advance("2h")
    assert tale.seen(image)["LastLaunchedTime"].startswith("2026-11-21T09:00:00")
    reply = tale.ec2.describe_image_attribute(ImageId=image, Attribute="lastLaunchedTime")
    assert reply["LastLaunchedTime"]["Value"].startswith("2026-11-21T09:00:00")


def test_protection_with_a_cooldown_lasts_a_day_longer(tale):
    ec2, image = tale.ec2, tale.image()
    ec2.enable_image_deregistration_protection(ImageId=image, WithCooldown=True)
    assert code_of(ec2.deregister_image, ImageId=image) == "OperationNotPermitted"
    ec2.disable_image_deregistration_protection(ImageId=image)
    assert tale.seen(image)["DeregistrationProtection"].startswith("disabled after 2026-11-22T09:00")
    tale.server.advance("23h")
    assert code_of(ec2.deregister_image, ImageId=image) == "OperationNotPermitted"
    tale.server.advance("2h")
    assert tale.seen(image)["DeregistrationProtection"] == "disabled"
    ec2.deregister_image(ImageId=image)


def test_a_deprecated_image_is_hidden_from_others(tale):
    image = tale.image()
    tale.ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": PARTNER}]})
    tale.ec2.enable_image_deprecation(ImageId=image, DeprecateAt="2026-12-01T00:00:00Z")
    theirs = tale.client("ec2", account=PARTNER)

    def listed(ec2, **more) -> bool:
        images = ec2.describe_images(Filters=[{"Name": "image-id", "Values": [image]}], **more)["Images"]
        return bool(images)

    assert listed(theirs)
    tale.server.advance("240h")
    assert not listed(theirs) and listed(theirs, IncludeDeprecated=True)
    assert theirs.describe_images(ImageIds=[image])["Images"], "by its id anybody who may launch it sees it"
    assert listed(tale.ec2), "its owner always sees it"


def test_an_instance_refresh_makes_progress(slow):
    """Two instances at a time that each take their time: the refresh is seen half way."""
    autoscaling, server = slow.autoscaling, slow.server
    snapshot = slow.ec2.create_snapshot(VolumeId=ready_volume(slow))["SnapshotId"]
    server.advance("10m")
    mapping = {"DeviceName": DEVICE, "Ebs": {"SnapshotId": snapshot}}
    images = [
        slow.ec2.register_image(Name=name, RootDeviceName=DEVICE, BlockDeviceMappings=[mapping])["ImageId"]
        for name in ("old", "new")
    ]
    server.advance("5m")
    group = slow.group(images[0], 2)
    server.advance("30s")
    template = slow.group_seen(group)["LaunchTemplate"]["LaunchTemplateId"]
    slow.ec2.create_launch_template_version(
        LaunchTemplateId=template, SourceVersion="1", LaunchTemplateData={"ImageId": images[1]}
    )
    refresh = autoscaling.start_instance_refresh(
        AutoScalingGroupName=group, Preferences={"MinHealthyPercentage": 50, "InstanceWarmup": 0}
    )["InstanceRefreshId"]

    def seen() -> dict:
        reply = autoscaling.describe_instance_refreshes(AutoScalingGroupName=group, InstanceRefreshIds=[refresh])
        return reply["InstanceRefreshes"][0]

    assert seen()["Status"] in ("Pending", "InProgress")
    percentages = []
    for _ in range(40):
        percentages.append(seen().get("PercentageComplete", 0))
        if seen()["Status"] == "Successful":
            break
        server.advance("15m")
    assert seen()["Status"] == "Successful", seen()
    assert percentages == sorted(percentages) and percentages[0] < percentages[-1] == 100
    running = {
        instance["ImageId"]
        for reservation in slow.ec2.describe_instances(
            InstanceIds=[one["InstanceId"] for one in slow.group_seen(group)["Instances"]]
        )["Reservations"]
        for instance in reservation["Instances"]
    }
    assert running == {images[1]}
