"""Disks in files that become snapshots: each block is read back with boto3 and compared, and what is sent is counted."""

import os
import re
import signal
import time

import pytest
from enforcing import of_any_resource, without
from harness import ADMIN, Amictl, error, images_of, moto_server, sandbox_server, wait_until, write_faults

BLOCK = 524_288
CONTENT = "amictl:content"


def write_disk(path, *blocks: bytes | None, end: bytes = b"") -> bytes:
    """Writes a disk of these blocks, `None` for zeros; its bytes."""
    disk = b"".join(bytes(BLOCK) if block is None else block for block in blocks) + end
    path.write_bytes(disk)
    return disk


def random_disk(path, blocks: int = 6) -> bytes:
    """A disk of random blocks with a hole, and an end that fills no block."""
    some = [os.urandom(BLOCK) for _ in range(blocks)]
    return write_disk(path, some[0], None, None, *some[1:], end=b"the end")


class Importing:
    """An account, and amictl beside it with a folder for disks."""

    def __init__(self, server, home):
        self.server, self.home = server, home
        self.ec2, self.ebs = server.client("ec2"), server.client("ebs")
        self.amictl = Amictl(home, server.url)
        self.disk = home / "web.raw"

    def __call__(self, *args, code=0):
        return self.amictl(*args, "--output", "json", code=code).json()

    def snapshots(self) -> list[dict]:
        return self.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]

    def puts(self) -> int:
        """How many blocks were put since the counts were cleared."""
        return self.server.admin("GET", "/counts").get("PutSnapshotBlock", {}).get("calls", 0)

    def read_back(self, snapshot: str) -> dict[int, bytes]:
        """Every block that was written, by its index."""
        blocks, token = {}, {}
        while True:
            page = self.ebs.list_snapshot_blocks(SnapshotId=snapshot, **token)
            for block in page["Blocks"]:
                index = block["BlockIndex"]
                got = self.ebs.get_snapshot_block(SnapshotId=snapshot, BlockIndex=index, BlockToken=block["BlockToken"])
                blocks[index] = got["BlockData"].read()
            if not page.get("NextToken"):
                return blocks
            token = {"NextToken": page["NextToken"]}

    def assert_holds(self, snapshot: str, disk: bytes):
        """The snapshot holds every block of the disk that is not zeros, and no other."""
        padded = disk + bytes(-len(disk) % BLOCK)
        blocks = {at // BLOCK: padded[at : at + BLOCK] for at in range(0, len(padded), BLOCK)}
        expected = {index: block for index, block in blocks.items() if any(block)}
        found = self.read_back(snapshot)
        assert found.keys() == expected.keys()
        assert found == expected, "the bytes differ"


@pytest.fixture
def importing(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        yield Importing(server, tmp_path)


def test_a_disk_becomes_a_snapshot_once(importing):
    disk = random_disk(importing.disk)
    command = ("import", "web.raw", "--tag", "app=web", "--size-gib", "3")
    [planned] = importing(*command, "--dry-run")["steps"]
    assert planned["action"] == "import" and planned["target"] == f"file://{importing.disk}" and not importing.snapshots()
    run = importing(*command)
    [step] = run["steps"]
    assert (step["outcome"], step["changed"], importing.puts()) == ("done", True, 7)
    [snapshot] = importing.snapshots()
    assert (step["produced"]["snapshot"], snapshot["State"]) == (snapshot["SnapshotId"], "completed")
    assert (snapshot["VolumeSize"], snapshot["Description"]) == (3, "Imported by amictl from web.raw")
    tags = {tag["Key"]: tag["Value"] for tag in snapshot["Tags"]}
    assert tags["app"] == "web" and re.fullmatch(r"sha256:[0-9a-f]{64}", tags[CONTENT])
    importing.assert_holds(snapshot["SnapshotId"], disk)

    # The same disk by another name, some zeros longer: found by its content, and nothing is sent.
    (importing.home / "copy.img").write_bytes(disk + bytes(3 * BLOCK))
    [again] = importing("import", "copy.img", "--size-gib", "3")["steps"]
    assert (again["outcome"], again["changed"], again["produced"]) == ("done", False, step["produced"])
    assert (importing.puts(), len(importing.snapshots())) == (7, 1)
    # Undoing deletes nothing, and says what there is.
    undo = importing.amictl("undo", run["run_id"], "--yes", code=(0, 3))
    assert snapshot["SnapshotId"] in undo.stderr and len(importing.snapshots()) == 1


def test_another_disk_or_another_size_is_imported_anew(importing):
    random_disk(importing.disk)
    importing("import", "web.raw")
    importing("import", "web.raw", "--size-gib", "2")
    importing("import", "web.raw", "--encrypted")
    importing("import", "web.raw", "--encrypted")
    random_disk(importing.disk)
    importing("import", "web.raw")
    snapshots = importing.snapshots()
    assert sorted((one["VolumeSize"], one["Encrypted"]) for one in snapshots) == [(1, False), (1, False), (1, True), (2, False)]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=["interrupted", "killed"])
def test_what_is_cut_off_sends_only_what_is_missing_when_it_is_resumed(tmp_path, how):
    blocks = 130
    with sandbox_server(*ADMIN, "--pace", "all=0s", "--latency", "30ms") as server:
        importing = Importing(server, tmp_path)
        disk = write_disk(importing.disk, *(bytes([1 + number]) * BLOCK for number in range(blocks)))
        process = importing.amictl.start("import", "web.raw", "--concurrency", "4")
        wait_until(lambda: importing.puts() > 50, "some blocks to be put")
        process.send_signal(how)
        _, stderr = process.communicate(timeout=60)
        assert process.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL), stderr
        time.sleep(0.5)
        before = importing.puts()
        assert before < blocks, "it was over before it was cut off"
        [run] = importing("runs")
        assert run["status"] in ("interrupted", None), run
        [step] = importing("resume", "--yes")["steps"]
        assert step["outcome"] == "done"
        # What was under way, and what was sent since the journal took note, is sent twice: harmless, and bounded.
        twice = importing.puts() - blocks
        assert 0 <= twice <= 32 + 8, (before, twice)
        [snapshot] = importing.snapshots()
        importing.assert_holds(snapshot["SnapshotId"], disk)


