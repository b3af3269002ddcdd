"""Snapshots and volumes that images left behind, in a world that boto3 makes and amictl's binary reads."""

import json

import pytest
from harness import DENIED, REGION, Amictl, sandbox_server, write_faults
from world import Builder

WEEK = "168h"
# The clock of the sandbox runs ahead of that of the machine.
LATER = ("--now", "2036-01-01T00:00:00Z")


class Made(Builder):
    """Images that EC2 makes of an instance, so that it writes down what their snapshots are for."""

    def __init__(self, server):
        super().__init__(server)
        self.server = server
        self.source = self.instance(self.image("base", "keep", "in_use"))

    def made(self, name: str) -> tuple[str, str]:
        """An image of the instance, and its snapshot."""
        image = self.ec2.create_image(InstanceId=self.source, Name=name, NoReboot=True)["ImageId"]
        self.server.advance("1h")
        described = self.ec2.describe_images(ImageIds=[image])["Images"][0]
        assert described["State"] == "available"
        return image, described["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]

    def left(self, name: str) -> str:
        """The snapshot of an image that is gone."""
        image, snapshot = self.made(name)
        self.ec2.deregister_image(ImageId=image)
        return snapshot


@pytest.fixture(scope="module")
def world():
    """A server with one snapshot of each kind, by what keeps it or does not."""
    with sandbox_server("--admin", "127.0.0.1:0") as server:
        made = Made(server)
        ec2 = made.ec2
        made.snapshots = {
            "orphan": made.left("orphan"),
            "image": made.made("image")[1],
            "disabled": made.made("disabled")[1],
            "template": made.left("template"),
            "configuration": made.left("configuration"),
            "volume": made.left("volume"),
            "locked": made.left("locked"),
            "shared": made.left("shared"),
            "kept": made.left("kept"),
            "own": made.snapshot("before the upgrade"),
        }
        of = made.snapshots
        disabled = ec2.describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": ["disabled"]}])
        ec2.disable_image(ImageId=disabled["Images"][0]["ImageId"])
        data = {"BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": of["template"]}}]}
        ec2.create_launch_template(LaunchTemplateName="data", LaunchTemplateData={"InstanceType": "t3.micro", **data})
        made.autoscaling.create_launch_configuration(
            LaunchConfigurationName="data",
            ImageId=made.world.ids["base"],
            InstanceType="t3.micro",
            BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": of["configuration"]}}],
        )
        made.restored = ec2.create_volume(AvailabilityZone=made.zone, SnapshotId=of["volume"])["VolumeId"]
        ec2.lock_snapshot(SnapshotId=of["locked"], LockMode="governance", LockDuration=30)
        ec2.modify_snapshot_attribute(
            SnapshotId=of["shared"], Attribute="createVolumePermission", OperationType="add", UserIds=["210987654321"]
        )
        ec2.create_tags(Resources=[of["kept"]], Tags=[{"Key": "amictl:keep", "Value": "yes"}])
        server.advance(WEEK)
        yield made


def amictl(tmp_path, url: str) -> Amictl:
    """The binary."""
    return Amictl(tmp_path / "home", url)


def by_id(listed: dict, key: str) -> dict[str, dict]:
    """The items of a list."""
    return {item[key]: item for item in listed["items"]}


EXPECTED = {
    "orphan": ("orphan", "which is gone"),
    "image": ("used", "(available) uses it"),
    "disabled": ("used", "(disabled) uses it"),
    "template": ("used", "(launch_templates)"),
    "configuration": ("used", "data names it (launch_configurations)"),
    "volume": ("used", "was made from it"),
    "locked": ("left_alone", "locked"),
    "shared": ("left_alone", "shared with account 210987654321"),
    "kept": ("left_alone", "the policy protects tag amictl:keep"),
    "own": ("standalone", "nothing says that it was made for an image"),
}


def test_each_snapshot_is_told_what_it_is_and_why(world, tmp_path):
    listed = by_id(amictl(tmp_path, world.server.url)("snapshots", "--output", "json").json(), "snapshot_id")
    for name, (standing, because) in EXPECTED.items():
        item = listed[world.snapshots[name]]
        assert (item["standing"], because in item["because"]) == (standing, True), (name, item)


def test_orphans_alone_are_listed_in_every_format(world, tmp_path):
    run = amictl(tmp_path, world.server.url)
    orphan = world.snapshots["orphan"]
    assert [item["snapshot_id"] for item in run("snapshots", "--orphans", "--output", "json").json()["items"]] == [orphan]
    header, *lines = run("snapshots", "--orphans", "--output", "csv").stdout.splitlines()
    assert header.startswith("snapshot_id,") and [line.split(",")[0] for line in lines] == [orphan]
    kinds = [json.loads(line) for line in run("snapshots", "--orphans", "--output", "ndjson").stdout.splitlines()]
    assert [item["snapshot_id"] for item in kinds if item["kind"] == "item"] == [orphan]
    for form in ("table", "markdown"):
        shown = run("snapshots", "--orphans", "--output", form).stdout
        assert orphan in shown and world.snapshots["own"] not in shown


