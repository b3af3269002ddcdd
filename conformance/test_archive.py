"""The stage that archives the snapshots of a disabled image, by the binary, read back by boto3."""

import json

import pytest
from conftest import in_400_days
from harness import ADMIN, Amictl, images_of, sandbox_server
from world import Builder

POLICY = """\
version: 1
references: { other_accounts: ignore }
protect: [{ tag: { hold: "*" } }]
limits: { max_actions: 100, max_percent: 100, min_images: 1 }
families:
  - name: old
    match: { name: "old-*" }
    keep: { younger_than: 30d }
    retire: [disable, archive_snapshots, { deregister: { after: 120d } }]
"""
# Each serves the step that it is denied to.
OF_ARCHIVING = {
    "ec2:DescribeSnapshotTierStatus": "failed",
    "ec2:DescribeSnapshotAttribute": "failed",
    "ec2:ModifySnapshotTier": "failed",
}
OF_UNARCHIVING = "ec2:RestoreSnapshotTier"


class Archive:
    """An account with an image of its own snapshot, and one that shares its snapshot with an image that stays."""

    def __init__(self, server, home):
        self.server, self.home = server, home
        self.ec2 = server.client("ec2")
        builder = Builder(server)
        self.own, self.shared = builder.snapshot("own"), builder.snapshot("shared")
        self.image = builder.image("old-1", "retire", "unused", snapshot=self.own)
        builder.image("old-2", "retire", "unused", snapshot=self.shared)
        builder.image("stays", "keep", "no_family", snapshot=self.shared)
        self.amictl = Amictl(home, server.url)
        (home / "policy.yaml").write_text(POLICY)

    def plan(self) -> dict:
        """The plan for 400 days from now."""
        self.amictl("plan", "-f", "policy.yaml", "--now", in_400_days(), "--out", "plan.json", "--output", "json")
        return json.loads((self.home / "plan.json").read_text())

    def run(self, code: int = 0) -> dict:
        """Plans and applies; what came of each step, by the image's name."""
        self.plan()
        run = self.amictl("apply", "plan.json", "--yes", "--settle", "0s", "--output", "json", code=code).json()
        return {step["name"]: step for step in run["steps"]}

    def tier(self, snapshot: str) -> str:
        """The tier of a snapshot."""
        [found] = self.ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"]
        return found["StorageTier"]

    def stage(self, name: str) -> str:
        """The tag of an image's stage."""
        tags = {tag["Key"]: tag["Value"] for tag in images_of(self.server)[name].get("Tags", [])}
        return tags["amictl:stage"]


@pytest.fixture
def archive(tmp_path):
    with sandbox_server(*ADMIN) as server:
        archive = Archive(server, tmp_path)
        steps = archive.run()
        assert {step["action"] for step in steps.values()} == {"disable"}
        yield archive


def test_what_one_disabled_image_alone_uses_is_archived_and_comes_back(archive):
    table = archive.amictl("plan", "-f", "policy.yaml", "--now", in_400_days()).stdout
    assert table.count("archive_snapshots") == 2 and "Snapshots: 0 to delete, 1 to archive, 1 kept" in table
    assert "within 72 hours" in table
    plan = archive.plan()
    [of_own] = [step for step in plan["steps"] if step["target"] == archive.image]
    assert (of_own["action"], of_own["undo"], of_own["snapshots"][0]["archive"]) == ("archive_snapshots", "restore_tier", True)
    assert of_own["monthly_usd_upper_bound"] > 0
    steps = archive.run()
    assert [snapshot["fate"] for snapshot in steps["old-1"]["snapshots"]] == ["archived"]
    assert [snapshot["fate"] for snapshot in steps["old-2"]["snapshots"]] == ["kept"]
    assert steps["old-2"]["snapshots"][0]["why"].startswith("image ami-")
    assert (archive.tier(archive.own), archive.tier(archive.shared)) == ("archive", "standard")
    assert archive.stage("old-1") == archive.stage("old-2") == "archive_snapshots"
    # EC2 enables no image of an archived snapshot; undoing takes the snapshot out first, and says what that means.
    undone = archive.amictl("undo", archive.amictl("runs", "--output", "json").json()[-1]["run_id"], "--yes")
    assert "72 hours" in undone.stdout + undone.stderr and "90 days" in undone.stdout + undone.stderr
    assert (archive.tier(archive.own), archive.stage("old-1")) == ("standard", "disable")
    assert images_of(archive.server)["old-1"]["State"] == "disabled"


def test_an_image_that_is_held_comes_back_from_the_archive(archive):
    archive.run()
    archive.ec2.create_tags(Resources=[archive.image], Tags=[{"Key": "hold", "Value": "audit"}])
    archive.plan()
    # Its snapshot is on the way out of the archive: the run is gone on with when it is there.
    archive.amictl("apply", "plan.json", "--yes", "--settle", "0s", code=5)
    archive.amictl("resume", "--yes", "--settle", "0s")
    image = images_of(archive.server)["old-1"]
    assert (image["State"], archive.tier(archive.own)) == ("available", "standard")
    assert [tag["Key"] for tag in image["Tags"]] == ["hold"]


@pytest.mark.parametrize("action", OF_ARCHIVING)
def test_each_permission_of_archiving_is_needed(archive, action):
    policy = archive.amictl("iam-policy", "--for", "plan,apply").stdout
    assert action in policy
    operation = action.removeprefix("ec2:")
    archive.plan()
    rule = {"operation": operation, "kind": "access_denied"}
    archive.server.admin("PUT", "/faults", {"rules": [rule]})
    run = archive.amictl("apply", "plan.json", "--yes", "--settle", "0s", "--output", "json", code=3).json()
    outcomes = {step["name"]: step["outcome"] for step in run["steps"]}
    assert outcomes["old-1"] == OF_ARCHIVING[action], run
    assert (archive.tier(archive.own), archive.stage("old-1")) == ("standard", "disable")


def test_without_the_permission_to_restore_the_archive_is_not_left_and_that_is_told(archive):
    archive.run()
    for task in ("apply", "undo"):
        assert OF_UNARCHIVING in archive.amictl("iam-policy", "--for", task).stdout
    archive.server.admin("PUT", "/faults", {"rules": [{"operation": "RestoreSnapshotTier", "kind": "access_denied"}]})
    run = archive.amictl("runs", "--output", "json").json()[-1]["run_id"]
    undone = archive.amictl("undo", run, "--yes", code=3)
    assert "could not be taken out of the archive" in undone.stdout
    archive.ec2.create_tags(Resources=[archive.image], Tags=[{"Key": "hold", "Value": "audit"}])
    assert archive.run(code=3)["old-1"]["outcome"] == "failed"
    assert (archive.tier(archive.own), archive.stage("old-1")) == ("archive", "archive_snapshots")