def test_an_import_that_nobody_completes_is_told_with_its_snapshot(tmp_path):
    rule = {"operation": "PutSnapshotBlock", "kind": error("AccessDeniedException", "no kms:GenerateDataKey")}
    with sandbox_server(*ADMIN, "--pace", "all=0s", "--faults", write_faults(tmp_path / "f.json", rule)) as server:
        importing = Importing(server, tmp_path)
        random_disk(importing.disk)
        [step] = importing("import", "web.raw", code=3)["steps"]
        [snapshot] = importing.snapshots()
        assert step["outcome"] == "failed" and "AccessDeniedException" in step["reason"]
        assert snapshot["SnapshotId"] in step["left"] and "24 hours" in step["left"]
        server.admin("PUT", "/faults", {"rules": []})
        result = importing.amictl("import", "web.raw")
        assert f"{snapshot['SnapshotId']} is of the same disk and pending" in result.stderr
        assert sorted(one["State"] for one in importing.snapshots()) == ["completed", "pending"]


def test_throttled_and_failing_blocks_are_sent_again(tmp_path):
    rules = [
        {"operation": "PutSnapshotBlock", "kind": "throttle", "when": {"every": 3}},
        {"operation": "PutSnapshotBlock", "kind": "reset", "phase": "after", "when": {"every": 5}},
    ]
    with sandbox_server(*ADMIN, "--pace", "all=0s", "--faults", write_faults(tmp_path / "f.json", *rules)) as server:
        importing = Importing(server, tmp_path)
        disk = random_disk(importing.disk, 20)
        [step] = importing("import", "web.raw")["steps"]
        assert step["outcome"] == "done"
        importing.assert_holds(step["produced"]["snapshot"], disk)


def test_what_is_no_raw_disk_is_refused_before_any_call(importing):
    disks = {
        "web.raw": b"QFI\xfb" + bytes(1000),
        "packed.img": b"\x1f\x8b\x08" + bytes(1000),
        "web.img": b"KDMV" + bytes(1000),
        "unknown.disk": b"x" * 1000,
        "zeros.raw": bytes(1000),
        "empty.raw": b"",
    }
    for name, head in disks.items():
        (importing.home / name).write_bytes(head)
        result = importing.amictl("import", name, code=1)
        assert name in result.stderr and "nothing was changed" in result.stderr, result
    importing.amictl("import", "no-such.raw", code=1)
    importing.amictl("import", ".", code=1)
    (importing.home / "large.raw").write_bytes(b"x")
    os.truncate(importing.home / "large.raw", (1 << 30) + 1)
    assert "--size-gib" in importing.amictl("import", "large.raw", "--size-gib", "1", code=1).stderr
    for wrong in (("--tag", f"{CONTENT}=x"), ("--kms-key", "alias/a"), ("--via", "s3"), ("--size-gib", "0"), ("--region", "us-east-1,eu-west-1")):
        importing.amictl("import", "large.raw", *wrong, code=64)
    assert "StartSnapshot" not in importing.server.admin("GET", "/counts") and not importing.snapshots()
    # Any bytes are a disk, if somebody says so.
    [step] = importing("import", "unknown.disk", "--format", "raw")["steps"]
    assert step["outcome"] == "done"


