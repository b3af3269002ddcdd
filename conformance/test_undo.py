"""What a run did comes back: from the Recycle Bin too, and again when an undo is undone; the audit file tells all of it."""

import json

import pytest
from conftest import in_400_days
from harness import ACCOUNT, Amictl, images_of, launch_permissions_of, sandbox_server, snapshots_of
from world import PARTNER_ACCOUNT, Builder

POLICY = """\
version: 1
references: { other_accounts: ignore }
limits: { max_actions: 100, max_percent: 100, min_images: 1 }
families:
  - name: all
    match: { name: "*" }
    keep: { younger_than: 30d }
    retire: [{ deregister: { require_recycle_bin: 7d } }]
"""
SHARED = [{"UserId": PARTNER_ACCOUNT}]
NAMES = {"old-0", "old-1", "old-2"}
PARTIAL, REFUSED = 3, 4
OF_RESTORING = (
    "ec2:ListImagesInRecycleBin",
    "ec2:ListSnapshotsInRecycleBin",
    "ec2:RestoreSnapshotFromRecycleBin",
    "ec2:RestoreImageFromRecycleBin",
)
# What cannot be read of these holds nothing: AWS itself refuses to delete what is locked.
OF_HOLDING = ("ec2:DescribeLockedSnapshots", "ec2:DescribeFastSnapshotRestores", "ec2:GetAllowedImagesSettings")


class Undoing:
    """An account with shared images that a run has deregistered into the Recycle Bin."""

    def __init__(self, server, home):
        self.server, self.home, self.ec2 = server, home, server.client("ec2")
        rules = server.client("rbin")
        for kind in ("EC2_IMAGE", "EBS_SNAPSHOT"):
            period = {"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"}
            rules.create_rule(ResourceType=kind, RetentionPeriod=period)
        builder = Builder(server)
        for name in sorted(NAMES):
            image = builder.image(name, "retire", "unused")
            self.ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": SHARED})
        self.before = self.world()
        self.amictl = Amictl(home, server.url)
        (home / "policy.yaml").write_text(POLICY)
        self.amictl("plan", "-f", "policy.yaml", "--now", in_400_days(), "--out", "plan.json", "--output", "json")
        self.plan = json.loads((home / "plan.json").read_text())
        run = self.amictl("apply", "plan.json", "--yes", "--settle", "0s", "--output", "json").json()
        assert {step["outcome"] for step in run["steps"]} == {"done"}
        self.run = run["run_id"]

    def world(self) -> dict:
        """Every image with whom it is shared, and the snapshots."""
        images = {
            name: (image["ImageId"], image["State"], launch_permissions_of(self.server, image["ImageId"]))
            for name, image in images_of(self.server).items()
        }
        return {"images": images, "snapshots": snapshots_of(self.server)}

    def undo(self, run: str, *more: str, code: int = 0):
        """The outcome of each step."""
        steps = self.amictl("undo", run, "--yes", "--output", "json", *more, code=code).json()["steps"]
        return [step["outcome"] for step in steps]


@pytest.fixture
def undoing(tmp_path):
    with sandbox_server("--admin", "127.0.0.1:0") as server:
        yield Undoing(server, tmp_path)


def test_the_plan_says_for_how_long_each_step_can_be_taken_back(undoing):
    assert [(step["undo"], step["require_recycle_bin_days"]) for step in undoing.plan["steps"]] == [("restore", 7)] * 3


def test_what_was_deregistered_comes_back_with_snapshots_and_sharing(undoing):
    assert undoing.world() == {"images": {}, "snapshots": set()}
    preview = undoing.amictl("undo", undoing.run, "--dry-run").stderr
    exits = undoing.ec2.list_images_in_recycle_bin()["Images"][0]["RecycleBinExitTime"]
    assert preview.count("restore from the Recycle Bin") == 3 and f"possible until {exits:%Y-%m-%d}" in preview
    assert undoing.world()["images"] == {}
    assert undoing.undo(undoing.run) == ["returned"] * 3
    assert undoing.world() == undoing.before
    assert "nothing to take back" in undoing.amictl("undo", undoing.run, "--yes").stderr


