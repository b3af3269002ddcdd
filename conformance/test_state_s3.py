"""The state in a bucket: plans, runs, journals and locks that runners share, in moto's S3 and in the sandbox's."""

import json
import re
from contextlib import contextmanager
from pathlib import Path

import pytest
import world as worlds
from botocore.exceptions import ClientError
from conftest import Seen, in_400_days
from enforcing import actions_of
from harness import (
    ACCOUNT,
    ADMIN,
    HOST,
    REGION,
    Amictl,
    Result,
    Server,
    error,
    free_port,
    images_of,
    interrupt,
    moto_server,
    sandbox_server,
    wait_until,
    write_faults,
)

BUCKET, PREFIX = "amictl-states", "team/a"
STATE = f"s3://{BUCKET}/{PREFIX}"
LOCK = f"{PREFIX}/locks/{ACCOUNT}-{REGION}"
REFUSED, INTERRUPTED, USAGE = 4, 130, 64
SERVERS = {"moto": moto_server, "sandbox": sandbox_server}
AT_ONCE = ("--yes", "--settle", "0s", "--output", "json")


class Shared:
    """A bucket, and runners that have nothing in common but it."""

    def __init__(self, server: Server, home: Path, region: str = REGION):
        self.server, self.home, self.s3 = server, home, server.client("s3", region)
        where = {} if region == REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        self.s3.create_bucket(Bucket=BUCKET, **where)

    def runner(self, name: str, url: str | None = None, **env: str | None) -> Amictl:
        """A machine of its own."""
        runner = Amictl(self.home / name, url or self.server.url, **env)
        runner.state = STATE
        (runner.home / "policy.yaml").write_text(worlds.POLICY)
        return runner

    def keys(self) -> list[str]:
        """The keys of all objects, below the prefix and elsewhere."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return [found["Key"] for page in pages for found in page.get("Contents", [])]

    def read(self, key: str) -> bytes:
        """An object."""
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def owner(self) -> dict | None:
        """Who has, or had, the lock."""
        return json.loads(self.read(LOCK)) if LOCK in self.keys() else None

    def journal(self, run_id: str) -> list[dict]:
        """The records of a run."""
        keys = sorted(key for key in self.keys() if key.startswith(f"{PREFIX}/runs/{run_id}/journal/"))
        numbers = [int(re.fullmatch(r".*/(\d{8})\.jsonl", key)[1]) for key in keys]
        assert numbers == list(range(1, len(keys) + 1)), keys
        return [json.loads(line) for key in keys for line in self.read(key).splitlines()]


@pytest.fixture(params=SERVERS)
def shared(request, tmp_path):
    """A bucket in a fresh server, and some images there."""
    with SERVERS[request.param]() as server:
        yield Shared(server, tmp_path)


@pytest.fixture
def world(shared) -> worlds.World:
    """Some images."""
    return worlds.build_small(shared.server)


def plan(runner: Amictl, *options: str) -> str:
    """Makes a plan; returns where the state keeps it."""
    made = runner("plan", "-f", "policy.yaml", "--now", in_400_days(), "--output", "json", *options).json()
    return f"{STATE}/plans/{made['plan_id']}.json"


def says(result: Result, *parts: str):
    """The message holds each of these words."""
    for part in parts:
        assert part in result.stderr, f"the message should say `{part}`\n{result}"


@contextmanager
def at_work(shared: Shared, runner: Amictl, place: str):
    """While a run waits between its fence and deregistering."""
    process = runner.start("apply", place, "--yes", "--settle", "10m", "--output", "json")

    def fenced():
        assert process.poll() is None, process.communicate()
        found = [key for key in shared.keys() if "/journal/" in key]
        return any(b'"disable"' in shared.read(key) and b'"outcome"' in shared.read(key) for key in found)

    try:
        wait_until(fenced, "an image to be disabled")
        yield process
    finally:
        process.kill()
        process.communicate()


def test_one_runner_plans_another_applies_and_a_third_tells(shared, world):
    place = plan(shared.runner("planner"))
    applied = shared.runner("applier")("apply", place, *AT_ONCE).json()
    assert images_of(shared.server).keys() == world.kept
    teller = shared.runner("teller")
    assert [run["run_id"] for run in teller("runs", "--output", "json").json()] == [applied["run_id"]]
    shown = teller("runs", "show", applied["run_id"])
    says(shown, f"{STATE}/runs/{applied['run_id']}/journal/")
    records = shared.journal(applied["run_id"])
    assert [record["seq"] for record in records] == list(range(1, len(records) + 1))
    assert records[-1]["event"] == {"kind": "run_finished", "status": "finished"}
    assert shared.owner()["expires_at"].startswith("1970-"), "the lock is given back"
    kinds = r"\.writable|inventories/[^/]+\.json\.zst|plans/[^/]+\.json|runs/[^/]+/(plan\.json|(journal|audit-\d{3})/\d{8}\.jsonl)|locks/[^/]+"
    assert all(re.fullmatch(rf"{PREFIX}/({kinds})", key) for key in shared.keys()), shared.keys()
    assert not any((shared.home / name / "state").exists() for name in ("planner", "applier", "teller"))


def test_the_inventory_of_one_runner_is_listed_and_planned_from_by_another(shared, world):
    scanned = shared.runner("scanner")("scan", "-f", "policy.yaml", "--output", "json").json()
    other = shared.runner("other")
    listed = other("list", "--output", "json")
    says(listed, "inventory 20")
    (key,) = [key for key in shared.keys() if "/inventories/" in key]
    assert key in json.dumps(scanned)
    options = ("-f", "policy.yaml", "--now", in_400_days(), "--output", "json")
    by_place = other("plan", "--inventory", f"s3://{BUCKET}/{key}", *options).json()
    by_id = other("plan", "--inventory", key.split("/")[-1].removesuffix(".json.zst"), *options).json()
    assert by_id["verdicts"] == by_place["verdicts"]


def test_an_interrupted_run_is_resumed_by_another_runner(shared, world):
    first, second = shared.runner("first"), shared.runner("second")
    with at_work(shared, first, plan(first)) as process:
        result = interrupt(process)
    assert result.code == INTERRUPTED, str(result)
    assert images_of(shared.server).keys() == world.ids.keys()
    second("resume", "--yes", "--settle", "0s")
    assert images_of(shared.server).keys() == world.kept


def test_an_interrupted_run_is_taken_back_by_another_runner(shared, world):
    before = Seen.now(shared.server, REGION)
    first, second = shared.runner("first"), shared.runner("second")
    with at_work(shared, first, plan(first)) as process:
        assert interrupt(process).code == INTERRUPTED
    (run,) = second("runs", "--output", "json").json()
    second("undo", run["run_id"], "--yes")
    assert Seen.now(shared.server, REGION) == before
    undos = [key for key in shared.keys() if "/undo-" in key]
    assert undos and all(re.search(r"/undo-001/\d{8}\.jsonl$", key) for key in undos), undos
    says(second("undo", run["run_id"], "--yes"), "nothing to take back")


def test_two_runners_never_act_at_once(shared, world):
    first, second = shared.runner("first"), shared.runner("second")
    place = plan(second)
    with at_work(shared, first, plan(first)) as process:
        before = Seen.now(shared.server, REGION)
        for command in (("apply", place, *AT_ONCE), ("resume", "--yes"), ("undo", shared.owner()["run_id"], "--yes")):
            says(second(*command, code=REFUSED), "locked by run", shared.owner()["run_id"], f"s3://{BUCKET}/{LOCK}")
        assert Seen.now(shared.server, REGION) == before
        interrupt(process)
    second("resume", "--yes", "--settle", "0s")
    assert images_of(shared.server).keys() == world.kept


def test_the_lock_of_a_runner_that_disappeared_expires(shared, world):
    first, second = shared.runner("first"), shared.runner("second")
    with at_work(shared, first, plan(first)):
        pass
    left = shared.owner()
    says(second("resume", "--yes", "--settle", "0s", code=REFUSED), "locked by run", left["expires_at"])
    assert images_of(shared.server).keys() == world.ids.keys()
    # A quarter of an hour later.
    expired = {**left, "expires_at": "2020-01-01T00:00:00Z"}
    shared.s3.put_object(Bucket=BUCKET, Key=LOCK, Body=json.dumps(expired).encode())
    second("resume", "--yes", "--settle", "0s")
    assert images_of(shared.server).keys() == world.kept
    assert shared.owner()["expires_at"].startswith("1970-")


def test_a_lock_of_another_region_is_none_of_ours(shared, world):
    owner = {"run_id": "run-1", "host": "elsewhere", "pid": 7, "expires_at": "2100-01-01T00:00:00Z"}
    key = f"{PREFIX}/locks/{ACCOUNT}-eu-west-1"
    shared.s3.put_object(Bucket=BUCKET, Key=key, Body=json.dumps(owner).encode())
    runner = shared.runner("runner")
    runner("apply", plan(runner), *AT_ONCE)
    assert images_of(shared.server).keys() == world.kept


def test_a_journal_with_a_gap_is_not_gone_on_from(shared, world):
    first, second = shared.runner("first"), shared.runner("second")
    with at_work(shared, first, plan(first)) as process:
        interrupt(process)
    run_id = shared.owner()["run_id"]
    shared.s3.delete_object(Bucket=BUCKET, Key=f"{PREFIX}/runs/{run_id}/journal/00000001.jsonl")
    says(second("resume", run_id, "--yes", code=1), "00000001.jsonl should be")
    says(second("runs"), "cannot be shown")
    assert images_of(shared.server).keys() == world.ids.keys()


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_a_bucket_of_another_region_is_found(tmp_path, server):
    with server() as server:
        shared = Shared(server, tmp_path, "eu-west-1")
        world = worlds.build_small(server)
        runner = shared.runner("runner")
        runner("apply", plan(runner), *AT_ONCE)
        assert images_of(server).keys() == world.kept


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS)
def test_a_bucket_that_is_not_there_is_told_and_nothing_done(tmp_path, server):
    with server() as server:
        runner = Amictl(tmp_path, server.url)
        runner.state = STATE
        for command in (("scan",), ("plan",), ("runs",), ("resume", "--yes"), ("apply", f"{STATE}/plans/x.json", "--yes")):
            says(runner(*command, code=1), BUCKET, "bucket does not exist", "make the bucket first")


def test_an_endpoint_of_s3_alone_is_heeded(tmp_path):
    with sandbox_server() as images, moto_server() as objects:
        world = worlds.build_small(images)
        shared = Shared(objects, tmp_path)
        runner = shared.runner("runner", images.url, AWS_ENDPOINT_URL_S3=objects.url)
        runner("apply", plan(runner), *AT_ONCE)
        assert images_of(images).keys() == world.kept
        assert shared.owner()
        nowhere = f"http://{HOST}:{free_port()}"
        runner.change_env(AWS_ENDPOINT_URL_S3=nowhere)
        says(runner("runs", code=1), BUCKET, f"is {nowhere} up?")


@pytest.mark.parametrize("url", ["s3://", "s3://Bad_Name/x", f"s3://{BUCKET}/a//b", "gs://bucket/x", "https://x"])
def test_places_that_no_state_can_be_kept_in_are_refused(tmp_path, url):
    with sandbox_server() as server:
        Shared(server, tmp_path)
        runner = Amictl(tmp_path / "home", server.url)
        runner.state = url
        says(runner("runs", code=USAGE), "s3://BUCKET/PREFIX")


DENIED = error("AccessDenied", "Access Denied")


@pytest.fixture
def faulty(tmp_path):
    """A function that starts a sandbox with these faults, a bucket and some images."""

    @contextmanager
    def start(*rules: dict):
        with sandbox_server("--faults", write_faults(tmp_path / "faults.json", *rules)) as server:
            yield Shared(server, tmp_path), worlds.build_small(server)

    return start


@pytest.mark.parametrize("operation", ["PutObject", "GetObject", "ListObjectsV2"])
def test_what_is_denied_is_told_and_nothing_done(faulty, operation):
    with faulty({"operation": operation, "kind": DENIED}) as (shared, world):
        runner = shared.runner("runner")
        # A file of its own to apply, whatever the bucket says.
        runner("plan", "-f", "policy.yaml", "--now", in_400_days(), "--out", "plan.json", state=shared.home / "folder")
        command = ("runs",) if operation == "ListObjectsV2" else ("apply", "plan.json", *AT_ONCE)
        if operation == "GetObject":
            command = ("apply", f"{STATE}/plans/x.json", *AT_ONCE)
        says(runner(*command, code=1), STATE, "AccessDenied", "s3:PutObject")
        assert images_of(shared.server).keys() == world.ids.keys()


def test_a_region_that_may_not_be_asked_for_is_the_default_one(faulty):
    with faulty({"operation": "GetBucketLocation", "kind": DENIED}) as (shared, world):
        runner = shared.runner("runner")
        runner("apply", plan(runner), *AT_ONCE)
        assert images_of(shared.server).keys() == world.kept


@pytest.mark.parametrize("phase", ["before", "after"])
@pytest.mark.parametrize("kind", ["reset", "server_error", "throttle"])
def test_puts_that_go_wrong_leave_each_record_once(faulty, phase, kind):
    with faulty({"operation": "PutObject", "when": {"every": 3}, "phase": phase, "kind": kind}) as (shared, world):
        runner = shared.runner("runner")
        run_id = runner("apply", plan(runner), *AT_ONCE).json()["run_id"]
        assert images_of(shared.server).keys() == world.kept
        records = shared.journal(run_id)
        assert [record["seq"] for record in records] == list(range(1, len(records) + 1))
        assert shared.owner()["expires_at"].startswith("1970-")


def test_four_permissions_of_s3_are_enough(tmp_path):
    with sandbox_server(*ADMIN) as server:
        shared, world = Shared(server, tmp_path), worlds.build_small(server)
        # The sandbox takes an access key that is an account's number for one of its users.
        runner = shared.runner("runner", AWS_ACCESS_KEY_ID=ACCOUNT)
        of_amictl = actions_of(runner("iam-policy", "--for", "scan,apply").json())
        of_state = {"s3:GetBucketLocation", "s3:GetObject", "s3:PutObject", "s3:ListBucket"}
        assert {action for action in of_amictl if action.startswith("s3:")} == of_state
        statement = {"Effect": "Allow", "Action": sorted(of_amictl), "Resource": "*"}
        server.admin("PUT", "/iam", {"Version": "2012-10-17", "Statement": [statement]})
        runner("apply", plan(runner), *AT_ONCE)
        runner("runs")
        server.admin("PUT", "/iam", {"accounts": {}})
        assert images_of(server).keys() == world.kept


def refusal(call, **parameters) -> tuple[str, int]:
    """Code and status."""
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    response = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_what_the_locks_rest_on_holds(shared):
    """S3 API Reference, PutObject: `If-None-Match: *` and `If-Match`."""
    put, failed = shared.s3.put_object, ("PreconditionFailed", 412)
    first = put(Bucket=BUCKET, Key="k", Body=b"1", IfNoneMatch="*")["ETag"]
    assert refusal(put, Bucket=BUCKET, Key="k", Body=b"2", IfNoneMatch="*") == failed
    second = put(Bucket=BUCKET, Key="k", Body=b"2", IfMatch=first)["ETag"]
    assert refusal(put, Bucket=BUCKET, Key="k", Body=b"3", IfMatch=first) == failed
    assert refusal(put, Bucket=BUCKET, Key="none", Body=b"3", IfMatch=first)[1] in (404, 412)
    assert shared.s3.get_object(Bucket=BUCKET, Key="k")["ETag"] == second != first
