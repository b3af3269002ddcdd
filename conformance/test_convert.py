"""`amictl policy convert` beside Cloud Custodian: both choose in one account, each by the policy in its own form.

The policies are those of Cloud Custodian's documentation on AMIs, and some of their kind. amictl never chooses an image that Cloud
Custodian would not have chosen. Where it chooses fewer, its verdict says why, or the conversion named what it left out.
"""

import datetime
import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from harness import ADMIN, REGION, Amictl, Server, sandbox_server
from peers import Custodian
from world import PARTNER_ACCOUNT, Builder

# Kept by amictl whatever a policy says: what `unused` does not look at, and what others may use.
SAFER = {"of-lone-template": "in_use", "of-parameter": "in_use", "used-by-partner": "in_use"}
USED = {"of-instance": "in_use", "of-group": "in_use"}
DEREGISTER = "    actions: [deregister]\n"


@dataclass
class Case:
    """A policy, and by name the images that Cloud Custodian alone chooses, each with amictl's reason."""

    filters: str
    more: dict[str, str] = field(default_factory=dict)
    # What the list of what was not carried over has to name.
    left_out: tuple[str, ...] = ()
    actions: str = DEREGISTER
    # The policy is left out, so that amictl chooses nothing.
    is_left_out: bool = False

    def text(self, name: str) -> str:
        """The policy of Cloud Custodian, as an entry of `policies`."""
        return f"  - name: {name}\n    resource: ami\n{self.filters}{self.actions}"


