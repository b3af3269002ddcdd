"""What is said of images by commands: deprecate, disable, protect, share, and what takes them back; read back by boto3."""

from datetime import UTC, datetime, timedelta

import pytest
from harness import ADMIN, Amictl, error, images_of, launch_permissions_of, moto_server, sandbox_server, write_faults
from world import PARTNER_ACCOUNT, Builder

OTHER = "444455556666"
ORGANIZATION = "arn:aws:organizations::123456789012:organization/o-abcdefghij"
UNIT = "arn:aws:organizations::123456789012:ou/o-abcdefghij/ou-ab12-abcdefgh"
NOWHERE = "ami-00000000000000000"
SHARED = [{"UserId": PARTNER_ACCOUNT}]


class Life:
    """An account with two images, the first of which is shared, and amictl beside it."""

    def __init__(self, server, home):
        self.server = server
        self.ec2 = server.client("ec2")
        builder = Builder(server)
        self.ids = [builder.image(name, "keep", "") for name in ("web-1", "web-2")]
        self.image, self.other = self.ids
        self.ec2.modify_image_attribute(ImageId=self.image, LaunchPermission={"Add": SHARED})
        self.amictl = Amictl(home, server.url)

    def __call__(self, *args, code=0):
        """Runs a command; its one JSON document."""
        return self.amictl(*args, "--output", "json", code=code).json()

    def outcomes(self, *args, code=0) -> list[tuple[str, bool]]:
        """What came of each step, and whether anything was sent."""
        return [(step["outcome"], step["changed"]) for step in self(*args, code=code)["steps"]]

    def undo(self):
        """Takes back what the newest run did."""
        run = self("runs")[-1]["run_id"]
        return self("undo", run, "--yes")["steps"]

    @property
    def now(self) -> dict:
        """The first image."""
        return images_of(self.server)["web-1"]

    def grantees(self) -> list[dict]:
        """Who may launch it."""
        return launch_permissions_of(self.server, self.image)

    def volume_permissions(self) -> list[dict]:
        """Who may make volumes of its snapshot."""
        [mapping] = self.now["BlockDeviceMappings"]
        reply = self.ec2.describe_snapshot_attribute(
            SnapshotId=mapping["Ebs"]["SnapshotId"], Attribute="createVolumePermission"
        )
        return reply["CreateVolumePermissions"]


@pytest.fixture
def life(tmp_path):
    with sandbox_server(*ADMIN) as server:
        yield Life(server, tmp_path)


@pytest.fixture(scope="module")
def moto_process():
    with moto_server() as server:
        yield server


@pytest.fixture(params=["sandbox", "moto"])
def place(request, tmp_path):
    """Each of both, with two images of its own."""
    if request.param == "sandbox":
        yield request.getfixturevalue("life")
    else:
        server = request.getfixturevalue("moto_process")
        yield Life(server, tmp_path)
        for image in images_of(server).values():
            server.client("ec2").deregister_image(ImageId=image["ImageId"])


DONE, SO_ALREADY = ("done", True), ("done", False)


def test_images_are_deprecated_and_it_is_taken_back(life):
    assert life.outcomes("deprecate", *life.ids, "--in", "30d") == [DONE, DONE]
    at = datetime.fromisoformat(life.now["DeprecationTime"])
    assert timedelta(days=29, hours=23) < at - datetime.now(UTC) < timedelta(days=30, minutes=2)
    # Again, and later: an earlier time stays.
    assert life.outcomes("deprecate", *life.ids, "--in", "31d") == [SO_ALREADY, SO_ALREADY]
    assert life.outcomes("deprecate", life.image, "--at", "2030-01-01T00:00:00Z") == [DONE]
    assert life.now["DeprecationTime"] == "2030-01-01T00:00:00.000Z"
    assert [step["outcome"] for step in life.undo()] == ["returned"]
    assert datetime.fromisoformat(life.now["DeprecationTime"]) == at
    assert life.outcomes("undeprecate", life.image) == [DONE]
    assert "DeprecationTime" not in life.now
    assert life.outcomes("undeprecate", life.image) == [SO_ALREADY]


