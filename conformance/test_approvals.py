"""Approvals: a plan whose policy asks for them is carried out only once enough others have approved it."""

import json
import re
from pathlib import Path

import pytest
from conftest import in_400_days
from harness import ACCOUNT, Amictl, images_of, moto_server, sandbox_server
from world import NOT_IN_MOTO, Builder

REFUSED = 4
AT_ONCE = ("--yes", "--settle", "0s", "--output", "json")
POLICY = """\
version: 1
references: { other_accounts: ignore, not_used: NOT_USED }
limits: { max_actions: 100, max_percent: 100, min_images: 1 }
approvals: 2
families:
  - name: all
    match: { name: "*" }
    keep: { younger_than: 30d }
    retire: [disable]
""".replace("NOT_USED", f"[{', '.join(NOT_IN_MOTO)}]")


class Team:
    """An account with an unused image, and people who share a state."""

    def __init__(self, server, home: Path):
        self.server, self.home = server, home
        self.image = Builder(server).image("old-1", "retire", "unused")
        self.state: str | Path = home / "state"

    def person(self, name: str) -> Amictl:
        """Somebody with a session of their own of one role."""
        session = self.server.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/ops", RoleSessionName=name
        )["Credentials"]
        return self.member(
            name,
            AWS_ACCESS_KEY_ID=session["AccessKeyId"],
            AWS_SECRET_ACCESS_KEY=session["SecretAccessKey"],
            AWS_SESSION_TOKEN=session["SessionToken"],
        )

    def member(self, name: str, **env: str | None) -> Amictl:
        """Somebody with the credentials of the account's user, or those of `env`."""
        amictl = Amictl(self.home / name, self.server.url, **env)
        amictl.state = self.state
        (amictl.home / "policy.yaml").write_text(POLICY)
        return amictl

    def plan(self, amictl: Amictl, *options: str) -> str:
        """Makes a plan; its file."""
        file = str(self.home / "plan.json")
        amictl("plan", "-f", "policy.yaml", "--now", in_400_days(), "--out", file, "--output", "json", *options)
        return file

    @property
    def image_state(self) -> str:
        """The state of the image."""
        return images_of(self.server)["old-1"]["State"]


@pytest.fixture
def team(tmp_path):
    """An account in the sandbox."""
    with sandbox_server() as server:
        yield Team(server, tmp_path)


