"""Retirement in stages, run after run, by the binary: in the sandbox, read back by boto3 and the AWS CLI."""

from datetime import UTC, datetime

import pytest
from conftest import in_400_days
from harness import ACCOUNT, Amictl, images_of, launch_permissions_of, sandbox_server
from world import PARTNER_ACCOUNT, Builder

OF_STAGES = {
    "ec2:CreateTags": "mark",
    "ec2:EnableImageDeprecation": "deprecate",
    "ec2:DisableImageDeprecation": "leave",
    "ec2:DeleteTags": "leave",
}
OF_RECOVERY = ("rbin:ListRules", "rbin:GetRule")
SHARED = [{"UserId": PARTNER_ACCOUNT}]
POLICY = """\
version: 1
references: { other_accounts: ignore }
protect: [{ tag: { hold: "*" } }]
limits: { max_actions: 100, max_percent: 100, min_images: 1 }
families:
  - name: all
    match: { name: "*" }
    keep: { younger_than: 30d }
    retire: [{ deprecate: { after: 7d } }, { disable: { after: 14d } }, { deregister: { after: 28d } }]
"""
RECOVERABLE = "[{ deregister: { require_recycle_bin: 7d } }]\n"


class Stages:
    """An account with one unused, shared image, and amictl beside it."""

    def __init__(self, server, home):
        self.server, self.home = server, home
        self.ec2 = server.client("ec2")
        builder = Builder(server)
        self.image = builder.image("old-1", "retire", "unused")
        self.ec2.modify_image_attribute(ImageId=self.image, LaunchPermission={"Add": SHARED})
        self.amictl = Amictl(home, server.url)
        (home / "policy.yaml").write_text(POLICY)

    def run(self) -> list[str]:
        """Plans for 400 days from now, when every wait is over, and applies; what was done."""
        self.amictl("plan", "-f", "policy.yaml", "--now", in_400_days(), "--out", "plan.json", "--output", "json")
        run = self.amictl("apply", "plan.json", "--yes", "--settle", "0s", "--output", "json").json()
        assert all(step["outcome"] == "done" for step in run["steps"]), run
        return [step["action"] for step in run["steps"]]

    @property
    def now(self) -> dict:
        """The image."""
        return images_of(self.server)["old-1"]

    @property
    def tags(self) -> dict[str, str]:
        """Its tags that stages set."""
        return {tag["Key"]: tag["Value"] for tag in self.now.get("Tags", []) if tag["Key"].startswith("amictl:")}


@pytest.fixture
def stages(tmp_path):
    with sandbox_server() as server:
        yield Stages(server, tmp_path)


def test_an_image_goes_through_every_stage_by_its_tags_alone(stages, tmp_path_factory):
    assert stages.run() == ["mark"]
    assert stages.tags["amictl:stage"] == "marked" and stages.tags["amictl:policy"] == "all"
    # Another machine, which knows nothing but the account.
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "policy.yaml").write_text(POLICY)
    stages.amictl = Amictl(elsewhere, stages.server.url)
    assert stages.run() == ["deprecate"]
    assert stages.tags["amictl:stage"] == "deprecate" and stages.tags["amictl:deprecation"] == "none"
    assert stages.now["DeprecationTime"] and stages.now["State"] == "available"
    assert stages.run() == ["disable"]
    assert stages.now["State"] == "disabled" and stages.tags["amictl:shared"] == f"{PARTNER_ACCOUNT} end"
    assert stages.run() == ["deregister"]
    assert "old-1" not in images_of(stages.server)
    assert not stages.ec2.describe_snapshots(OwnerIds=[ACCOUNT])["Snapshots"]


def test_an_image_that_is_held_gets_everything_back(stages):
    for action in ("mark", "deprecate", "disable"):
        assert stages.run() == [action]
    stages.ec2.create_tags(Resources=[stages.image], Tags=[{"Key": "hold", "Value": "audit"}])
    plan = stages.amictl("plan", "-f", "policy.yaml", "--now", in_400_days()).stdout
    assert "Give back, as something keeps it again: 1 image" in plan
    assert stages.run() == ["leave"]
    assert stages.now["State"] == "available" and "DeprecationTime" not in stages.now and stages.tags == {}
    assert launch_permissions_of(stages.server, stages.image) == SHARED


def test_each_stage_is_told_with_what_can_be_undone_and_undone(stages):
    for action, words in (("mark", "tags"), ("deprecate", "deprecation"), ("disable", "enabled again")):
        before = (stages.now, launch_permissions_of(stages.server, stages.image))
        assert stages.run() == [action]
        run = stages.amictl("runs", "--output", "json").json()[-1]["run_id"]
        assert words in stages.amictl("runs", "show", run).stdout
        stages.amictl("undo", run, "--yes")
        assert (stages.now, launch_permissions_of(stages.server, stages.image)) == before, action
        assert stages.run() == [action]


@pytest.fixture
def guarded(tmp_path):
    with sandbox_server("--admin", "127.0.0.1:0") as server:
        yield Stages(server, tmp_path)


