"""`deregister`, `bundles`, `snapshots`, `volumes`, `terminate` and channels in moto, which is none of ours; read back by boto3.

What moto does not have cannot be told here: `CreateStoreImageTask`, `DescribeStoreImageTasks` and `CreateRestoreImageTask` (so `store` and
`restore-from-s3` have their stories in the sandbox alone, and here only what they say of such an endpoint), the Recycle Bin (`bin`), instance
refreshes, and instance-store images: it makes an EBS-backed image of any manifest, so that the bundles here are those that no image is made of.
"""

import pytest
from enforcing import forget_everything
from harness import Amictl, images_of, moto_server, snapshots_of
from proxy import Proxy
from tale_images import manifest
from test_life_bundles import BUCKET, Bundles
from test_life_channels import BETA, BOTH, PROD, Channels
from world import NOT_IN_MOTO, Builder, policy_for_all

REFUSED = 4
AT_ONCE = ("--settle", "0s")


@pytest.fixture(scope="module")
def moto_process():
    with moto_server() as server:
        yield server


@pytest.fixture
def moto(moto_process):
    forget_everything(moto_process)
    return moto_process


@pytest.fixture
def url(moto):
    """Where moto's failures are told as final: what it does not have it answers like a fault that goes away."""
    with Proxy(moto, is_final=True) as proxy:
        yield proxy.url


class Named:
    """An account with unused images, and amictl beside it with a policy that says what moto does not have."""

    def __init__(self, server, url, home):
        self.server, self.home = server, home
        self.builder = Builder(server)
        self.ec2 = self.builder.ec2
        self.ids = {name: self.builder.image(name, "retire", "unused") for name in ("web-1", "web-2", "web-3")}
        self.amictl = Amictl(home, url)
        (home / "amictl.yaml").write_text(policy_for_all(*NOT_IN_MOTO, other_accounts="ignore"))

    def __call__(self, *args, code=0):
        return self.amictl(*args, "--yes", "--output", "json", code=code)


@pytest.fixture
def named(moto, url, tmp_path):
    return Named(moto, url, tmp_path)


def outcomes(result) -> list[str]:
    return [step["outcome"] for step in result.json()["steps"]]


def test_named_images_are_deregistered_with_their_snapshots_and_what_is_used_is_not(named):
    instance = named.builder.instance(named.ids["web-3"])
    result = named("deregister", *named.ids.values(), "--delete-snapshots", *AT_ONCE, code=REFUSED)
    assert instance in result.stderr and set(images_of(named.server)) == set(named.ids), result
    kept = images_of(named.server)["web-3"]["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
    line = ("deregister", named.ids["web-1"], "--name", "web-2", "--delete-snapshots", *AT_ONCE)
    before = snapshots_of(named.server)
    run = named(*line)
    assert outcomes(run) == ["done", "done"] and set(images_of(named.server)) == {"web-3"}
    assert kept in snapshots_of(named.server) and len(snapshots_of(named.server)) == len(before) - 2
    again = named(*line)
    assert again.json()["steps"] == [] and again.stderr.count("is gone already") == 2, again
    [step] = named("deregister", named.ids["web-3"], "--keep-snapshots", "--even-if-used", "CHG-1", *AT_ONCE).json()["steps"]
    assert step["outcome"] == "done" and images_of(named.server) == {} and kept in snapshots_of(named.server)


def test_instances_end_before_their_image_does(named):
    image = named.ids["web-1"]
    instance = named.builder.instance(image)
    line = ("deregister", image, "--keep-snapshots", "--terminate-instances", "--yes-terminate", *AT_ONCE)
    assert outcomes(named(*line)) == ["done"] and "web-1" not in images_of(named.server)
    [reservation] = named.ec2.describe_instances(InstanceIds=[instance])["Reservations"]
    assert reservation["Instances"][0]["State"]["Name"] == "terminated"


def test_instances_of_an_image_are_terminated(named):
    image = named.ids["web-1"]
    ids = sorted(named.builder.instance(image) for _ in range(2))
    assert outcomes(named("terminate", image)) == ["done", "done"]
    reservations = named.ec2.describe_instances(InstanceIds=ids)["Reservations"]
    states = {one["State"]["Name"] for reservation in reservations for one in reservation["Instances"]}
    assert states == {"terminated"} and named("terminate", image).json()["steps"] == []


def test_bundles_without_images_are_listed_and_deleted_and_again_nothing_is(moto, tmp_path):
    bundles = Bundles(moto, tmp_path)
    bundles.bundle("one", parts=12)
    bundles.bundle("two")
    bundles.put("web/one.partition")
    found = bundles.list(f"s3://{BUCKET}")
    assert {name: (item["standing"], item["manifest"], item["parts"]) for name, item in found.items()} == {
        "one": ("orphan", "read", 12),
        "two": ("orphan", "read", 3),
    }
    line = ("-b", f"{BUCKET}/web", "-p", "one", "--yes")
    assert [step["outcome"] for step in bundles.delete(*line).json()["steps"]] == ["done"]
    assert bundles.keys() == {"web/one.partition", "web/two.manifest.xml", *(f"web/two.part.{part}" for part in range(3))}
    assert "nothing to delete" in bundles.delete(*line).stderr
    bundles.s3.delete_object(Bucket=BUCKET, Key="web/one.partition")
    bucket = ("--delete-bucket", BUCKET, "--confirm-delete-bucket", BUCKET)
    assert len(bundles.delete("--orphans", f"s3://{BUCKET}", *bucket, "--yes").json()["steps"]) == 2
    assert bundles.s3.list_buckets()["Buckets"] == []


def test_old_versions_of_a_bundle_go_where_that_is_asked_for(moto, tmp_path):
    bundles = Bundles(moto, tmp_path)
    bundles.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    for _ in range(2):
        bundles.bundle("image")
    assert "--all-versions" in bundles.delete("-b", f"{BUCKET}/web", "-p", "image", "--yes").stderr
    assert bundles.keys() == set()
    bundles.put("web/image.manifest.xml", manifest("image", 3))
    bundles.delete("-b", f"{BUCKET}/web", "-p", "image", "--all-versions", "--yes")
    versions = bundles.s3.list_object_versions(Bucket=BUCKET)
    assert not versions.get("Versions") and not versions.get("DeleteMarkers")


def test_channels_are_published_promoted_and_rolled_back_once(moto, tmp_path):
    channels = Channels(moto, tmp_path)
    channels.publish(channels.first)
    channels.publish(channels.second, "--allow-overwrite")
    channels("promote", BETA, PROD, "--region", BOTH)
    assert channels.named(PROD) == channels.second
    for _ in range(2):
        channels("rollback", BETA, "--region", BOTH)
        assert channels.named(BETA) == channels.first
    assert channels.named(PROD) == channels.second


def test_an_endpoint_that_cannot_store_images_is_told_and_nothing_is_begun(moto, url, tmp_path):
    image = Builder(moto).image("web-1", "keep", "")
    moto.client("s3").create_bucket(Bucket=BUCKET)
    moto.client("s3").put_object(Bucket=BUCKET, Key=f"{image}.bin", Body=b"x")
    for line in (("store", image, "--bucket", BUCKET), ("restore-from-s3", f"s3://{BUCKET}/{image}.bin", "--name", "back")):
        result = Amictl(tmp_path / line[0], url)(*line, "--output", "json", code=(1, 3))
        assert "ImageTask" in result.stderr, result
    assert set(images_of(moto)) == {"web-1"}