def test_an_image_is_disabled_and_its_undo_brings_the_permissions_back(life):
    life.amictl("disable", life.image, code=4)
    assert life.now["State"] == "available", "nobody was there to be asked"
    assert life.outcomes("disable", life.image, "--yes") == [DONE]
    assert life.now["State"] == "disabled" and life.grantees() == []
    assert life.outcomes("disable", life.image, "--yes") == [SO_ALREADY]
    # Enabling gives nothing back, and says what would.
    result = life.amictl("enable", life.image)
    runs = [run["run_id"] for run in life("runs")]
    assert f"amictl undo {runs[0]}" in result.stderr, result
    assert life.now["State"] == "available" and life.grantees() == []
    # Taking that back disables it again, and taking the first back gives everything back.
    assert [step["outcome"] for step in life.undo()] == ["returned"]
    assert life.now["State"] == "disabled"
    assert life("undo", runs[0], "--yes")["steps"][0]["outcome"] == "returned"
    assert life.now["State"] == "available" and life.grantees() == SHARED


def test_disabling_tells_what_uses_the_image(life):
    Builder(life.server).instance(life.image)
    result = life.amictl("disable", life.image, "--yes")
    assert f"{life.image} is used by" in result.stderr, result


def test_an_image_is_protected_and_it_is_taken_back(life):
    assert life.outcomes("protect", life.image) == [DONE]
    assert life.now["DeregistrationProtection"] == "enabled-without-cooldown"
    assert life.outcomes("protect", life.image) == [SO_ALREADY]
    assert life.outcomes("protect", life.image, "--cooldown") == [DONE]
    assert life.now["DeregistrationProtection"] == "enabled-with-cooldown"
    assert [step["outcome"] for step in life.undo()] == ["returned"]
    assert life.now["DeregistrationProtection"] == "enabled-without-cooldown"
    assert life.outcomes("unprotect", life.image) == [DONE]
    assert life.now["DeregistrationProtection"] == "disabled"


def test_images_are_shared_with_accounts_and_it_is_taken_back(place):
    assert place.outcomes("share", *place.ids, "--account", f"{PARTNER_ACCOUNT},{OTHER}") == [DONE, DONE]
    both = sorted([*SHARED, {"UserId": OTHER}], key=str)
    assert sorted(place.grantees(), key=str) == both
    assert sorted(launch_permissions_of(place.server, place.other), key=str) == both
    assert place.outcomes("share", *place.ids, "--account", OTHER) == [SO_ALREADY, SO_ALREADY]
    runs = place("runs")
    assert place("undo", runs[0]["run_id"], "--yes")["run_id"] == runs[0]["run_id"]
    # Only what the run added goes.
    assert place.grantees() == SHARED and launch_permissions_of(place.server, place.other) == []


def test_an_image_is_shared_with_exactly_these(place):
    assert place.outcomes("share", place.image, "--account", OTHER, "--exact") == [DONE]
    assert place.grantees() == [{"UserId": OTHER}]
    assert place.outcomes("share", place.image, "--account", OTHER, "--exact") == [SO_ALREADY]
    assert place.outcomes("unshare", place.image, "--account", OTHER) == [DONE]
    assert place.grantees() == []
    assert [step["outcome"] for step in place.undo()] == ["returned"]
    assert place.grantees() == [{"UserId": OTHER}]


def test_an_image_is_shared_with_organizations_units_and_the_marketplace(life):
    command = ("share", life.image, "--organization-arn", ORGANIZATION, "--ou-arn", UNIT, "--marketplace")
    assert life.outcomes(*command) == [DONE]
    for grantee in ({"OrganizationArn": ORGANIZATION}, {"OrganizationalUnitArn": UNIT}, {"UserId": "679593333241"}):
        assert grantee in life.grantees()
    assert life.outcomes(*command) == [SO_ALREADY]


def test_snapshots_are_shared_with_the_image(life):
    assert life.outcomes("share", life.image, "--account", OTHER, "--snapshots") == [DONE]
    assert life.volume_permissions() == [{"UserId": OTHER}]
    assert life.outcomes("share", life.image, "--account", OTHER, "--snapshots") == [SO_ALREADY]
    run = life("runs")[0]["run_id"]
    assert life("undo", run, "--yes")["steps"][0]["outcome"] == "returned"
    assert life.volume_permissions() == [] and life.grantees() == SHARED
    assert life("runs", "show", run)["steps"][0]["outcome"] == "returned"