def printed(stages: Stages, *without: str) -> dict:
    """What amictl prints for planning and applying, for the sandbox's IAM, which knows no resources, less some actions."""
    policies = [stages.amictl("iam-policy", "--for", task).json() for task in ("plan", "apply")]
    actions = {action for policy in policies for each in policy["Statement"] for action in each["Action"]}
    statement = {"Effect": "Allow", "Action": sorted(actions - set(without)), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def hold(stages: Stages):
    """Takes the image out of the stages."""
    stages.server.admin("PUT", "/iam", {"accounts": {}})
    stages.ec2.create_tags(Resources=[stages.image], Tags=[{"Key": "hold", "Value": "audit"}])


def test_the_permissions_of_applying_are_enough_for_every_stage(guarded):
    allowed = printed(guarded)
    guarded.server.admin("PUT", "/iam", allowed)
    for action in ("mark", "deprecate", "disable"):
        assert guarded.run() == [action]
    hold(guarded)
    guarded.server.admin("PUT", "/iam", allowed)
    assert guarded.run() == ["leave"]


@pytest.mark.parametrize("action", OF_STAGES)
def test_each_action_of_stages_is_needed_and_its_lack_is_told(guarded, action):
    allowed = printed(guarded, action)
    for stage in ("mark", "deprecate", "disable"):
        if stage == OF_STAGES[action]:
            break
        assert guarded.run() == [stage]
    if OF_STAGES[action] == "leave":
        hold(guarded)
    guarded.amictl("plan", "-f", "policy.yaml", "--now", in_400_days(), "--out", "plan.json", "--output", "json")
    guarded.server.admin("PUT", "/iam", allowed)
    run = guarded.amictl("apply", "plan.json", "--yes", "--settle", "0s", "--output", "json", code=3).json()
    [step] = run["steps"]
    assert (step["action"], step["outcome"]) == (OF_STAGES[action], "failed")
    assert action.removeprefix("ec2:") in step["reason"]


def test_without_the_rules_of_the_recycle_bin_nothing_goes_that_has_to_be_kept_there(guarded):
    (guarded.home / "policy.yaml").write_text(POLICY[: POLICY.index("[{ deprecate")] + RECOVERABLE)
    guarded.amictl("plan", "-f", "policy.yaml", "--now", in_400_days(), "--out", "plan.json", "--output", "json")
    rules = guarded.server.client("rbin")
    for kind in ("EC2_IMAGE", "EBS_SNAPSHOT"):
        period = {"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"}
        rules.create_rule(ResourceType=kind, RetentionPeriod=period)
    for action in OF_RECOVERY:
        guarded.server.admin("PUT", "/iam", printed(guarded, action))
        run = guarded.amictl("apply", "plan.json", "--yes", "--settle", "0s", "--output", "json", code=3).json()
        assert [step["outcome"] for step in run["steps"]] == ["skipped"]
        assert action.removeprefix("rbin:") in run["steps"][0]["reason"]
    guarded.server.admin("PUT", "/iam", printed(guarded))
    guarded.amictl("apply", "plan.json", "--yes", "--settle", "0s")
    guarded.server.admin("PUT", "/iam", {"accounts": {}})
    assert [image["ImageId"] for image in guarded.ec2.list_images_in_recycle_bin()["Images"]] == [guarded.image]
    assert guarded.ec2.list_snapshots_in_recycle_bin()["Snapshots"]


def test_a_plan_waits_for_its_window(stages):
    # A day that is neither today nor one next to it, so that no midnight comes between.
    closed = POLICY + 'windows: [{ days: [%s], hours: "00:00-24:00", time_zone: UTC }]\n'
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    day = days[(datetime.now(UTC).weekday() + 3) % 7]
    (stages.home / "policy.yaml").write_text(closed % day)
    stages.amictl("plan", "-f", "policy.yaml", "--now", in_400_days(), "--out", "plan.json", "--output", "json")
    refused = stages.amictl("apply", "plan.json", "--yes", "--settle", "0s", code=4)
    assert "only within its windows" in refused.stderr and day in refused.stderr
    assert stages.tags == {}


def test_a_plan_that_retires_far_more_than_the_last_run_is_refused(stages):
    now = POLICY[: POLICY.index("[{ deprecate")] + "[deregister]\n"
    (stages.home / "policy.yaml").write_text(now.replace("limits: {", "limits: { max_jump: 2,"))
    assert stages.run() == ["deregister"]
    builder = Builder(stages.server)
    for number in range(3):
        builder.image(f"more-{number}", "retire", "unused")
    stages.amictl("plan", "-f", "policy.yaml", "--now", in_400_days(), "--out", "plan.json", "--output", "json")
    refused = stages.amictl("apply", "plan.json", "--yes", "--settle", "0s", code=4)
    assert "max_jump" in refused.stderr and "retires 3 images" in refused.stderr
    assert len(images_of(stages.server)) == 3
    # Somebody has looked at it, and asks for more in the policy.
    (stages.home / "policy.yaml").write_text(now.replace("limits: {", "limits: { max_jump: 3,"))
    assert stages.run() == ["deregister"] * 3
