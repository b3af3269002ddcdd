"""Images that are registered: of a snapshot, of a bundle in S3 and of a stored image, read back with boto3."""

import base64

import pytest
from enforcing import of_any_resource, without
from harness import (
    ADMIN,
    Amictl,
    error,
    images_of,
    interrupt,
    launch_permissions_of,
    moto_server,
    sandbox_server,
    wait_until,
    write_faults,
)
from tale_images import manifest
from world import PARTNER_ACCOUNT, Builder

NEAR = "eu-west-1"
BUCKET = "bundled-images"
SHARED = [{"UserId": PARTNER_ACCOUNT}]
WINDOWS = "Windows"


class Registering:
    """An account with a snapshot of nothing in particular, and amictl beside it."""

    def __init__(self, server, home):
        self.server = server
        self.ec2, self.s3 = server.client("ec2"), server.client("s3")
        self.builder = Builder(server)
        self.snapshot = self.builder.snapshot("root of web")
        self.amictl = Amictl(home, server.url)

    def __call__(self, *args, code=0):
        """Registers; the steps of the run."""
        return self.amictl("register", *args, "--output", "json", code=code).json()["steps"]

    def of_snapshot(self, name: str, *args, snapshot: str | None = None, code=0):
        return self("--snapshot", snapshot or self.snapshot, "--name", name, *args, code=code)

    def refused(self, *args, code) -> str:
        """What is said where nothing was registered."""
        before = images_of(self.server)
        result = self.amictl("register", *args, code=code)
        assert images_of(self.server) == before, result
        return result.stderr

    def image(self, name: str, region: str = "us-east-1") -> dict:
        return images_of(self.server, region)[name]

    def available(self):
        """Makes everything available that is being made."""
        self.server.advance("2h")

    def bundle(self, name: str, parts: int = 2):
        if BUCKET not in [bucket["Name"] for bucket in self.s3.list_buckets()["Buckets"]]:
            self.s3.create_bucket(Bucket=BUCKET)
        self.s3.put_object(Bucket=BUCKET, Key=f"web/{name}.manifest.xml", Body=manifest(name, parts))
        for part in range(parts):
            self.s3.put_object(Bucket=BUCKET, Key=f"web/{name}.part.{part}", Body=b"x")
        return f"{BUCKET}/web/{name}.manifest.xml"


@pytest.fixture
def registering(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        yield Registering(server, tmp_path)


def faulty(tmp_path, *rules):
    return sandbox_server(*ADMIN, "--pace", "all=0s", "--faults", write_faults(tmp_path / "faults.json", *rules))


def test_an_image_is_registered_once_and_is_as_asked_for(registering):
    uefi = base64.b64encode(b"AMZNUEFI" + bytes(200)).decode()
    data = registering.builder.snapshot("data of web")
    command = ("--architecture", "arm64", "--root-device", "/dev/sda1", "--volume-type", "gp3", "--volume-size", "20")
    command += ("--iops", "4000", "--throughput", "250", "--boot-mode", "uefi", "--imds-v2", "--tpm", "--uefi-data", uefi)
    command += ("--device", f"/dev/sdb={data}:gp2", "--device", "/dev/sdc=100", "--device", "/dev/sdd=ephemeral0")
    command += ("--description", "web of today", "--tag", "app=a b", "--protect", "--deprecate-after", "90d")
    command += ("--share-with", PARTNER_ACCOUNT, "--version", "7")
    [step] = registering.of_snapshot("web-{version}", *command)
    assert (step["action"], step["outcome"], step["changed"], step["target"]) == ("register", "done", True, registering.snapshot)
    image = registering.image("web-7")
    assert (image["ImageId"], image["State"], image["RootDeviceName"]) == (step["made"], "available", "/dev/sda1")
    said = {name: image[name] for name in ("Architecture", "BootMode", "ImdsSupport", "TpmSupport", "VirtualizationType", "EnaSupport")}
    assert said == {
        "Architecture": "arm64",
        "BootMode": "uefi",
        "ImdsSupport": "v2.0",
        "TpmSupport": "v2.0",
        "VirtualizationType": "hvm",
        "EnaSupport": True,
    }
    assert registering.ec2.describe_image_attribute(ImageId=step["made"], Attribute="uefiData")["UefiData"]["Value"] == uefi
    devices = {mapping["DeviceName"]: mapping for mapping in image["BlockDeviceMappings"]}
    root = devices["/dev/sda1"]["Ebs"]
    assert (root["SnapshotId"], root["VolumeSize"], root["VolumeType"]) == (registering.snapshot, 20, "gp3")
    assert (root["Iops"], root["Throughput"], root["DeleteOnTermination"]) == (4000, 250, True)
    assert (devices["/dev/sdb"]["Ebs"]["SnapshotId"], devices["/dev/sdb"]["Ebs"]["VolumeType"]) == (data, "gp2")
    assert devices["/dev/sdc"]["Ebs"]["VolumeSize"] == 100 and devices["/dev/sdd"]["VirtualName"] == "ephemeral0"
    tags = {tag["Key"]: tag["Value"] for tag in image["Tags"]}
    assert tags == {"app": "a b", "version": "7"} and image["Description"] == "web of today"
    assert image["DeregistrationProtection"] == "enabled-without-cooldown" and image["DeprecationTime"]
    assert launch_permissions_of(registering.server, step["made"]) == SHARED

    [again] = registering.of_snapshot("web-{version}", *command)
    assert (again["outcome"], again["changed"], again["made"]) == ("done", False, step["made"])
    runs = registering.amictl("runs", "--output", "json").json()
    undone = registering.amictl("undo", runs[0]["run_id"], "--yes", "--output", "json").json()
    assert undone["steps"][0]["outcome"] == "returned" and registering.image("web-7")["State"] == "disabled"
    assert len(registering.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]) == 2, "undoing deletes nothing"