def test_sharing_with_everybody_is_asked_for_and_stops_where_it_is_blocked(life):
    life.ec2.disable_image_block_public_access()
    life.amictl("share", life.image, "--public", code=4)
    assert not life.now["Public"], "nobody was there to be asked"
    assert life.outcomes("share", life.image, "--public", "--yes") == [DONE]
    assert life.now["Public"] and {"Group": "all"} in life.grantees()
    assert [step["outcome"] for step in life.undo()] == ["returned"]
    assert not life.now["Public"]
    life.ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    result = life.amictl("share", life.image, "--public", "--yes", code=4)
    assert "block-new-sharing" in result.stderr and not life.now["Public"], result


def test_a_dry_run_changes_nothing_and_its_plan_can_be_carried_out(life):
    plan = life("disable", *life.ids, "--dry-run", "--out", "plan.json")
    assert [(step["action"], step["target"]) for step in plan["steps"]] == [("disable", id) for id in life.ids]
    assert plan["steps"][0]["change"] == "disable" and plan["verdicts"] == []
    table = life.amictl("deprecate", life.image, "--in", "1d", "--dry-run").stdout
    assert "deprecated from" in table and "Nothing was changed" in table
    assert life.now["State"] == "available" and life("runs") == []
    run = life("apply", "plan.json", "--yes")
    assert [step["outcome"] for step in run["steps"]] == ["done", "done"]
    assert life.now["State"] == "disabled"


def test_images_come_from_a_file_and_from_several_regions(life, tmp_path):
    there = Builder(life.server, "eu-west-1").image("there", "keep", "")
    (tmp_path / "images.txt").write_text(f"# old ones\n{life.image} web-1\n\n{there}, a comment\n{life.image}\n")
    command = ("protect", "--from-file", "images.txt", "--region", "us-east-1,eu-west-1")
    assert life.outcomes(*command) == [DONE, DONE]
    assert images_of(life.server, "eu-west-1")["there"]["DeregistrationProtection"] == "enabled-without-cooldown"
    (tmp_path / "images.txt").write_text("web-1\n")
    result = life.amictl("protect", "--from-file", "images.txt", code=64)
    assert "images.txt, line 1" in result.stderr, result


def test_what_is_not_there_is_told_before_anything_is_done(life):
    result = life.amictl("protect", life.image, NOWHERE, code=1)
    assert NOWHERE in result.stderr and "--region" in result.stderr, result
    assert life.now.get("DeregistrationProtection", "disabled") == "disabled"


def test_what_is_refused_is_told_with_its_code_and_the_others_go_on(life, tmp_path):
    builder = Builder(life.server)
    third = builder.image("web-3", "keep", "")
    life.ec2.disable_image(ImageId=third)
    # A disabled image cannot be shared.
    run = life("share", life.image, third, "--account", OTHER, code=3)
    assert [step["outcome"] for step in run["steps"]] == ["done", "failed"]
    assert "InvalidAMIID.Unavailable" in run["steps"][1]["reason"], run


@pytest.mark.parametrize("code", ["UnauthorizedOperation", "OperationNotPermitted", "ResourceLimitExceeded"])
def test_each_refusal_is_told_with_its_code(tmp_path, code):
    rule = {"operation": "EnableImageDeregistrationProtection", "kind": error(code, "Not so.")}
    with sandbox_server("--faults", write_faults(tmp_path / "faults.json", rule)) as server:
        image = Builder(server).image("web-1", "keep", "")
        amictl = Amictl(tmp_path / "home", server.url)
        run = amictl("protect", image, "--output", "json", code=3).json()
        [step] = run["steps"]
        assert (step["outcome"], step["left"]) == ("failed", "unchanged") and code in step["reason"], run


def test_a_lost_answer_is_resolved_by_looking(tmp_path):
    rules = [
        {"operation": "ModifyImageAttribute", "kind": "reset", "phase": "after", "when": {"first": 1}},
        {"operation": "EnableImageDeregistrationProtection", "kind": "reset", "when": {"first": 1}},
    ]
    with sandbox_server("--faults", write_faults(tmp_path / "faults.json", *rules)) as server:
        image = Builder(server).image("web-1", "keep", "")
        amictl = Amictl(tmp_path / "home", server.url)
        for command in (("share", image, "--account", OTHER), ("protect", image)):
            run = amictl(*command, "--output", "json").json()
            assert [step["outcome"] for step in run["steps"]] == ["done"], run
        assert launch_permissions_of(server, image) == [{"UserId": OTHER}]
        assert images_of(server)["web-1"]["DeregistrationProtection"] == "enabled-without-cooldown"
