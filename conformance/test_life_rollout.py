"""Rollouts: a launch template gets another image and its groups follow, or everything goes back; read back by boto3."""

import pytest
from harness import ADMIN, Amictl, interrupt, moto_server, sandbox_server, wait_until, write_faults
from world import Builder

CHANNEL = "/images/web/prod"
SLOW = ("--pace", "task=1h")


class Rollouts:
    """A launch template of an image with groups that use it, a newer image, and amictl beside them."""

    def __init__(self, server, home, groups: dict[str, str], image: str | None = None):
        self.server, self.ec2 = server, server.client("ec2")
        self.scaling = server.client("autoscaling")
        builder = Builder(server)
        self.old, self.new = (builder.image(name, "keep", "") for name in ("web-1", "web-2"))
        self.broken = self.ec2.register_image(
            Name="web-3",
            Architecture="arm64",
            RootDeviceName="/dev/xvda",
            VirtualizationType="hvm",
            BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": builder.snapshot("for web-3")}}],
        )["ImageId"]
        data = {"ImageId": image or self.old, "InstanceType": "t3.micro", "KeyName": "ops"}
        self.ec2.create_key_pair(KeyName="ops")
        if image:
            self.channel(self.old)
        self.ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
        for name, version in groups.items():
            self.scaling.create_auto_scaling_group(
                AutoScalingGroupName=name,
                MinSize=2,
                MaxSize=4,
                AvailabilityZones=["us-east-1a"],
                LaunchTemplate={"LaunchTemplateName": "web", "Version": version},
            )
        self.amictl = Amictl(home, server.url)

    def __call__(self, *args, code=0):
        """Runs a command; its one JSON document."""
        return self.amictl(*args, "--output", "json", code=code).json()

    def rollout(self, image: str, *args, code=0):
        """Rolls an image out; its only step."""
        [step] = self("rollout", image, "--template", "web", "--yes", *args, code=code)["steps"]
        return step

    def channel(self, image: str):
        """Lets the channel name the image."""
        ssm = self.server.client("ssm")
        ssm.put_parameter(Name=CHANNEL, Value=image, Type="String", DataType="aws:ec2:image", Overwrite=True)

    def versions(self) -> dict[int, dict]:
        """The versions of the template by number."""
        found = self.ec2.describe_launch_template_versions(LaunchTemplateName="web")["LaunchTemplateVersions"]
        return {version["VersionNumber"]: version for version in found}

    def default(self) -> int:
        """The default version."""
        [number] = [number for number, version in self.versions().items() if version["DefaultVersion"]]
        return number

    def group(self, name: str) -> dict:
        """A group as it is."""
        [group] = self.scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        return group

    def images(self, name: str) -> set[str]:
        """What the instances of a group were launched from."""
        ids = [instance["InstanceId"] for instance in self.group(name)["Instances"]]
        reservations = self.ec2.describe_instances(InstanceIds=ids)["Reservations"]
        found = [instance["ImageId"] for reservation in reservations for instance in reservation["Instances"]]
        assert len(found) == 2, found
        return set(found)

    def refreshes(self, name: str) -> list[str]:
        """How the refreshes of a group are, the newest first."""
        found = self.scaling.describe_instance_refreshes(AutoScalingGroupName=name)["InstanceRefreshes"]
        return [refresh["Status"] for refresh in found]


GROUPS = {"web-default": "$Default", "web-latest": "$Latest", "web-pinned": "1"}


