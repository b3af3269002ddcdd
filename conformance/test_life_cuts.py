"""Commands of the life cycle whose process is killed (SIGKILL) in a call, before its effect or after it: gone on with, they come to the same end.

Each is gone on with by `amictl resume` or by the same command again, and what was begun by the other one is then over. `AMICTL_CUTS=all` (as
`cargo xtask sim` does) cuts at every call, those that only read too; otherwise a spread of the calls that change something is cut. A cut that
fails is named; `AMICTL_CUT=NAME` makes that one alone.
"""

import json
import os
import signal
import time

import pytest
from harness import ADMIN, Amictl, sandbox_server, wait_until
from life_commands import AT_ONCE, COMMANDS, Command, Place
from reading import TIME, Reader, alike

ALL = os.environ.get("AMICTL_CUTS") == "all"
ONLY = os.environ.get("AMICTL_CUT")
# Cuts of a command in a check; fewer where each waits for images.
SPREAD, SPREAD_OF_WAITING = 3, 2
# Long before the tests, so that nothing is too young to be deleted.
PAST = ("--clock", "2026-01-01T00:00:00Z", "--pace", "all=0s")
# A call is counted when it comes in, and has its effect at once.
EFFECT_SECONDS = 0.02
PARTIAL, REFUSED = 3, 4
RESUMED, AGAIN = "resumed", "again"


class Bench:
    """A sandbox whose world is put back before each run of a command."""

    def __init__(self, server, home):
        self.server, self.amictl, self.read = server, Amictl(home, server.url), Reader(server)
        self.empty = server.admin("GET", "/world")
        self.runs = 0

    def prepare(self, command: Command):
        """Makes the world that the command begins with."""
        self.server.admin("PUT", "/world", self.empty)
        place = Place(self.server, self.amictl.home)
        command.begin(place)
        self.command, self.line = command, (*command.line(place.names), "--output", "json")
        self.world = self.server.admin("GET", "/world")
        self.before = self.seen()
        self.known = str(self.before)

    def begin(self):
        """The world as it was, and a state of its own for the next run."""
        self.server.admin("PUT", "/world", self.world)
        self.server.admin("PUT", "/faults", {"rules": []})
        self.server.admin("DELETE", "/counts")
        self.runs += 1
        self.amictl.state = self.amictl.home / f"state-{self.runs}"

    def calls(self) -> dict[str, int]:
        """How often each operation was called."""
        return {name: count["calls"] for name, count in self.server.admin("GET", "/counts").items()}

    def seen(self) -> dict:
        """What is there."""
        return self.read(self.command.regions)

    def run(self):
        """Runs the command to its end."""
        self.amictl(*self.line, code=self.command.code)

    def again(self):
        """Runs the command that was cut off again: it comes to its end, or changes nothing and says what does."""
        before = self.whole_world()
        codes = (self.command.code, REFUSED) if self.command.may_refuse else self.command.code
        result = self.amictl(*self.line, code=codes)
        if result.code == REFUSED:
            [run] = self.unfinished()
            assert f"amictl resume {run}" in result.stderr, result
            assert self.whole_world() == before, f"it was refused and changed something\n{result}"
            self.resume()

    def whole(self):
        """A run that nothing cuts off: what is called, and what is there then."""
        self.begin()
        self.run()
        self.called = self.calls()
        assert set(self.command.changes) <= set(self.called), "each of its changes was made"
        self.expected = alike(self.seen(), self.known)
        assert self.expected != alike(self.before, self.known), "it changed nothing: this shows nothing"

    def killed(self, operation: str, nth: int, phase: str):
        """A run whose process is killed in a call that is never answered."""
        self.begin()
        stall = {"operation": operation, "when": {"nth": nth}, "phase": phase, "kind": {"stall": {}}}
        self.server.admin("PUT", "/faults", {"rules": [stall]})
        process = self.amictl.start(*self.line)
        wait_until(lambda: process.poll() is not None or self.calls().get(operation, 0) >= nth, f"{operation} to be called")
        time.sleep(EFFECT_SECONDS)
        process.send_signal(signal.SIGKILL)
        _, stderr = process.communicate()
        assert process.returncode == -signal.SIGKILL, f"it was over before it could be cut off: {stderr}"
        self.server.admin("PUT", "/faults", {"rules": []})

    def unfinished(self) -> list[str]:
        """The runs that can be gone on with."""
        runs = self.amictl("runs", "--output", "json").json()
        return [run["run_id"] for run in runs if run["status"] not in ("finished",)]

    def resume(self, *codes: int) -> bool:
        """Goes on with what was cut off; whether there was anything."""
        runs = self.unfinished()
        for run in runs:
            self.amictl("resume", run, "--yes", *AT_ONCE, code=(self.command.code, *codes))
        return bool(runs)

    def whole_world(self) -> str:
        """Everything that is there to be told, but for times."""
        return TIME.sub("a time", json.dumps(self.server.admin("GET", "/world"), sort_keys=True))

    def check(self, when: str):
        """What is there is what the whole run left."""
        now = alike(self.seen(), self.known)
        if now != self.expected:
            raise AssertionError(f"{when}: {difference(self.expected, now)}")

    def cut(self, operation: str, nth: int, phase: str, way: str):
        """Kills a run and goes on with it; then nothing is left that going on once more could do."""
        self.killed(operation, nth, phase)
        if way == AGAIN:
            self.again()
        elif not self.resume() or not self.command.is_one_run:
            self.run()
        self.check(way)
        if not self.command.is_idempotent:
            return
        before = self.whole_world()
        # What was cut off finds everything done, or says that what it was about is gone.
        self.resume(PARTIAL)
        self.run()
        if self.whole_world() != before:
            raise AssertionError(f"{way}: it was over, and something changed all the same: {self.calls()}")


