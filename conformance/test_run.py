"""`amictl run`: scan, notices, plan and apply in one, as a timer starts it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import in_400_days
from harness import ADMIN, Amictl, images_of, sandbox_server
from hooks import Hook
from world import Builder

PENDING, PARTIAL, REFUSED = 2, 3, 4
POLICY = """\
version: 1
references: { other_accounts: ignore }
limits: { max_actions: 100, max_percent: 100, min_images: 1 }
families:
  - name: all
    match: { name: "*" }
    keep: { younger_than: 30d }
    retire: [%s]
"""
NOTIFY = "notify: { before: 7d, to: [{ webhook: { env: HOOK_URL } }] }\n"


class Timer:
    """An account with an unused image, and what a timer runs."""

    def __init__(self, server, home: Path):
        self.server = server
        Builder(server).image("old-1", "retire", "unused")
        self.amictl = Amictl(home, server.url)
        self.policy()

    def policy(self, *more: str, stage: str = "disable"):
        """The policy, with more in it."""
        (self.amictl.home / "policy.yaml").write_text(POLICY % stage + "".join(more))

    def run(self, *options: str, code: int = 0) -> dict:
        """One run, for a time at which the image is old."""
        options = ("-f", "policy.yaml", "--now", in_400_days(), "--settle", "0s", "--output", "json", *options)
        return self.amictl("run", *options, code=code).json()

    def calls(self) -> int:
        """How many calls there were, and counts anew."""
        counts = self.server.admin("GET", "/counts")
        self.server.admin("DELETE", "/counts")
        return sum(sum_of(counts))

    @property
    def image(self) -> dict | None:
        """The image, if it is still there."""
        return images_of(self.server).get("old-1")


def sum_of(value) -> list[int]:
    """Every number in a document."""
    if isinstance(value, dict):
        return [number for inner in value.values() for number in sum_of(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in sum_of(inner)]
    return [value] if isinstance(value, int) else []


@pytest.fixture
def timer(tmp_path):
    """The account in the sandbox."""
    with sandbox_server(*ADMIN) as server:
        yield Timer(server, tmp_path)


def test_what_is_due_is_done_once(timer):
    timer.policy(stage="{ deprecate: { after: 1d } }, { disable: { after: 2d } }, { deregister: { after: 3d } }")
    done = timer.run("--yes")
    assert (done["outcome"], done["steps"]) == ("applied", 1)
    runs = timer.amictl("runs", "--output", "json").json()
    assert [run["run_id"] for run in runs] == [done["run_id"]] and runs[0]["plan_id"] == done["plan_id"]
    for outcome in ("DeprecationTime", "disabled", "gone"):
        done = timer.run("--yes")
        assert done["outcome"] == "applied", done
        image = timer.image
        assert outcome in str(image) if image else outcome == "gone"
    nothing = timer.run("--yes")
    assert (nothing["outcome"], nothing["run_id"], nothing["steps"]) == ("nothing_due", None, 0)
    told = timer.amictl("run", "-f", "policy.yaml", "--yes", "--now", in_400_days()).stdout
    assert "Nothing is due." in told and "Plan " in told


def test_nothing_is_done_without_a_word(timer):
    refused = timer.amictl("run", "-f", "policy.yaml", "--now", in_400_days(), code=REFUSED)
    assert "not confirmed" in refused.stderr and "disable" in refused.stdout
    assert timer.image["State"] == "available"


def test_the_guards_of_apply_are_those_of_run(timer):
    (timer.amictl.home / "policy.yaml").write_text((POLICY % "disable").replace("max_actions: 100", "max_actions: 0"))
    options = ("-f", "policy.yaml", "--now", in_400_days(), "--yes")
    assert "max_actions" in timer.amictl("run", *options, code=REFUSED).stderr
    timer.policy()
    wrong = timer.amictl("run", *options, "--expect-account", "999999999999", code=REFUSED)
    assert "account 999999999999 is expected" in wrong.stderr
    assert timer.image["State"] == "available"


def test_outside_of_the_windows_nothing_is_even_read(timer):
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    # A day that is neither today nor one next to it, so that no midnight comes between.
    window = 'windows: [{ days: [%s], hours: "00:00-24:00", time_zone: UTC }]\n' % days[
        (datetime.now(UTC).weekday() + 3) % 7
    ]
    timer.policy(window)
    timer.calls()
    closed = timer.run("--yes")
    assert closed["outcome"] == "closed" and "opens at" in closed["message"] and timer.calls() == 0
    # Owners are told all the same, or they would hear of it too late.
    with Hook() as hook:
        timer.amictl.change_env(HOOK_URL=hook.url)
        timer.policy(window, NOTIFY)
        closed = timer.run("--yes")
        assert (closed["outcome"], closed["notices_sent"], len(hook.posts)) == ("closed", 1, 1)
    assert timer.image["State"] == "available"


def test_owners_are_told_before_anything_is_changed(timer):
    with Hook() as hook:
        timer.policy(NOTIFY)
        failed = timer.run("--yes", code=PARTIAL)
        assert (failed["outcome"], failed["notices_failed"], failed["plan_id"]) == ("notices_failed", 1, None)
        assert timer.image["State"] == "available"
        timer.amictl.change_env(HOOK_URL=hook.url)
        done = timer.run("--yes")
        assert (done["outcome"], done["notices_sent"]) == ("applied", 1)
        assert "from now on" in hook.texts[0]
        assert timer.image["State"] == "disabled"
        assert timer.run("--yes")["notices_sent"] == 0


def test_a_plan_that_needs_approvals_waits_for_them(timer):
    timer.policy("approvals: 1\n")
    waiting = timer.run("--yes")
    assert (waiting["outcome"], waiting["steps"], waiting["run_id"]) == ("approval_needed", 1, None)
    assert timer.run("--yes", "--detailed-exitcode", code=PENDING)["outcome"] == "approval_needed"
    told = timer.amictl("run", "-f", "policy.yaml", "--now", in_400_days(), "--yes").stdout
    assert "amictl approve" in told and "amictl apply" in told
    assert timer.image["State"] == "available"
    session = timer.server.client("sts").assume_role(
        RoleArn="arn:aws:iam::123456789012:role/ops", RoleSessionName="bob"
    )["Credentials"]
    timer.amictl.change_env(
        AWS_ACCESS_KEY_ID=session["AccessKeyId"],
        AWS_SECRET_ACCESS_KEY=session["SecretAccessKey"],
        AWS_SESSION_TOKEN=session["SessionToken"],
    )
    timer.amictl("approve", waiting["plan"])
    timer.amictl("apply", waiting["plan"], "--yes", "--settle", "0s")
    assert timer.image["State"] == "disabled"


def test_the_printed_permissions_of_run_are_enough(timer):
    policy = timer.amictl("iam-policy", "--for", "run").json()
    actions = sorted({action for statement in policy["Statement"] for action in statement["Action"]})
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    timer.server.admin("PUT", "/iam", {"Version": "2012-10-17", "Statement": [statement]})
    assert timer.run("--yes")["outcome"] == "applied"
