"""Bundles of instance-store images: listed, deleted with their images and without, and never while an image is made of them."""

import pytest
from enforcing import of_any_resource, without
from harness import ADMIN, Amictl, error, images_of, sandbox_server, write_faults
from tale_images import manifest

BUCKET = "old-images"
OTHER_BUCKET = "other-images"
SETTLE = ("--settle", "0s")


class Bundles:
    """A bucket with bundles, and images made of some of them."""

    def __init__(self, server, home, faults=None):
        self.server, self.home, self.faults = server, home, faults
        self.ec2, self.s3 = server.client("ec2"), server.client("s3")
        self.amictl = Amictl(home, server.url)
        self.s3.create_bucket(Bucket=BUCKET)

    def put(self, key: str, body="x" * 100):
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)

    def bundle(self, name: str, parts: int = 3):
        self.put(f"web/{name}.manifest.xml", manifest(name, parts))
        for part in range(parts):
            self.put(f"web/{name}.part.{part}")

    def image(self, name: str, bundle: str | None = None) -> str:
        place = f"{BUCKET}/web/{bundle or name}.manifest.xml"
        return self.ec2.register_image(Name=name, ImageLocation=place)["ImageId"]

    def keys(self) -> set[str]:
        return {item["Key"] for item in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])}

    def list(self, *args, code=0) -> dict[str, dict]:
        found = self.amictl("bundles", "list", *args, "--output", "json", code=code).json()
        return {item["key"].rsplit("/")[-1].removesuffix(".manifest.xml"): item for item in found["items"]}

    def delete(self, *args, code=0):
        return self.amictl("bundles", "delete", *args, "--output", "json", code=code)


