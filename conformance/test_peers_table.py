"""amictl, Cloud Custodian and aws-amicleaner judge the same world, each as its users run it.

`docs/peers.md` says what came out; `WRITE_DOCS=1` has the run write it, and without that a run that finds something
else fails.
"""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

import peers_cases
import pytest
from conftest import in_400_days
from harness import ADMIN, Amictl, Server, sandbox_server
from peers import AmiCleaner, Custodian
from peers_cases import CASES, EXCLUDED, FREE, IN_USE

HERE = Path(__file__).resolve().parent
DOCUMENT = HERE.parent / "docs" / "peers.md"
EXCLUDED_GROUPS = ("database", "cache")

AMICTL_POLICY = """\
version: 1
protect:
  - tag: { application: database }
  - tag: { application: cache }
limits: { max_actions: 100, max_percent: 100, min_images: 1 }
families:
  - name: applications
    match: { tags: { application: "*" } }
    group_by: ["tag:application"]
    keep: { newest: 0 }
    retire:
      - deregister: { snapshots: delete }
"""
CUSTODIAN_FILTERS = [
    {"type": "unused", "value": True},
    {"tag:application": "present"},
    {"type": "value", "key": "tag:application", "op": "not-in", "value": list(EXCLUDED_GROUPS)},
]
CUSTODIAN_ACTIONS = [{"type": "deregister", "delete-snapshots": True}]
# Its cache is on where nobody turns it off.
CUSTODIAN_OPTIONS = ("--cache-period", "15", "--dryrun")
AMICLEANER_OPTIONS = (
    *("--full-report", "--keep-previous", "0", "--mapping-key", "tags", "--mapping-values", "application"),
    *("--excluded-mapping-values", *EXCLUDED_GROUPS),
)
TOOLS = ("amictl", "Cloud Custodian", "aws-amicleaner")


@dataclass
class Judged:
    """By name: the images that each tool would delete, amictl's verdicts, and the states of the images' instances."""

    deleted_by: dict[str, set[str]]
    verdicts: dict[str, dict]
    states: dict[str, str]


class Tools:
    """The three tools, each with a home that it keeps from run to run."""

    def __init__(self, server: Server, home: Path):
        self.amictl = Amictl(home / "amictl", server.url)
        (self.amictl.home / "policy.yaml").write_text(AMICTL_POLICY)
        self.custodian = Custodian(home / "custodian", server.url)
        self.amicleaner = AmiCleaner(home / "amicleaner", server.url)

    def judge(self) -> tuple[dict[str, dict], dict[str, set[str]]]:
        """amictl's verdicts by image id, and the ids that each tool would delete."""
        # The sandbox's clock is ahead of amictl's, and what is made in the future is young.
        plan = self.amictl("plan", "-f", "policy.yaml", "--now", in_400_days(), "--output", "json").json()
        matched = self.custodian.run("unused", CUSTODIAN_FILTERS, CUSTODIAN_ACTIONS, *CUSTODIAN_OPTIONS)
        report = self.amicleaner(*AMICLEANER_OPTIONS, answers="n\n")
        return {verdict["image_id"]: verdict for verdict in plan["verdicts"]}, {
            "amictl": {step["target"] for step in plan["steps"]},
            "Cloud Custodian": {image["ImageId"] for image in matched},
            "aws-amicleaner": reported(report),
        }


def reported(report: str) -> set[str]:
    """The image ids in the tables of aws-amicleaner, but for the one of images that it leaves alone."""
    found, group = set(), ""
    for line in report.splitlines():
        if cells := re.match(r"\| +(ami-[0-9a-f]+) ", line):
            if group != "no-tags (excluded)":
                found.add(cells[1])
        elif line and line[0] not in "|+":
            group = line.strip()
    return found


@pytest.fixture(scope="module")
def judged(tmp_path_factory) -> Judged:
    """Every tool runs, an instance is launched, and every tool runs again: the second run counts."""
    with sandbox_server(*ADMIN, *peers_cases.PACE) as server:
        ids = peers_cases.build(server)
        tools = Tools(server, tmp_path_factory.mktemp("peers"))
        tools.judge()
        late = ids["launched-between-two-runs"]
        server.client("ec2").run_instances(ImageId=late, InstanceType="t3.micro", MinCount=1, MaxCount=1)
        verdicts, deleted_by = tools.judge()
        states = states_of_instances(server)
    names = {image_id: name for name, image_id in ids.items()}
    return Judged(
        {tool: {names[image_id] for image_id in gone if image_id in names} for tool, gone in deleted_by.items()},
        {name: verdicts[image_id] for image_id, name in names.items()},
        {name: states[image_id] for image_id, name in names.items() if image_id in states},
    )


def states_of_instances(server: Server) -> dict[str, str]:
    """The state of the last instance of each image."""
    reservations = server.client("ec2").describe_instances()["Reservations"]
    instances = [instance for reservation in reservations for instance in reservation["Instances"]]
    return {instance["ImageId"]: instance["State"]["Name"] for instance in instances}


