"""`docs/recipes/instance-store.md`, as it stands there: an AMI with an instance, its bundle in a bucket that keeps versions, and leftovers."""

import pytest
from botocore.exceptions import ClientError
from harness import ADMIN, images_of, sandbox_server
from recipes import recipe
from tale_images import manifest

BUCKET = "old-images"


def upload(s3, name: str, parts: int, *, with_manifest: bool = True):
    """A bundle below `web/`."""
    if with_manifest:
        s3.put_object(Bucket=BUCKET, Key=f"web/{name}.manifest.xml", Body=manifest(name, parts))
    for part in range(parts):
        s3.put_object(Bucket=BUCKET, Key=f"web/{name}.part.{part}", Body=b"x" * 1000)


def test_an_instance_store_image_goes_with_its_instance_bundle_and_bucket(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        s3, ec2 = server.client("s3"), server.client("ec2")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        upload(s3, "image", 3)
        upload(s3, "forgotten", 2)
        upload(s3, "half", 2, with_manifest=False)
        image = ec2.register_image(Name="legacy", ImageLocation=f"{BUCKET}/web/image.manifest.xml")["ImageId"]
        [instance] = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="m3.medium")["Instances"]
        steps = recipe("instance-store", server, tmp_path, IMAGE=image, BUCKET=BUCKET, SETTLE="0s")

        listed = steps.run("What there is")
        assert "3 bundles" in listed and "1 used" in listed and "2 orphan" in listed
        steps.type('amictl bundles delete "$IMAGE" --settle "$SETTLE" --yes', code=4)
        assert "legacy" in images_of(server), "what uses it keeps it"

        steps.run("Its instances")
        [reservation] = ec2.describe_instances(InstanceIds=[instance["InstanceId"]])["Reservations"]
        assert reservation["Instances"][0]["State"]["Name"] == "terminated"
        steps.run("The AMI and its bundle")
        assert images_of(server) == {}
        left = {item["Key"] for item in s3.list_objects_v2(Bucket=BUCKET)["Contents"]}
        assert not any(key.startswith("web/image.") for key in left)
        assert {"web/forgotten.manifest.xml", "web/half.part.1"} < left

        steps.run("The bucket")
        with pytest.raises(ClientError, match="404"):
            s3.head_bucket(Bucket=BUCKET)