@pytest.fixture
def bundles(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        yield Bundles(server, tmp_path)


def test_bundles_are_held_against_their_manifests_and_images(bundles):
    bundles.bundle("whole")
    bundles.bundle("broken")
    bundles.s3.delete_object(Bucket=BUCKET, Key="web/broken.part.1")
    bundles.bundle("orphan")
    bundles.put("web/parts.part.0")
    bundles.put("web/evil.manifest.xml", manifest("evil", 2).replace("evil.part.1", "../customers.db"))
    images = {name: bundles.image(name) for name in ("whole", "broken")}
    found = bundles.list(f"s3://{BUCKET}")
    assert {name: item["standing"] for name, item in found.items()} == {
        "whole": "used",
        "broken": "broken",
        "orphan": "orphan",
        "parts": "orphan",
        "evil": "orphan",
    }
    assert [image["image_id"] for image in found["whole"]["images"]] == [images["whole"]]
    assert (found["whole"]["manifest"], found["whole"]["parts"], found["whole"]["image_bytes"]) == ("read", 3, 10485760)
    assert found["whole"]["bytes"] == 300 + len(manifest("whole", 3)) and found["whole"]["monthly_usd"] >= 0
    assert found["broken"]["parts_missing"] == ["web/broken.part.1"]
    assert (found["parts"]["manifest"], found["evil"]["manifest"]) == ("missing", "unreadable")
    # Without a bucket only the bundles of images; in another Region's eyes nothing is known to be left over.
    assert set(bundles.list()) == {"whole", "broken"}
    assert bundles.list(f"s3://{BUCKET}/web/o", "--region", "eu-west-1")["orphan"]["standing"] == "unknown"
    assert "3 bundles" in bundles.amictl("bundles", "list", f"s3://{BUCKET}", "--standing", "orphan").stdout
    bundles.amictl("bundles", "list", "s3://no-such-bucket-here", code=3)


def test_an_image_goes_before_its_bundle_and_again_nothing_does(bundles):
    bundles.bundle("image", parts=12)
    bundles.put("web/image.partition")
    image = bundles.image("image")
    dry = bundles.delete(image, "--dry-run").json()
    assert [(step["action"], step["target"]) for step in dry["steps"]] == [
        ("deregister", image),
        ("delete_bundle", f"s3://{BUCKET}/web/image.manifest.xml"),
    ]
    assert dry["steps"][1]["after"] == [dry["steps"][0]["id"]]
    assert len(bundles.keys()) == 14 and "image" in images_of(bundles.server)
    bundles.delete(image, code=4)
    assert "image" in images_of(bundles.server), "there was nobody to ask"

    run = bundles.delete(image, "--yes", *SETTLE).json()
    assert [step["outcome"] for step in run["steps"]] == ["done", "done"]
    assert (images_of(bundles.server), bundles.keys()) == ({}, {"web/image.partition"})
    again = bundles.delete(image, "--yes", *SETTLE)
    assert "is gone already" in again.stderr
    undone = bundles.amictl("undo", run["run_id"], "--yes", code=(1, 3, 4))
    assert "do not come back" in undone.stderr + undone.stdout


def test_a_bundle_that_another_image_is_made_of_stays(bundles):
    bundles.bundle("image")
    first, second = bundles.image("first", "image"), bundles.image("second", "image")
    before = bundles.keys()
    refused = bundles.delete("-b", f"{BUCKET}/web", "-p", "image", "--yes", code=4)
    assert first in refused.stderr or second in refused.stderr
    run = bundles.delete(first, "--yes", *SETTLE)
    assert second in run.stderr and [step["outcome"] for step in run.json()["steps"]] == ["done"]
    assert (set(images_of(bundles.server)), bundles.keys()) == ({"second"}, before)
    bundles.delete(second, "--yes", *SETTLE)
    assert bundles.keys() == set()


def test_bundles_without_images_go_by_name_and_the_bucket_with_the_last(bundles):
    bundles.bundle("one")
    bundles.bundle("two")
    bundles.put("web/three.part.7")
    bundles.delete("-b", f"{BUCKET}/web", "-p", "one", "--yes")
    assert not any(key.startswith("web/one.") for key in bundles.keys())
    bundles.delete("-b", f"{BUCKET}/web", "-p", "one", "--yes")
    twice = ("--delete-bucket", BUCKET, "--confirm-delete-bucket")
    bundles.delete("-b", f"{BUCKET}/web", "-p", "two", "--delete-bucket", BUCKET, "--yes", code=64)
    bundles.delete("-b", f"{BUCKET}/web", "-p", "two", *twice, "two", "--yes", code=64)
    run = bundles.delete("-b", f"{BUCKET}/web", "-p", "two", *twice, BUCKET, "--yes", code=3).json()
    assert [(step["action"], step["outcome"]) for step in run["steps"]] == [
        ("delete_bundle", "done"),
        ("delete_bucket", "failed"),
    ]
    assert bundles.keys() == {"web/three.part.7"}, "a bucket with anything in it stays"
    bundles.delete("--orphans", f"s3://{BUCKET}", *twice, BUCKET, "--yes")
    assert bundles.s3.list_buckets()["Buckets"] == []
    bundles.delete("-b", f"{BUCKET}/web", "-p", "two", "--yes")


def test_a_manifest_that_names_anything_else_deletes_nothing(bundles):
    bundles.put("customers.db")
    bundles.put("web/secrets")
    for number, name in enumerate(["../customers.db", "secrets", "/customers.db", "image.part.1/../secrets"]):
        bundles.put("web/image.manifest.xml", manifest("image", 2).replace("image.part.1", name))
        before = bundles.keys()
        bundles.delete("-b", f"{BUCKET}/web", "-p", "image", "--yes", code=4)
        if number == 0:
            image = bundles.image("image")
            bundles.delete(image, "--yes", *SETTLE, code=4)
            bundles.delete(image, "--keep-bundle", "--yes", *SETTLE)
        assert bundles.keys() == before, name
        assert images_of(bundles.server) == {}


def test_versions_stay_unless_they_are_asked_for(bundles):
    bundles.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    bundles.bundle("image")
    bundles.bundle("image")
    told = bundles.delete("-b", f"{BUCKET}/web", "-p", "image", "--yes")
    assert "--all-versions" in told.stderr and bundles.keys() == set()
    versions = bundles.s3.list_object_versions(Bucket=BUCKET)
    assert (len(versions["Versions"]), len(versions["DeleteMarkers"])) == (8, 4)
    bundles.delete("-b", f"{BUCKET}/web", "-p", "image", "--all-versions", "--yes")
    versions = bundles.s3.list_object_versions(Bucket=BUCKET)
    assert not versions.get("Versions") and not versions.get("DeleteMarkers")


def test_what_could_not_be_deleted_keeps_its_manifest_and_a_rerun_ends_it(tmp_path):
    denied = error("AccessDenied", "Access Denied")
    faults = write_faults(tmp_path / "faults.json", {"operation": "DeleteObjects", "kind": denied, "when": {"first": 1}})
    with sandbox_server(*ADMIN, "--pace", "all=0s", "--faults", faults) as server:
        bundles = Bundles(server, tmp_path)
        bundles.bundle("image")
        image = bundles.image("image")
        run = bundles.delete(image, "--yes", *SETTLE, code=3).json()
        assert [step["outcome"] for step in run["steps"]] == ["done", "failed"]
        assert "web/image.manifest.xml" in run["steps"][1]["left"] or "manifest stays" in run["steps"][1]["left"]
        assert len(bundles.keys()) == 4
        bundles.delete("-b", f"{BUCKET}/web", "-p", "image", "--yes")
        assert bundles.keys() == set()


def test_a_cleanup_leaves_instance_store_images_alone_and_says_what_takes_them(bundles):
    bundles.bundle("image")
    image = bundles.image("image")
    policy = bundles.home / "amictl.yaml"
    policy.write_text(
        "version: 1\nlimits: { max_actions: 10, max_percent: 100, min_images: 0 }\n"
        'families: [{ name: all, match: { name: "*" }, keep: { newest: 0 }, retire: [deregister] }]\n'
    )
    plan = bundles.amictl("plan", "-f", str(policy), "--output", "json").json()
    [verdict] = plan["verdicts"]
    assert (verdict["image_id"], verdict["decision"], plan["steps"]) == (image, "keep", [])
    assert any("bundles delete" in reason["message"] for reason in verdict["reasons"])
    refused = bundles.amictl("deregister", image, "--keep-snapshots", "--yes", code=4)
    assert "bundles delete" in refused.stderr


def test_the_policy_of_the_command_is_enough_and_its_deletions_are_needed(bundles, tmp_path):
    policy = Amictl(tmp_path / "policy", None)("iam-policy", "--for", "bundles").json()
    for number, missing in enumerate([None, "s3:DeleteObject", "ec2:DeregisterImage", "s3:GetObject"]):
        bundles.server.admin("PUT", "/iam", {"accounts": {}})
        bundles.bundle(f"image-{number}")
        image = bundles.image(f"image-{number}")
        allowed = without(policy, missing) if missing else policy
        bundles.server.admin("PUT", "/iam", of_any_resource(allowed))
        run = bundles.delete(image, "--yes", *SETTLE, code=(1, 3) if missing else 0)
        bundles.server.admin("PUT", "/iam", {"accounts": {}})
        left = any(key.startswith(f"web/image-{number}.") for key in bundles.keys())
        assert left == bool(missing), run
        assert not missing or missing in run.stdout + run.stderr or "GetObject" in run.stderr, run