def test_only_snapshots_that_nothing_else_keeps_cost_a_call_each(world, tmp_path):
    listed = amictl(tmp_path, world.server.url)("snapshots", "--output", "json").json()
    calls = {entry["source"]: entry["calls"] for entry in listed["coverage"]}
    assert calls["snapshot_permissions"] == 2, "of the orphan and of the shared one"


@pytest.mark.parametrize(
    ("operation", "source"),
    [
        ("DescribeVolumes", "volumes"),
        ("ListImagesInRecycleBin", "recycle_bin"),
        ("ListSnapshotsInRecycleBin", "recycle_bin"),
        ("DescribeLockedSnapshots", "snapshot_locks"),
        ("DescribeFastSnapshotRestores", "fast_snapshot_restores"),
        ("DescribeSnapshotAttribute", "could not be read"),
        ("DescribeLaunchTemplates", "launch_templates"),
    ],
)
def test_what_could_not_be_read_makes_no_orphan(tmp_path, operation, source):
    faults = write_faults(tmp_path / "faults.json", {"operation": operation, "kind": DENIED})
    with sandbox_server("--admin", "127.0.0.1:0", "--faults", faults) as server:
        left = Made(server).left("left")
        item = by_id(amictl(tmp_path, server.url)("snapshots", "--output", "json").json(), "snapshot_id")[left]
        assert item["standing"] == "unknown" and source in item["because"], item


def test_volumes_that_images_left_behind(world, tmp_path):
    run = amictl(tmp_path, world.server.url)
    listed = by_id(run("volumes", *LATER, "--output", "json").json(), "volume_id")
    assert listed[world.restored]["standing"] == "orphan"
    assert listed[world.volume]["standing"] == "standalone", "it was made from no snapshot"
    attached = world.ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [world.source]}])
    assert {listed[volume["VolumeId"]]["standing"] for volume in attached["Volumes"]} == {"used"}
    assert run("volumes", "--orphans", *LATER, "--output", "csv").stdout.count("\n") == 2
    young = world.ec2.create_volume(AvailabilityZone=world.zone, SnapshotId=world.snapshots["volume"])["VolumeId"]
    listed = by_id(run("volumes", "--output", "json").json(), "volume_id")
    assert listed[young]["because"] == "made less than a day ago"
    world.ec2.delete_volume(VolumeId=young)


def test_an_image_in_the_recycle_bin_keeps_its_snapshot(tmp_path):
    with sandbox_server("--admin", "127.0.0.1:0") as server:
        made = Made(server)
        server.client("rbin").create_rule(
            ResourceType="EC2_IMAGE", RetentionPeriod={"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"}
        )
        left = made.left("left")
        item = by_id(amictl(tmp_path, server.url)("snapshots", "--output", "json").json(), "snapshot_id")[left]
        assert item["standing"] == "used" and "Recycle Bin" in item["because"], item


def test_a_snapshot_that_a_launch_template_names_stays_when_its_image_goes(tmp_path):
    """The mapping of a template may name a snapshot of an image that the template does not launch."""
    with sandbox_server("--admin", "127.0.0.1:0") as server:
        made = Made(server)
        image, snapshot = made.made("old-1")
        made.made("old-2")
        data = {"BlockDeviceMappings": [{"DeviceName": "/dev/sdf", "Ebs": {"SnapshotId": snapshot}}]}
        made.ec2.create_launch_template(LaunchTemplateName="data", LaunchTemplateData=data)
        server.advance("2400h")
        run = amictl(tmp_path, server.url)
        (run.home / "amictl.yaml").write_text(
            "version: 1\nlimits: { max_percent: 100 }\nfamilies:\n  - name: old\n    match: { name: 'old-{version}' }\n"
            "    keep: { newest: 1 }\n    retire: [deregister]\n"
        )
        plan = run("plan", *LATER, "--out", "plan.json", "--output", "json").json()
        (step,) = plan["steps"]
        assert step["target"] == image
        (fate,) = step["snapshots"]
        assert fate["delete"] is False and "(launch_templates)" in fate["kept_because"]
        run("apply", "plan.json", "--yes", "--settle", "0s")
        remaining = {found["SnapshotId"] for found in made.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
        assert snapshot in remaining
        assert image not in {found["ImageId"] for found in made.ec2.describe_images(Owners=["self"])["Images"]}


def test_an_inventory_of_a_scan_does_not_tell_of_snapshots(world, tmp_path):
    run = amictl(tmp_path, world.server.url)
    run("scan", "--region", REGION)
    (inventory,) = (run.state / "inventories").iterdir()
    refused = run("snapshots", "--inventory", str(inventory), code=1)
    assert "does not tell of snapshots and volumes" in refused.stderr
