"""Notices before a stage: to SNS, a webhook and a file, each stage to each target once."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import in_400_days
from harness import ACCOUNT, ADMIN, REGION, Amictl, images_of, moto_server, sandbox_server, wait_until
from hooks import Hook
from world import NOT_IN_MOTO, Builder

PARTIAL, REFUSED = 3, 4
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:amis"
POLICY = """\
version: 1
references: { other_accounts: ignore, not_used: NOT_USED }
protect: [{ tag: { "amictl:keep": "*" } }]
limits: { max_actions: 100, max_percent: 100, min_images: 1 }
notify:
  before: 7d
  owner_tag: Owner
  to: %s
families:
  - name: all
    match: { name: "*" }
    keep: { younger_than: 30d }
    retire: [{ disable: { after: 5d } }, { deregister: { after: 28d } }]
"""
POLICY = POLICY.replace("NOT_USED", f"[{', '.join(NOT_IN_MOTO)}]")
ALL = "[{ sns: %s }, { webhook: { env: HOOK_URL } }, { file: notices.ndjson }]" % TOPIC


class Owners:
    """An account with images of two owners and one of nobody, a topic, a webhook, and amictl."""

    def __init__(self, server, home: Path, hook: Hook):
        self.server, self.hook = server, hook
        self.ec2 = server.client("ec2")
        builder = Builder(server)
        self.images = {name: builder.image(name, "retire", "unused") for name in ("web-1", "web-2", "db-1", "lost-1")}
        for owner, names in (("team-a", ("web-1", "web-2")), ("<!channel> `*x*` \u202eé", ("db-1",))):
            ids = [self.images[name] for name in names]
            self.ec2.create_tags(Resources=ids, Tags=[{"Key": "Owner", "Value": owner}])
        server.client("sns").create_topic(Name="amis")
        self.amictl = self.machine(home)

    def machine(self, home: Path, to: str = ALL) -> Amictl:
        """A machine of its own, with the webhook in its environment."""
        amictl = Amictl(home, self.server.url, HOOK_URL=self.hook.url)
        (home / "policy.yaml").write_text(POLICY % to)
        return amictl

    def notify(self, *options: str, amictl: Amictl | None = None, code: int = 0, now: str | None = None) -> dict:
        """Sends what is due as of a time at which every image is old enough."""
        options = ("-f", "policy.yaml", "--now", now or in_400_days(), "--output", "json", *options)
        return (amictl or self.amictl)("notify", *options, code=code).json()

    def published(self) -> list[dict]:
        """What SNS was given."""
        found = []

        def look(value):
            if isinstance(value, dict):
                if "message" in value and "subject" in value:
                    found.append(value)
                for inner in value.values():
                    look(inner)
            elif isinstance(value, list):
                for inner in value:
                    look(inner)

        look(self.server.admin("GET", "/world"))
        return found

    def lines(self) -> list[dict]:
        """What is in the file."""
        return [json.loads(line) for line in (self.amictl.home / "notices.ndjson").read_text().splitlines()]


@pytest.fixture
def hook():
    """A webhook."""
    with Hook() as hook:
        yield hook


@pytest.fixture
def owners(tmp_path, hook):
    """The account in the sandbox."""
    with sandbox_server(*ADMIN) as server:
        yield Owners(server, tmp_path / "home", hook)


def outcomes(told: dict) -> dict[str, set[str]]:
    """The outcomes by kind of target."""
    found: dict[str, set[str]] = {}
    for message in told["messages"]:
        found.setdefault(message["target"].split()[0], set()).add(message["outcome"])
    return found


def test_every_owner_is_told_once_by_every_target(owners):
    told = owners.notify()
    assert outcomes(told) == {"topic": {"sent"}, "webhook": {"sent"}, "file": {"sent"}}
    assert (told["upcoming"], told["told_before"], len(told["messages"])) == (4, 0, 9)
    assert {stage["stage"] for message in told["messages"] for stage in message["stages"]} == {"disable"}
    for texts in (owners.hook.texts, [line["text"] for line in owners.lines()], [p["message"] for p in owners.published()]):
        assert len(texts) == 3
        for name, image in owners.images.items():
            [text] = [text for text in texts if image in text]
            assert name in text and ACCOUNT in text and REGION in text
            assert "Disable" in text and "not before 20" in text and "amictl:keep-until" in text and "amictl:keep" in text
            assert ("web-2" in text) == (name in ("web-1", "web-2"))
    again = owners.notify()
    assert (again["upcoming"], again["told_before"], again["messages"]) == (4, 12, [])
    assert len(owners.hook.posts) == 3 and len(owners.lines()) == 3 and len(owners.published()) == 3


def test_what_others_chose_is_harmless_everywhere(owners):
    owners.notify()
    [slack] = [text for text in owners.hook.texts if owners.images["db-1"] in text]
    assert "&lt;!channel&gt;" in slack and "<" not in slack and "`*x*`" not in slack and "\\u{202e}" in slack
    [mail] = [found for found in owners.published() if owners.images["db-1"] in found["message"]]
    assert "\u202e" not in mail["message"] and "<!channel>" in mail["message"]
    for found in owners.published():
        subject = found["subject"]
        assert subject.isascii() and subject.isprintable() and len(subject) < 100, subject
        assert re.fullmatch(r"amictl: \d AMIs?( of .+)? to be retired from \d{4}-\d\d-\d\d on", subject), subject
    raw = (owners.amictl.home / "notices.ndjson").read_text()
    assert "\u202e" not in raw


def test_a_target_that_fails_stops_no_other_and_is_tried_again(owners):
    owners.hook.statuses = [500, 404, 200]
    told = owners.notify(code=PARTIAL)
    assert outcomes(told) == {"topic": {"sent"}, "webhook": {"sent", "failed"}, "file": {"sent"}}
    failed = [message["why"] for message in told["messages"] if message["outcome"] == "failed"]
    assert "HTTP status 500; it may have arrived all the same" in failed[0] and failed[1] == "it answered with HTTP status 404"
    again = owners.notify()
    assert [message["target"] for message in again["messages"]] == ["webhook of $HOOK_URL"] * 2
    assert outcomes(again) == {"webhook": {"sent"}} and len(owners.hook.posts) == 5
    assert owners.notify()["messages"] == []


def test_a_server_that_is_busy_is_waited_for(owners):
    owners.hook.statuses, owners.hook.headers = [429, 503], {"retry-after": "0"}
    assert outcomes(owners.notify())["webhook"] == {"sent"}
    assert len(owners.hook.posts) == 5


def test_nobody_there_is_told_and_nothing_is_remembered(owners):
    owners.amictl.change_env(HOOK_URL="http://127.0.0.1:9/x/s3cr3t")
    told = owners.notify(code=PARTIAL)
    whys = [message["why"] for message in told["messages"] if message["outcome"] == "failed"]
    assert len(whys) == 3 and not any("may have arrived" in why or "s3cr3t" in why for why in whys), whys
    owners.amictl.change_env(HOOK_URL=None)
    told = owners.notify(code=PARTIAL)
    assert {message["why"] for message in told["messages"]} == {"the environment variable HOOK_URL is not set"}
    owners.amictl.change_env(HOOK_URL=owners.hook.url)
    assert outcomes(owners.notify()) == {"webhook": {"sent"}}


def test_a_topic_that_is_not_there_or_denied_is_told(owners):
    owners.server.client("sns").delete_topic(TopicArn=TOPIC)
    told = owners.notify(code=PARTIAL)
    assert outcomes(told) == {"topic": {"failed"}, "webhook": {"sent"}, "file": {"sent"}}
    assert "Publish" in told["messages"][0]["why"]
    owners.server.client("sns").create_topic(Name="amis")
    policy = owners.amictl("iam-policy", "--for", "notify").json()
    actions = {action for statement in policy["Statement"] for action in statement["Action"]}
    assert "sns:Publish" in actions and "ec2:DisableImage" not in actions

    def allow(actions: set[str]):
        statement = {"Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
        owners.server.admin("PUT", "/iam", {"Version": "2012-10-17", "Statement": [statement]})

    allow(actions - {"sns:Publish"})
    told = owners.notify(code=PARTIAL)
    assert {message["outcome"] for message in told["messages"]} == {"failed"}
    assert "access denied" in told["messages"][0]["why"]
    allow(actions)
    assert outcomes(owners.notify()) == {"topic": {"sent"}}


def test_a_dry_run_sends_and_remembers_nothing(owners):
    for _ in range(2):
        assert outcomes(owners.notify("--dry-run")) == {
            "topic": {"would_be_sent"},
            "webhook": {"would_be_sent"},
            "file": {"would_be_sent"},
        }
    assert not owners.hook.posts and not owners.published() and not (owners.amictl.home / "notices.ndjson").exists()
    shown = owners.amictl("notify", "-f", "policy.yaml", "--now", in_400_days(), "--dry-run").stdout
    assert "would be sent" in shown and "team-a" in shown and "\u202e" not in shown


def test_secrets_are_shown_and_kept_nowhere(owners, tmp_path):
    amictl = owners.machine(tmp_path / "second", '[{ webhook: "%s" }]' % owners.hook.url)
    amictl.change_env(HOOK_URL=None)
    owners.hook.statuses = [404]
    results = [amictl("notify", "-f", "policy.yaml", "--now", in_400_days(), "-vvv", code=(0, PARTIAL)) for _ in range(2)]
    assert "webhook at 127.0.0.1" in results[0].stdout
    for text in [result.stdout + result.stderr for result in results]:
        assert "s3cr3t" not in text
    kept = [file for file in amictl.state.rglob("*.json") if "notices" in file.parts]
    assert len(kept) == 3 and not any("s3cr3t" in file.read_text() for file in kept)


def test_who_objects_as_the_notice_says_is_heard(owners):
    owners.notify()
    [text] = [text for text in owners.hook.texts if owners.images["lost-1"] in text]
    command = re.search(r"aws ec2 create-tags --region (\S+) --resources (\S+) --tags Key=(\S+),Value=([\d-]+)", text)
    region, image, key, value = command.groups()
    assert (region, image, key) == (REGION, owners.images["lost-1"], "amictl:keep-until")
    now = datetime.now(UTC) + timedelta(days=400)
    assert now.strftime("%Y-%m-%d") < value
    owners.ec2.create_tags(Resources=[image], Tags=[{"Key": key, "Value": value}])
    plan = owners.amictl("plan", "-f", "policy.yaml", "--now", in_400_days(), "--output", "json").json()
    kept = {verdict["name"] for verdict in plan["verdicts"] if verdict["reasons"][0]["code"] == "excluded"}
    assert kept == {"lost-1"}
    # And when that day has passed, the owner is told anew.
    later = (datetime.strptime(value, "%Y-%m-%d") + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    again = owners.notify(now=later)
    assert {stage["name"] for message in again["messages"] for stage in message["stages"]} >= {"lost-1"}


def test_a_stage_is_told_neither_too_early_nor_again_and_again(owners):
    for days in (20, 25):
        assert owners.notify(now=in_days(days))["upcoming"] == 0, "young until day 30, and then 5 days to wait"
    assert len(owners.notify(now=in_days(40))["messages"]) == 9
    # Nobody applies anything, and the wait begins anew each day.
    for days in (41, 46):
        told = owners.notify(now=in_days(days))
        assert (told["upcoming"], told["messages"]) == (4, [])
    assert len(owners.notify(now=in_days(60))["messages"]) == 9, "what was told is long past"


def in_days(days: int) -> str:
    """A moment so many days from now."""
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_policy_without_targets_and_bad_ones_are_told(owners):
    policy = owners.amictl.home / "policy.yaml"
    policy.write_text(re.sub(r"notify:\n(  .*\n){3}", "", POLICY % "x"))
    assert "names nobody who is to be told" in owners.amictl("notify", "-f", "policy.yaml", code=1).stderr
    policy.write_text(POLICY % "[{ sms: 1 }, { sns: amis }, { webhook: 'ftp://x' }, { webhook: { env: A-B } }]")
    told = owners.amictl("notify", "-f", "policy.yaml", code=1).stderr
    for part in ("sms", "`sns` cannot be `amis`", "no such URL", "`env` cannot be `A-B`", "policy.yaml:8"):
        assert part in told, told


@pytest.mark.parametrize("start", [sandbox_server, moto_server])
def test_machines_that_share_a_state_tell_nobody_twice(start, tmp_path, hook):
    with start() as server:
        owners = Owners(server, tmp_path / "one", hook)
        server.client("s3").create_bucket(Bucket="amictl-states")
        machines = [owners.machine(tmp_path / name, "[{ webhook: { env: HOOK_URL } }]") for name in ("one", "two")]
        for machine in machines:
            machine.state = "s3://amictl-states/a"
        assert outcomes(owners.notify(amictl=machines[0])) == {"webhook": {"sent"}}
        assert owners.notify(amictl=machines[1])["messages"] == []
        assert len(hook.posts) == 3
        # Whoever sends has the lock.
        server.client("s3").put_object(
            Bucket="amictl-states",
            Key="a/locks/notices",
            Body=json.dumps({"run_id": "r", "host": "h", "pid": 1, "expires_at": in_days(1)}).encode(),
        )
        options = ("-f", "policy.yaml", "--now", in_400_days())
        assert "the sending of notices is locked" in machines[1]("notify", *options, code=REFUSED).stderr


def test_moto_publishes_what_is_sent(tmp_path, hook):
    with moto_server() as server:
        owners = Owners(server, tmp_path, hook)
        sqs = server.client("sqs")
        queue = sqs.create_queue(QueueName="amis")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        server.client("sns").subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=arn)
        assert outcomes(owners.notify())["topic"] == {"sent"}

        got: dict[str, dict] = {}

        def received() -> bool:
            for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
                got[message["MessageId"]] = json.loads(message["Body"])
            return len(got) == 3

        wait_until(received, "three messages", 20)
        texts = [message["Message"] for message in got.values()]
        assert all(any(image in text for text in texts) for image in owners.images.values())
        assert all(message["Subject"].startswith("amictl: ") for message in got.values())
