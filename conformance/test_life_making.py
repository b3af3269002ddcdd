"""Images that commands make: copies into other Regions and images of instances, what follows, and what takes it back."""

import pytest
from harness import ADMIN, Amictl, error, images_of, interrupt, launch_permissions_of, moto_server, sandbox_server, wait_until, write_faults
from world import PARTNER_ACCOUNT, Builder

NEAR, FAR = "eu-west-1", "us-west-2"
BOTH = f"{NEAR},{FAR}"
SHARED = [{"UserId": PARTNER_ACCOUNT}]
SLOW = ("--pace", "image=1h")


class Making:
    """An account with an image and an instance of it, and amictl beside it."""

    def __init__(self, server, home):
        self.server = server
        self.ec2 = server.client("ec2")
        builder = Builder(server)
        self.image = builder.image("web-1", "keep", "")
        builder.tag(["web-1"], app="web")
        self.builder = builder
        self.amictl = Amictl(home, server.url)

    def __call__(self, *args, code=0):
        """Runs a command; its one JSON document."""
        return self.amictl(*args, "--output", "json", code=code).json()

    def copy(self, *args, code=0):
        """Copies the image."""
        return self("copy", self.image, *args, code=code)

    def copies(self, region: str) -> list[dict]:
        """The images of a Region that are copies of the image."""
        return [image for image in images_of(self.server, region).values() if image.get("SourceImageId") == self.image]

    def available(self):
        """Makes everything available that is being made."""
        self.server.advance("2h")


