"""Images by the clock: `amictl run` makes what is due, once, copies it, shares it, and keeps the newest of each instance."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from harness import ADMIN, DENIED, Amictl, images_of, sandbox_server, snapshots_of
from world import PARTNER_ACCOUNT, Builder

ELSEWHERE = "eu-west-1"
POLICY = f"""\
version: 1
references: {{ other_accounts: ignore }}
limits: {{ max_actions: 100, max_percent: 100, min_images: 0 }}
schedules:
  - name: nightly
    instances: {{ tags: {{ backup: "night*" }} }}
    every: 24h
    reboot: false
    image: "{{name}} {{instance}} {{time}}"
    tags: {{ made-by: "{{schedule}}" }}
    deprecate_after: 30d
    share_with: ["{PARTNER_ACCOUNT}"]
    copy_to: [{{ region: {ELSEWHERE}, deprecate_after: 7d, keep: {{ newest: 1 }} }}]
    keep: {{ newest: 2 }}
"""
BOTH = ("--region", f"us-east-1,{ELSEWHERE}")
PARTIAL, REFUSED = 3, 4


class Clocked:
    """Two instances of which one is to have an image each night, under a clock that the test sets."""

    def __init__(self, server, home: Path):
        self.server, self.ec2, self.there = server, server.client("ec2"), server.client("ec2", ELSEWHERE)
        self.base = Builder(server).image("base", "keep", "in_use")
        self.instances = [self.launch(tag) for tag in ("nightly", "never")]
        self.amictl = Amictl(home, server.url)
        (home / "policy.yaml").write_text(POLICY)
        # Past the next midnight.
        self.server.advance("1d")

    def launch(self, backup: str) -> str:
        """An instance."""
        tags = [{"Key": "backup", "Value": backup}, {"Key": "Name", "Value": "web\x1b[2J;rm"}]
        specification = [{"ResourceType": "instance", "Tags": tags}]
        run = self.ec2.run_instances(ImageId=self.base, MinCount=1, MaxCount=1, TagSpecifications=specification)
        return run["Instances"][0]["InstanceId"]

    def run(self, *options: str, code: int = 0) -> dict:
        """One run, at the time of the sandbox."""
        now = self.server.admin("GET", "/clock")["now"]
        options = (*BOTH, "-f", "policy.yaml", "--now", now, "--yes", "--settle", "0s", "--output", "json", *options)
        return self.amictl("run", *options, code=code).json()

    @staticmethod
    def made(client) -> list[dict]:
        """The images of the schedule, the oldest first."""
        images = client.describe_images(Owners=["self"], IncludeDeprecated=True)["Images"]
        images = [image for image in images if image["Name"] != "base"]
        return sorted(images, key=lambda image: tags_of(image)["amictl:slot"])


def tags_of(image: dict) -> dict[str, str]:
    """Tags as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in image.get("Tags", [])}


@pytest.fixture
def clocked(tmp_path):
    with sandbox_server(*ADMIN) as server:
        yield Clocked(server, tmp_path)


def test_what_is_due_is_made_once_and_copied_and_shared(clocked):
    first = clocked.run()
    assert (first["images_made"], first["copies_made"], first["making_failed"]) == (1, 1, False)
    [image], [copy] = clocked.made(clocked.ec2), clocked.made(clocked.there)
    tags = tags_of(image)
    assert tags["amictl:schedule"] == tags["made-by"] == "nightly" and tags["amictl:instance"] == clocked.instances[0]
    assert tags["amictl:slot"].endswith("T00:00:00Z") and image["Name"].startswith("web")
    assert image["DeprecationTime"] > copy["DeprecationTime"] and tags_of(copy) == tags
    permissions = clocked.ec2.describe_image_attribute(ImageId=image["ImageId"], Attribute="launchPermission")
    assert permissions["LaunchPermissions"] == [{"UserId": PARTNER_ACCOUNT}]
    again = clocked.run()
    assert (again["images_made"], again["copies_made"]) == (0, 0)
    assert len(clocked.made(clocked.ec2)) == len(clocked.made(clocked.there)) == 1


def test_missed_times_are_caught_up_once_and_the_oldest_go(clocked):
    for days in (0, 1, 5):
        clocked.server.advance(f"{days}d")
        assert clocked.run()["images_made"] == 1
    # With `--now` the images of a run are younger than its time: the next one counts them.
    assert clocked.run()["steps"] == 2
    images, copies = clocked.made(clocked.ec2), clocked.made(clocked.there)
    slots = [datetime.fromisoformat(tags_of(image)["amictl:slot"]) for image in images]
    # Of three images two are kept, and of the copies one.
    assert len(images) == 2 and slots[1] - slots[0] == timedelta(days=5)
    assert [tags_of(copy)["amictl:slot"] for copy in copies] == [tags_of(images[1])["amictl:slot"]]
    kept = [*images, images_of(clocked.server)["base"]]
    assert snapshots_of(clocked.server) == {image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"] for image in kept}


def test_an_instance_that_was_not_there_yet_is_not_due(clocked):
    clocked.run()
    clocked.launch("nightly")
    assert clocked.run()["images_made"] == 0
    clocked.server.advance("1d")
    assert clocked.run()["images_made"] == 2


def test_what_cannot_be_made_is_told_and_made_by_the_next_run(clocked):
    rule = {"operation": "CreateImage", "kind": DENIED}
    clocked.server.admin("PUT", "/faults", {"rules": [rule]})
    failed = clocked.run(code=PARTIAL)
    assert failed["making_failed"] and clocked.made(clocked.ec2) == []
    clocked.server.admin("PUT", "/faults", {"rules": []})
    assert clocked.run()["images_made"] == 1 and len(clocked.made(clocked.ec2)) == 1


def test_nobody_is_there_to_ask(clocked):
    now = clocked.server.admin("GET", "/clock")["now"]
    refused = clocked.amictl("run", *BOTH, "-f", "policy.yaml", "--now", now, code=REFUSED)
    assert "nobody to ask" in refused.stderr and clocked.made(clocked.ec2) == []
