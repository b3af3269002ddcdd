"""Runs whose process is killed (SIGKILL), at lines of the journal and at calls, then resumed: the account comes to the same end as without.

`AMICTL_CUTS=N` makes N cuts of each kind instead of a spread, `AMICTL_CUTS=all` (as `cargo xtask sim` does) one at each line of the journal and
one before and one after each call. A cut that fails is named; `AMICTL_CUT=NAME` makes that one alone."""

import os
import shutil
import signal
from pathlib import Path

import pytest
from conftest import in_400_days
from harness import ADMIN, HOST, REGION, Amictl, Server, binary, wait_until
from world import policy_for_all

IMAGES = 260
CUTS = os.environ.get("AMICTL_CUTS", "20")
ONLY = os.environ.get("AMICTL_CUT")
OPERATIONS = ("DisableImage", "DeregisterImage")


def chosen(places: list[str]) -> list[str]:
    """The places at which runs are cut: all of them, a spread, or the one that was asked for."""
    if ONLY is not None:
        return [place for place in places if place == ONLY]
    if CUTS == "all":
        return places
    count = min(int(CUTS), len(places))
    return [places[at * len(places) // count] for at in range(count)]


class Bench:
    """A sandbox whose world is put back before each run, and a plan for it."""

    def __init__(self, server: Server, home: Path):
        self.server, self.amictl = server, Amictl(home, server.url)
        self.world = server.admin("GET", "/world")
        policy = policy_for_all(other_accounts="ignore").replace("max_actions: 100", "max_actions: 1000")
        (home / "policy.yaml").write_text(policy)
        options = ("--now", in_400_days(), "--out", "plan.json", "--output", "json")
        plan = self.amictl("plan", "-f", "policy.yaml", *options).json()
        assert len(plan["steps"]) >= 200, len(plan["steps"])
        self.steps = len(plan["steps"])
        self.lines = 0
        self.expected = self.run()

    def begin(self, number: str):
        """The world as it was, and a state of its own for the run."""
        self.server.admin("PUT", "/world", self.world)
        self.server.admin("PUT", "/faults", {"rules": []})
        self.server.admin("DELETE", "/counts")
        self.amictl.state = self.amictl.home / f"state-{number}"
        return self.amictl.start("apply", "plan.json", "--yes", "--settle", "0s", "--output", "json")

    @property
    def journal(self) -> Path | None:
        """The journal of the run."""
        return next(iter(self.amictl.state.glob("runs/*/journal.jsonl")), None)

    def written(self) -> int:
        """Its lines so far."""
        return self.journal.read_bytes().count(b"\n") if self.journal else 0

    def seen(self) -> tuple:
        """What is left in the account."""
        ec2 = self.server.client("ec2", REGION)
        images = ec2.describe_images(Owners=["self"], IncludeDeprecated=True, IncludeDisabled=True)["Images"]
        snapshots = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
        states = sorted((image["ImageId"], image["State"]) for image in images)
        return states, sorted(snapshot["SnapshotId"] for snapshot in snapshots)

    def run(self) -> tuple:
        """A run that nothing cuts off."""
        process = self.begin("whole")
        stdout, stderr = process.communicate(timeout=120)
        assert process.returncode == 0, stderr
        self.lines = self.written()
        assert self.lines > 4 * self.steps, "too few lines to cut at"
        return self.seen()

    def resumed(self, process) -> bool:
        """Kills the run and resumes it; `False` where it was over before."""
        process.send_signal(signal.SIGKILL)
        process.communicate()
        cut_off = process.returncode == -signal.SIGKILL
        self.server.admin("PUT", "/faults", {"rules": []})
        if cut_off:
            self.amictl("resume", "--yes", "--settle", "0s")
        assert self.seen() == self.expected
        [run] = self.amictl("runs", "--output", "json").json()
        shown = self.amictl("runs", "show", run["run_id"], "--output", "json").json()
        assert [step["outcome"] for step in shown["steps"]] == ["done"] * self.steps
        # There is nothing left that going on once more could do.
        changing = [self.calls(operation) for operation in OPERATIONS]
        self.amictl("resume", run["run_id"], "--yes", "--settle", "0s")
        assert [self.calls(operation) for operation in OPERATIONS] == changing
        shutil.rmtree(self.amictl.state)
        return cut_off

    def calls(self, operation: str) -> int:
        """How often an operation was called."""
        counts = self.server.admin("GET", "/counts")
        return counts.get(operation, {}).get("calls", 0)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    command = [str(binary()), "sandbox", "--listen", f"{HOST}:0", *ADMIN, "--generate", f"images={IMAGES}"]
    with Server("sandbox", command, {**os.environ, "NO_COLOR": "1"}) as server:
        yield Bench(server, tmp_path_factory.mktemp("cuts"))


def each(places: list[str], cut) -> tuple[int, int]:
    """Cuts at each place; how many of how many runs were cut off before they were over. All that fail are told together."""
    failures, cut_off = [], 0
    for place in places:
        try:
            cut_off += cut(place)
        except AssertionError as error:
            failures.append(f"{place} (AMICTL_CUT={place} replays it): {str(error)[:300]}")
    assert not failures, f"{len(failures)} of {len(places)} cuts:\n" + "\n".join(failures)
    return cut_off, len(places)


def test_a_run_that_is_killed_at_a_line_of_its_journal_is_resumed(bench):
    def cut(place: str) -> bool:
        line = int(place.removeprefix("line-"))
        process = bench.begin(place)
        wait_until(lambda: process.poll() is not None or bench.written() >= line, "a line of the journal")
        return bench.resumed(process)

    cut_off, cuts = each(chosen([f"line-{line}" for line in range(1, bench.lines + 1)]), cut)
    assert ONLY or cut_off > cuts // 2, "the runs were over before they could be cut off: this shows nothing"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_run_that_is_killed_in_a_call_is_resumed(bench, operation):
    def cut(place: str) -> bool:
        _, nth, phase = place.rsplit("-", 2)
        process = bench.begin(place)
        rule = {"operation": operation, "when": {"nth": int(nth)}, "phase": phase, "kind": {"stall": {}}}
        bench.server.admin("PUT", "/faults", {"rules": [rule]})
        wait_until(lambda: process.poll() is not None or bench.calls(operation) >= int(nth), "the call")
        return bench.resumed(process)

    places = [f"{operation}-{nth}-{phase}" for nth in range(1, bench.steps + 1) for phase in ("before", "after")]
    # A spread of half as many for each operation, taken so that both phases are among them.
    if CUTS != "all" and ONLY is None:
        count = int(CUTS) // 2
        places = [places[2 * (at * bench.steps // count) + at % 2] for at in range(count)]
    cut_off, cuts = each(chosen(places), cut)
    assert cut_off == cuts, "each was in the middle of a call that is never answered"