@pytest.fixture
def making(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        yield Making(server, tmp_path)


@pytest.fixture
def slow(tmp_path):
    """Where an image takes an hour."""
    with sandbox_server(*ADMIN, *SLOW) as server:
        making = Making(server, tmp_path)
        making.available()
        yield making


def test_an_image_is_copied_to_regions_and_again_nothing_is(making):
    run = making.copy("--to-region", BOTH, "--wait", "--tag", "team=a b")
    assert [(step["outcome"], step["region"]) for step in run["steps"]] == [("done", NEAR), ("done", FAR)]
    for step in run["steps"]:
        [copy] = images_of(making.server, step["region"]).values()
        assert (copy["ImageId"], copy["Name"], copy["State"]) == (step["made"], "web-1", "available")
        assert {"Key": "team", "Value": "a b"} in copy["Tags"]
    again = making.copy("--to-region", BOTH, "--wait", "--tag", "team=a b")
    made = [step["made"] for step in run["steps"]]
    assert [(step["outcome"], step["changed"], step["made"]) for step in again["steps"]] == [
        ("done", False, made[0]),
        ("done", False, made[1]),
    ]
    assert all(len(images_of(making.server, region)) == 1 for region in (NEAR, FAR))


def test_a_copy_takes_what_was_asked_for_with_it(making):
    [step] = making.copy(
        *("--to-region", NEAR, "--name", "web-copy", "--copy-tags", "--tag", "x=1", "--kms-key", f"{NEAR}=alias/images"),
        *("--share-with", PARTNER_ACCOUNT, "--protect", "--deprecate-after", "90d"),
    )["steps"]
    [copy] = making.copies(NEAR)
    assert (step["made"], copy["Name"], copy["SourceImageRegion"]) == (copy["ImageId"], "web-copy", "us-east-1")
    assert {tag["Key"]: tag["Value"] for tag in copy["Tags"]} == {"app": "web", "x": "1"}
    assert copy["BlockDeviceMappings"][0]["Ebs"]["Encrypted"]
    assert copy["DeregistrationProtection"] == "enabled-without-cooldown" and copy["DeprecationTime"]
    assert launch_permissions_of(making.server, copy["ImageId"], NEAR) == SHARED


def test_one_bad_region_does_not_lose_the_others(tmp_path):
    rule = {"operation": "CopyImage", "region": NEAR, "kind": error("ResourceLimitExceeded", "Too many copies.", 400)}
    with sandbox_server("--pace", "all=0s", "--faults", write_faults(tmp_path / "faults.json", rule)) as server:
        making = Making(server, tmp_path / "home")
        run = making.copy("--to-region", BOTH, "--wait", code=3)
        assert [step["outcome"] for step in run["steps"]] == ["failed", "done"], run
        assert "ResourceLimitExceeded" in run["steps"][0]["reason"]
        assert not making.copies(NEAR) and len(making.copies(FAR)) == 1


def test_a_copy_that_fails_is_told_with_its_reason(tmp_path):
    with sandbox_server("--pace", "all=0s") as server:
        making = Making(server, tmp_path)
        # EC2 looks at the key only while it copies; a key serves its own Region only.
        key = f"arn:aws:kms:{FAR}:123456789012:key/11111111-2222-3333-4444-555555555555"
        run = making.copy("--to-region", NEAR, "--wait", "--kms-key", f"{NEAR}={key}", code=3)
        [step] = run["steps"]
        assert (step["outcome"], step["left"]) == ("failed", "failed") and "key" in step["reason"].lower(), run


def test_what_takes_too_long_can_be_gone_on_with(slow):
    result = slow.amictl("copy", slow.image, "--to-region", BOTH, "--wait", "--timeout", "2s", "--share-with", PARTNER_ACCOUNT, code=5)
    run = slow("runs")[-1]["run_id"]
    assert f"amictl resume {run}" in result.stderr, result
    assert [copy["State"] for region in (NEAR, FAR) for copy in slow.copies(region)] == ["pending", "pending"]
    slow.available()
    steps = slow("resume", run, "--yes")["steps"]
    assert [step["outcome"] for step in steps] == ["done", "done"]
    for region in (NEAR, FAR):
        [copy] = slow.copies(region)
        assert launch_permissions_of(slow.server, copy["ImageId"], region) == SHARED


def test_an_interrupted_copy_is_gone_on_with_and_made_once(slow):
    process = slow.amictl.start("copy", slow.image, "--to-region", NEAR, "--wait")
    wait_until(lambda: slow.copies(NEAR), "the copy to be begun")
    assert interrupt(process).code == 130
    slow.available()
    assert [step["outcome"] for step in slow("resume", "--yes")["steps"]] == ["done"]
    assert len(slow.copies(NEAR)) == 1


def test_a_lost_answer_makes_no_second_copy(tmp_path):
    rule = {"operation": "CopyImage", "kind": "reset", "phase": "after", "when": {"first": 1}}
    with sandbox_server("--pace", "all=0s", "--faults", write_faults(tmp_path / "faults.json", rule)) as server:
        making = Making(server, tmp_path / "home")
        [step] = making.copy("--to-region", NEAR, "--wait")["steps"]
        [copy] = making.copies(NEAR)
        assert (step["outcome"], step["made"]) == ("done", copy["ImageId"])


def test_undoing_disables_the_copies_and_deletes_nothing(making):
    making.copy("--to-region", BOTH, "--wait")
    run = making("runs")[-1]["run_id"]
    preview = making.amictl("undo", run, "--dry-run").stderr
    assert "disable" in preview and "not deleted" in preview, preview
    steps = making("undo", run, "--yes")["steps"]
    assert [step["outcome"] for step in steps] == ["returned", "returned"]
    assert [copy["State"] for region in (NEAR, FAR) for copy in making.copies(region)] == ["disabled", "disabled"]
    assert images_of(making.server)["web-1"]["State"] == "available"


def test_what_was_there_before_is_not_taken_back(making):
    making.copy("--to-region", NEAR)
    making.copy("--to-region", NEAR)
    run = making("runs")[-1]["run_id"]
    making.amictl("undo", run, "--yes")
    assert [copy["State"] for copy in making.copies(NEAR)] == ["available"]


def test_what_cannot_be_copied_is_refused_before_anything_is_done(making):
    for args, words in (
        (("--to-region", "xx-nowhere-1"), "xx-nowhere-1"),
        (("--to-region", NEAR, "--kms-key", f"{FAR}=alias/x"), FAR),
        (("--to-region", NEAR, "--share-with", "public"), "public"),
        (("--to-region", NEAR, "--name", "no*stars"), "name"),
    ):
        result = making.amictl("copy", making.image, *args, code=64)
        assert words in result.stderr, result
    making.ec2.disable_image(ImageId=making.image)
    result = making.amictl("copy", making.image, "--to-region", NEAR, code=1)
    assert "disabled" in result.stderr and not making.copies(NEAR), result


def test_moto_has_a_copy_and_an_image_of_an_instance(tmp_path):
    """moto tells no source of a copy, and takes tags of images alone; so each is made once here, without tags."""
    with moto_server() as server:
        making = Making(server, tmp_path)
        run = making.copy("--to-region", BOTH, "--wait", "--share-with", PARTNER_ACCOUNT)
        for step in run["steps"]:
            [copy] = images_of(server, step["region"]).values()
            assert (copy["ImageId"], copy["Name"], copy["State"]) == (step["made"], "web-1", "available")
            assert launch_permissions_of(server, copy["ImageId"], step["region"]) == SHARED
        instance = making.builder.instance(making.image)
        [step] = making("create", instance, "--name", "web-2", "--no-reboot", "--wait")["steps"]
        assert (step["outcome"], step["made"]) == ("done", images_of(server)["web-2"]["ImageId"])


def test_rebooting_or_not_has_to_be_said(making):
    instance = making.builder.instance(making.image)
    making.amictl("create", instance, "--name", "web-2", code=64)
    making.amictl("create", instance, "--name", "web-2", "--reboot", "--no-reboot", code=64)


def test_the_image_of_an_instance_is_made_once_and_is_as_asked_for(making):
    instance = making.builder.instance(making.image)
    command = ("create", instance, "--name", "web-2", "--reboot", "--protect", "--deprecate-after", "90d")
    command += ("--share-with", PARTNER_ACCOUNT)
    making.amictl(*command, code=4)
    assert "web-2" not in images_of(making.server), "nobody was there to be asked about the reboot"
    [step] = making(*command, "--yes")["steps"]
    image = images_of(making.server)["web-2"]
    assert (step["made"], step["changed"], image["SourceInstanceId"]) == (image["ImageId"], True, instance)
    assert image["DeregistrationProtection"] == "enabled-without-cooldown" and image["DeprecationTime"]
    assert launch_permissions_of(making.server, image["ImageId"]) == SHARED
    [step] = making("create", instance, "--name", "web-2", "--no-reboot")["steps"]
    assert (step["outcome"], step["made"], step["changed"]) == ("done", image["ImageId"], False)
    run = making("runs")[0]["run_id"]
    assert making("undo", run, "--yes")["steps"][0]["outcome"] == "returned"
    assert images_of(making.server)["web-2"]["State"] == "disabled"


def test_a_name_that_another_image_has_is_told(making):
    instance = making.builder.instance(making.image)
    [step] = making("create", instance, "--name", "web-1", "--no-reboot", code=3)["steps"]
    assert "InvalidAMIName.Duplicate" in step["reason"], step
    result = making.amictl("create", "i-00000000000000000", "--name", "web-3", "--no-reboot", code=1)
    assert "i-00000000000000000" in result.stderr, result


def test_a_lost_answer_makes_no_second_image(tmp_path):
    rule = {"operation": "CreateImage", "kind": "reset", "phase": "after", "when": {"first": 1}}
    with sandbox_server("--pace", "all=0s", "--faults", write_faults(tmp_path / "faults.json", rule)) as server:
        making = Making(server, tmp_path / "home")
        instance = making.builder.instance(making.image)
        [step] = making("create", instance, "--name", "web-2", "--no-reboot")["steps"]
        assert (step["outcome"], step["made"]) == ("done", images_of(server)["web-2"]["ImageId"])


def copied(making, code=0, *more: str):
    """An image of a new instance with its copies: the instance, and what the steps came to by Region."""
    instance = making.builder.instance(making.image)
    command = ("create", instance, "--name", "web-2", "--no-reboot", "--copy-to", BOTH, *more)
    steps = making(*command, code=code)["steps"]
    assert [step["action"] for step in steps] == ["create", "copy", "copy"]
    return command, {step["region"]: step for step in steps}


def test_what_is_made_is_copied_in_the_same_run(making):
    command, steps = copied(making, 0, "--share-with", PARTNER_ACCOUNT, "--tag", "app=web")
    made = images_of(making.server)["web-2"]["ImageId"]
    assert steps["us-east-1"]["made"] == made
    for region in (NEAR, FAR):
        [copy] = images_of(making.server, region).values()
        assert (copy["ImageId"], copy["SourceImageId"], copy["Name"]) == (steps[region]["made"], made, "web-2")
        assert launch_permissions_of(making.server, copy["ImageId"], region) == SHARED
        assert {"Key": "app", "Value": "web"} in copy["Tags"]
    again = making(*command)
    assert [(step["outcome"], step["changed"]) for step in again["steps"]] == [("done", False)] * 3
    [run, _] = [run["run_id"] for run in making("runs")]
    assert {step["outcome"] for step in making("undo", run, "--yes")["steps"]} == {"returned"}
    assert all(images_of(making.server, region)["web-2"]["State"] == "disabled" for region in (NEAR, FAR, "us-east-1"))


def test_a_region_without_a_copy_does_not_hold_up_the_others(tmp_path):
    rule = {"operation": "CopyImage", "region": NEAR, "kind": error("UnauthorizedOperation", "You are not authorized.")}
    with sandbox_server(*ADMIN, "--pace", "all=0s", "--faults", write_faults(tmp_path / "faults.json", rule)) as server:
        making = Making(server, tmp_path / "home")
        command, steps = copied(making, 3)
        assert {region: step["outcome"] for region, step in steps.items()} == {
            "us-east-1": "done",
            NEAR: "failed",
            FAR: "done",
        }
        server.admin("PUT", "/faults", {"rules": []})
        # The command again makes what is missing.
        assert [step["changed"] for step in making(*command)["steps"]] == [False, True, False]
        assert len(images_of(server, NEAR)) == len(images_of(server, FAR)) == 1


def test_where_no_image_was_made_none_is_copied(making):
    instance = making.builder.instance(making.image)
    steps = making("create", instance, "--name", "web-1", "--no-reboot", "--copy-to", NEAR, code=3)["steps"]
    assert [step["outcome"] for step in steps] == ["failed", "skipped"] and "s1" in steps[1]["reason"]
    assert not images_of(making.server, NEAR)


def test_an_interrupted_command_goes_on_to_its_copies(slow):
    instance = slow.builder.instance(slow.image)
    command = ("create", instance, "--name", "web-2", "--no-reboot", "--copy-to", NEAR)
    process = slow.amictl.start(*command)
    wait_until(lambda: "web-2" in images_of(slow.server), "the image to be begun")
    assert interrupt(process).code == 130
    assert not images_of(slow.server, NEAR)
    slow.available()
    steps = slow("resume", "--yes")["steps"]
    assert [step["outcome"] for step in steps] == ["done", "done"]
    [copy] = images_of(slow.server, NEAR).values()
    assert copy["SourceImageId"] == images_of(slow.server)["web-2"]["ImageId"]


def test_instances_by_tag_have_an_image_each(making):
    first, second, gone = (making.builder.instance(making.image) for _ in range(3))
    making.ec2.create_tags(Resources=[first, second, gone], Tags=[{"Key": "app", "Value": "shop"}])
    making.ec2.create_tags(Resources=[first, second], Tags=[{"Key": "Name", "Value": "shop {instance}"}])
    making.ec2.terminate_instances(InstanceIds=[gone])
    command = ("create", "--instance-tag", "app=shop", "--no-reboot", "--name")
    same = making.amictl(*command, "shop-1", code=64)
    assert "{instance}" in same.stderr and "shop-1" not in images_of(making.server)
    # What stands in a tag is text, and braces are nothing that EC2 takes in a name.
    assert "'{'" in making.amictl(*command, "{name}", code=64).stderr
    steps = making(*command, "shop {instance}")["steps"]
    assert [step["outcome"] for step in steps] == ["done"] * 2
    assert {f"shop {first}", f"shop {second}"} < images_of(making.server).keys()
    assert "has these tags" in making.amictl("create", "--instance-tag", "app=none", "--no-reboot", "--name", "x-1", code=1).stderr


def test_a_volume_is_left_out(making):
    more = [{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 4}}, {"DeviceName": "/dev/sdg", "Ebs": {"VolumeSize": 5}}]
    [instance] = making.ec2.run_instances(ImageId=making.image, MinCount=1, MaxCount=1, BlockDeviceMappings=more)["Instances"]
    making("create", instance["InstanceId"], "--name", "web-2", "--no-reboot", "--exclude-device", "/dev/sdf")
    devices = {mapping["DeviceName"] for mapping in images_of(making.server)["web-2"]["BlockDeviceMappings"]}
    assert "/dev/sdg" in devices and "/dev/sdf" not in devices