def test_the_same_story_in_moto(tmp_path):
    """moto keeps blocks and checks no checksum, knows no client token, and shows a snapshot as completed from its start. It has no
    `ImportSnapshot`, so there is no story by way of S3."""
    with moto_server() as server:
        importing = Importing(server, tmp_path)
        disk = random_disk(importing.disk)
        [step] = importing("import", "web.raw", "--tag", "app=web")["steps"]
        assert step["outcome"] == "done"
        snapshot = step["produced"]["snapshot"]
        [found] = [one for one in importing.snapshots() if one["SnapshotId"] == snapshot]
        assert {"Key": "app", "Value": "web"} in found["Tags"]
        importing.assert_holds(snapshot, disk)
        [again] = importing("import", "web.raw", "--tag", "app=web")["steps"]
        assert (again["changed"], again["produced"]["snapshot"]) == (False, snapshot)


def test_an_image_is_registered_of_a_disk_and_copied(importing):
    disk = random_disk(importing.disk)
    command = ("import", "web.raw", "--name", "web-{version}", "--version", "7", "--architecture", "arm64", "--imds-v2")
    command += ("--boot-mode", "uefi", "--volume-type", "gp3", "--tag", "app=web", "--protect", "--copy-to", "eu-west-1")
    steps = importing(*command, "--dry-run")["steps"]
    assert [step["action"] for step in steps] == ["import", "register", "copy"] and not importing.snapshots()
    steps = importing(*command)["steps"]
    assert [step["outcome"] for step in steps] == ["done"] * 3
    snapshot = steps[0]["produced"]["snapshot"]
    importing.assert_holds(snapshot, disk)
    image = images_of(importing.server)["web-7"]
    assert (image["ImageId"], image["State"], image["Architecture"]) == (steps[1]["made"], "available", "arm64")
    assert (image["BootMode"], image["ImdsSupport"]) == ("uefi", "v2.0")
    [device] = image["BlockDeviceMappings"]
    assert (device["Ebs"]["SnapshotId"], device["Ebs"]["VolumeType"]) == (snapshot, "gp3")
    assert {tag["Key"]: tag["Value"] for tag in image["Tags"]} == {"app": "web", "version": "7"}
    copy = images_of(importing.server, "eu-west-1")["web-7"]
    assert (copy["ImageId"], copy["SourceImageId"]) == (steps[2]["made"], image["ImageId"])
    again = importing(*command)["steps"]
    assert [(step["outcome"], step["changed"]) for step in again] == [("done", False)] * 3
    assert len(images_of(importing.server)) == 1 and len(importing.snapshots()) == 1
    # What is said of an image needs a name, and a disk does not say for which processors it is.
    importing.amictl("import", "web.raw", "--protect", code=64)
    assert "--architecture" in importing.amictl("import", "web.raw", "--name", "web-8", code=64).stderr


class ByS3(Importing):
    """The same with a bucket."""

    def __init__(self, server, home):
        super().__init__(server, home)
        self.s3 = server.client("s3")
        self.s3.create_bucket(Bucket="disks-here")

    def objects(self) -> list[str]:
        return [item["Key"] for item in self.s3.list_objects_v2(Bucket="disks-here").get("Contents", [])]

    def sent(self) -> dict[str, int]:
        counts = self.server.admin("GET", "/counts")
        return {name: counts.get(name, {}).get("calls", 0) for name in ("UploadPart", "ImportSnapshot")}


