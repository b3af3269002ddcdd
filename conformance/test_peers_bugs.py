"""How the tools of others came to delete what is in use, told to amictl: each test is named after such a bug.

Those that are about one image and its one use are cases of `peers_cases.py`, tested in `test_peers_table.py`; here are
those that take a failure, a second run or an apply.
"""

import json

import pytest
from harness import (
    ACCOUNT,
    ADMIN,
    Amictl,
    Result,
    Server,
    error,
    images_of,
    launch_permissions_of,
    sandbox_server,
    snapshots_of,
)
from world import PARTNER_ACCOUNT, Builder

THIRD_ACCOUNT = "345678901234"
BOTH_ACCOUNTS = ("--accounts", f"{ACCOUNT},{PARTNER_ACCOUNT}", "--assume-role", "reader")
DENY_SSM = (("Allow", "*"), ("Deny", "ssm:*"))


class Story(Builder):
    """A fresh sandbox, amictl pointed at it, and a policy that retires whatever nothing keeps."""

    def __init__(self, server: Server, amictl: Amictl):
        super().__init__(server)
        self.server = server
        self.amictl = amictl
        self.policy()

    def policy(self, stage: str = "deregister", limits: str = "", more: str = ""):
        """Writes the policy anew."""
        limits = limits or "max_actions: 100, max_percent: 100, min_images: 1"
        (self.amictl.home / "policy.yaml").write_text(
            f"version: 1\nlimits: {{ {limits} }}\n{more}"
            "families:\n"
            "  - name: all\n"
            '    match: { name: "*" }\n'
            "    keep: { newest: 0 }\n"
            f"    retire: [{stage}]\n"
        )

    def unused(self, name: str = "web", snapshot: str | None = None) -> str:
        """An image that nothing uses so far."""
        return self.image(name, "retire", "unused", snapshot)

    def share(self, image_id: str, *accounts: str):
        """Lets accounts launch an image."""
        add = [{"UserId": account} for account in accounts]
        self.ec2.modify_image_attribute(ImageId=image_id, LaunchPermission={"Add": add})

    def faults(self, *rules: dict):
        """What goes wrong from now on."""
        self.server.admin("PUT", "/faults", {"rules": list(rules)})

    def plan(self, *options: str) -> dict:
        """A new plan, also in `plan.json`."""
        return self.amictl("plan", "-f", "policy.yaml", "--out", "plan.json", "--output", "json", *options).json()

    def verdicts(self, *options: str) -> dict[str, dict]:
        """The verdicts of a new plan, by image id."""
        return {verdict["image_id"]: verdict for verdict in self.plan(*options)["verdicts"]}

    def decision(self, image_id: str, *options: str) -> str:
        """What a new plan decides about one image."""
        return self.verdicts(*options)[image_id]["decision"]

    def apply(self, *options: str, code: int = 0) -> Result:
        """Carries out the last plan."""
        return self.amictl("apply", "plan.json", "--yes", "--settle", "0s", "--output", "json", *options, code=code)


@pytest.fixture
def story(tmp_path) -> Story:
    with sandbox_server(*ADMIN) as server:
        yield Story(server, Amictl(tmp_path / "home", server.url))


# --- Cloud Custodian


def test_usage_is_not_served_from_a_cache(story):
    image = story.unused()
    assert story.decision(image) == "retire"
    story.instance(image)
    assert story.decision(image) == "keep"


def test_an_image_does_not_lose_the_shares_that_another_had(story):
    """`remove: [all]` is spent on the first image, and the second loses every share that it has."""
    shares = {
        story.unused("web-1"): {PARTNER_ACCOUNT},
        story.unused("web-2"): {PARTNER_ACCOUNT, THIRD_ACCOUNT},
        story.unused("web-3"): {THIRD_ACCOUNT},
    }
    for image, accounts in shares.items():
        story.share(image, *accounts)
    used = story.unused("used")
    story.share(used, PARTNER_ACCOUNT)
    story.instance(used)
    before = {image: launch_permissions_of(story.server, image) for image in (*shares, used)}
    story.policy("disable", more="references: { other_accounts: ignore }\n")
    policy = (story.amictl.home / "policy.yaml").read_text()
    story.plan()
    run = story.apply().json()["run_id"]
    assert all(launch_permissions_of(story.server, image) == [] for image in shares), "a disabled image has none"
    assert launch_permissions_of(story.server, used) == before[used]
    story.amictl("undo", run, "--yes")
    assert {image: launch_permissions_of(story.server, image) for image in (*shares, used)} == before
    assert (story.amictl.home / "policy.yaml").read_text() == policy


