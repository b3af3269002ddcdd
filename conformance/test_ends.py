"""What is left of images: the Recycle Bin, snapshots and volumes that were left behind, instances that end."""

import json

import pytest
from harness import ADMIN, Amictl, images_of, sandbox_server, snapshots_of
from world import Builder

REFUSED, PARTIAL, USAGE = 4, 3, 64
FAR = "eu-west-1"
# Long before the tests: what was made is old by now, and its time is over at once.
PAST = ("--clock", "2026-01-01T00:00:00Z", "--pace", "all=0s")

# What taking a deleted volume back needs.
OF_VOLUMES = ("ec2:DescribeVolumes", "ec2:ListVolumesInRecycleBin", "ec2:RestoreVolumeFromRecycleBin")


class Left:
    """An account with an image that EC2 made of an instance, and amictl beside it."""

    def __init__(self, server, home):
        self.server, self.home = server, home
        self.builder = Builder(server)
        self.ec2 = self.builder.ec2
        self.base = self.builder.image("base", "keep", "in_use")
        self.source = self.builder.instance(self.base)
        self.amictl = Amictl(home, server.url)

    def __call__(self, *args, code=0):
        """Runs a command; its one JSON document."""
        return self.amictl(*args, "--output", "json", code=code).json()

    def outcomes(self, *args, code=0) -> list[str]:
        """What came of each step."""
        return [step["outcome"] for step in self(*args, code=code)["steps"]]

    def undo(self, run: dict, code=0) -> list[str]:
        """Takes a run back."""
        run = run["run_id"]
        return [step["outcome"] for step in self("undo", run, "--yes", code=code)["steps"]]

    def made(self, name: str) -> tuple[str, str]:
        """An image of the instance, and its snapshot."""
        image = self.ec2.create_image(InstanceId=self.source, Name=name, NoReboot=True)["ImageId"]
        [mapping] = self.ec2.describe_images(ImageIds=[image])["Images"][0]["BlockDeviceMappings"]
        return image, mapping["Ebs"]["SnapshotId"]

    def keep(self, *kinds: str):
        """Rules of the Recycle Bin for these kinds of resources."""
        rules = self.server.client("rbin")
        for kind in kinds:
            period = {"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"}
            rules.create_rule(ResourceType=kind, RetentionPeriod=period)

    def volumes(self) -> set[str]:
        """The volumes that are there."""
        return {volume["VolumeId"] for volume in self.ec2.describe_volumes()["Volumes"]}


@pytest.fixture
def left(tmp_path):
    with sandbox_server(*ADMIN, *PAST) as server:
        yield Left(server, tmp_path)


def test_an_image_comes_out_of_the_bin_with_its_snapshots(left):
    left.keep("EC2_IMAGE", "EBS_SNAPSHOT")
    image, snapshot = left.made("web-1")
    other = left.builder.image("web-2", "keep", "")
    [mapping] = images_of(left.server)["web-2"]["BlockDeviceMappings"]
    unknown = mapping["Ebs"]["SnapshotId"]
    for one in (image, other):
        left.ec2.deregister_image(ImageId=one)
    for one in (snapshot, unknown):
        left.ec2.delete_snapshot(SnapshotId=one)
    listed = {row["id"]: row for row in left("bin", "list")["rows"]}
    assert set(listed) == {image, other, snapshot, unknown}
    assert listed[snapshot]["image"] == image and listed[image]["name"] == "web-1"
    assert listed[image]["leaves_at"].startswith("2026-01-08")
    assert "2026-01-08" in left.amictl("bin", "list").stdout
    # By its description, and by what was named beside it; looking changes nothing.
    both = ("bin", "restore", image, other, unknown)
    plan = left(*both, "--dry-run")
    assert {step["target"]: step["change"]["restore"][1].get("snapshots") for step in plan["steps"]} == {
        image: sorted([snapshot, unknown]),
        other: [unknown],
    }
    assert len(images_of(left.server)) == 1
    assert left.outcomes(*both) == ["done"] * 2
    assert set(images_of(left.server)) == {"base", "web-1", "web-2"}
    assert {snapshot, unknown} <= snapshots_of(left.server) and left("bin", "list")["rows"] == []
    again = left.amictl(*both, "--output", "json")
    assert again.json()["steps"] == [] and again.stderr.count("is there already") == 3, again
    assert "not in the Recycle Bin" in left.amictl("bin", "restore", "ami-00000000000000000", code=1).stderr


