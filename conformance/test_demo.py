"""`amictl demo`: the whole pipeline for whoever has just cloned the repository."""

import json
import re
import subprocess
import time

import pytest
from harness import RUN_SECONDS_MAX, Amictl


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """One run, in an empty folder, without credentials, its output in pipes."""
    home = tmp_path_factory.mktemp("demo")
    amictl = Amictl(home, None, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None, AWS_DEFAULT_REGION=None)
    began = time.monotonic()
    result = amictl("demo")
    return amictl, result, time.monotonic() - began


def test_it_takes_seconds(demo):
    _, _, seconds = demo
    assert seconds < 10


def test_in_a_pipe_it_prints_plain_lines(demo):
    _, result, _ = demo
    for text in (result.stdout, result.stderr):
        assert "\x1b" not in text and "\r" not in text
        assert not re.search(r"[\u2800-\u28ff]", text), "no spinner"
    assert result.stdout.strip()


def test_it_tells_the_story(demo):
    _, result, _ = demo
    told = (result.stderr + result.stdout).lower()
    for word in ("scan", "plan", "apply", "undo"):
        assert word in told, word
    summary = result.stdout.lower()
    for word in ("kept", "snapshot", "$"):
        assert word in summary, word
    assert "amictl plan" in summary, "how to go on with a real account"


def test_it_leaves_state_plan_and_summary(demo):
    amictl, result, _ = demo
    plans = [path for path in amictl.home.rglob("*.json") if is_plan(path)]
    assert plans, sorted(str(path.relative_to(amictl.home)) for path in amictl.home.rglob("*"))
    plan = json.loads(plans[0].read_text())
    assert len(plan["verdicts"]) >= 150
    assert len({verdict["region"] for verdict in plan["verdicts"]}) >= 3
    assert {"keep", "retire"} <= {verdict["decision"] for verdict in plan["verdicts"]}
    assert plan["complete"] is True
    assert any(path.is_dir() and path.name == "runs" for path in amictl.home.rglob("*"))
    summaries = [path for path in amictl.home.rglob("*") if path.is_file() and "summary" in path.name]
    assert summaries, "the summary is there to be read later"


def is_plan(path) -> bool:
    """Whether this file is a plan."""
    try:
        content = json.loads(path.read_text())
    except (json.JSONDecodeError, UnicodeDecodeError):
        return False
    return isinstance(content, dict) and {"format_version", "verdicts", "steps"} <= content.keys()


def test_its_runs_can_be_read_back(demo):
    """What the demo left is a state folder like any other."""
    amictl, _, _ = demo
    [folder] = {path.parent for path in amictl.home.rglob("runs") if path.is_dir()}
    listed = amictl("runs", "--output", "json", state=folder)
    assert listed.json()


def test_it_can_be_run_again(demo):
    amictl, _, _ = demo
    amictl("demo")


def test_its_output_may_be_cut_short(tmp_path):
    amictl = Amictl(tmp_path, None)
    with subprocess.Popen(
        amictl.command(("demo",)),
        env=amictl.env,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.readline()
        process.stdout.close()
        stderr = process.stderr.read()
        assert process.wait(RUN_SECONDS_MAX) == 0, stderr
    assert "panicked" not in stderr