def test_a_plan_is_carried_out_once_enough_others_have_approved_it(team):
    ann, bob, eve = (team.person(name) for name in ("ann", "bob", "eve"))
    plan = team.plan(ann)
    made = json.loads(Path(plan).read_text())
    assert made["approvals"] == 2 and made["planned_by"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/ops/ann"
    refused = ann("apply", plan, *AT_ONCE, code=REFUSED)
    assert "needs the approval of 2 people other than who made it and nobody has approved it" in refused.stderr
    assert "amictl approve" in refused.stderr
    own = ann("approve", plan, code=REFUSED)
    assert "somebody else has to approve it" in own.stderr
    first = bob("approve", plan, "--comment", "looked at it", "--output", "json").json()
    assert first["approver"].endswith("assumed-role/ops/bob") and first["digest"] == made["digest"]
    assert (first["is_new"], first["is_approved"], first["approvals_needed"]) == (True, False, 2)
    again = bob("approve", plan, "--comment", "once more", "--output", "json").json()
    assert (again["is_new"], again["comment"], again["is_approved"]) == (False, "looked at it", False)
    refused = ann("apply", plan, *AT_ONCE, code=REFUSED)
    assert "has that of 1: arn:aws:sts::" in refused.stderr and "/bob" in refused.stderr
    assert team.image_state == "available"
    told = eve("approve", plan).stdout
    assert "it can be carried out" in told and "amictl apply" in told
    kept = sorted((team.home / "state" / "approvals" / made["plan_id"]).iterdir())
    assert {json.loads(file.read_text())["approver"].rsplit("/")[-1] for file in kept} == {"bob", "eve"}
    # Nothing but the state has to be shared.
    run = team.person("carol")("apply", plan, *AT_ONCE).json()
    assert [step["outcome"] for step in run["steps"]] == ["done"]
    assert team.image_state == "disabled"


def test_approvals_are_of_what_was_looked_at(team):
    ann, bob, eve = (team.person(name) for name in ("ann", "bob", "eve"))
    plan = Path(team.plan(ann))
    bob("approve", str(plan))
    eve("approve", str(plan))
    text = plan.read_text()
    # Whoever takes the demand out of the plan has another plan.
    plan.write_text(text.replace('"approvals":2,', ""))
    assert plan.read_text() != text
    assert "was edited" in ann("apply", str(plan), *AT_ONCE, code=REFUSED).stderr
    assert "was edited" in team.person("carol")("approve", str(plan), code=REFUSED).stderr
    # Another plan of the same images needs its own approvals.
    assert "nobody has approved it" in ann("apply", team.plan(ann), *AT_ONCE, code=REFUSED).stderr
    assert team.image_state == "available"


def test_where_nobody_knows_who_made_a_plan_it_takes_one_more(team):
    scan = team.person("ann")("scan", "-f", "policy.yaml", "--now", in_400_days(), "--output", "json").json()
    offline = team.member("offline", AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    plan = team.plan(offline, "--inventory", scan["inventory_id"])
    assert "planned_by" not in json.loads(Path(plan).read_text())
    for count, name in enumerate(("bob", "eve", "carol")):
        refused = team.person("ann")("apply", plan, *AT_ONCE, code=REFUSED)
        assert "the approval of 3 people (one more than the policy asks for" in refused.stderr
        assert count == 0 or f"has that of {count}:" in refused.stderr
        team.person(name)("approve", plan)
    team.person("ann")("apply", plan, *AT_ONCE)
    assert team.image_state == "disabled"


def test_a_role_that_is_assumed_for_the_work_hides_nobody(team):
    role = ("--role-arn", f"arn:aws:iam::{ACCOUNT}:role/retirer")
    ann = team.person("ann")
    plan = team.plan(ann, *role)
    assert json.loads(Path(plan).read_text())["planned_by"].endswith("assumed-role/ops/ann")
    for options in ((), role):
        assert "made this plan" in ann("approve", plan, *options, code=REFUSED).stderr
    approvers = [team.person(name)("approve", plan, *role, "-o", "json").json()["approver"] for name in ("bob", "eve")]
    assert [approver.rsplit("/")[-1] for approver in approvers] == ["bob", "eve"]
    ann("apply", plan, *AT_ONCE, *role)
    assert team.image_state == "disabled"


def test_a_run_that_has_begun_goes_on_without_being_approved_anew(team):
    ann = team.person("ann")
    plan = team.plan(ann)
    for name in ("bob", "eve"):
        team.person(name)("approve", plan)
    run = ann("apply", plan, *AT_ONCE).json()["run_id"]
    # As if it had been cut off before its first step, with the approvals gone.
    journal = team.home / "state" / "runs" / run / "journal.jsonl"
    journal.write_text(journal.read_text().splitlines(keepends=True)[0])
    for file in (team.home / "state" / "approvals").rglob("*.json"):
        file.unlink()
    ec2 = team.server.client("ec2")
    ec2.enable_image(ImageId=team.image)
    ec2.delete_tags(Resources=[team.image], Tags=[{"Key": tag["Key"]} for tag in images_of(team.server)["old-1"]["Tags"]])
    assert "nobody has approved it" in ann("apply", plan, *AT_ONCE, code=REFUSED).stderr
    resumed = ann("resume", run, *AT_ONCE).json()
    assert [step["outcome"] for step in resumed["steps"]] == ["done"] and team.image_state == "disabled"


def test_hostile_comments_are_shown_harmless(team):
    plan = team.plan(team.person("ann"))
    told = team.person("bob")("approve", plan, "--comment", "\x1b[2Jfine \u202e")
    assert "\x1b" not in told.stdout and "\\u{1b}[2Jfine" in told.stdout
    long = team.person("eve")("approve", plan, "--comment", "x" * 1001, code=64)
    assert "1000 characters" in long.stderr


@pytest.mark.parametrize("server", [sandbox_server, moto_server])
def test_approvals_are_shared_in_a_bucket(server, tmp_path):
    with server() as server:
        team = Team(server, tmp_path)
        server.client("s3").create_bucket(Bucket="amictl-states")
        team.state = "s3://amictl-states/team"
        ann = team.person("ann")
        made = ann("plan", "-f", "policy.yaml", "--now", in_400_days(), "--output", "json").json()
        plan = f"s3://amictl-states/team/plans/{made['plan_id']}.json"
        assert made["planned_by"].endswith("/ann")
        for name in ("bob", "eve"):
            ann("apply", plan, *AT_ONCE, code=REFUSED)
            for is_new in (True, False):
                assert team.person(name)("approve", plan, "--output", "json").json()["is_new"] == is_new
        listed = server.client("s3").list_objects_v2(Bucket="amictl-states", Prefix="team/approvals/")["Contents"]
        keys = [found["Key"] for found in listed]
        assert len(keys) == 2 and all(re.search(rf"/{made['plan_id']}/[0-9a-f]{{32}}\.json$", key) for key in keys)
        ann("apply", plan, *AT_ONCE)
        assert team.image_state == "disabled"
