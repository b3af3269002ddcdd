"""The IAM policies of the commands of the life cycle, in the sandbox: enough, and each action that changes something is needed."""

import itertools

import pytest
from enforcing import actions_of, of_any_resource, without
from harness import ADMIN, Amictl, sandbox_server
from world import PARTNER_ACCOUNT, Builder

FAR = "eu-west-1"
NUMBERS = itertools.count(1)
# What is asked for with which permissions, the command line, and the actions without which it cannot be done.
COMMANDS = {
    "deprecate": (("deprecate", "{image}", "--in", "30d"), {"ec2:EnableImageDeprecation"}),
    "disable": (("disable", "{image}", "--yes"), {"ec2:DisableImage"}),
    "protect": (("protect", "{image}"), {"ec2:EnableImageDeregistrationProtection"}),
    "share": (
        ("share", "{image}", "--account", PARTNER_ACCOUNT, "--snapshots"),
        {"ec2:ModifyImageAttribute", "ec2:ModifySnapshotAttribute"},
    ),
    "copy": (("copy", "{image}", "--to-region", FAR, "--wait", "--tag", "a=b"), {"ec2:CopyImage"}),
    "create": (("create", "{instance}", "--name", "{name}-2", "--no-reboot", "--wait"), {"ec2:CreateImage"}),
    "register": (("register", "--snapshot", "{snapshot}", "--name", "{name}-3", "--wait", "--tag", "a=b"), {"ec2:RegisterImage"}),
    "import": (("import", "{disk}", "--tag", "a=b"), {"ebs:StartSnapshot", "ebs:PutSnapshotBlock", "ebs:CompleteSnapshot"}),
    "publish": (("publish", "{image}", "--parameter", "/images/{name}"), {"ssm:PutParameter"}),
    "launch": (("launch", "--image", "{image}", "--instance-type", "t3.micro", "--tag", "a=b"), {"ec2:RunInstances"}),
    "rollout": (
        ("rollout", "{image}", "--template", "{name}", "--yes"),
        {"ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate", "autoscaling:StartInstanceRefresh"},
    ),
}
# What undoing leaves as it is: a parameter that is new stays, no instance is ended, and no snapshot deleted.
NOT_UNDONE = {"publish", "launch", "import"}


class Place:
    """A sandbox whose policies the tests change."""

    def __init__(self, server, home):
        self.server, self.home = server, home
        self.amictl = Amictl(home, server.url)

    def run(self, policy: dict | None, *command: str):
        """Runs a command on an image of its own, when callers may do only this."""
        self.server.admin("PUT", "/iam", {"accounts": {}})
        builder, name = Builder(self.server), f"web-{next(NUMBERS)}"
        image = builder.image(name, "keep", "")
        [devices] = self.server.client("ec2").describe_images(ImageIds=[image])["Images"]
        snapshot = devices["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
        names = {"image": image, "name": name, "instance": builder.instance(image), "snapshot": snapshot}
        disk = self.home / f"{name}.raw"
        # Another one each time, or it would be found and not imported.
        disk.write_bytes(name.encode())
        names["disk"] = str(disk)
        if command[0] == "rollout":
            self.group(name, builder.image(f"{name}-old", "keep", ""))
        if policy:
            self.server.admin("PUT", "/iam", of_any_resource(policy))
        words = [word.format(**names) for word in command]
        return self.amictl(*words, "--output", "json", code=(0, 1, 3))

    def group(self, name: str, image: str):
        """A launch template of another image, and a group that uses it."""
        data = {"ImageId": image, "InstanceType": "t3.micro"}
        self.server.client("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        self.server.client("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=1,
            MaxSize=2,
            AvailabilityZones=["us-east-1a"],
            LaunchTemplate={"LaunchTemplateName": name, "Version": "$Default"},
        )

    def undo(self) -> list[str]:
        """Takes the newest run back, with the permissions that it had."""
        run = self.amictl("runs", "--output", "json").json()[-1]["run_id"]
        undone = self.amictl("undo", run, "--yes", "--output", "json", code=(0, 3)).json()
        return [step["outcome"] for step in undone["steps"]]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        yield Place(server, tmp_path_factory.mktemp("life"))


def policy_of(home, *words: str) -> dict:
    """What `iam-policy` prints."""
    return Amictl(home, None)("iam-policy", *words).json()


@pytest.mark.parametrize("task", COMMANDS)
def test_the_policy_of_a_command_is_enough_and_its_changes_are_needed(place, task, tmp_path):
    command, needed = COMMANDS[task]
    policy = policy_of(tmp_path, "--for", task)
    result = place.run(policy, *command)
    assert result.code == 0 and "not looked at" not in result.stderr, result
    assert place.undo() == ["failed" if task in NOT_UNDONE else "returned"]
    assert needed <= actions_of(policy)
    for action in needed:
        result = place.run(without(policy, action), *command)
        assert result.code == 3 and action in result.stdout, result


def test_a_publisher_may_do_all_that_makes_images_and_what_takes_it_back_and_delete_nothing(place, tmp_path):
    policy = policy_of(tmp_path, "publisher")
    assert not {"ec2:DeregisterImage", "ec2:DeleteSnapshot"} & actions_of(policy)
    for task in ("create", "register", "import", "copy", "share", "publish", "deprecate", "protect"):
        result = place.run(policy, *COMMANDS[task][0])
        assert result.code == 0, result
        assert task in NOT_UNDONE or place.undo() == ["returned"]