def test_another_account_makes_its_own_copy(making):
    command = ("--to-account", PARTNER_ACCOUNT, "--assume-role", "image-maker")
    assert "--assume-role" in making.amictl("copy", making.image, *command[:2], code=64).stderr
    steps = making.copy(*command, "--to-region", f"{NEAR},us-east-1", "--wait")["steps"]
    assert [(step["action"], step["outcome"]) for step in steps] == [("share", "done"), ("copy", "done"), ("copy", "done")]
    for region in (NEAR, "us-east-1"):
        [copy] = making.server.client("ec2", region, access_key=PARTNER_ACCOUNT).describe_images(Owners=["self"])["Images"]
        assert (copy["OwnerId"], copy["Name"], copy["SourceImageId"]) == (PARTNER_ACCOUNT, "web-1", making.image)
    assert launch_permissions_of(making.server, making.image) == SHARED
    again = making.copy(*command, "--to-region", NEAR, "--wait")["steps"]
    assert [(step["outcome"], step["changed"]) for step in again] == [("done", False), ("done", False)]


def test_a_copy_can_have_a_time_to_be_done_in(making):
    making.amictl("copy", making.image, "--to-region", NEAR, "--complete-within", "20m", code=64)
    making.copy("--to-region", NEAR, "--complete-within", "30m", "--wait")
    [copy] = making.copies(NEAR)
    [snapshot] = making.server.client("ec2", NEAR).describe_snapshots(
        SnapshotIds=[copy["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]]
    )["Snapshots"]
    assert snapshot["CompletionDurationMinutes"] == 30