# The first eight are those of the documentation of the resource `ami`, as far as they choose by themselves.
CASES = {
    "ami-deregister-old": Case("    filters:\n      - type: image-age\n        days: 90\n", SAFER | USED),
    "ami-remove-launch-permissions": Case("    filters:\n      - type: image-age\n        days: 30\n", SAFER | USED),
    "ami-unused": Case("    filters:\n      - type: unused\n        value: true\n", SAFER),
    "ami-used": Case("    filters:\n      - type: unused\n        value: false\n", left_out=("`unused`",), is_left_out=True),
    "ami-deprecate-old": Case(
        "    filters:\n      - type: image-age\n        days: 30\n",
        SAFER | USED,
        left_out=("`age`",),
        actions="    actions:\n      - type: set-deprecation\n        age: 90\n",
    ),
    "ami-unused-recently": Case(
        "    filters:\n      - type: image-attribute\n        attribute: lastLaunchedTime\n        key: Value\n"
        "        op: gte\n        value_type: age\n        value: 30\n",
        left_out=("`image-attribute` on `Value`",),
        is_left_out=True,
    ),
    "ami-share-remove-cross-account": Case(
        "    filters:\n      - type: cross-account\n        whitelist: ['112233445566']\n",
        left_out=("`cross-account`",),
        is_left_out=True,
    ),
    "ami-ensure-encrypted": Case(
        "    filters:\n      - type: value\n        key: encrypted\n        value: true\n",
        left_out=("`value` on `encrypted`",),
        is_left_out=True,
    ),
    "old-and-unused-with-snapshots": Case(
        "    filters:\n      - {type: image-age, days: 60, op: ge}\n      - {type: unused, value: true}\n",
        SAFER,
        actions="    actions: [{type: deregister, delete-snapshots: true}]\n",
    ),
    "young": Case("    filters: [{type: image-age, days: 60, op: lt}]\n"),
    "marked": Case(
        "    filters: [{type: image-age, days: 60}, unused, {'tag:keep': absent}]\n",
        SAFER,
        actions="    actions: [{type: mark-for-op, op: deregister, days: 7}]\n",
    ),
    "a-part-of-a-day": Case(
        "    filters: [{type: image-age, days: 59.5}]\n", left_out=("`image-age`",), is_left_out=True
    ),
    # To Cloud Custodian a value that is spelled like the word is absent, or empty, too.
    "tag-absent": Case("    filters: [{'tag:env': absent}]\n", SAFER | USED | {"env-absent": "no_family"}),
    "tag-empty": Case("    filters: [{'tag:env': empty}]\n", SAFER | USED | {"env-empty": "no_family"}),
    "tag-present": Case("    filters: [{'tag:env': present}]\n"),
    "tag-not-null": Case("    filters: [{'tag:env': not-null}]\n"),
    "tag-spelled-like-a-word": Case("    filters: [{not: [{'tag:env': absent}]}]\n"),
    "tag-not-empty": Case("    filters: [{not: [{'tag:env': empty}]}]\n"),
    "tag-equal": Case("    filters: [{'tag:env': prod}]\n"),
    "tag-in": Case("    filters: [{type: value, key: 'tag:env', op: in, value: [prod, 'st*ge']}]\n"),
    "tag-in-a-text": Case(
        "    filters: [{type: value, key: 'tag:env', op: ni, value: production}]\n",
        left_out=("`value` on `tag:env`",),
        is_left_out=True,
    ),
    "tag-not-in": Case("    filters: [{type: value, key: 'tag:env', op: not-in, value: [prod, stage]}]\n", SAFER | USED),
    "tag-not-equal": Case("    filters: [{type: value, key: 'tag:env', op: ne, value: prod}]\n", SAFER | USED),
    "tag-glob": Case("    filters: [{type: value, key: 'tag:env', op: glob, value: 'p*'}]\n"),
    "tag-glob-with-a-class": Case(
        "    filters: [{type: value, key: 'tag:env', op: glob, value: '[^p]*'}]\n",
        left_out=("`value` on `tag:env`",),
        is_left_out=True,
    ),
    "tag-that-yaml-takes-for-a-truth": Case("    filters: [{'tag:temp': yes}]\n", left_out=("`tag:temp`",), is_left_out=True),
    "tag-in-quotes": Case("    filters: [{'tag:temp': 'yes'}]\n"),
    "tag-that-yaml-takes-for-a-number": Case("    filters: [{'tag:build': 7}]\n", left_out=("`tag:build`",), is_left_out=True),
    "tag-normalized": Case(
        "    filters: [{type: value, key: 'tag:env', value_type: normalize, value: prod}]\n",
        left_out=("`value` on `tag:env`",),
        is_left_out=True,
    ),
    "a-regular-expression-within-a-value": Case(
        "    filters: [{type: value, key: 'tag:env', value_regex: '(.).*', value: p}]\n",
        left_out=("`value` on `tag:env`",),
        is_left_out=True,
    ),
    "name-glob": Case("    filters: [{type: value, key: Name, op: glob, value: 'env-*'}]\n"),
    "name-regex": Case(
        "    filters: [{type: value, key: Name, op: regex, value: '^env-'}]\n",
        left_out=("`value` on `Name`",),
        is_left_out=True,
    ),
    "name-absent": Case("    filters: [{Name: absent}]\n", left_out=("`Name`",), is_left_out=True),
    "architecture": Case("    filters: [{Architecture: arm64}]\n"),
    "public": Case("    filters: [{Public: false}, {'tag:env': prod}]\n"),
    "public-as-a-text": Case("    filters: [{Public: 'false'}]\n", left_out=("`Public`",), is_left_out=True),
    "state": Case("    filters: [{State: available}, {'tag:env': prod}]\n"),
    "copied": Case("    filters: [{SourceImageId: present}]\n"),
    "either": Case("    filters: [{or: [{Architecture: arm64}, {and: [{'tag:env': prod}, {Name: env-prod}]}]}]\n"),
    "neither": Case("    filters: [{not: [{or: [{'tag:env': absent}, {Architecture: arm64}]}]}]\n"),
    "not-both": Case("    filters: [{not: [{Architecture: x86_64}, {'tag:env': absent}]}]\n"),
    "not-unused": Case("    filters: [{not: [unused]}]\n", left_out=("`not` with `unused`",), is_left_out=True),
    "only-some-are-asked-for": Case(
        "    query: [{Owners: [self]}, {Filters: [{Name: architecture, Values: [arm64]}]}]\n"
        "    filters: [{type: image-age, days: 30}]\n",
        left_out=("`query`",),
        is_left_out=True,
    ),
    "own-are-asked-for": Case("    query: [{Owners: [self]}]\n    filters: [{Architecture: arm64}]\n", left_out=("`query`",)),
    "in-another-region": Case("    region: eu-west-1\n    filters: [{Architecture: arm64}]\n"),
    "not-many": Case("    max-resources: 5\n    filters: [{Architecture: arm64}]\n", left_out=("`max-resources`",), is_left_out=True),
}


def image(b: Builder, name: str, architecture: str = "x86_64", **tags: str) -> str:
    """An image with tags."""
    mapping = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": b.snapshot(f"for {name}")}}
    b.world.ids[name] = b.ec2.register_image(
        Name=name,
        Architecture=architecture,
        RootDeviceName="/dev/xvda",
        VirtualizationType="hvm",
        BlockDeviceMappings=[mapping],
    )["ImageId"]
    if tags:
        b.tag([name], **tags)
    return b.world.ids[name]


