"""The main job against moto, an EC2 that is none of ours: the final state is read back by boto3."""

import json

import pytest
from conftest import OTHER_REGION, Story
from harness import REGION, Amictl, moto_server
from proxy import Proxy
from world import NOT_IN_MOTO, Builder

REGIONS = [REGION, OTHER_REGION]


@pytest.fixture(scope="module")
def story(moto_story) -> Story:
    return moto_story


def test_the_world_is_large_enough(story):
    assert len(story.regions[REGION].ids) >= 200
    assert len(story.regions[REGION].unused) >= 40


def test_scan_reads_every_source_whole_in_both_regions(story):
    coverage = story.scan.json()["coverage"]
    assert {entry["region"] for entry in coverage} == set(REGIONS)
    read = [entry for entry in coverage if entry["source"] not in NOT_IN_MOTO]
    assert not [entry for entry in read if entry["status"] != "complete"]
    left_out = {entry["source"] for entry in coverage if entry["status"] == "skipped"}
    assert left_out == set(NOT_IN_MOTO) - {"image_usage"}, "each is told as left out"
    images = {entry["region"]: entry["items"] for entry in coverage if entry["source"] == "images"}
    assert images == {region: len(story.regions[region].ids) for region in REGIONS}


def test_the_plan_is_complete_and_the_same_on_paper_and_on_screen(story):
    plan = story.plan.json()
    assert plan["complete"] is True
    assert plan["format_version"].startswith("1.")
    assert plan["digest"].startswith("sha256:")
    assert json.loads(story.plan_file.read_text()) == plan


@pytest.mark.parametrize("region", REGIONS)
def test_every_image_has_one_verdict_and_it_is_the_right_one(story, region):
    world, verdicts = story.regions[region], story.verdicts(region)
    assert verdicts.keys() == world.ids.keys()
    wrong = {
        name: (verdicts[name]["decision"], verdicts[name]["reasons"])
        for name, expected in world.expected.items()
        if verdicts[name]["decision"] != expected.decision
        or expected.reason not in {reason["code"] for reason in verdicts[name]["reasons"]}
    }
    assert not wrong
    for name, verdict in verdicts.items():
        assert verdict["image_id"] == world.ids[name]
        assert verdict["stage"] == ("deregister" if name in world.unused else None)


def test_what_uses_an_image_is_named(story):
    """The reason shows the resource: a person can go and look."""
    verdicts = story.verdicts(REGION)
    for name, source in {
        "app00-v1": "instances",
        "app01-v1": "instances",
        "app02-v1": "launch_templates",
        "app03-v1": "launch_templates",
        "app04-v1": "launch_configurations",
        "app05-v1": "launch_configurations",
        "app06-v1": "auto_scaling_groups",
        "app07-v1": "launch_templates",
        "app08-v1": "launch_templates",
        "app08-v2": "launch_templates",
    }.items():
        uses = [reason for reason in verdicts[name]["reasons"] if reason["code"] == "in_use"]
        assert source in {use["source"] for use in uses}, name
        assert all(use["resource"] for use in uses), name


@pytest.mark.parametrize("region", REGIONS)
def test_exactly_the_unused_images_are_gone(story, region):
    world = story.regions[region]
    assert story.before[region].images.keys() - story.after[region].images.keys() == world.unused
    assert story.after[region].images.keys() == world.kept


@pytest.mark.parametrize("region", REGIONS)
def test_exactly_their_snapshots_are_gone(story, region):
    world = story.regions[region]
    doomed = {snapshot for name in world.unused for snapshot in world.snapshots[name]}
    still_used = {snapshot for name in world.kept for snapshot in world.snapshots[name]}
    before, after = story.before[region].snapshots, story.after[region].snapshots
    assert before - after == doomed - still_used
    assert world.loose_snapshot in after


@pytest.mark.parametrize("region", REGIONS)
def test_every_other_image_is_as_it_was(story, region):
    """Nothing is left disabled, and no member of any kept image has changed."""
    before, after = story.before[region].images, story.after[region].images
    for name in story.regions[region].kept:
        assert after[name] == before[name], name


@pytest.mark.parametrize("region", REGIONS)
def test_the_journal_says_what_was_done(story, region):
    journal = story.run.stdout
    world = story.regions[region]
    for name in world.unused:
        assert world.ids[name] in journal, name
        for snapshot in world.snapshots[name]:
            assert snapshot in journal, name
    for name in world.kept:
        assert world.ids[name] not in journal, f"{name} is kept: no call was to be made for it"
    assert story.apply.json()["run_id"] in story.runs.stdout


def test_every_step_is_reported_as_done(story):
    steps = story.apply.json()["steps"]
    assert {step["outcome"] for step in steps} == {"done"}
    assert len(steps) == sum(len(world.unused) for world in story.regions.values())
    fates = {snapshot["fate"] for step in steps for snapshot in step["snapshots"]}
    assert fates == {"deleted"}, "moto ignores DeleteAssociatedSnapshots, so each was looked at and deleted"


def test_a_second_plan_finds_nothing_to_do(story):
    """With --detailed-exitcode 2 would mean that changes are pending."""
    assert story.replan.code == 0
    assert story.replan.json()["steps"] == []
    assert story.reapply.code == 0


def test_what_the_policy_leaves_out_is_what_moto_does_not_serve(tmp_path):
    """So that nothing is left out that could be read."""
    with moto_server() as server, Proxy(server, is_final=True) as proxy:
        builder = Builder(server, REGION)
        builder.image("any", "keep", "newest")
        template = builder.template("any", builder.world.ids["any"])
        builder.empty_group("any", LaunchTemplate={"LaunchTemplateId": template, "Version": "1"})
        coverage = Amictl(tmp_path / "home", proxy.url)("scan", "--output", "json").json()["coverage"]
    not_read = {entry["source"] for entry in coverage if entry["status"] == "failed"}
    # These two are asked about images that would go, and here none would.
    assert not_read == set(NOT_IN_MOTO) - {"image_references", "image_usage"}
