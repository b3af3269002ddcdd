"""Bad input and bad luck: a clear message, the right exit code, and nothing lost."""

import json
import os
import re
import resource
import signal
import subprocess
import time

import pytest
import world as worlds
from conftest import OTHER_REGION, Seen, in_400_days
from harness import (
    DENIED,
    HOST,
    REGION,
    RUN_SECONDS_MAX,
    Amictl,
    Result,
    error,
    free_port,
    images_of,
    interrupt,
    sandbox_server,
    wait_until,
    write_faults,
)

REFUSED = 4
PARTIAL = 3
USAGE = 64
INTERRUPTED = 130


def says(result: Result, *parts: str):
    """The message holds each of these words."""
    for part in parts:
        assert part.lower() in result.stderr.lower(), f"the message should say `{part}`\n{result}"


def make_plan(amictl: Amictl, policy: str = worlds.POLICY, *options: str) -> dict:
    """Writes policy.yaml and plan.json into the home folder."""
    (amictl.home / "policy.yaml").write_text(policy)
    plan = amictl(
        *("plan", "-f", "policy.yaml", "--now", in_400_days(), "--out", "plan.json", "--output", "json"), *options
    )
    return plan.json()


def apply(amictl: Amictl, *options: str, code: int | tuple[int, ...] = 0) -> Result:
    """Applies plan.json at once."""
    return amictl("apply", "plan.json", "--yes", "--settle", "0s", "--output", "json", *options, code=code)


def outcomes(result: Result) -> dict[str, str]:
    """What became of each image that the run was about."""
    return {step["image_id"]: step["outcome"] for step in result.json()["steps"]}


@pytest.fixture
def world(sandbox) -> worlds.World:
    """The small world in the fresh sandbox."""
    return worlds.build_small(sandbox)


@pytest.fixture
def unchanged(sandbox, world):
    """Fails the test when anything in the account is different at its end."""
    before = Seen.now(sandbox, REGION)
    yield
    assert Seen.now(sandbox, REGION) == before, "nothing was to be changed"


# ---------------------------------------------------------------- the command line


@pytest.mark.parametrize(
    "args",
    [
        ("scan", "--no-such-flag"),
        ("no-such-command",),
        ("scan", "--region", "no such region"),
        ("scan", "--output", "punch-cards"),
        ("apply", "plan.json", "--settle", "soonish"),
        ("plan", "--now", "yesterday"),
        ("apply",),
    ],
    ids=" ".join,
)
def test_usage(amictl, args):
    result = amictl(*args, code=USAGE)
    assert result.stdout == ""
    assert result.stderr


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_broken_pipe_is_no_error(amictl, world, stream):
    """`amictl … | head -1`, also with the messages piped."""
    amictl.home.joinpath("policy.yaml").write_text(worlds.POLICY)
    process = amictl.start("plan", "-f", "policy.yaml", "--now", in_400_days(), "--output", "json")
    getattr(process, stream).close()
    other = process.stderr if stream == "stdout" else process.stdout
    with process:
        text = other.read()
        assert process.wait(RUN_SECONDS_MAX) == 0, text
    assert "panicked" not in text


# ---------------------------------------------------------------- credentials, endpoint, Regions