def test_an_undo_is_undone_with_every_check(undoing):
    assert undoing.undo(undoing.run, "--step", "s1,s2") == ["returned"] * 2
    undo = f"{undoing.run}/undo-001"
    assert undo in undoing.amictl("runs", "show", undoing.run).stderr
    back = {name for name, _ in undoing.world()["images"].items()}
    assert len(back) == 2 and back < NAMES
    # One of the two is used by now.
    used = min(back)
    undoing.ec2.run_instances(ImageId=undoing.world()["images"][used][0], MinCount=1, MaxCount=1)
    assert "deregister again" in undoing.amictl("undo", undo, "--dry-run").stderr
    again = undoing.amictl("undo", undo, "--yes", "--settle", "0s", "--output", "json", code=PARTIAL).json()
    assert sorted(step["outcome"] for step in again["steps"]) == ["done", "skipped"]
    assert set(undoing.world()["images"]) == {used}
    # And what that did can be undone in its turn.
    assert undoing.undo(again["run_id"]) == ["returned"]
    assert set(undoing.world()["images"]) == back
    assert undoing.world()["images"].items() <= undoing.before["images"].items()


def test_an_undo_of_an_undo_passes_the_guards_of_a_run(undoing):
    assert undoing.undo(undoing.run) == ["returned"] * 3
    undo = f"{undoing.run}/undo-001"
    refused = undoing.amictl("undo", undo, "--yes", "--expect-account", PARTNER_ACCOUNT, code=REFUSED)
    assert "is expected" in refused.stderr and undoing.world() == undoing.before
    missing = undoing.amictl("undo", f"{undoing.run}/undo-007", "--yes", code=1)
    assert "there is no undo" in missing.stderr


def test_what_has_left_the_bin_is_said_before_and_after(undoing):
    undoing.server.advance("8d")
    preview = undoing.amictl("undo", undoing.run, "--dry-run").stderr
    assert preview.count("cannot be taken back: it is deregistered and not in the Recycle Bin") == 3
    assert undoing.undo(undoing.run, code=PARTIAL) == ["failed"] * 3


def allow(undoing: Undoing, *tasks: str, without: str = ""):
    """Allows what amictl prints for these commands, less one action."""
    policies = [undoing.amictl("iam-policy", "--for", task).json() for task in tasks]
    actions = {action for policy in policies for each in policy["Statement"] for action in each["Action"]}
    statement = {"Effect": "Allow", "Action": sorted(actions - {without}), "Resource": "*"}
    undoing.server.admin("PUT", "/iam", {"Version": "2012-10-17", "Statement": [statement]})


def test_the_printed_permissions_are_enough_for_an_undo(undoing):
    allow(undoing, "undo")
    assert undoing.undo(undoing.run) == ["returned"] * 3
    undoing.server.admin("PUT", "/iam", {"accounts": {}})
    assert undoing.world() == undoing.before


@pytest.mark.parametrize("action", OF_RESTORING)
def test_each_action_of_restoring_is_needed_and_its_lack_is_told(undoing, action):
    allow(undoing, "undo", without=action)
    steps = undoing.amictl("undo", undoing.run, "--yes", "--output", "json", code=PARTIAL).json()["steps"]
    assert [step["outcome"] for step in steps] == ["failed"] * 3
    assert all(action.removeprefix("ec2:") in step["reason"] for step in steps)
    undoing.server.admin("PUT", "/iam", {"accounts": {}})
    assert undoing.world()["images"] == {}
    # With the permission it simply goes on.
    assert undoing.undo(undoing.run) == ["returned"] * 3 and undoing.world() == undoing.before


@pytest.mark.parametrize("action", OF_HOLDING)
def test_what_is_held_need_not_be_readable(undoing, action):
    assert undoing.undo(undoing.run) == ["returned"] * 3
    allow(undoing, "apply", without=action)
    again = undoing.amictl("undo", f"{undoing.run}/undo-001", "--yes", "--settle", "0s", "--output", "json")
    assert {step["outcome"] for step in again.json()["steps"]} == {"done"} and action.removeprefix("ec2:") in again.stderr


