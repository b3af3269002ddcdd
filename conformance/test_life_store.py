"""Images stored as objects in S3, and images made of such objects, in another Region's bucket as across partitions."""

import pytest
from enforcing import of_any_resource, without
from harness import ADMIN, Amictl, error, images_of, sandbox_server, write_faults
from world import Builder

FAR = "eu-west-1"
HERE, THERE = "stored-here", "stored-there"


class Stored:
    """An account with an image, a bucket beside it and one far away."""

    def __init__(self, server, home):
        self.server = server
        self.ec2, self.s3 = server.client("ec2"), server.client("s3")
        self.image = Builder(server).image("web-1", "keep", "")
        self.s3.create_bucket(Bucket=HERE)
        self.s3.create_bucket(Bucket=THERE, CreateBucketConfiguration={"LocationConstraint": FAR})
        self.amictl = Amictl(home, server.url)

    def __call__(self, *args, code=0):
        return self.amictl(*args, "--output", "json", code=code).json()

    def keys(self, bucket: str = HERE) -> list[str]:
        return [item["Key"] for item in self.s3.list_objects_v2(Bucket=bucket).get("Contents", [])]

    def tasks(self) -> list[dict]:
        return self.ec2.describe_store_image_tasks()["StoreImageTaskResults"]

    def carry(self) -> str:
        """Brings the object where another partition would have it."""
        key = f"{self.image}.bin"
        body = self.s3.get_object(Bucket=HERE, Key=key)["Body"].read()
        self.server.client("s3", FAR).put_object(Bucket=THERE, Key=key, Body=body)
        return f"s3://{THERE}/{key}"