# --- aws-amicleaner


def test_two_excluded_groups_outlive_an_apply_that_takes_all_others(story):
    for name, application in (("sql", "database"), ("redis", "cache"), ("web-1", "web"), ("web-2", "web")):
        story.unused(name)
        story.tag([name], application=application)
    story.policy(more="protect: [{ tag: { application: database } }, { tag: { application: cache } }]\n")
    assert sorted(step["target"] for step in story.plan()["steps"]) == sorted(
        story.world.ids[name] for name in ("web-1", "web-2")
    ), "each once"
    story.apply()
    assert images_of(story.server).keys() == {"sql", "redis"}


# --- ami-housekeeper


@pytest.mark.parametrize(
    ("kind", "status"),
    [("access_denied", "denied"), (error("ValidationException", "not today", 400), "failed")],
    ids=["denied", "failed"],
)
@pytest.mark.parametrize("operation", ["DescribeParameters", "GetParameters"])
def test_a_failure_of_ssm_does_not_make_an_image_unreferenced(story, operation, kind, status):
    image = story.unused()
    story.server.client("ssm").put_parameter(Name="/deploy/image", Value=image, Type="String")
    assert story.decision(image) == "keep"
    story.faults({"operation": operation, "kind": kind})
    plan = story.plan()
    [verdict] = plan["verdicts"]
    assert verdict["decision"] == "blocked", verdict
    assert "ssm_parameters" in {reason.get("source") for reason in verdict["reasons"]}, verdict
    assert plan["steps"] == [] and plan["complete"] is False
    [entry] = [entry for entry in plan["coverage"] if entry["source"] == "ssm_parameters"]
    assert entry["status"] == status


def test_an_alias_that_cannot_be_resolved_blocks(story):
    image = story.unused()
    story.server.client("ssm").put_parameter(Name="/golden", Value=image, Type="String", DataType="aws:ec2:image")
    story.template("alias", "resolve:ssm:/golden")
    assert story.decision(image) == "keep"
    statements = [{"Effect": effect, "Action": action, "Resource": "*"} for effect, action in DENY_SSM]
    story.server.admin("PUT", "/iam", {"Version": "2012-10-17", "Statement": statements})
    story.policy(more="references: { not_used: [ssm_parameters] }\n")
    verdict = story.verdicts()[image]
    assert verdict["decision"] == "blocked", verdict
    assert "launch_templates" in {reason.get("source") for reason in verdict["reasons"]}, verdict


# --- cloud-nuke


def test_the_snapshot_of_an_image_takes_no_other_image_with_it(story):
    shared = story.snapshot("of three images")
    gone, used, protected = (story.unused(name, shared) for name in ("old", "used", "protected"))
    story.instance(used)
    story.tag(["protected"], keep="yes")
    story.policy(more='protect: [{ tag: { keep: "*" } }]\n')
    [step] = story.plan()["steps"]
    assert step["target"] == gone
    [snapshot] = step["snapshots"]
    assert snapshot["delete"] is False
    assert used in snapshot["kept_because"] or protected in snapshot["kept_because"]
    story.apply()
    assert images_of(story.server).keys() == {"used", "protected"}
    assert shared in snapshots_of(story.server)


# --- swabbie


def test_an_account_that_cannot_be_entered_is_not_an_account_without_use(story):
    image = story.unused()
    story.share(image, PARTNER_ACCOUNT)
    assert story.decision(image, *BOTH_ACCOUNTS) == "retire", "both accounts are read, and neither uses it"
    story.faults({"operation": "AssumeRole", "kind": "access_denied"})
    plan = story.plan(*BOTH_ACCOUNTS)
    [verdict] = [verdict for verdict in plan["verdicts"] if verdict["image_id"] == image]
    assert verdict["decision"] == "blocked", verdict
    assert plan["steps"] == [] and plan["complete"] is False
    entries = [entry for entry in plan["coverage"] if entry["account"] == PARTNER_ACCOUNT]
    assert entries and all(entry["status"] in ("denied", "failed") for entry in entries)


@pytest.mark.parametrize(
    "limits",
    [
        "max_actions: 2, max_percent: 100, min_images: 1",
        "max_actions: 100, max_percent: 50, min_images: 1",
        "max_actions: 100, max_percent: 100, min_images: 5",
    ],
    ids=["actions", "percent", "too few images seen"],
)
def test_a_cap_counts_what_it_is_to_cap(story, limits):
    for number in range(3):
        story.unused(f"web-{number}")
    story.image("used", "keep", "in_use")
    story.instance(story.world.ids["used"])
    story.policy(limits=limits)
    story.plan()
    before = images_of(story.server)
    story.server.admin("DELETE", "/counts")
    story.apply(code=4)
    assert images_of(story.server) == before
    assert not story.server.admin("GET", "/counts").keys() & {"DisableImage", "DeregisterImage"}