def test_a_dry_run_says_what_would_be_and_registers_nothing(registering):
    result = registering.amictl("register", "--snapshot", registering.snapshot, "--name", "web-1", "--architecture", "x86_64", "--dry-run")
    for words in (registering.snapshot, "/dev/xvda", "web-1", "x86_64", "hvm"):
        assert words in result.stdout, result
    assert not images_of(registering.server)


def test_the_architecture_and_device_are_those_of_what_it_was_made_for(registering):
    image = registering.builder.image("web-0", "keep", "")
    instance = registering.builder.instance(image)
    made = registering.ec2.create_image(InstanceId=instance, Name="web-of-instance", NoReboot=True)["ImageId"]
    root = registering.image("web-of-instance")["BlockDeviceMappings"][0]
    snapshot = root["Ebs"]["SnapshotId"]
    result = registering.amictl("register", "--snapshot", snapshot, "--name", "web-1")
    assert f"{snapshot} is of {made}, by its description, which is billed as Linux/UNIX" in result.stderr, result
    again = registering.image("web-1")
    assert (again["Architecture"], again["RootDeviceName"]) == (registering.image("web-of-instance")["Architecture"], root["DeviceName"])
    [volume] = registering.ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["BlockDeviceMappings"]
    mine = registering.ec2.create_snapshot(VolumeId=volume["Ebs"]["VolumeId"])["SnapshotId"]
    result = registering.amictl("register", "--snapshot", mine, "--name", "web-2")
    assert f"{mine} is of {image}, by the instance of its volume" in result.stderr and registering.image("web-2"), result
    # Never i386 by accident.
    assert "--architecture" in registering.refused("--snapshot", registering.snapshot, "--name", "web-3", code=64)
    registering.of_snapshot("web-3", "--architecture", "i386")
    result = registering.amictl("register", "--snapshot", registering.snapshot, "--name", "web-4")
    assert "as the image uses it" in result.stderr and registering.image("web-4")["Architecture"] == "i386", result