def test_no_credentials(amictl):
    amictl.change_env(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    says(amictl("scan", code=1), "credentials")


def test_expired_credentials(tmp_path):
    expired = error("ExpiredToken", "The security token included in the request is expired")
    faults = write_faults(tmp_path / "faults.json", {"operation": "*", "kind": expired})
    with sandbox_server("--faults", faults) as server:
        result = Amictl(tmp_path / "home", server.url)("scan", code=1)
    says(result, "expired")


def test_a_wrong_secret_in_the_profile_is_not_hidden(amictl):
    amictl.change_env(AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
    says(amictl("--profile", "nobody", "scan", code=1), "nobody")


def test_endpoint_down(tmp_path):
    url = f"http://{HOST}:{free_port()}"
    amictl = Amictl(tmp_path, url)
    began = time.monotonic()
    says(amictl("scan", code=1), url.removeprefix("http://"))
    assert time.monotonic() - began < 60, "a person is waiting"


def test_unknown_region(amictl, world, unchanged):
    says(amictl("scan", "--region", "us-nowhere-9", code=1), "us-nowhere-9")


def test_region_not_opted_in(sandbox, amictl, world, unchanged):
    regions = sandbox.client("ec2").describe_regions(AllRegions=True)["Regions"]
    closed = [region["RegionName"] for region in regions if region["OptInStatus"] == "not-opted-in"]
    assert closed, "the sandbox has Regions that are not enabled"
    says(amictl("scan", "--region", closed[0], code=1), closed[0])
    coverage = amictl("scan", "--region", "all", "--output", "json").json()["coverage"]
    read = {entry["region"] for entry in coverage}
    assert REGION in read and not read & set(closed)


@pytest.mark.parametrize(
    "operation, source",
    [
        ("DescribeInstances", "instances"),
        ("DescribeLaunchTemplates", "launch_templates"),
        ("DescribeLaunchTemplateVersions", "launch_templates"),
        ("DescribeLaunchConfigurations", "launch_configurations"),
        ("DescribeAutoScalingGroups", "auto_scaling_groups"),
    ],
)
def test_access_denied_on_one_source_blocks_its_images_and_the_rest_goes_on(tmp_path, operation, source):
    """Denied in one Region: nothing is done there, and the other Region is cleaned up."""
    rule = {"operation": operation, "region": OTHER_REGION, "kind": DENIED}
    with sandbox_server("--faults", write_faults(tmp_path / "faults.json", rule)) as server:
        amictl = Amictl(tmp_path / "home", server.url)
        both = ("--region", f"{REGION},{OTHER_REGION}")
        open_world, denied_world = worlds.build_small(server, REGION), worlds.build_small(server, OTHER_REGION)
        builder = worlds.Builder(server, OTHER_REGION)
        builder.template("any", denied_world.ids["nobody-s"])
        plan = make_plan(amictl, worlds.POLICY, *both)
        assert plan["complete"] is False
        # What is found through a source cannot be read without it either, such as warm pools without their groups.
        unread = [entry for entry in plan["coverage"] if entry["status"] == "denied"]
        assert {entry["region"] for entry in unread} == {OTHER_REGION}
        [denied] = [entry for entry in unread if entry["source"] == source]
        assert operation in denied["detail"] or "UnauthorizedOperation" in denied["detail"]
        for verdict in plan["verdicts"]:
            name, codes = verdict["name"], {reason["code"] for reason in verdict["reasons"]}
            if verdict["region"] == OTHER_REGION and name in denied_world.unused:
                assert verdict["decision"] == "blocked" and "unreadable" in codes, verdict
                assert source in {reason.get("source") for reason in verdict["reasons"]}, verdict
            elif verdict["region"] == REGION and name in open_world.unused:
                assert verdict["decision"] == "retire", verdict
            elif verdict["region"] == REGION or name in ("single-tagged", "nobody-s"):
                assert verdict["decision"] == "keep", verdict
            else:
                assert verdict["decision"] in ("keep", "blocked"), verdict
        before = Seen.now(server, OTHER_REGION)
        apply(amictl, *both)
        assert images_of(server, REGION).keys() == open_world.kept
        assert Seen.now(server, OTHER_REGION) == before


def test_access_denied_to_the_images_of_the_only_region_is_an_error(tmp_path):
    faults = write_faults(tmp_path / "faults.json", {"operation": "DescribeImages", "kind": DENIED})
    with sandbox_server("--faults", faults) as server:
        result = Amictl(tmp_path / "home", server.url)("plan", code=1)
    says(result, "DescribeImages", "UnauthorizedOperation")
    assert result.stdout == ""


def test_access_denied_to_the_images_of_one_region_leaves_the_other(tmp_path):
    rule = {"operation": "DescribeImages", "region": OTHER_REGION, "kind": DENIED}
    with sandbox_server("--faults", write_faults(tmp_path / "faults.json", rule)) as server:
        world = worlds.build_small(server)
        plan = make_plan(Amictl(tmp_path / "home", server.url), worlds.POLICY, "--region", f"{REGION},{OTHER_REGION}")
    assert plan["complete"] is False
    denied = [entry for entry in plan["coverage"] if entry["status"] == "denied"]
    assert [(entry["region"], entry["source"]) for entry in denied] == [(OTHER_REGION, "images")]
    assert {step["target"] for step in plan["steps"]} == {world.ids[name] for name in world.unused}


# ---------------------------------------------------------------- the policy

GOOD_POLICY = """\
version: 1
references:
  unreadable: block
  not_used: [instances]
families:
  - name: web
    match:
      name: "web-{version}"
    keep:
      newest: 5
      younger_than: 30d
    retire:
      - deregister: { snapshots: delete }
  - name: api
    match: { tags: { app: api } }
    keep: { newest: 5 }
    retire:
      - deregister: { snapshots: delete }
"""

# What is replaced by what, and what the message has to name; the line is that of the replaced text.
BAD_POLICIES = {
    "unknown key": ("families:", "familes:", ["familes", "families"]),
    "unknown key deep down": ("newest: 5\n      y", "newst: 5\n      y", ["newst", "newest"]),
    "unknown stage": ("deregister", "deregistr", ["deregistr", "deregister"]),
    "unknown source": ("[instances]", "[instanses]", ["instanses", "instances"]),
    "unknown choice": ("unreadable: block", "unreadable: blok", ["blok", "block"]),
    "unknown group": (
        "keep: { newest: 5 }",
        "group_by: [name_famly]\n    keep: { newest: 5 }",
        ["name_famly", "name_family"],
    ),
    "wrong type": ("newest: 5\n", "newest: plenty\n", ["plenty"]),
    "negative number": ("newest: 5\n", "newest: -1\n", ["-1"]),
    "bad duration": ("30d", "30 moons", ["30 moons", "30d"]),
    "duplicate families": ("name: api", "name: web", ["web", "line 6"]),
    "same key twice": ("younger_than: 30d", "newest: 6", ["newest"]),
    "a pattern that can never match": ("web-{version}", "web:{version}", ["web:{version}", "AMI name"]),
    "an unclosed placeholder": ("web-{version}", "web-{version", ["web-{version", "closed"]),
    "newer version": ("version: 1", "version: 2", ["version"]),
    "not YAML": ("[instances]", "[instances", []),
}


def test_the_policy_that_is_spoilt_below_is_good(amictl, world):
    amictl.home.joinpath("policy.yaml").write_text(GOOD_POLICY)
    amictl("plan", "-f", "policy.yaml")


@pytest.mark.parametrize("kind", BAD_POLICIES)
def test_bad_policy(amictl, kind):
    """The place, what is wrong, and what was probably meant; before any call."""
    good, bad, parts = BAD_POLICIES[kind]
    assert good in GOOD_POLICY
    line = GOOD_POLICY[: GOOD_POLICY.index(good)].count("\n") + 1
    amictl.home.joinpath("policy.yaml").write_text(GOOD_POLICY.replace(good, bad, 1))
    amictl.change_env(AWS_ENDPOINT_URL=f"http://{HOST}:{free_port()}")
    result = amictl("plan", "-f", "policy.yaml", code=1)
    says(result, "policy.yaml", *parts)
    # YAML stops at an unclosed bracket where it notices it, not where it was opened.
    place = r"\d+:\d+" if kind == "not YAML" else rf"\b{line}:\d+"
    assert re.search(place, result.stderr), f"the message should name line {line} and the column\n{result}"
    assert result.stdout == ""


def test_all_mistakes_of_a_policy_are_shown_at_once(amictl):
    policy = GOOD_POLICY.replace("30d", "3 moons").replace("app: api }", "app: api }, nmae: x")
    amictl.home.joinpath("policy.yaml").write_text(policy)
    says(amictl("plan", "-f", "policy.yaml", code=1), "3 moons", "nmae")


def test_a_pattern_that_matches_nothing_is_said(amictl, world):
    policy = worlds.POLICY + (
        "  - name: ghosts\n    match: { name: 'ghost-{version}' }\n    keep: { newest: 1 }\n"
        "    retire:\n      - deregister: { snapshots: delete }\n"
    )
    amictl.home.joinpath("policy.yaml").write_text(policy)
    result = amictl("plan", "-f", "policy.yaml", "--now", in_400_days())
    assert "ghosts" in result.stderr + result.stdout, str(result)


def test_no_such_policy_file(amictl):
    says(amictl("plan", "-f", "missing.yaml", code=1), "missing.yaml")


# ---------------------------------------------------------------- the plan file


def rewrite(amictl: Amictl, change):
    """Changes the plan file as a text editor would."""
    path = amictl.home / "plan.json"
    plan = json.loads(path.read_text())
    change(plan)
    path.write_text(json.dumps(plan))


def test_edited_plan(amictl, world, unchanged):
    make_plan(amictl)
    rewrite(amictl, lambda plan: plan["steps"][0].update(target=world.ids["single-used"]))
    says(apply(amictl, code=REFUSED), "digest")


@pytest.mark.parametrize("field", ["expects", "account", "verdicts", "limits", "created_at", "coverage"])
def test_every_part_of_a_plan_is_under_the_digest(amictl, world, unchanged, field):
    make_plan(amictl)

    def change(plan):
        step = plan["steps"][0]
        match field:
            case "expects":
                step["expects"]["tags"] = {}
                step["expects"]["public"] = True
            case "account":
                step["account"] = "210987654321"
            case "verdicts":
                plan["verdicts"].pop()
            case "limits":
                plan["limits"]["max_actions"] = 1_000_000
            case "created_at":
                plan["created_at"] = "2099-01-01T00:00:00Z"
            case "coverage":
                plan["coverage"].pop()

    rewrite(amictl, change)
    apply(amictl, code=REFUSED)


def test_truncated_plan(amictl, world, unchanged):
    make_plan(amictl)
    path = amictl.home / "plan.json"
    path.write_text(path.read_text()[: path.stat().st_size // 2])
    says(apply(amictl, code=1), "plan.json")


def test_plan_of_a_newer_major(amictl, world, unchanged):
    make_plan(amictl)
    rewrite(amictl, lambda plan: plan.update(format_version="2.0"))
    says(apply(amictl, code=(1, REFUSED)), "2.0")


def test_no_such_plan(amictl):
    says(amictl("apply", "missing.json", "--yes", code=1), "missing.json")


def test_plan_of_another_account(sandbox, amictl, world, unchanged, tmp_path):
    make_plan(amictl)
    amictl.change_env(AWS_ACCESS_KEY_ID="AKIA210987654321ABCD")
    says(apply(amictl, code=REFUSED), "123456789012", "210987654321")


def test_expected_account(amictl, world, unchanged):
    make_plan(amictl)
    says(apply(amictl, "--expect-account", "210987654321", code=REFUSED), "210987654321")


def test_plan_too_old(amictl, world, unchanged):
    made = time.monotonic()
    make_plan(amictl)
    wait_until(lambda: time.monotonic() - made > 3, "the plan to age")
    says(apply(amictl, "--max-age", "1s", code=REFUSED), "old")


@pytest.mark.parametrize(
    "limits, part",
    [
        ("max_actions: 3, max_percent: 100, min_images: 1", "max_actions"),
        ("max_actions: 100, max_percent: 20, min_images: 1", "max_percent"),
        ("max_actions: 100, max_percent: 100, min_images: 9", "min_images"),
    ],
)
def test_caps(amictl, world, unchanged, limits, part):
    """4 of 8 images would go."""
    policy, count = re.subn(r"limits: \{.*\}", f"limits: {{ {limits} }}", worlds.POLICY)
    assert count == 1
    make_plan(amictl, policy)
    says(apply(amictl, code=REFUSED), part)


def test_nobody_is_there_to_say_yes(amictl, world, unchanged):
    make_plan(amictl)
    says(amictl("apply", "plan.json", "--settle", "0s", code=(REFUSED, USAGE)), "--yes")


# ---------------------------------------------------------------- the state folder


def test_state_folder_is_a_file(amictl, world, unchanged, tmp_path):
    make_plan(amictl)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where the state folder should be")
    says(amictl("apply", "plan.json", "--yes", "--settle", "0s", state=blocked, code=1), "blocked")
    assert blocked.read_text() == "a file where the state folder should be"


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="/proc refuses new folders, also to root, on Linux only")
def test_state_folder_cannot_be_made(amictl, world, unchanged):
    from pathlib import Path

    make_plan(amictl)
    state = Path("/proc/amictl/state")
    says(amictl("apply", "plan.json", "--yes", "--settle", "0s", state=state, code=1), str(state))


def run_with_file_limit(amictl: Amictl, bytes_max: int, *args: str) -> Result:
    """Runs it where no file can grow beyond this size: what a full disk does, for whoever runs the tests."""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))

    done = subprocess.run(
        amictl.command(args),
        env=amictl.env,
        cwd=amictl.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS_MAX,
        preexec_fn=limit,
        restore_signals=False,
    )
    assert "panicked at" not in done.stderr, done.stderr
    return Result(args, done.returncode, done.stdout, done.stderr)


def test_state_folder_full_from_the_start(amictl, world, unchanged):
    make_plan(amictl)
    result = run_with_file_limit(amictl, 0, "apply", "plan.json", "--yes", "--settle", "0s")
    assert result.code == 1, str(result)
    assert result.stderr


def test_state_folder_fills_up_half_way(sandbox, amictl):
    """Whatever was done is in the journal; with room again, `resume` finishes."""
    world = worlds.build_small(sandbox, unused=80)
    make_plan(amictl)
    # Room for the run's copy of the plan; the journal of so many images is larger than that.
    room = (amictl.home / "plan.json").stat().st_size + 1000
    result = run_with_file_limit(amictl, room, "apply", "plan.json", "--yes", "--settle", "0s")
    assert result.code == PARTIAL, str(result)
    says(result, "journal", "resume")
    left = images_of(sandbox)
    assert world.kept <= left.keys()
    assert world.unused & left.keys(), "no room for every outcome, yet every image was deleted"
    assert all(left[name]["State"] == "available" for name in world.kept)
    assert any(left[name]["State"] == "disabled" for name in world.unused & left.keys()), "it got half way"
    amictl("resume", "--yes", "--settle", "0s")
    assert images_of(sandbox).keys() == world.kept


# ---------------------------------------------------------------- two at once, and interruptions


def start_and_wait_for_a_fence(sandbox, amictl, world) -> subprocess.Popen:
    """Starts an apply whose settling outlasts the test, and returns once it has disabled every image that is to go."""
    make_plan(amictl)
    process = amictl.start("apply", "plan.json", "--yes", "--settle", "10m", "--output", "json")

    def fenced():
        assert process.poll() is None, process.communicate()
        states = {name: image["State"] for name, image in images_of(sandbox).items()}
        return all(states[name] == "disabled" for name in world.unused)

    try:
        wait_until(fenced, "every unused image to be disabled")
    except BaseException:
        process.kill()
        process.communicate()
        raise
    return process


def test_a_second_apply_is_refused_while_one_runs(sandbox, amictl, world):
    process = start_and_wait_for_a_fence(sandbox, amictl, world)
    try:
        says(apply(amictl, code=REFUSED), "lock")
    finally:
        interrupt(process)
    assert images_of(sandbox).keys() == world.ids.keys()


def test_an_interrupted_apply_can_be_resumed(sandbox, amictl, world):
    result = interrupt(start_and_wait_for_a_fence(sandbox, amictl, world))
    assert result.code == INTERRUPTED, str(result)
    says(result, "resume")
    assert images_of(sandbox).keys() == world.ids.keys(), "nothing is deregistered before it has settled"
    amictl("resume", "--yes", "--settle", "0s")
    assert images_of(sandbox).keys() == world.kept


def test_an_interrupted_apply_can_be_taken_back(sandbox, amictl, world):
    before = Seen.now(sandbox, REGION)
    assert interrupt(start_and_wait_for_a_fence(sandbox, amictl, world)).code == INTERRUPTED
    [run] = runs(amictl)
    amictl("undo", run, "--yes")
    assert Seen.now(sandbox, REGION) == before


def test_a_killed_apply_can_be_resumed(sandbox, amictl, world):
    """No chance to write anything: the journal is all there is."""
    process = start_and_wait_for_a_fence(sandbox, amictl, world)
    process.kill()
    process.communicate()
    amictl("resume", "--yes", "--settle", "0s")
    assert images_of(sandbox).keys() == world.kept


def runs(amictl: Amictl) -> list[str]:
    """The ids of all runs."""
    listed = amictl("runs", "--output", "json").json()
    listed = listed["runs"] if isinstance(listed, dict) else listed
    return [run["run_id"] for run in listed]


# ---------------------------------------------------------------- the world moves on


def gone(server, image_id):
    server.client("ec2").deregister_image(ImageId=image_id)


def tagged(server, image_id):
    server.client("ec2").create_tags(Resources=[image_id], Tags=[{"Key": "amictl:keep", "Value": "please"}])


def shared(server, image_id):
    server.client("ec2").modify_image_attribute(
        ImageId=image_id, LaunchPermission={"Add": [{"UserId": worlds.PARTNER_ACCOUNT}]}
    )


def launched(server, image_id):
    server.client("ec2").run_instances(ImageId=image_id, InstanceType="t3.micro", MinCount=1, MaxCount=1)


def named_by_a_template(server, image_id):
    server.client("ec2").create_launch_template(
        LaunchTemplateName="late", LaunchTemplateData={"ImageId": image_id, "InstanceType": "t3.micro"}
    )


def protected(server, image_id):
    server.client("ec2").enable_image_deregistration_protection(ImageId=image_id)


@pytest.mark.parametrize("change", [gone, tagged, shared, launched, named_by_a_template, protected])
def test_what_changed_since_the_plan_is_left_alone_and_the_rest_is_done(sandbox, amictl, world, change):
    make_plan(amictl)
    name = sorted(world.unused)[0]
    change(sandbox, world.ids[name])
    before = Seen.now(sandbox, REGION)
    result = apply(amictl, code=PARTIAL)
    after = Seen.now(sandbox, REGION)
    left = world.kept | (set() if change is gone else {name})
    assert after.images.keys() == left
    for kept in left:
        assert after.images[kept] == before.images[kept], "as it was, and not left disabled"
    if change is not gone:
        assert set(world.snapshots[name]) <= after.snapshots
    others = {world.ids[other]: "done" for other in world.unused - {name}}
    assert outcomes(result) == {**others, world.ids[name]: "skipped"}
    [step] = [step for step in result.json()["steps"] if step["image_id"] == world.ids[name]]
    assert step["reason"], "what was left alone is reported, and why"


def test_an_image_that_gets_used_while_it_is_fenced_is_given_back(sandbox, amictl, world):
    """The race that fencing is for: nobody can launch it, and a new reference is found before it is deleted."""
    make_plan(amictl)
    name = sorted(world.unused)[0]
    before = images_of(sandbox)[name]
    process = amictl.start("apply", "plan.json", "--yes", "--settle", "5s", "--output", "json")
    wait_until(lambda: images_of(sandbox)[name]["State"] == "disabled", "the fence")
    named_by_a_template(sandbox, world.ids[name])
    stdout, stderr = process.communicate(timeout=RUN_SECONDS_MAX)
    result = Result(("apply",), process.returncode, stdout, stderr)
    assert result.code == PARTIAL, str(result)
    after = images_of(sandbox)
    assert after.keys() == world.kept | {name}
    assert after[name] == before
    assert outcomes(result)[world.ids[name]] == "returned"


# ---------------------------------------------------------------- bad luck on the wire


def test_a_list_that_cannot_be_read_to_its_end_blocks(tmp_path):
    """A repeated page token: what is missing behind it may be what uses an image."""
    faults = write_faults(tmp_path / "faults.json", {"operation": "DescribeInstances", "kind": "repeated_token"})
    with sandbox_server("--faults", faults) as server:
        world = worlds.build_small(server)
        plan = make_plan(Amictl(tmp_path / "home", server.url))
    [failed] = [entry for entry in plan["coverage"] if entry["status"] == "failed"]
    assert failed["source"] == "instances"
    assert plan["complete"] is False
    assert plan["steps"] == []
    decisions = {verdict["name"]: verdict["decision"] for verdict in plan["verdicts"]}
    assert {name for name, decision in decisions.items() if decision == "blocked"} >= world.unused


@pytest.mark.parametrize(
    "rules",
    [
        [{"operation": "DisableImage", "when": {"nth": 1}, "phase": "after", "kind": "reset"}],
        [{"operation": "DeregisterImage", "when": {"nth": 1}, "phase": "after", "kind": "reset"}],
        [{"operation": "DeregisterImage", "when": {"nth": 1}, "phase": "after", "kind": "server_error"}],
        [{"operation": "DeregisterImage", "when": {"nth": 1}, "phase": "before", "kind": "reset"}],
        [{"operation": "DisableImage", "when": {"first": 2}, "kind": "throttle"}],
        [{"operation": "DeregisterImage", "when": {"first": 2}, "kind": "server_error"}],
    ],
    ids=["disable lost", "deregister lost", "deregister 500", "deregister not sent", "throttled", "server errors"],
)
def test_lost_answers_are_resolved_by_looking(tmp_path, rules):
    """Whatever the wire does, exactly the unused images and their snapshots are gone."""
    with sandbox_server("--faults", write_faults(tmp_path / "faults.json", *rules)) as server:
        amictl = Amictl(tmp_path / "home", server.url)
        world = worlds.build_small(server)
        before = Seen.now(server, REGION)
        make_plan(amictl)
        apply(amictl)
        after = Seen.now(server, REGION)
    assert after.images == {name: before.images[name] for name in world.kept}
    gone_snapshots = {snapshot for name in world.unused for snapshot in world.snapshots[name]}
    assert before.snapshots - after.snapshots == gone_snapshots


def test_one_image_that_fails_does_not_stop_the_others(tmp_path):
    """Denied for one call: that image is reported with AWS's own code, the others are done, and the run is partial."""
    rule = {"operation": "DeregisterImage", "when": {"nth": 1}, "kind": DENIED}
    with sandbox_server("--faults", write_faults(tmp_path / "faults.json", rule)) as server:
        amictl = Amictl(tmp_path / "home", server.url)
        world = worlds.build_small(server)
        make_plan(amictl)
        result = apply(amictl, code=PARTIAL)
        left = images_of(server)
    [failed] = left.keys() - world.kept
    assert failed in world.unused
    [step] = [step for step in result.json()["steps"] if step["outcome"] != "done"]
    assert (step["image_id"], step["outcome"]) == (world.ids[failed], "failed")
    assert "UnauthorizedOperation" in step["reason"]
    told = "enabled" if left[failed]["State"] == "available" else "disabled"
    assert told in step["left"], "it says in what state it has left the image"