def test_a_disk_of_another_format_goes_by_way_of_s3_once(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        importing = ByS3(server, tmp_path)
        disk = b"KDMV" + os.urandom(9 << 20)
        (tmp_path / "web.vmdk").write_bytes(disk)
        assert "--bucket" in importing.amictl("import", "web.vmdk", code=64).stderr
        command = ("import", "web.vmdk", "--bucket", "disks-here/of/web", "--tag", "app=web")
        [step] = importing(*command)["steps"]
        assert (step["outcome"], importing.sent()) == ("done", {"UploadPart": 2, "ImportSnapshot": 1})
        [snapshot] = importing.snapshots()
        assert (step["produced"]["snapshot"], snapshot["State"]) == (snapshot["SnapshotId"], "completed")
        tags = {tag["Key"]: tag["Value"] for tag in snapshot["Tags"]}
        [key] = importing.objects()
        assert tags["app"] == "web" and key == f"of/web/{tags[CONTENT].removeprefix('sha256:')}.vmdk"
        assert importing.s3.get_object(Bucket="disks-here", Key=key)["Body"].read() == disk
        [task] = importing.ec2.describe_import_snapshot_tasks()["ImportSnapshotTasks"]
        assert task["SnapshotTaskDetail"]["Format"] == "VMDK"
        [again] = importing(*command)["steps"]
        assert (again["outcome"], again["changed"], again["produced"]["snapshot"]) == ("done", False, snapshot["SnapshotId"])
        # The snapshot is gone and its object is not: it is imported anew, and not sent again.
        importing.ec2.delete_snapshot(SnapshotId=snapshot["SnapshotId"])
        [anew] = importing(*command)["steps"]
        assert anew["changed"] and importing.sent() == {"UploadPart": 2, "ImportSnapshot": 2}
        # A raw disk by the same way holds what it holds by the other one, and is found by it.
        raw = random_disk(importing.disk)
        [step] = importing("import", "web.raw", "--via", "s3", "--bucket", "disks-here")["steps"]
        importing.assert_holds(step["produced"]["snapshot"], raw)
        [again] = importing("import", "web.raw")["steps"]
        assert (again["changed"], importing.puts()) == (False, 0)
        for wrong in (("--via", "ebs"), ("--bucket", "disks-here", "--size-gib", "9"), ("--bucket", "d")):
            importing.amictl("import", "web.vmdk", *wrong, code=64)
        assert "eu-west-1" in importing.amictl("import", "web.vmdk", "--bucket", "disks-here", "--region", "eu-west-1", code=1).stderr


def test_the_policy_of_import_is_enough_by_way_of_s3_too_and_its_changes_are_needed(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        importing = ByS3(server, tmp_path)
        policy = Amictl(tmp_path / "policy", None)("iam-policy", "--for", "import").json()

        def run(number: int, allowed: dict, code: int) -> dict:
            """Imports a disk of its own with these permissions."""
            importing.disk.write_bytes(b"disk %d" % number)
            server.admin("PUT", "/iam", of_any_resource(allowed))
            [step] = importing("import", "web.raw", "--via", "s3", "--bucket", "disks-here", code=code)["steps"]
            return step

        assert run(0, policy, 0)["outcome"] == "done"
        for number, action in enumerate(("s3:PutObject", "ec2:ImportSnapshot", "ec2:CreateTags"), 1):
            step = run(number, without(policy, action), 3)
            assert step["outcome"] == "failed" and action in step["reason"], step


def test_an_upload_that_is_killed_sends_only_the_parts_that_are_missing(tmp_path):
    parts = 12
    with sandbox_server(*ADMIN, "--pace", "all=0s", "--latency", "300ms") as server:
        importing = ByS3(server, tmp_path)
        (tmp_path / "web.vhdx").write_bytes(b"vhdxfile" + os.urandom((parts * 8 << 20) - 8))
        process = importing.amictl.start("import", "web.vhdx", "--bucket", "disks-here", "--concurrency", "1")
        wait_until(lambda: importing.sent()["UploadPart"] >= 3, "some parts to be sent")
        process.kill()
        process.communicate()
        time.sleep(1)
        before = importing.sent()["UploadPart"]
        assert before < parts, "it was over before it was killed"
        [step] = importing("resume", "--yes")["steps"]
        assert step["outcome"] == "done"
        # One may have been on its way.
        assert parts <= importing.sent()["UploadPart"] <= parts + 1, before
        assert len(importing.snapshots()) == 1


def test_a_role_that_is_missing_is_told_with_what_to_do(tmp_path):
    message = "The service role vmimport provided does not exist or does not have sufficient permissions"
    rule = {"operation": "ImportSnapshot", "kind": error("InvalidParameter", message, 400)}
    with sandbox_server(*ADMIN, "--pace", "all=0s", "--faults", write_faults(tmp_path / "f.json", rule)) as server:
        importing = ByS3(server, tmp_path)
        (tmp_path / "web.vmdk").write_bytes(b"KDMV" + os.urandom(1000))
        command = ("import", "web.vmdk", "--bucket", "disks-here")
        [step] = importing(*command, code=3)["steps"]
        assert "vmie.amazonaws.com" in step["reason"] and "s3://disks-here/" in step["left"], step
        server.admin("PUT", "/faults", {"rules": []})
        [step] = importing(*command)["steps"]
        assert step["outcome"] == "done" and importing.sent()["UploadPart"] == 1
