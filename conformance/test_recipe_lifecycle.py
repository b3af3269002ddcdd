"""`docs/recipes/lifecycle.md`, as it stands there."""

from harness import ADMIN, images_of, sandbox_server, snapshots_of
from recipes import recipe
from world import Builder

HOME, OTHER = "us-east-1", "eu-west-1"


def test_an_image_is_made_and_copied_and_retired_and_comes_back(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        builder = Builder(server)
        base = builder.image("base-1", "keep", "")
        instance = builder.instance(base)
        steps = recipe("lifecycle", server, tmp_path, INSTANCE=instance, HOME_REGION=HOME, OTHER_REGION=OTHER)

        def image(region: str) -> dict | None:
            return images_of(server, region).get("web-2026.11.22")

        steps.run("Somewhere to come back from")
        steps.run("Create, and copy")
        made, copy = image(HOME), image(OTHER)
        assert made and copy and copy["SourceImageId"] == made["ImageId"]
        assert {"Key": "app", "Value": "web"} in copy["Tags"]
        snapshots = {region: snapshots_of(server, region) for region in (HOME, OTHER)}
        steps.run("Deprecate")
        assert all(image(region)["DeprecationTime"] for region in (HOME, OTHER))
        steps.run("Disable")
        assert all(image(region)["State"] == "disabled" for region in (HOME, OTHER))
        steps.run("Deregister")
        assert image(HOME) is image(OTHER) is None
        assert not snapshots_of(server, OTHER) and snapshots_of(server, HOME) < snapshots[HOME]
        steps.run("Restore")
        assert (image(HOME)["ImageId"], image(OTHER)["ImageId"]) == (made["ImageId"], copy["ImageId"])
        assert {region: snapshots_of(server, region) for region in (HOME, OTHER)} == snapshots
