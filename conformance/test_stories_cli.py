"""Whole stories with the AWS CLI, as AWS's own guides tell them, against the sandbox."""

import json

import pytest
from awscli_shell import Shell, shell_at
from harness import ACCOUNT, REGION, sandbox_server
from tale_images import manifest

OTHER_REGION = "eu-west-1"
PARTNER = "210987654321"
SEVEN_DAYS = "--retention-period RetentionPeriodValue=7,RetentionPeriodUnit=DAYS"


@pytest.fixture
def aws(tmp_path) -> Shell:
    """A fresh sandbox and the AWS CLI pointed at it."""
    with sandbox_server() as server, shell_at(server, tmp_path) as shell:
        yield shell


def base_image(aws: Shell, name: str = "base") -> str:
    """An image to begin with, as an import of a disk leaves it."""
    volume = aws(f"ec2 create-volume --availability-zone {REGION}a --size 8")["VolumeId"]
    aws(f"ec2 wait volume-available --volume-ids {volume}")
    snapshot = aws(f"ec2 create-snapshot --volume-id {volume} --description 'of {name}'")["SnapshotId"]
    aws(f"ec2 wait snapshot-completed --snapshot-ids {snapshot}")
    image = aws(
        f"ec2 register-image --name {name} --architecture x86_64 --virtualization-type hvm "
        "--root-device-name /dev/xvda "
        f"--ena-support --block-device-mappings DeviceName=/dev/xvda,Ebs={{SnapshotId={snapshot}}}"
    )["ImageId"]
    aws(f"ec2 wait image-available --image-ids {image}")
    return image


def running(aws: Shell, image: str) -> str:
    """An instance of it."""
    reply = aws(f"ec2 run-instances --image-id {image} --instance-type t3.micro --count 1")
    instance = reply["Instances"][0]["InstanceId"]
    aws(f"ec2 wait instance-running --instance-ids {instance}")
    return instance


def seen(aws: Shell, image: str, options: str = "") -> dict:
    """An image as it is now."""
    [found] = aws(f"ec2 describe-images --image-ids {image} --include-disabled {options}")["Images"]
    return found


def shared_with(aws: Shell, image: str) -> list[dict]:
    """Who may launch it."""
    command = f"ec2 describe-image-attribute --image-id {image} --attribute launchPermission"
    return aws(command)["LaunchPermissions"]