def windows(registering) -> tuple[str, str]:
    """An image that is billed as Windows, and the snapshot behind it."""
    image = registering.builder.image("win-1", "keep", "")
    world = registering.server.admin("GET", "/world")
    registering.server.admin("PUT", "/world", billed(world, image))
    assert registering.image("win-1")["PlatformDetails"] == WINDOWS
    return image, registering.image("win-1")["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]


def billed(world, image: str):
    """The same world, in which this image is billed as Windows."""
    if isinstance(world, dict):
        if world.get("id") == image:
            return world | {"extras": (world.get("extras") or {}) | {"platform_details": WINDOWS}}
        return {key: billed(value, image) for key, value in world.items()}
    return [billed(item, image) for item in world] if isinstance(world, list) else world


def test_what_it_is_billed_as_is_warned_of_asked_about_and_looked_at(registering):
    image, snapshot = windows(registering)
    command = ("--snapshot", snapshot, "--name", "win-2", "--architecture", "x86_64")
    said = registering.refused(*command, code=4)
    assert f"which is billed as {WINDOWS}" in said and "--yes" in said
    kept = registering.amictl("register", *command, "--yes")
    assert f"is billed as {WINDOWS}, as what it is made of" in kept.stderr, kept
    assert registering.image("win-2")["PlatformDetails"] == WINDOWS

    # A snapshot without EC2's metadata: its description alone says what it is of.
    lost = registering.builder.snapshot(f"Created by CreateImage(i-0123456789abcdef0) for {image}")
    share = ("--share-with", PARTNER_ACCOUNT, "--copy-to", NEAR)
    steps = registering.of_snapshot("win-3", "--yes", *share, snapshot=lost, code=3)
    assert [step["outcome"] for step in steps] == ["failed", "skipped"], steps
    assert "Linux/UNIX" in steps[0]["reason"] and WINDOWS in steps[0]["reason"] and "not to be used" in steps[0]["left"]
    made = registering.image("win-3")
    assert (made["ImageId"], made["PlatformDetails"]) == (steps[0]["made"], "Linux/UNIX")
    assert launch_permissions_of(registering.server, made["ImageId"]) == [] and not images_of(registering.server, NEAR)
    run = registering.amictl("runs", "--output", "json").json()[-1]["run_id"]
    registering.amictl("undo", run, "--yes")
    assert registering.image("win-3")["State"] == "disabled"


def test_what_is_not_known_to_be_billed_is_told_afterwards(registering):
    result = registering.amictl("register", "--snapshot", registering.snapshot, "--name", "web-1", "--architecture", "x86_64")
    made = registering.image("web-1")["ImageId"]
    assert "is not known" in result.stderr and f"{made} is billed as Linux/UNIX" in result.stderr, result


def test_an_image_of_a_bundle(registering):
    place = registering.bundle("web")
    [step] = registering("--manifest", f"s3://{place}", "--name", "store-1", "--tag", "a=b", "--device", "/dev/sdb=ephemeral0")
    assert (step["outcome"], step["target"]) == ("done", f"s3://{place}")
    image = registering.image("store-1")
    assert (image["ImageId"], image["RootDeviceType"]) == (step["made"], "instance-store")
    assert (image["Architecture"], image["VirtualizationType"]) == ("x86_64", "hvm")
    assert image["ImageLocation"].endswith(place) and image["Tags"] == [{"Key": "a", "Value": "b"}]
    [again] = registering("--manifest", place, "--name", "store-1")
    assert (again["changed"], again["made"]) == (False, step["made"])
    registering.s3.delete_object(Bucket=BUCKET, Key="web/web.part.1")
    assert "web/web.part.1 is missing" in registering.refused("--manifest", place, "--name", "store-2", code=1)
    assert "there is no such manifest" in registering.refused("--manifest", f"{BUCKET}/web/no.manifest.xml", "--name", "x-1", code=1)
    registering.s3.put_object(Bucket=BUCKET, Key="web/bad.manifest.xml", Body=b"<manifest>")
    assert "cannot be gone by" in registering.refused("--manifest", f"{BUCKET}/web/bad.manifest.xml", "--name", "x-1", code=1)
    registering.refused("--manifest", "no-such-bucket-here/a.manifest.xml", "--name", "x-1", code=1)
    registering.refused("--manifest", place, "--name", "x-1", "--root-device", "/dev/sda1", code=64)


def test_the_policy_of_the_command_is_enough_for_a_bundle(registering, tmp_path):
    policy = Amictl(tmp_path / "policy", None)("iam-policy", "--for", "register").json()
    place = registering.bundle("web")
    for allowed, code in ((without(policy, "ec2:RegisterImage"), 3), (policy, 0)):
        registering.server.admin("PUT", "/iam", of_any_resource(allowed))
        result = registering.amictl("register", "--manifest", place, "--name", "store-1", "--output", "json", code=code)
        assert ("ec2:RegisterImage" in result.stdout) == (code == 3), result


def test_an_image_of_a_stored_one(registering):
    image = registering.builder.image("web-0", "keep", "")
    registering.s3.create_bucket(Bucket=BUCKET)
    registering.amictl("store", image, "--bucket", BUCKET, "--wait")
    [step] = registering("--stored", f"s3://{BUCKET}/{image}.bin", "--name", "web-{version}", "--version", "2", "--wait")
    assert (step["action"], step["outcome"]) == ("restore_from_s3", "done")
    assert {"Key": "version", "Value": "2"} in registering.image("web-2")["Tags"]
    registering.refused("--stored", f"s3://{BUCKET}/{image}.bin", "--name", "web-3", "--tpm", code=64)


def test_an_image_goes_on_to_other_regions(registering):
    command = ("--architecture", "x86_64", "--copy-to", NEAR, "--share-with", PARTNER_ACCOUNT, "--tag", "a=b")
    steps = registering.of_snapshot("web-1", *command)
    assert [(step["action"], step["outcome"], step["region"]) for step in steps] == [
        ("register", "done", "us-east-1"),
        ("copy", "done", NEAR),
    ]
    copy = registering.image("web-1", NEAR)
    assert (copy["ImageId"], copy["SourceImageId"]) == (steps[1]["made"], steps[0]["made"])
    assert launch_permissions_of(registering.server, copy["ImageId"], NEAR) == SHARED
    assert [step["changed"] for step in registering.of_snapshot("web-1", *command)] == [False, False]
    run = registering.amictl("runs", "--output", "json").json()[0]["run_id"]
    registering.amictl("undo", run, "--yes")
    assert {registering.image("web-1", region)["State"] for region in (NEAR, "us-east-1")} == {"disabled"}


def test_a_snapshot_that_is_pending_is_waited_for(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "snapshot=1h,image=0s") as server:
        registering = Registering(server, tmp_path)
        command = ("--snapshot", registering.snapshot, "--name", "web-1", "--architecture", "x86_64")
        late = registering.amictl("register", *command, "--timeout", "1s", code=5)
        assert "is waited for" in late.stderr and "resume" in late.stderr and not images_of(server), late
        server.admin("DELETE", "/counts")
        process = registering.amictl.start("register", *command)
        # It is found by the first, and waited for by all others.
        looks = lambda: server.admin("GET", "/counts").get("DescribeSnapshots", {}).get("calls", 0)
        wait_until(lambda: looks() > 1, "the snapshot to be waited for")
        assert interrupt(process).code == 130 and not images_of(server)
        registering.available()
        [_, run] = registering.amictl("runs", "--output", "json").json()
        steps = registering.amictl("resume", run["run_id"], "--yes", "--output", "json").json()["steps"]
        assert [step["outcome"] for step in steps] == ["done"] and registering.image("web-1")["ImageId"] == steps[0]["made"]


def test_what_cannot_be_registered_is_refused_before_anything_is_done(registering):
    plain = ("--name", "web-1", "--architecture", "x86_64")
    said = registering.refused("--snapshot", "snap-00000000000000000", *plain, code=1)
    assert "no such snapshot in 123456789012 us-east-1" in said or "us-east-1" in said
    shared = registering.server.client("ec2", access_key=PARTNER_ACCOUNT)
    volume = shared.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    other = shared.create_snapshot(VolumeId=volume)["SnapshotId"]
    shared.modify_snapshot_attribute(SnapshotId=other, Attribute="createVolumePermission", OperationType="add", UserIds=["123456789012"])
    assert "copy-snapshot" in registering.refused("--snapshot", other, *plain, code=1)
    mine = ("--snapshot", registering.snapshot, *plain)
    assert "no such snapshot" in registering.refused(*mine, "--device", "/dev/sdb=snap-00000000000000000", code=1)
    for args, words in (
        (("--volume-size", "1"), "--volume-size"),
        (("--device", "/dev/xvda=8"), "/dev/xvda"),
        (("--tpm",), "--boot-mode uefi"),
        (("--share-with", "public"), "public"),
        (("--uefi-data", "no base64!"), "base64"),
        (("--manifest", "bucket/a.manifest.xml"), "--manifest"),
        (("--copy-to", "xx-nowhere-1"), "xx-nowhere-1"),
    ):
        assert words in registering.refused(*mine, *args, code=64), args
    registering.refused("--name", "web-1", code=64)
    registering.ec2.modify_snapshot_tier(SnapshotId=registering.snapshot, StorageTier="archive")
    assert "restore-snapshot-tier" in registering.refused(*mine, code=1)


def test_a_name_that_another_image_has_is_told(registering):
    registering.builder.image("web-1", "keep", "")
    [step] = registering.of_snapshot("web-1", "--architecture", "x86_64", code=3)
    assert step["outcome"] == "failed" and "InvalidAMIName.Duplicate" in step["reason"], step


@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_lost_answer_registers_once(tmp_path, phase):
    rule = {"operation": "RegisterImage", "kind": "reset", "phase": phase, "when": {"first": 1}}
    with faulty(tmp_path) as server:
        registering = Registering(server, tmp_path / "home")
        server.admin("PUT", "/faults", {"rules": [rule]})
        [step] = registering.of_snapshot("web-1", "--architecture", "x86_64")
        assert (step["outcome"], step["made"]) == ("done", registering.image("web-1")["ImageId"])
        assert len(images_of(server)) == 1


@pytest.mark.parametrize(
    "code",
    [
        "InvalidSnapshot.NotFound",
        "InvalidParameterCombination",
        "InvalidBlockDeviceMapping",
        "InvalidManifest",
        "AuthFailure",
        "UnauthorizedOperation",
        "ResourceLimitExceeded",
    ],
)
def test_a_refusal_of_ec2_is_told_with_its_code(tmp_path, code):
    rule = {"operation": "RegisterImage", "kind": error(code, f"EC2 says {code}.", 400)}
    with faulty(tmp_path) as server:
        registering = Registering(server, tmp_path / "home")
        server.admin("PUT", "/faults", {"rules": [rule]})
        [step] = registering.of_snapshot("web-1", "--architecture", "x86_64", code=(1, 3))
        assert (step["outcome"], step["changed"]) == ("failed", False) and code in step["reason"], step
        assert f"EC2 says {code}." in step["reason"] and not images_of(server)


def test_what_cannot_be_looked_at_does_not_hold_it_up(tmp_path):
    denied = error("UnauthorizedOperation", "You are not authorized to perform this operation.")
    with faulty(tmp_path) as server:
        registering = Registering(server, tmp_path / "home")
        server.admin("PUT", "/faults", {"rules": [{"operation": "DescribeVolumes", "kind": denied}]})
        result = registering.amictl("register", "--snapshot", registering.snapshot, "--name", "web-1", "--architecture", "x86_64")
        assert "the instance of its volume" in result.stderr and "UnauthorizedOperation" in result.stderr, result
        assert "web-1" in images_of(server)


def test_moto_has_an_image_of_a_snapshot(tmp_path):
    """moto makes snapshots of its own for what is registered, and forgets the rest; so the image is made once here."""
    with moto_server() as server:
        registering = Registering(server, tmp_path)
        image = registering.builder.image("web-0", "keep", "")
        instance = registering.builder.instance(image)
        made = registering.ec2.create_image(InstanceId=instance, Name="web-of-instance")["ImageId"]
        snapshot = registering.image("web-of-instance")["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
        [step] = registering.of_snapshot("web-1", "--architecture", "x86_64", "--wait", "--share-with", PARTNER_ACCOUNT, snapshot=snapshot)
        assert (step["outcome"], step["made"]) == ("done", registering.image("web-1")["ImageId"]), (step, made)
        assert launch_permissions_of(server, step["made"]) == SHARED
        run = registering.amictl("runs", "--output", "json").json()[-1]["run_id"]
        registering.amictl("undo", run, "--yes")
        assert registering.image("web-1")["State"] == "disabled"