# --- SimianArmy


def test_an_id_of_17_digits_is_not_cut_to_one_of_8(story):
    """One id begins with the other; a text that names one of them uses that one alone."""
    long, short = story.unused("long"), story.unused("short")
    world = json.dumps(story.server.admin("GET", "/world"))
    world = world.replace(long, "ami-1a2b3c4d5e6f70819").replace(short, "ami-1a2b3c4d")
    story.server.admin("PUT", "/world", json.loads(world))
    long, short = "ami-1a2b3c4d5e6f70819", "ami-1a2b3c4d"
    ssm = story.server.client("ssm")
    for named, other in ((long, short), (short, long)):
        text = json.dumps({"image": named, "note": f"was {named}."})
        ssm.put_parameter(Name="/deploy", Value=text, Type="String", Overwrite=True)
        verdicts = story.verdicts()
        assert (verdicts[named]["decision"], verdicts[other]["decision"]) == ("keep", "retire"), named


# --- amicleaner.rs


def test_a_snapshot_with_a_protecting_tag_stays_when_its_image_goes(story):
    kept, gone = story.snapshot("kept"), story.snapshot("gone")
    devices = [
        {"DeviceName": device, "Ebs": {"SnapshotId": snapshot}}
        for device, snapshot in (("/dev/xvda", gone), ("/dev/sdf", kept))
    ]
    story.ec2.register_image(Name="web", Architecture="x86_64", RootDeviceName="/dev/xvda", BlockDeviceMappings=devices)
    story.ec2.create_tags(Resources=[kept], Tags=[{"Key": "keep", "Value": "for the audit"}])
    story.policy(more='protect: [{ tag: { keep: "*" } }]\n')
    [step] = story.plan()["steps"]
    fates = {snapshot["id"]: (snapshot["delete"], snapshot.get("kept_because")) for snapshot in step["snapshots"]}
    assert fates == {gone: (True, None), kept: (False, "the policy protects tag keep=*")}
    story.apply()
    assert images_of(story.server) == {}
    assert snapshots_of(story.server) == {kept}


# --- amigo


def launch_it(s: Story, image: str):
    s.instance(image)


def name_it_in_a_template(s: Story, image: str):
    s.template("since", image)


def name_it_in_a_parameter(s: Story, image: str):
    s.server.client("ssm").put_parameter(Name="/since", Value=image, Type="String")


def name_it_in_a_configuration(s: Story, image: str):
    s.launch_configuration("since", image)


def tag_it(s: Story, image: str):
    s.ec2.create_tags(Resources=[image], Tags=[{"Key": "keep", "Value": "yes"}])


@pytest.mark.parametrize(
    "since", [launch_it, name_it_in_a_template, name_it_in_a_parameter, name_it_in_a_configuration, tag_it]
)
def test_what_was_marked_earlier_is_looked_at_again_before_it_goes(story, since):
    image, other = story.unused("web"), story.unused("other")
    assert {step["target"] for step in story.plan()["steps"]} == {image, other}
    since(story, image)
    story.apply(code=3)
    left = images_of(story.server)
    assert left.keys() == {"web"}, "the other one goes all the same"
    assert left["web"]["State"] == "available"


# --- Talos


def test_a_name_does_not_find_the_image_of_another_account(story):
    ours = story.unused("golden")
    theirs = Builder(story.server)
    theirs.ec2 = story.server.client("ec2", access_key=PARTNER_ACCOUNT)
    theirs.volume = theirs.ec2.create_volume(AvailabilityZone=theirs.zone, Size=8)["VolumeId"]
    stranger = theirs.image("golden", "", "")
    theirs.ec2.modify_image_attribute(ImageId=stranger, LaunchPermission={"Add": [{"UserId": ACCOUNT}]})
    [seen] = story.ec2.describe_images(ImageIds=[stranger])["Images"]
    assert seen["Name"] == "golden", "we may launch it"
    assert story.verdicts().keys() == {ours}
    for command in ("show", "explain", "refs"):
        printed = story.amictl(command, "golden").stdout
        assert ours in printed and stranger not in printed, command
    story.apply()
    assert images_of(story.server) == {}
    [left] = theirs.ec2.describe_images(Owners=["self"])["Images"]
    assert left["ImageId"] == stranger