def build(server: Server):
    """Images of 100 and of 10 days, used in every way that either tool looks for."""
    b = Builder(server)
    image(b, "old")
    image(b, "kept-by-tag", keep="yes")
    b.instance(image(b, "of-instance"))
    template = b.template("of-group", image(b, "of-group"))
    b.empty_group("group", LaunchTemplate={"LaunchTemplateId": template, "Version": "$Latest"})
    b.template("lone", image(b, "of-lone-template"))
    server.client("ssm").put_parameter(Name="/golden", Value=image(b, "of-parameter"), Type="String")
    b.ec2.modify_image_attribute(
        ImageId=image(b, "used-by-partner"), LaunchPermission={"Add": [{"UserId": PARTNER_ACCOUNT}]}
    )
    partner = server.client("ec2", access_key=PARTNER_ACCOUNT)
    partner.run_instances(ImageId=b.world.ids["used-by-partner"], InstanceType="t3.micro", MinCount=1, MaxCount=1)
    # Cloud Custodian does not list disabled images.
    b.ec2.disable_image(ImageId=image(b, "disabled"))
    for env in ("prod", "production", "stage", "absent", "empty"):
        image(b, f"env-{env}", env=env)
    image(b, "env-nothing", env="")
    image(b, "env-star", env="st*ge")
    image(b, "temp", temp="yes")
    image(b, "build", build="7")
    image(b, "arm", "arm64")
    b.ec2.copy_image(Name="copied", SourceImageId=b.world.ids["old"], SourceRegion=REGION)
    server.advance("90d")
    image(b, "young")
    image(b, "young-arm", "arm64")
    server.advance("10d")


@pytest.fixture(scope="module")
def server() -> Server:
    """The account. Cloud Custodian asks the machine for the time, so that of the sandbox comes to it."""
    began = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=100)
    with sandbox_server(*ADMIN, "--clock", began.strftime("%Y-%m-%dT%H:%M:%SZ")) as server:
        build(server)
        yield server


@pytest.fixture(scope="module")
def theirs(server, tmp_path_factory) -> dict[str, set[str]]:
    """What Cloud Custodian chooses, by policy and name: a dry run of all policies."""
    home = tmp_path_factory.mktemp("custodian")
    path, output = home / "policies.yaml", home / "output"
    path.write_text("policies:\n" + "".join(case.text(name) for name, case in CASES.items()))
    options = ("--output-dir", str(output), "--cache-period", "0", "--region", REGION, "--dryrun")
    Custodian(home, server.url)("run", *options, str(path))
    chosen = {}
    for name in CASES:
        found = output / name / "resources.json"
        # A policy of another Region is not run.
        chosen[name] = {image["Name"] for image in json.loads(found.read_text())} if found.exists() else set()
    return chosen


def chosen_by_amictl(server: Server, home: Path, name: str, case: Case) -> tuple[set[str], dict[str, dict]]:
    """By name, with all verdicts."""
    amictl = Amictl(home / "amictl", server.url)
    (amictl.home / "custodian.yaml").write_text(f"policies:\n{case.text(name)}")
    converted = amictl("policy", "convert", "custodian.yaml", "--from", "custodian", code=1 if case.is_left_out else 0)
    notes = [line for line in converted.stdout.splitlines() if line.startswith("#   ")]
    for what in case.left_out:
        assert any(what in note for note in notes), str(converted)
    assert bool(notes) == bool(case.left_out), str(converted)
    if case.is_left_out:
        return set(), {}
    (amictl.home / "policy.yaml").write_text(converted.stdout)
    plan = amictl("plan", "-f", "policy.yaml", "--out", "plan.json", "--output", "json").json()
    verdicts = {verdict["name"]: verdict for verdict in plan["verdicts"]}
    names = {verdict["image_id"]: name for name, verdict in verdicts.items()}
    # Also those whose wait for a stage begins.
    return {names[step["target"]] for step in plan["steps"]}, verdicts


@pytest.mark.parametrize("name", CASES)
def test_the_same_images_are_chosen_and_none_besides(server, theirs, tmp_path, name):
    case, chosen = CASES[name], theirs[name]
    ours, verdicts = chosen_by_amictl(server, tmp_path, name, case)
    assert ours <= chosen, "amictl chooses nothing that Cloud Custodian does not"
    if case.is_left_out:
        return
    more = {kept: verdicts[kept]["reasons"][0]["code"] for kept in chosen - ours}
    assert more == case.more
    assert chosen or name == "in-another-region", "an example that chooses nothing shows nothing"