@pytest.fixture
def rollouts(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        yield Rollouts(server, tmp_path, GROUPS)


def test_groups_get_the_image_however_they_name_the_version_and_again_nothing_changes(rollouts):
    step = rollouts.rollout(rollouts.new)
    assert (step["outcome"], step["changed"], step["produced"]["version"]) == ("done", True, 2), step
    data = rollouts.versions()[2]["LaunchTemplateData"]
    assert (data["ImageId"], data["KeyName"], data["InstanceType"]) == (rollouts.new, "ops", "t3.micro")
    assert rollouts.default() == 2
    for name in GROUPS:
        assert rollouts.images(name) == {rollouts.new} and rollouts.refreshes(name) == ["Successful"], name
    named = [rollouts.group(name)["LaunchTemplate"]["Version"] for name in GROUPS]
    assert named == ["$Default", "$Latest", "2"]
    again = rollouts.rollout(rollouts.new)
    assert (again["outcome"], again["changed"]) == ("done", False), again
    assert sorted(rollouts.versions()) == [1, 2] and rollouts.refreshes("web-default") == ["Successful"]


def test_undoing_puts_the_default_version_back_and_says_what_was_replaced(rollouts):
    rollouts.rollout(rollouts.new, "--group", "web-default")
    run = rollouts("runs")[-1]["run_id"]
    preview = rollouts.amictl("undo", run, "--dry-run").stderr
    assert "web-default" in preview and "--to-version 1" in preview, preview
    [step] = rollouts("undo", run, "--yes")["steps"]
    assert (step["outcome"], rollouts.default()) == ("returned", 1), step
    assert rollouts.images("web-default") == {rollouts.new}
    back = ("rollout", "--to-version", "1", "--template", "web", "--group", "web-default", "--yes")
    assert [step["outcome"] for step in rollouts(*back)["steps"]] == ["done"]
    assert rollouts.images("web-default") == {rollouts.old} and sorted(rollouts.versions()) == [1, 2]


def test_a_refresh_that_fails_puts_everything_back(rollouts):
    step = rollouts.rollout(rollouts.broken, code=3)
    assert (step["outcome"], step["left"].startswith("as it was before")) == ("failed", True), step
    assert "arm64" in step["reason"] and "rolled back" in step["reason"], step
    assert rollouts.default() == 1 and rollouts.group("web-pinned")["LaunchTemplate"]["Version"] == "1"
    assert all(rollouts.images(name) == {rollouts.old} for name in GROUPS)
    # Whoever follows the newest version finds one there that is like the old one.
    newest = rollouts.versions()[max(rollouts.versions())]["LaunchTemplateData"]
    assert newest["ImageId"] == rollouts.old
    run = rollouts("runs")[-1]["run_id"]
    assert "nothing" in rollouts.amictl("undo", run, "--yes").stderr, "it has put itself back"


def test_a_group_with_a_mixed_instances_policy_follows_and_goes_back(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        rollouts = Rollouts(server, tmp_path, {"web-pinned": "1"})
        policy = {
            "LaunchTemplate": {
                "LaunchTemplateSpecification": {"LaunchTemplateName": "web", "Version": "$Default"},
                "Overrides": [{"InstanceType": "t3.small"}],
            }
        }
        group = {"MinSize": 2, "MaxSize": 4, "AvailabilityZones": ["us-east-1a"], "MixedInstancesPolicy": policy}
        rollouts.scaling.create_auto_scaling_group(AutoScalingGroupName="web-mixed", **group)
        rollouts.rollout(rollouts.new)
        assert rollouts.images("web-mixed") == rollouts.images("web-pinned") == {rollouts.new}
        rollouts.rollout(rollouts.broken, code=3)
        assert rollouts.images("web-mixed") == rollouts.images("web-pinned") == {rollouts.new}
        policy["LaunchTemplate"]["LaunchTemplateSpecification"]["Version"] = "2"
        rollouts.scaling.update_auto_scaling_group(AutoScalingGroupName="web-mixed", MixedInstancesPolicy=policy)
        result = rollouts.amictl("rollout", rollouts.old, "--template", "web", "--yes", code=4)
        assert "web-mixed" in result.stderr and "$Default" in result.stderr, result


def test_without_a_rollback_everything_is_left_as_it_is(rollouts):
    step = rollouts.rollout(rollouts.broken, "--no-rollback", code=3)
    assert "nothing was put back" in step["left"] and rollouts.default() == 2, step


def test_what_takes_too_long_is_gone_on_with(tmp_path):
    with sandbox_server(*ADMIN, *SLOW) as server:
        rollouts = Rollouts(server, tmp_path, {"web-pinned": "1"})
        result = rollouts.amictl("rollout", rollouts.new, "--template", "web", "--yes", "--timeout", "2s", code=5)
        run = rollouts("runs")[-1]["run_id"]
        assert f"amictl resume {run}" in result.stderr and "refresh of web-pinned" in result.stderr, result
        server.advance("3h")
        assert [step["outcome"] for step in rollouts("resume", run, "--yes")["steps"]] == ["done"]
        assert rollouts.images("web-pinned") == {rollouts.new} and sorted(rollouts.versions()) == [1, 2]


def test_an_interrupted_rollout_goes_on_and_makes_nothing_twice(tmp_path):
    with sandbox_server(*ADMIN, *SLOW) as server:
        rollouts = Rollouts(server, tmp_path, {"web-default": "$Default"})
        process = rollouts.amictl.start("rollout", rollouts.new, "--template", "web", "--yes")
        wait_until(lambda: rollouts.refreshes("web-default"), "the refresh to be begun")
        assert interrupt(process).code == 130
        server.advance("3h")
        assert [step["outcome"] for step in rollouts("resume", "--yes")["steps"]] == ["done"]
        assert rollouts.refreshes("web-default") == ["Successful"] and sorted(rollouts.versions()) == [1, 2]


@pytest.mark.parametrize("operation", ["CreateLaunchTemplateVersion", "ModifyLaunchTemplate", "StartInstanceRefresh"])
def test_a_lost_answer_does_nothing_twice(tmp_path, operation):
    rule = {"operation": operation, "kind": "reset", "phase": "after", "when": {"first": 1}}
    with sandbox_server("--pace", "all=0s", "--faults", write_faults(tmp_path / "faults.json", rule)) as server:
        rollouts = Rollouts(server, tmp_path / "home", {"web-default": "$Default"})
        assert rollouts.rollout(rollouts.new)["outcome"] == "done"
        assert sorted(rollouts.versions()) == [1, 2] and rollouts.default() == 2
        assert rollouts.refreshes("web-default") == ["Successful"]


def test_a_template_that_follows_a_channel_needs_nothing_but_a_refresh(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        rollouts = Rollouts(server, tmp_path, {"web-default": "$Default"}, f"resolve:ssm:{CHANNEL}")
        result = rollouts.amictl("rollout", rollouts.new, "--template", "web", "--yes", code=4)
        assert f"amictl publish {rollouts.new}" in result.stderr and sorted(rollouts.versions()) == [1], result
        rollouts.channel(rollouts.new)
        result = rollouts.amictl("rollout", f"resolve:ssm:{CHANNEL}", "--template", "web", "--yes")
        assert "nothing changes but the instances" in result.stderr, result
        assert rollouts.images("web-default") == {rollouts.new} and sorted(rollouts.versions()) == [1]
        assert rollouts.rollout(f"resolve:ssm:{CHANNEL}")["changed"] is False


def test_every_template_of_a_family_gets_the_image(rollouts):
    for name, image in (("api", rollouts.old), ("other", rollouts.broken)):
        rollouts.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": image})
    [instance, *_] = rollouts.group("web-pinned")["Instances"]
    rollouts.ec2.create_image(InstanceId=instance["InstanceId"], Name="app-9", NoReboot=True)
    [app] = rollouts("find", "self/app-*")
    rollouts.ec2.create_launch_template(LaunchTemplateName="app", LaunchTemplateData={"ImageId": app["image_id"]})
    steps = rollouts("rollout", rollouts.new, "--family", "web", "--yes")["steps"]
    named = sorted(step["change"]["rollout"]["template_name"] for step in steps)
    assert named == ["api", "other", "web"] and all(step["outcome"] == "done" for step in steps), steps
    result = rollouts.amictl("rollout", rollouts.new, "--family", "nothing", "--yes", code=1)
    assert "no launch template" in result.stderr, result


def test_what_cannot_be_rolled_out_is_refused_before_anything_is_done(rollouts):
    template = {"LaunchTemplateName": "web", "SourceVersion": "1", "LaunchTemplateData": {"KeyName": "other"}}
    for args, code, words in (
        (("ami-00000000000000000",), 1, "ami-00000000000000000"),
        ((rollouts.new, "--group", "nothing"), 1, "nothing"),
        (("--to-version", "9"), 1, "no such version"),
    ):
        result = rollouts.amictl("rollout", *args, "--template", "web", "--yes", code=code)
        assert words in result.stderr, result
    rollouts.amictl("rollout", rollouts.new, "--template", "nothing", "--yes", code=1)
    result = rollouts.amictl("rollout", rollouts.new, "--template", "web", code=4)
    assert "3 groups" in result.stderr, result
    rollouts.ec2.create_launch_template_version(**template)
    result = rollouts.amictl("rollout", rollouts.new, "--template", "web", "--yes", code=4)
    assert "1, 2 of web are in use" in result.stderr, result
    rollouts.ec2.disable_image(ImageId=rollouts.new)
    result = rollouts.amictl("rollout", rollouts.new, "--template", "web", "--yes", code=1)
    assert "disabled" in result.stderr and rollouts.default() == 1, result


def test_moto_has_the_new_version_and_the_default_and_launches_it(tmp_path):
    """moto has no instance refreshes, so no group uses the template here."""
    with moto_server() as server:
        rollouts = Rollouts(server, tmp_path, {})
        step = rollouts.rollout(rollouts.new)
        assert (step["outcome"], step["produced"]["version"]) == ("done", 2), step
        assert rollouts.versions()[2]["LaunchTemplateData"]["ImageId"] == rollouts.new and rollouts.default() == 2
        assert rollouts.rollout(rollouts.new)["changed"] is False
        [launched] = rollouts("launch", "--template", "web", "--count", "2")["steps"]
        reservations = rollouts.ec2.describe_instances(InstanceIds=launched["produced"]["instances"])["Reservations"]
        found = [instance["ImageId"] for reservation in reservations for instance in reservation["Instances"]]
        assert found == [rollouts.new, rollouts.new]
        run = rollouts("runs")[0]["run_id"]
        assert [step["outcome"] for step in rollouts("undo", run, "--yes")["steps"]] == ["returned"]
        assert rollouts.default() == 1
