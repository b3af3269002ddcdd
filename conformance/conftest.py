"""Fixtures shared by the conformance tests."""

import datetime
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ["AWS_EC2_METADATA_DISABLED"] = "true"

import world as worlds  # noqa: E402
from harness import (  # noqa: E402
    REGION,
    Amictl,
    Result,
    Server,
    images_of,
    moto_server,
    sandbox_server,
    snapshots_of,
)

OTHER_REGION = "eu-west-1"
# These wait most. A file is one worker's, so what begins last is what everybody waits for.
LONGEST_FIRST = ["test_state_s3.py", "test_life_cuts.py", "test_life_errors.py", "test_cuts.py", "test_iam_changes.py"]


def pytest_collection_modifyitems(items):
    """Puts the longest files first; the rest stay in their order."""
    rank = {name: place for place, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path.name, len(rank)))




def in_400_days() -> str:
    """A moment at which every image of a world just built is 400 days old."""
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=400)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Seen:
    """What is in one Region of a server at one moment."""

    images: dict[str, dict]
    snapshots: set[str]

    @classmethod
    def now(cls, server: Server, region: str) -> "Seen":
        """Looks."""
        return cls(images_of(server, region), snapshots_of(server, region))


@dataclass
class Story:
    """The main job in one server: two Regions, a scan, a plan, its apply, and a plan after it."""

    regions: dict[str, worlds.World]
    before: dict[str, Seen]
    after: dict[str, Seen]
    scan: Result
    plan: Result
    plan_file: Path
    apply: Result
    runs: Result
    run: Result
    replan: Result
    reapply: Result

    def verdicts(self, region: str) -> dict[str, dict]:
        """The plan's verdicts in a Region, by name."""
        verdicts = [verdict for verdict in self.plan.json()["verdicts"] if verdict["region"] == region]
        by_name = {verdict["name"]: verdict for verdict in verdicts}
        assert len(by_name) == len(verdicts), "every image has exactly one verdict"
        return by_name


def live_through(server: Server, home: Path) -> Story:
    """Builds the worlds and does the main job from scan to a second plan."""
    regions = {REGION: worlds.build(server, REGION), OTHER_REGION: worlds.build_small(server, OTHER_REGION)}
    before = {region: Seen.now(server, region) for region in regions}
    amictl = Amictl(home, server.url)
    (home / "policy.yaml").write_text(worlds.POLICY)
    both = ("--region", ",".join(regions), "--output", "json")
    now = in_400_days()
    scan = amictl("scan", "-f", "policy.yaml", *both)
    plan = amictl("plan", "-f", "policy.yaml", "--now", now, "--out", "plan.json", *both)
    # `now` lies ahead; the age of a plan counts from when it was made.
    apply = amictl("apply", "plan.json", "--yes", "--settle", "0s", *both)
    after = {region: Seen.now(server, region) for region in regions}
    runs = amictl("runs", "--output", "json")
    run = amictl("runs", "show", apply.json()["run_id"], "--output", "json")
    replan = amictl("plan", "-f", "policy.yaml", "--now", now, "--out", "again.json", "--detailed-exitcode", *both)
    reapply = amictl("apply", "again.json", "--yes", "--settle", "0s", *both)
    return Story(regions, before, after, scan, plan, home / "plan.json", apply, runs, run, replan, reapply)


@pytest.fixture(scope="session")
def moto_story(tmp_path_factory) -> Story:
    """The main job in moto."""
    with moto_server() as server:
        yield live_through(server, tmp_path_factory.mktemp("moto"))


@pytest.fixture(scope="session")
def sandbox_story(tmp_path_factory) -> Story:
    """The same worlds and the same job in amictl's sandbox."""
    with sandbox_server() as server:
        yield live_through(server, tmp_path_factory.mktemp("sandbox"))


@pytest.fixture
def sandbox():
    """A fresh, empty sandbox."""
    with sandbox_server() as server:
        yield server


@pytest.fixture
def amictl(sandbox, tmp_path) -> Amictl:
    """The binary pointed at the fresh sandbox."""
    return Amictl(tmp_path / "home", sandbox.url)
