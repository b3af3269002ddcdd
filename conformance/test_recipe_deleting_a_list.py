"""`docs/recipes/deleting-a-list.md`, as it stands there."""

from harness import ADMIN, images_of, sandbox_server, snapshots_of
from recipes import recipe
from world import Builder

FAR = "eu-west-1"


def test_a_list_goes_but_for_what_is_used_and_again_changes_nothing(tmp_path):
    with sandbox_server(*ADMIN) as server:
        builder = Builder(server)
        ids = [builder.image(f"old-{number}", "retire", "unused") for number in range(3)]
        kept = builder.image("new", "keep", "")
        instance = builder.instance(ids[1])
        far = Builder(server, FAR).image("far", "retire", "unused")
        (tmp_path / "images.txt").write_text(f"# of the year before last\n{ids[0]}, old-0\n{ids[1]}\n\n{ids[2]}\n")
        steps = recipe("deleting-a-list", server, tmp_path, LIST="images.txt", SETTLE="0s")
        shown = steps.run("What would be done")
        assert all(image in shown for image in ids) and instance in shown
        assert len(images_of(server)) == 4
        steps.run("The script")
        steps.run("Running it")
        assert set(images_of(server)) == {"old-1", "new"} and len(snapshots_of(server)) == 2
        # The same list again, and one more in another Region.
        (tmp_path / "images.txt").write_text("\n".join([*ids, far, kept, "ami-00000000000000000"]))
        steps.run("The same for other accounts and Regions")
        assert set(images_of(server)) == {"old-1"} and images_of(server, FAR) == {}
