"""`docs/recipes/sharing.md`, as it stands there."""

from harness import ADMIN, launch_permissions_of, sandbox_server
from recipes import recipe
from world import Builder

PARTNER, OTHER = "111122223333", "444455556666"


def test_accounts_and_everybody_are_let_in_and_out_again(tmp_path):
    with sandbox_server(*ADMIN) as server:
        ec2 = server.client("ec2")
        image = Builder(server).image("base-1", "keep", "")
        ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
        steps = recipe("sharing", server, tmp_path, IMAGE=image, PARTNER=PARTNER, OTHER=OTHER)
        snapshot = ec2.describe_images(ImageIds=[image])["Images"][0]["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]

        def let_in():
            volumes = ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
            return (
                [next(iter(permission.values())) for permission in launch_permissions_of(server, image)],
                sorted(permission["UserId"] for permission in volumes["CreateVolumePermissions"]),
            )

        assert PARTNER in steps.run("Two accounts")
        assert let_in() == ([PARTNER, OTHER], [PARTNER, OTHER])
        steps.run("One of them, and nobody else")
        assert let_in() == ([PARTNER], [PARTNER])
        steps.run("Everybody")
        assert let_in() == (["all", PARTNER], [PARTNER])
        steps.run("As it was")
        assert let_in() == ([], [])
        blocked = ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"]
        assert blocked == "block-new-sharing"
