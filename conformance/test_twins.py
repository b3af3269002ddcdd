"""amictl's sandbox is the twin of an EC2 that is none of ours: the same world, the same plan, the same end."""

import pytest
from conftest import OTHER_REGION
from harness import REGION

REGIONS = [REGION, OTHER_REGION]


def essence(verdict: dict) -> tuple:
    """What has to agree: everything but ids and wording."""
    return (
        verdict["family"],
        verdict["decision"],
        verdict["stage"],
        tuple((reason["code"], reason.get("source")) for reason in verdict["reasons"]),
    )


@pytest.mark.parametrize("region", REGIONS)
def test_verdicts_agree_image_by_image(moto_story, sandbox_story, region):
    moto, sandbox = moto_story.verdicts(region), sandbox_story.verdicts(region)
    assert moto.keys() == sandbox.keys()
    differing = {
        name: (essence(moto[name]), essence(sandbox[name]))
        for name in moto
        if essence(moto[name]) != essence(sandbox[name])
    }
    assert not differing


@pytest.mark.parametrize("region", REGIONS)
def test_both_plans_have_the_same_steps(moto_story, sandbox_story, region):
    def steps(story):
        names = {image_id: name for name, image_id in story.regions[region].ids.items()}
        return sorted(
            (names[step["target"]], step["action"]) for step in story.plan.json()["steps"] if step["region"] == region
        )

    assert steps(moto_story) == steps(sandbox_story)


@pytest.mark.parametrize("region", REGIONS)
def test_the_same_images_are_left(moto_story, sandbox_story, region):
    assert moto_story.after[region].images.keys() == sandbox_story.after[region].images.keys()
    states = {
        name: (image["State"], sandbox_story.after[region].images[name]["State"])
        for name, image in moto_story.after[region].images.items()
        if image["State"] != sandbox_story.after[region].images[name]["State"]
    }
    assert not states


@pytest.mark.parametrize("region", REGIONS)
def test_the_sandbox_loses_exactly_the_snapshots_of_unused_images(sandbox_story, region):
    world = sandbox_story.regions[region]
    doomed = {snapshot for name in world.unused for snapshot in world.snapshots[name]}
    still_used = {snapshot for name in world.kept for snapshot in world.snapshots[name]}
    before, after = sandbox_story.before[region].snapshots, sandbox_story.after[region].snapshots
    assert before - after == doomed - still_used
    assert world.loose_snapshot in after


@pytest.mark.parametrize("region", REGIONS)
def test_the_sandbox_keeps_every_other_image_as_it_was(sandbox_story, region):
    before, after = sandbox_story.before[region].images, sandbox_story.after[region].images
    for name in sandbox_story.regions[region].kept:
        assert after[name] == before[name], name


def test_a_snapshot_that_another_image_uses_stays_and_the_plan_says_so(sandbox_story):
    """Only the sandbox has it: moto makes a snapshot of its own for each image."""
    world = sandbox_story.regions[REGION]
    assert world.shared_snapshot in sandbox_story.after[REGION].snapshots
    plan = sandbox_story.plan.json()
    step = next(step for step in plan["steps"] if step["target"] == world.ids["single-on-shared-snapshot"])
    shared = next(snapshot for snapshot in step["snapshots"] if snapshot["id"] == world.shared_snapshot)
    assert shared["delete"] is False
    assert world.ids["nobody-s-on-shared-snapshot"] in shared["kept_because"]


def test_the_sandbox_costs_two_mutating_calls_an_image(sandbox_story):
    """Disable, then deregister with its snapshots; an image that was disabled before needs no fence."""
    calls = sandbox_story.apply.json()["calls"]
    unused = sum(len(world.unused) for world in sandbox_story.regions.values())
    assert calls["DeregisterImage"]["sent"] == unused
    assert calls["DisableImage"]["sent"] == unused - 1
    assert calls.get("DeleteSnapshot", {"sent": 0})["sent"] == 0
    assert calls.get("EnableImage", {"sent": 0})["sent"] == 0


def test_the_sandbox_has_nothing_left_to_do(sandbox_story):
    assert sandbox_story.replan.json()["steps"] == []
    assert sandbox_story.reapply.code == 0