def difference(expected, found, path: str = "") -> str:
    """Where they differ."""
    if isinstance(expected, dict) and isinstance(found, dict):
        keys = sorted(expected.keys() | found.keys())
        return "; ".join(filter(None, (difference(expected.get(key), found.get(key), f"{path}.{key}") for key in keys)))
    if isinstance(expected, list) and isinstance(found, list):
        lacking = [one for one in expected if one not in found]
        surplus = [one for one in found if one not in expected]
        return f"{path} lacks {lacking}, has {surplus}, {len(expected)} are {len(found)}" if expected != found else ""
    return "" if expected == found else f"{path} is {found}, not {expected}"


def places(bench: Bench) -> list[tuple[str, int, str, str]]:
    """Where to cut, and how to go on."""
    changing = [
        (operation, nth, phase)
        for operation in bench.command.changes
        for nth in range(1, bench.called[operation] + 1)
        for phase in ("before", "after")
    ]
    reading = [
        (operation, nth, "before")
        for operation, count in bench.called.items()
        if operation not in bench.command.changes
        for nth in range(1, count + 1)
    ]
    is_resumed = bench.command.is_resumed_alone or not bench.command.is_idempotent
    ways = (RESUMED,) if is_resumed else (RESUMED, AGAIN)
    if ALL or ONLY:
        return [(*place, way) for place in [*changing, *reading] for way in ways]
    # A spread of the calls, in turn before the effect and after it, gone on with in turn by either.
    count = min(SPREAD_OF_WAITING if bench.command.waits else SPREAD, len(changing) // 2)
    spread = [changing[2 * (at * len(changing) // 2 // count) + (at + 1) % 2] for at in range(count)]
    return [(*place, ways[at // 2 % len(ways)]) for at, place in enumerate(spread)]


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with sandbox_server(*ADMIN, *PAST) as server:
        yield Bench(server, tmp_path_factory.mktemp("cuts"))


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_a_command_that_is_killed_in_a_call_comes_to_the_same_end(bench, command):
    bench.prepare(command)
    bench.whole()
    failures = []
    for place in places(bench):
        name = "-".join(map(str, place))
        if ONLY not in (None, name):
            continue
        try:
            bench.cut(*place)
        except AssertionError as error:
            failures.append(f"{name} (AMICTL_CUT={name} replays it): {str(error)[:2000]}")
    assert not failures, f"{len(failures)} of {len(places(bench))} cuts:\n" + "\n".join(failures)