def test_an_image_from_its_making_to_the_bin_and_back(aws):
    for kind in ("EC2_IMAGE", "EBS_SNAPSHOT"):
        rule = aws(f"rbin create-rule --resource-type {kind} {SEVEN_DAYS} --description 'what is deleted stays a week'")
        assert rule["Status"] in ("pending", "available")
    instance = running(aws, base_image(aws))

    image = aws(
        f"ec2 create-image --instance-id {instance} --name web-1 --description 'the web server' --no-reboot "
        "--tag-specifications 'ResourceType=image,Tags=[{Key=app,Value=web}]' "
        "'ResourceType=snapshot,Tags=[{Key=app,Value=web}]'"
    )["ImageId"]
    aws(f"ec2 wait image-available --image-ids {image}")
    assert (seen(aws, image)["State"], seen(aws, image)["SourceInstanceId"]) == ("available", instance)

    copy = aws(
        f"ec2 copy-image --name web-1 --source-image-id {image} --source-region {REGION} --region {OTHER_REGION} "
        "--copy-image-tags --client-token once"
    )["ImageId"]
    aws(f"ec2 wait image-available --image-ids {copy} --region {OTHER_REGION}")
    found = seen(aws, copy, f"--region {OTHER_REGION}")
    assert (found["SourceImageId"], found["SourceImageRegion"]) == (image, REGION)
    assert found["Tags"] == [{"Key": "app", "Value": "web"}]

    aws(f"ec2 modify-image-attribute --image-id {image} --launch-permission 'Add=[{{UserId={PARTNER}}}]'")
    assert shared_with(aws, image) == [{"UserId": PARTNER}]

    aws(f"ec2 enable-image-deprecation --image-id {image} --deprecate-at 2030-05-06T07:08:09Z")
    assert seen(aws, image)["DeprecationTime"] in ("2030-05-06T07:08:00.000Z", "2030-05-06T07:09:00.000Z")

    assert aws(f"ec2 disable-image --image-id {image}")["Return"] is True
    aws(f"ec2 wait image-available --image-ids {copy} --region {OTHER_REGION}")
    assert seen(aws, image)["State"] == "disabled" and shared_with(aws, image) == []
    aws.refused(f"ec2 run-instances --image-id {image} --instance-type t3.micro", "InvalidAMIID.Unavailable")
    assert aws(f"ec2 enable-image --image-id {image}")["Return"] is True
    assert seen(aws, image)["State"] == "available" and shared_with(aws, image) == []
    aws(f"ec2 modify-image-attribute --image-id {image} --launch-permission 'Add=[{{UserId={PARTNER}}}]'")

    [snapshot] = [mapping["Ebs"]["SnapshotId"] for mapping in seen(aws, image)["BlockDeviceMappings"]]
    reply = aws(f"ec2 deregister-image --image-id {image} --delete-associated-snapshots")
    assert reply["DeleteSnapshotResults"] == [{"SnapshotId": snapshot, "ReturnCode": "success"}]
    assert aws("ec2 describe-images --owners self --filters Name=name,Values=web-1")["Images"] == []
    aws.refused(f"ec2 describe-snapshots --snapshot-ids {snapshot}", "InvalidSnapshot.NotFound")

    [binned] = aws(f"ec2 list-images-in-recycle-bin --image-ids {image}")["Images"]
    assert (binned["ImageId"], binned["Name"]) == (image, "web-1")
    [binned] = aws(f"ec2 list-snapshots-in-recycle-bin --snapshot-ids {snapshot}")["Snapshots"]
    assert binned["SnapshotId"] == snapshot

    code, _, _ = aws.run(f"ec2 restore-image-from-recycle-bin --image-id {image}")
    assert code in (254, 255), "an image comes back only after its snapshots"
    aws(f"ec2 restore-snapshot-from-recycle-bin --snapshot-id {snapshot}")
    aws(f"ec2 wait snapshot-completed --snapshot-ids {snapshot}")
    assert aws(f"ec2 restore-image-from-recycle-bin --image-id {image}")["Return"] is True
    aws(f"ec2 wait image-available --image-ids {image}")
    assert seen(aws, image)["Tags"] == [{"Key": "app", "Value": "web"}]
    assert shared_with(aws, image) == [{"UserId": PARTNER}], "the earlier sharing comes back by itself"
    assert aws("ec2 list-images-in-recycle-bin")["Images"] == []
    running(aws, image)


def refreshed(aws: Shell, refresh: str, status: str) -> dict:
    """An instance refresh that has come to this status."""
    command = f"autoscaling describe-instance-refreshes --auto-scaling-group-name web --instance-refresh-ids {refresh}"
    [found] = aws(command)["InstanceRefreshes"]
    assert found["Status"] == status, found
    return found


def group(aws: Shell) -> dict:
    """The group as it is now."""
    [found] = aws("autoscaling describe-auto-scaling-groups --auto-scaling-group-names web")["AutoScalingGroups"]
    return found


def images_of_group(aws: Shell) -> set[str]:
    """The images that the group's instances run."""
    ids = " ".join(instance["InstanceId"] for instance in group(aws)["Instances"])
    reply = aws(f"ec2 describe-instances --instance-ids {ids}")
    return {instance["ImageId"] for reservation in reply["Reservations"] for instance in reservation["Instances"]}