def test_allowed_amis_is_told_before_images_go_and_holds_none_of_the_account(undoing):
    assert undoing.undo(undoing.run) == ["returned"] * 3
    undoing.ec2.enable_allowed_images_settings(AllowedImagesSettingsState="enabled")
    again = undoing.amictl("undo", f"{undoing.run}/undo-001", "--yes", "--settle", "0s", "--output", "json")
    assert "Allowed AMIs is enabled" in again.stderr
    assert {step["outcome"] for step in again.json()["steps"]} == {"done"} and not images_of(undoing.server)


def test_the_audit_file_tells_evidence_calls_and_outcomes(undoing):
    [audit] = (undoing.amictl.state / "runs" / undoing.run).glob("audit-*.jsonl")
    lines = [json.loads(line) for line in audit.read_text().splitlines()]
    by_kind = {kind: [line for line in lines if line["kind"] == kind] for kind in {line["kind"] for line in lines}}
    assert lines[0]["kind"] == "process" and f":{ACCOUNT}:" in lines[0]["caller"]
    assert lines[0]["run"]["plan_digest"] == undoing.plan["digest"]
    assert lines[-1] == {"kind": "end", "at": lines[-1]["at"], "status": "finished"}
    assert [line["verdict"]["reasons"] for line in by_kind["verdict"]] == [
        next(verdict["reasons"] for verdict in undoing.plan["verdicts"] if verdict["image_id"] == step["target"])
        for step in undoing.plan["steps"]
    ]
    assert {line["source"] for line in by_kind["coverage"]} >= {"instances", "launch_templates"}
    assert all("done" in line["result"] for line in by_kind["step"]) and len(by_kind["step"]) == 3
    # What the server was asked is what the file says, each with the id that the server gave it.
    changes = [line for line in by_kind["call"] if line["mutating"]]
    assert sorted(line["operation"] for line in changes) == ["DeregisterImage"] * 3 + ["DisableImage"] * 3
    assert all(line["outcome"] == "ok" for line in changes)
    ids = [line["request_id"] for line in by_kind["call"]]
    assert all(ids) and len(set(ids)) == len(ids)
    assert {line["operation"] for line in by_kind["call"]} >= {"DescribeImages", "DescribeInstances"}


@pytest.fixture
def fresh(tmp_path):
    with sandbox_server() as server:
        yield server, Amictl(tmp_path, server.url)


def test_an_image_whose_snapshot_is_locked_or_kept_ready_is_not_touched(fresh):
    server, amictl = fresh
    ec2, builder = server.client("ec2"), Builder(server)
    ids = {name: builder.image(name, "retire", "unused") for name in ("locked", "ready", "free")}
    image_of = images_of(server)
    snapshot_of = {name: image_of[name]["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"] for name in ids}
    ec2.lock_snapshot(SnapshotId=snapshot_of["locked"], LockMode="governance", LockDuration=30)
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"][:1]]
    ec2.enable_fast_snapshot_restores(AvailabilityZones=zones, SourceSnapshotIds=[snapshot_of["ready"]])
    (amictl.home / "policy.yaml").write_text(POLICY.replace("[{ deregister: { require_recycle_bin: 7d } }]", "[deregister]"))
    amictl("plan", "-f", "policy.yaml", "--now", in_400_days(), "--out", "plan.json", "--output", "json")
    run = amictl("apply", "plan.json", "--yes", "--settle", "0s", "--output", "json", code=PARTIAL).json()
    reasons = {step["target"]: (step["outcome"], step["reason"]) for step in run["steps"]}
    assert reasons[ids["free"]][0] == "done" and set(images_of(server)) == {"locked", "ready"}
    for name, words in (("locked", "is locked"), ("ready", "fast snapshot restore")):
        outcome, reason = reasons[ids[name]]
        assert outcome == "skipped" and words in reason and snapshot_of[name] in reason