def test_orphans_go_and_come_back_and_what_is_used_does_not(left):
    left.keep("EBS_SNAPSHOT")
    (image, used), (gone, orphan) = left.made("web-1"), left.made("web-2")
    left.ec2.deregister_image(ImageId=gone)
    left.amictl("snapshots", "--delete", code=USAGE)
    left.amictl("snapshots", "--orphans", "--yes", code=USAGE)
    assert "not confirmed" in left.amictl("snapshots", "--orphans", "--delete", code=REFUSED).stderr
    before = snapshots_of(left.server)
    [step] = left("snapshots", "--orphans", "--delete", "--dry-run")["steps"]
    assert (step["action"], step["target"], step["undo"]) == ("delete_snapshot", orphan, "restore")
    assert step["change"]["delete_snapshot"]["bin_days"] == 7 and snapshots_of(left.server) == before
    run = left("snapshots", "--orphans", "--delete", "--yes")
    [step] = run["steps"]
    assert (step["outcome"], step["target"], step["image_id"]) == ("done", orphan, None)
    assert snapshots_of(left.server) == before - {orphan}
    assert left("snapshots", "--orphans", "--delete", "--yes")["steps"] == []
    assert left.undo(run) == ["returned"] and snapshots_of(left.server) == before
    result = left.amictl("snapshots", orphan, used, "--delete", "--yes", code=REFUSED)
    assert f"image {image} (available) uses it" in result.stderr and snapshots_of(left.server) == before


def test_a_snapshot_that_was_named_is_looked_at_once_more(left):
    own = left.builder.snapshot("before the upgrade")
    shared = left.builder.snapshot("for a friend")
    left.ec2.modify_snapshot_attribute(
        SnapshotId=shared, Attribute="createVolumePermission", OperationType="add", UserIds=["210987654321"]
    )
    assert "shared with" in left.amictl("snapshots", shared, "--delete", "--yes", code=REFUSED).stderr
    # What changes between plan and deletion stays, and so does what is used by then.
    left.amictl("snapshots", own, "--delete", "--out", "plan.json")
    left.ec2.create_tags(Resources=[own], Tags=[{"Key": "Owner", "Value": "me"}])
    run = left("apply", "plan.json", "--yes", "--max-age", "9999d", code=PARTIAL)
    assert "changed since the plan: tags" in run["steps"][0]["reason"]
    left.amictl("snapshots", own, "--delete", "--out", "plan.json")
    volume = left.ec2.create_volume(AvailabilityZone=left.builder.zone, SnapshotId=own)["VolumeId"]
    run = left("apply", "plan.json", "--yes", code=PARTIAL)
    assert f"volume {volume}" in run["steps"][0]["reason"] and own in snapshots_of(left.server)
    left.ec2.delete_volume(VolumeId=volume)
    run = left("snapshots", own, "--delete", "--yes")
    assert [step["outcome"] for step in run["steps"]] == ["done"]
    assert own not in snapshots_of(left.server)
    again = left.amictl("snapshots", own, "--delete", "--yes")
    assert f"{own} is gone already" in again.stderr
    # No rule keeps it: that was said, and so it is.
    assert left.undo(run, code=PARTIAL) == ["failed"]


def test_volumes_go_and_come_back_and_attached_ones_stay(left):
    [mapping] = images_of(left.server)["base"]["BlockDeviceMappings"]
    root = mapping["Ebs"]["SnapshotId"]
    orphan = left.ec2.create_volume(AvailabilityZone=left.builder.zone, SnapshotId=root)["VolumeId"]
    blank = left.builder.volume
    attached = left.volumes() - {orphan, blank}
    left.server.admin("PUT", "/clock", {"advance": "48h"})
    left.keep("EBS_VOLUME")
    run = left("volumes", "--orphans", "--delete", "--yes")
    [step] = run["steps"]
    assert (step["outcome"], step["target"], step["changed"]) == ("done", orphan, True)
    assert left.volumes() == {blank, *attached}
    assert left.undo(run) == ["returned"] and orphan in left.volumes()
    result = left.amictl("volumes", *attached, "--delete", "--yes", code=REFUSED)
    assert f"attached to {left.source}" in result.stderr
    # A blank one is no image's, and goes when it is named.
    assert left.outcomes("volumes", blank, orphan, "--delete", "--yes") == ["done", "done"]
    assert left.volumes() == attached
    restored = left.outcomes("bin", "restore", blank)
    assert restored == ["done"] and blank in left.volumes()