def test_a_group_gets_a_new_image_and_takes_it_back(aws):
    old, new = base_image(aws, "old"), base_image(aws, "new")
    data = json.dumps({"ImageId": old, "InstanceType": "t3.micro"})
    template = aws(f"ec2 create-launch-template --launch-template-name web --launch-template-data '{data}'")
    template_id = template["LaunchTemplate"]["LaunchTemplateId"]
    aws(
        "autoscaling create-auto-scaling-group --auto-scaling-group-name web "
        "--min-size 2 --max-size 4 --desired-capacity 2 "
        f"--launch-template LaunchTemplateId={template_id},Version=1 --availability-zones {REGION}a {REGION}b"
    )
    assert images_of_group(aws) == {old}
    aws(
        f"ec2 create-launch-template-version --launch-template-id {template_id} --source-version 1 "
        f"--launch-template-data ImageId={new}"
    )
    desired = json.dumps({"LaunchTemplate": {"LaunchTemplateId": template_id, "Version": "2"}})
    start = f"autoscaling start-instance-refresh --auto-scaling-group-name web --desired-configuration '{desired}'"
    first = aws(f"{start} --preferences MinHealthyPercentage=50,InstanceWarmup=0")["InstanceRefreshId"]
    found = refreshed(aws, first, "Successful")
    assert found["PercentageComplete"] == 100
    assert images_of_group(aws) == {new} and group(aws)["LaunchTemplate"]["Version"] == "2"

    # The next one waits at its checkpoint, with one instance new and one old, and is rolled back from there.
    data = json.dumps({"ImageId": old, "InstanceType": "t3.small"})
    aws(f"ec2 create-launch-template-version --launch-template-id {template_id} --launch-template-data '{data}'")
    desired = json.dumps({"LaunchTemplate": {"LaunchTemplateId": template_id, "Version": "3"}})
    start = f"autoscaling start-instance-refresh --auto-scaling-group-name web --desired-configuration '{desired}'"
    preferences = json.dumps(
        {"MinHealthyPercentage": 50, "InstanceWarmup": 0, "CheckpointPercentages": [50, 100], "CheckpointDelay": 3600}
    )
    second = aws(f"{start} --preferences '{preferences}'")["InstanceRefreshId"]
    found = refreshed(aws, second, "InProgress")
    assert (found["PercentageComplete"], found["InstancesToUpdate"]) == (50, 1)
    assert images_of_group(aws) == {old, new}
    aws.refused(start, "InstanceRefreshInProgress")
    reply = aws("autoscaling rollback-instance-refresh --auto-scaling-group-name web")
    assert reply["InstanceRefreshId"] == second
    found = refreshed(aws, second, "RollbackSuccessful")
    assert images_of_group(aws) == {new} and group(aws)["LaunchTemplate"]["Version"] == "2"
    aws.refused("autoscaling rollback-instance-refresh --auto-scaling-group-name web", "ActiveInstanceRefreshNotFound")

    aws("autoscaling delete-auto-scaling-group --auto-scaling-group-name web --force-delete")
    aws(f"ec2 delete-launch-template --launch-template-id {template_id}")