def because(verdict: dict) -> frozenset[str]:
    """What a verdict rests on: codes, with the source where one is named."""
    return frozenset("/".join(filter(None, (one["code"], one.get("source")))) for one in verdict["reasons"])


@pytest.mark.parametrize("case", CASES, ids=str)
def test_amictl_is_right_about(judged, case):
    verdict = judged.verdicts[case.image]
    assert because(verdict) == case.because, verdict
    goes = case.because == {"unused"}
    assert verdict["decision"] == ("retire" if goes else "keep"), verdict
    assert (case.image in judged.deleted_by["amictl"]) == goes
    assert case.truth == FREE or not goes, "the case itself would have it deleted"


@pytest.mark.parametrize(
    ("image", "state"),
    [
        ("running-instance", "running"),
        ("stopped-instance", "stopped"),
        ("pending-instance", "pending"),
        ("stopping-instance", "stopping"),
        ("instance-shutting-down", "shutting-down"),
        ("instance-terminated-just-now", "terminated"),
        ("launched-between-two-runs", "pending"),
    ],
)
def test_the_instance_was_in_that_state_when_the_tools_looked(judged, image, state):
    assert judged.states[image] == state


@pytest.mark.parametrize("tool", TOOLS)
def test_every_tool_was_heard(judged, tool):
    """Each sees a running instance, and would delete what nothing uses."""
    assert "running-instance" not in judged.deleted_by[tool]
    assert "used-by-nothing" in judged.deleted_by[tool]


def test_the_document_says_what_this_run_found(judged):
    text = document(judged)
    if os.environ.get("WRITE_DOCS"):
        DOCUMENT.parent.mkdir(exist_ok=True)
        DOCUMENT.write_text(text)
    assert DOCUMENT.read_text() == text, f"run this test with WRITE_DOCS=1 to write {DOCUMENT.name} anew"


# --- the document


def pinned(package: str) -> str:
    """The version of a tool that the tests run."""
    return re.search(rf"^{package}==(\S+)$", (HERE / "requirements-peers.txt").read_text(), re.MULTILINE)[1]


def cell(judged: Judged, tool: str, case) -> str:
    """What one tool makes of one image; bold where it would delete what has to stay."""
    if case.image in judged.deleted_by[tool]:
        return "deletes" if case.truth == FREE else "**deletes**"
    return "left behind" if case.truth == FREE else "keeps"


def row(judged: Judged, case) -> str:
    """A line of the table."""
    reasons = ", ".join(f"`{one}`" for one in sorted(because(judged.verdicts[case.image])))
    first = f"{cell(judged, TOOLS[0], case)}: {reasons}"
    return " | ".join([f"| {case.what}", case.truth, first, *(cell(judged, tool, case) for tool in TOOLS[1:])]) + " |"


def totals(judged: Judged) -> str:
    """A line for each tool: how often it is wrong, and how."""
    lines = []
    for tool in TOOLS:
        gone = judged.deleted_by[tool]
        kept = [case for case in CASES if case.truth != FREE]
        wrong = sum(case.image in gone for case in kept)
        left = sum(case.image not in gone for case in CASES if case.truth == FREE)
        lines.append(f"| {tool} | {wrong} of {len(kept)} | {left} of {len(CASES) - len(kept)} |")
    return "\n".join(lines)


def document(judged: Judged) -> str:
    """The whole text of `docs/peers.md`."""
    return f"""\
# The same images, judged by amictl, Cloud Custodian and aws-amicleaner

Written by `conformance/test_peers_table.py`, which runs all three on one world in the sandbox and fails when they say
anything else than what stands here. `WRITE_DOCS=1 cargo xtask conformance conformance/test_peers_table.py` writes it anew.

Cloud Custodian {pinned("c7n")}, aws-amicleaner {pinned("aws-amicleaner")}. Each image is used in one way and in no other.
Every tool is asked to delete each unused image that has the tag `application`, but for two excluded groups, and runs twice
within Cloud Custodian's 15 minutes of cache; an instance is launched in between. The second run counts.

| Tool | Would delete what has to stay | Would leave behind what is unused |
|---|---|---|
{totals(judged)}

| What uses the image | Truth | {" | ".join(TOOLS)} |
|---|---|---|---|---|
{chr(10).join(row(judged, case) for case in CASES)}

*{IN_USE}*: a launch, by hand or by AWS, may need the image. *{EXCLUDED}*: the user has told the tool not to touch it.
**deletes**: the wrong verdict that costs an image. After a colon: what amictl's verdict rests on.

## How each was run

amictl, `amictl plan -f policy.yaml`:

```yaml
{AMICTL_POLICY.rstrip()}
```

Cloud Custodian, `custodian run {" ".join(CUSTODIAN_OPTIONS)} policy.json`, resource `aws.ami`, with these filters and
actions:

```json
{json.dumps({"filters": CUSTODIAN_FILTERS, "actions": CUSTODIAN_ACTIONS}, indent=1)}
```

aws-amicleaner:

```
amicleaner {" ".join(AMICLEANER_OPTIONS)}
```

The groups that follow a launch template have an instance each, of another image: where such a group is of size 0,
aws-amicleaner ends with a `ParamValidationError`.
"""