@pytest.fixture
def stored(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        yield Stored(server, tmp_path)


def test_an_image_is_stored_once_and_restored_once(stored):
    run = stored("store", stored.image, "--bucket", HERE, "--wait")
    assert [(step["action"], step["outcome"], step["changed"]) for step in run["steps"]] == [("store", "done", True)]
    assert stored.keys() == [f"{stored.image}.bin"] and len(stored.tasks()) == 1
    again = stored("store", stored.image, "--bucket", HERE, "--wait")
    assert (again["steps"][0]["outcome"], again["steps"][0]["changed"], len(stored.tasks())) == ("done", False, 1)

    place = stored.carry()
    restore = ("restore-from-s3", place, "--name", "web-1-there", "--wait", "--tag", "from=here", "--protect")
    run = stored(*restore)
    [step] = run["steps"]
    assert (step["action"], step["outcome"], step["region"], step["target"]) == ("restore_from_s3", "done", FAR, stored.image)
    made = images_of(stored.server, FAR)["web-1-there"]
    assert (made["ImageId"], made["State"]) == (step["made"], "available")
    assert {"Key": "from", "Value": "here"} in made["Tags"] and made["DeregistrationProtection"].startswith("enabled")
    again = stored(*restore)
    assert (again["steps"][0]["made"], again["steps"][0]["changed"]) == (step["made"], False)
    assert len(images_of(stored.server, FAR)) == 1

    undone = stored("undo", run["run_id"], "--yes")
    assert undone["steps"][0]["outcome"] == "returned"
    assert images_of(stored.server, FAR)["web-1-there"]["State"] == "disabled"
    assert stored.keys(THERE) == [f"{stored.image}.bin"], "undoing deletes nothing"


def test_an_object_that_was_deleted_since_is_stored_anew(stored):
    stored("store", stored.image, "--bucket", HERE, "--wait")
    stored.s3.delete_object(Bucket=HERE, Key=f"{stored.image}.bin")
    run = stored("store", stored.image, "--bucket", HERE, "--wait")
    assert run["steps"][0]["changed"] and stored.keys() == [f"{stored.image}.bin"] and len(stored.tasks()) == 2


def test_what_cannot_be_stored_or_restored_says_why(stored):
    far = stored.amictl("store", stored.image, "--bucket", THERE, code=1)
    assert FAR in far.stderr
    stored.amictl("store", stored.image, "--bucket", "no-such-bucket-here", code=1)
    stored.s3.put_object(Bucket=HERE, Key="notes.bin", Body=b"no image")
    run = stored("restore-from-s3", f"s3://{HERE}/notes.bin", "--name", "notes", code=3)
    assert run["steps"][0]["outcome"] == "failed" and run["steps"][0]["target"] == f"s3://{HERE}/notes.bin"
    stored.amictl("restore-from-s3", f"s3://{HERE}", "--name", "notes", code=64)
    assert set(images_of(stored.server)) == {"web-1"}


def test_a_store_that_takes_too_long_is_waited_for_again(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "task=1h,image=0s,snapshot=0s") as server:
        stored = Stored(server, tmp_path)
        late = stored.amictl("store", stored.image, "--bucket", HERE, "--wait", "--timeout", "1s", code=5)
        assert "resume" in late.stderr and stored.keys() == []
        server.advance("2h")
        run = stored("resume", "--yes")
        assert run["steps"][0]["outcome"] == "done" and stored.keys() == [f"{stored.image}.bin"]
        assert len(stored.tasks()) == 1


def test_a_lost_answer_stores_and_restores_once(tmp_path):
    lost = [
        {"operation": name, "kind": "reset", "phase": "after", "when": {"first": 1}}
        for name in ("CreateStoreImageTask", "CreateRestoreImageTask")
    ]
    faults = write_faults(tmp_path / "faults.json", *lost)
    with sandbox_server(*ADMIN, "--pace", "all=0s", "--faults", faults) as server:
        stored = Stored(server, tmp_path)
        assert stored("store", stored.image, "--bucket", HERE, "--wait")["steps"][0]["outcome"] == "done"
        assert len(stored.tasks()) == 1
        run = stored("restore-from-s3", stored.carry(), "--name", "back", "--wait")
        assert run["steps"][0]["outcome"] == "done" and list(images_of(server, FAR)) == ["back"]


def test_a_refusal_is_told_with_its_code(tmp_path):
    denied = error("UnauthorizedOperation", "You are not authorized to perform this operation.")
    faults = write_faults(tmp_path / "faults.json", {"operation": "CreateStoreImageTask", "kind": denied})
    with sandbox_server(*ADMIN, "--pace", "all=0s", "--faults", faults) as server:
        stored = Stored(server, tmp_path)
        run = stored("store", stored.image, "--bucket", HERE, "--wait", code=3)
        assert run["steps"][0]["outcome"] == "failed" and "UnauthorizedOperation" in run["steps"][0]["reason"]
        assert stored.tasks() == []


def test_the_policies_of_the_commands_are_enough_and_their_changes_are_needed(stored, tmp_path):
    def policy(task: str) -> dict:
        return Amictl(tmp_path / "policy", None)("iam-policy", "--for", task).json()

    def run(allowed: dict, *command, code):
        stored.server.admin("PUT", "/iam", of_any_resource(allowed))
        try:
            return stored.amictl(*command, "--output", "json", code=code)
        finally:
            stored.server.admin("PUT", "/iam", {"accounts": {}})

    store = ("store", stored.image, "--bucket", HERE, "--wait")
    denied = run(without(policy("store"), "ec2:CreateStoreImageTask"), *store, code=3)
    assert "ec2:CreateStoreImageTask" in denied.stdout
    run(policy("store"), *store, code=0)
    restore = ("restore-from-s3", stored.carry(), "--name", "back", "--wait")
    denied = run(without(policy("restore-from-s3"), "ec2:CreateRestoreImageTask"), *restore, code=3)
    assert "ec2:CreateRestoreImageTask" in denied.stdout
    run(policy("restore-from-s3"), *restore, code=0)
    assert list(images_of(stored.server, FAR)) == ["back"]