def test_an_instance_store_image_with_its_bundle_in_s3(aws, tmp_path):
    aws("s3 mb s3://bundles-of-web")
    (tmp_path / "image.manifest.xml").write_text(manifest("image", 3))
    aws(f"s3 cp {tmp_path / 'image.manifest.xml'} s3://bundles-of-web/web/image.manifest.xml")
    for part in range(3):
        (tmp_path / f"image.part.{part}").write_bytes(bytes([part]) * 1000)
        aws(f"s3 cp {tmp_path / f'image.part.{part}'} s3://bundles-of-web/web/image.part.{part}")
    aws.refused("ec2 register-image --name web --image-location bundles-of-web/web/no.manifest.xml", "InvalidManifest")
    aws.refused("ec2 register-image --name web --image-location bundles-of-web/web/image.part.0", "InvalidManifest")

    image = aws(
        "ec2 register-image --name web --image-location bundles-of-web/web/image.manifest.xml --virtualization-type hvm"
    )["ImageId"]
    aws(f"ec2 wait image-available --image-ids {image}")
    found = seen(aws, image)
    assert found["ImageLocation"] == "bundles-of-web/web/image.manifest.xml"
    assert (found["RootDeviceType"], found["Architecture"], found["OwnerId"]) == ("instance-store", "x86_64", ACCOUNT)
    assert "RootDeviceName" not in found or found["RootDeviceName"] == "/dev/sda1"
    by_place = "--filters Name=manifest-location,Values=bundles-of-web/web/image.manifest.xml"
    assert [found["ImageId"] for found in aws(f"ec2 describe-images --owners self {by_place}")["Images"]] == [image]
    by_kind = "--filters Name=root-device-type,Values=instance-store"
    assert [found["ImageId"] for found in aws(f"ec2 describe-images --owners self {by_kind}")["Images"]] == [image]

    aws(f"ec2 deregister-image --image-id {image}")
    listed = aws("s3api list-objects-v2 --bucket bundles-of-web --prefix web/")["Contents"]
    assert len(listed) == 4, "the bundle stays: deregistering does not touch it"
    aws("s3 rm s3://bundles-of-web/web/ --recursive")
    aws("s3 rb s3://bundles-of-web")
    assert aws("s3api list-buckets")["Buckets"] == []


def test_a_snapshot_is_archived_and_its_image_waits_for_it(aws):
    """Archiving needs every image on the snapshot disabled; enabling is refused while it is archived."""
    image = base_image(aws)
    [snapshot] = [mapping["Ebs"]["SnapshotId"] for mapping in seen(aws, image)["BlockDeviceMappings"]]
    code, _, _ = aws.run(f"ec2 modify-snapshot-tier --snapshot-id {snapshot} --storage-tier archive")
    assert code in (254, 255), "the image is not disabled"
    aws(f"ec2 disable-image --image-id {image}")
    aws(f"ec2 modify-snapshot-tier --snapshot-id {snapshot} --storage-tier archive")
    by_id = f"--filters Name=snapshot-id,Values={snapshot}"
    [status] = aws(f"ec2 describe-snapshot-tier-status {by_id}")["SnapshotTierStatuses"]
    assert status["StorageTier"] == "archive"
    code, _, _ = aws.run(f"ec2 enable-image --image-id {image}")
    assert code in (254, 255), "its snapshot is archived"
    aws(f"ec2 restore-snapshot-tier --snapshot-id {snapshot} --permanent-restore")
    [status] = aws(f"ec2 describe-snapshot-tier-status {by_id}")["SnapshotTierStatuses"]
    assert status["StorageTier"] == "standard"
    aws(f"ec2 enable-image --image-id {image}")
    assert seen(aws, image)["State"] == "available"


def test_a_template_follows_a_parameter(aws):
    old, new = base_image(aws, "old"), base_image(aws, "new")
    put = "ssm put-parameter --name /golden/web --type String --data-type aws:ec2:image"
    assert aws(f"{put} --value {old}")["Version"] == 1
    aws("ssm label-parameter-version --name /golden/web --parameter-version 1 --labels stable")
    data = json.dumps({"ImageId": "resolve:ssm:/golden/web", "InstanceType": "t3.micro"})
    aws(f"ec2 create-launch-template --launch-template-name web --launch-template-data '{data}'")

    def launched() -> str:
        reply = aws("ec2 run-instances --launch-template LaunchTemplateName=web --count 1")
        return reply["Instances"][0]["ImageId"]

    assert launched() == old
    assert aws(f"{put} --value {new} --overwrite")["Version"] == 2
    assert launched() == new
    assert aws("ssm get-parameter --name /golden/web:stable")["Parameter"]["Value"] == old
    resolved = aws("ec2 describe-launch-template-versions --launch-template-name web --resolve-alias")
    assert resolved["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"] == new