def test_instances_of_an_image_end_and_protected_ones_do_not(left):
    image = left.builder.image("web", "keep", "")
    first, second = left.builder.instance(image), left.builder.instance(image)
    left.ec2.modify_instance_attribute(InstanceId=second, DisableApiTermination={"Value": True})
    result = left.amictl("terminate", image, "--yes", code=REFUSED)
    assert f"{second}" in result.stderr and "protected from termination" in result.stderr
    assert "not confirmed" in left.amictl("terminate", image, "--skip-protected", code=REFUSED).stderr
    [step] = left("terminate", image, "--skip-protected", "--yes", code=PARTIAL)["steps"]
    assert (step["outcome"], step["target"]) == ("done", first)
    states = {
        instance["InstanceId"]: instance["State"]["Name"]
        for reservation in left.ec2.describe_instances()["Reservations"]
        for instance in reservation["Instances"]
    }
    assert states == {left.source: "running", first: "terminated", second: "running"}
    left.ec2.modify_instance_attribute(InstanceId=second, DisableApiTermination={"Value": False})
    run = left("terminate", image, "--yes")
    assert [step["outcome"] for step in run["steps"]] == ["done"]
    assert left("terminate", image, "--yes")["steps"] == []
    assert left.undo(run, code=PARTIAL) == ["failed"]


@pytest.mark.parametrize(
    ("task", "command"),
    [
        ("delete-snapshots", ("snapshots", "--orphans", "--delete", "--yes")),
        ("delete-volumes", ("volumes", "--orphans", "--delete", "--yes")),
        ("terminate", ("terminate", "{base}", "--yes")),
        ("bin", ("bin", "restore", "{gone}")),
    ],
)
def test_the_printed_permissions_are_enough(left, task, command):
    left.keep("EC2_IMAGE")
    gone, _ = left.made("web-1")
    left.ec2.deregister_image(ImageId=gone)
    names = {"base": left.base, "gone": gone}
    policy = left.amictl("iam-policy", "--for", task).json()
    actions = sorted({action for statement in policy["Statement"] for action in statement["Action"]})
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    left.server.admin("PUT", "/iam", {"Version": "2012-10-17", "Statement": [statement]})
    result = left.amictl(*(word.format(**names) for word in command), "--output", "json")
    assert {step["outcome"] for step in result.json()["steps"]} <= {"done"}, result
    assert "denied" not in json.dumps(result.json()) + result.stderr.lower(), result


@pytest.mark.parametrize("action", OF_VOLUMES)
def test_each_action_of_restoring_a_volume_is_needed_and_its_lack_is_told(left, action):
    left.keep("EBS_VOLUME")
    [mapping] = images_of(left.server)["base"]["BlockDeviceMappings"]
    volume = left.ec2.create_volume(AvailabilityZone=left.builder.zone, SnapshotId=mapping["Ebs"]["SnapshotId"])["VolumeId"]
    run = left("volumes", volume, "--delete", "--yes")
    policy = left.amictl("iam-policy", "--for", "undo").json()
    actions = {one for statement in policy["Statement"] for one in statement["Action"]}
    assert action in actions
    statement = {"Effect": "Allow", "Action": sorted(actions - {action}), "Resource": "*"}
    left.server.admin("PUT", "/iam", {"Version": "2012-10-17", "Statement": [statement]})
    [step] = left("undo", run["run_id"], "--yes", code=PARTIAL)["steps"]
    assert step["outcome"] == "failed" and action.removeprefix("ec2:") in step["reason"], step
    left.server.admin("PUT", "/iam", {"accounts": {}})
    # With the permission it simply goes on.
    assert left.undo(run) == ["returned"] and volume in left.volumes()
