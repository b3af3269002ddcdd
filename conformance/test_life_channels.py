"""Channels, which are SSM parameters that name images, and waiting; read back by boto3."""

import pytest
from harness import ADMIN, Amictl, images_of, sandbox_server
from world import Builder

NEAR = "eu-west-1"
HERE = "us-east-1"
BOTH = f"{HERE},{NEAR}"
BETA, PROD = "/images/web/beta", "/images/web/prod"


class Channels:
    """Two versions of an image in each of two Regions, and amictl beside them."""

    def __init__(self, server, home):
        self.server = server
        self.first, self.second = (
            [Builder(server, region).image(name, "keep", "") for region in (HERE, NEAR)] for name in ("web-1", "web-2")
        )
        self.amictl = Amictl(home, server.url)

    def __call__(self, *args, code=0):
        """Runs a command; its one JSON document."""
        return self.amictl(*args, "--output", "json", code=code).json()

    def publish(self, images: list[str], *args, code=0):
        """Publishes to the beta channel of both Regions."""
        return self("publish", *images, "--parameter", BETA, "--region", BOTH, *args, code=code)

    def named(self, parameter: str) -> list[str | None]:
        """What a channel names in each Region."""
        values = []
        for region in (HERE, NEAR):
            reply = self.server.client("ssm", region).get_parameters(Names=[parameter])["Parameters"]
            assert all(one["DataType"] == "aws:ec2:image" for one in reply)
            values.append(reply[0]["Value"] if reply else None)
        return values


@pytest.fixture
def channels(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        yield Channels(server, tmp_path)


def test_a_channel_names_an_image_in_each_region_and_again_nothing_changes(channels):
    assert [step["outcome"] for step in channels.publish(channels.first)["steps"]] == ["done", "done"]
    assert channels.named(BETA) == channels.first
    assert [step["changed"] for step in channels.publish(channels.first)["steps"]] == [False, False]
    history = channels.server.client("ssm").get_parameter_history(Name=BETA)["Parameters"]
    assert [version["Value"] for version in history] == channels.first[:1]


def test_a_channel_that_names_another_image_is_overwritten_only_when_that_is_said(channels):
    channels.publish(channels.first)
    result = channels.amictl("publish", *channels.second, "--parameter", BETA, "--region", BOTH, code=4)
    assert "--allow-overwrite" in result.stderr and channels.named(BETA) == channels.first, result
    channels.publish(channels.second, "--allow-overwrite")
    assert channels.named(BETA) == channels.second


def test_a_channel_is_promoted_and_rolled_back_and_that_is_undone(channels):
    channels.publish(channels.first)
    channels("promote", BETA, PROD, "--region", BOTH)
    channels.publish(channels.second, "--allow-overwrite")
    channels("promote", BETA, PROD, "--region", BOTH, "--allow-overwrite")
    assert channels.named(PROD) == channels.second
    assert [step["outcome"] for step in channels("rollback", PROD, "--region", BOTH)["steps"]] == ["done", "done"]
    assert channels.named(PROD) == channels.first and channels.named(BETA) == channels.second
    run = channels("runs")[-1]["run_id"]
    assert [step["outcome"] for step in channels("undo", run, "--yes")["steps"]] == ["returned", "returned"]
    assert channels.named(PROD) == channels.second
    result = channels.amictl("promote", "/images/nothing", PROD, "--region", BOTH, "--allow-overwrite", code=1)
    assert "/images/nothing" in result.stderr, result


def test_nothing_is_published_while_one_image_is_not_available(channels):
    channels.server.client("ec2", NEAR).disable_image(ImageId=channels.first[1])
    result = channels.amictl("publish", *channels.first, "--parameter", BETA, "--region", BOTH, code=1)
    assert channels.first[1] in result.stderr and channels.named(BETA) == [None, None], result


def test_undoing_the_first_publication_deletes_no_parameter(channels):
    channels.publish(channels.first)
    run = channels("runs")[-1]["run_id"]
    result = channels.amictl("undo", run, "--yes", code=3)
    assert "deletes nothing" in result.stdout + result.stderr and channels.named(BETA) == channels.first, result


def test_a_parameter_that_has_changed_since_the_plan_is_left_alone(channels):
    [here, _], [other, _] = channels.first, channels.second
    channels("publish", here, "--parameter", BETA, "--out", "plan.json")
    channels.server.client("ssm").put_parameter(Name=BETA, Value=other, Type="String", DataType="aws:ec2:image")
    [step] = channels("apply", "plan.json", "--yes", code=3)["steps"]
    assert step["outcome"] == "skipped" and other in step["reason"], step
    assert channels.named(BETA) == [other, None]


def test_waiting_ends_when_everything_can_be_used_and_is_told_when_nothing_will(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "image=1h") as server:
        builder = Builder(server)
        image, amictl = builder.image("web-1", "keep", ""), Amictl(tmp_path, server.url)
        snapshot = images_of(server)["web-1"]["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
        result = amictl("wait", image, snapshot, "--timeout", "2s", "--output", "json", code=5)
        assert {row["id"]: row["outcome"] for row in result.json()} == {image: "timed_out", snapshot: "ready"}
        assert "amictl wait" in result.stderr, result
        server.advance("2h")
        rows = amictl("wait", image, snapshot, "--output", "json").json()
        assert [row["outcome"] for row in rows] == ["ready", "ready"]
        builder.ec2.disable_image(ImageId=image)
        [row] = amictl("wait", image, "--output", "json", code=1).json()
        assert (row["outcome"], row["state"]) == ("bad", "disabled")
        amictl("wait", "web-1", code=64)
        amictl("wait", "snap-00000000000000000", "--region", BOTH, code=1)
