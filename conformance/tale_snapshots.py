"""Chapters: snapshots and volumes."""

import base64
import datetime
import hashlib

from harness import ACCOUNT, REGION
from tale import PARTNER, Tale, chapter, chapter_of_slow_tasks

ZONE = f"{REGION}a"
BLOCK_BYTES = 524_288


def snapshot_seen(t: Tale, snapshot: str, ec2=None) -> dict:
    """A snapshot as it is now."""
    [seen] = (ec2 or t.ec2).describe_snapshots(SnapshotIds=[snapshot])["Snapshots"]
    return seen


@chapter
def volumes_come_and_go(t: Tale):
    volume = t.volume(
        VolumeType="io2",
        Iops=200,
        Encrypted=True,
        TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": "a", "Value": "b"}]}],
    )
    [seen] = t.ec2.describe_volumes(VolumeIds=[volume])["Volumes"]
    assert (seen["Size"], seen["VolumeType"], seen["Iops"], seen["Encrypted"]) == (8, "io2", 200, True)
    of_snapshot = t.volume(SnapshotId=t.snapshot(), VolumeType="gp3", Throughput=250, Size=9)
    pages = t.ec2.get_paginator("describe_volumes").paginate(PaginationConfig={"PageSize": 5})
    assert {volume, of_snapshot} <= {found["VolumeId"] for page in pages for found in page["Volumes"]}
    t.ec2.delete_volume(VolumeId=volume)
    assert t.ec2.describe_volumes(Filters=[{"Name": "volume-id", "Values": [volume]}])["Volumes"] == []


@chapter
def a_volume_is_attached_and_detached(t: Tale):
    instance, volume = t.instance(t.image()), t.volume()
    reply = t.ec2.attach_volume(InstanceId=instance, VolumeId=volume, Device="/dev/sdf")
    assert (reply["VolumeId"], reply["InstanceId"], reply["Device"]) == (volume, instance, "/dev/sdf")

    def attached():
        [seen] = t.ec2.describe_volumes(VolumeIds=[volume])["Volumes"]
        return seen["State"] == "in-use" and seen["Attachments"][0]["State"] == "attached"

    t.until(attached, "the volume to be attached")
    reply = t.ec2.detach_volume(VolumeId=volume)
    assert reply["State"] in ("detaching", "detached")
    t.until(
        lambda: t.ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["State"] == "available",
        "the volume to be detached",
    )


@chapter
def a_volume_is_changed(t: Tale):
    volume = t.volume(VolumeType="gp3")
    t.ec2.modify_volume_attribute(VolumeId=volume, AutoEnableIO={"Value": True})
    reply = t.ec2.describe_volume_attribute(VolumeId=volume, Attribute="autoEnableIO")
    assert (reply["VolumeId"], reply["AutoEnableIO"]) == (volume, {"Value": True})
    t.ec2.describe_volume_attribute(VolumeId=volume, Attribute="productCodes")
    t.ec2.enable_volume_io(VolumeId=volume)
    [status] = t.ec2.describe_volume_status(VolumeIds=[volume])["VolumeStatuses"]
    assert status["VolumeStatus"]["Status"] == "ok"
    for _ in t.ec2.get_paginator("describe_volume_status").paginate(PaginationConfig={"PageSize": 5}):
        pass
    modification = t.ec2.modify_volume(VolumeId=volume, Size=20, Iops=4000, Throughput=250)["VolumeModification"]
    assert (modification["OriginalSize"], modification["TargetSize"]) == (8, 20)
    [seen] = t.ec2.describe_volumes_modifications(VolumeIds=[volume])["VolumesModifications"]
    assert seen["TargetIops"] == 4000
    t.ec2.describe_volumes_modifications(MaxResults=5)
    [seen] = t.ec2.describe_volumes(VolumeIds=[volume])["Volumes"]
    assert (seen["Size"], seen["Iops"], seen["Throughput"]) == (20, 4000, 250)


@chapter
def a_volume_goes_through_the_recycle_bin(t: Tale):
    """Under a Region-wide rule, so in a Region of its own."""
    region = "eu-central-1"
    ec2 = t.client("ec2", region)
    t.client("rbin", region).create_rule(
        ResourceType="EBS_VOLUME", RetentionPeriod={"RetentionPeriodValue": 3, "RetentionPeriodUnit": "DAYS"}
    )
    volume = t.volume(ec2)
    ec2.delete_volume(VolumeId=volume)
    assert ec2.describe_volumes(Filters=[{"Name": "volume-id", "Values": [volume]}])["Volumes"] == []
    [binned] = ec2.list_volumes_in_recycle_bin(VolumeIds=[volume])["Volumes"]
    assert (binned["VolumeId"], binned["Size"]) == (volume, 8)
    assert ec2.restore_volume_from_recycle_bin(VolumeId=volume)["Return"] is True
    assert ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["State"] == "available"


@chapter
def public_snapshots_are_blocked(t: Tale):
    ec2 = t.client("ec2", "eu-west-2")
    assert ec2.get_snapshot_block_public_access_state()["State"] == "unblocked"
    assert ec2.enable_snapshot_block_public_access(State="block-all-sharing")["State"] == "block-all-sharing"
    assert ec2.get_snapshot_block_public_access_state()["State"] == "block-all-sharing"
    assert ec2.disable_snapshot_block_public_access()["State"] == "unblocked"


@chapter_of_slow_tasks
def an_import_is_cancelled(t: Tale):
    s3 = t.client("s3")
    bucket = t.name("disks")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="disk.raw", Body=b"raw")
    container = {"Format": "raw", "UserBucket": {"S3Bucket": bucket, "S3Key": "disk.raw"}}
    task = t.ec2.import_snapshot(DiskContainer=container)["ImportTaskId"]
    assert t.ec2.cancel_import_task(ImportTaskId=task)["ImportTaskId"] == task
    [seen] = t.ec2.describe_import_snapshot_tasks(ImportTaskIds=[task])["ImportSnapshotTasks"]
    assert seen["SnapshotTaskDetail"]["Status"] in ("deleting", "deleted", "cancelled")


@chapter
def a_snapshot_is_written_block_by_block(t: Tale):
    ebs = t.client("ebs")
    begun = ebs.start_snapshot(VolumeSize=1, Description="by hand", Tags=[{"Key": "a", "Value": "b"}])
    snapshot = begun["SnapshotId"]
    assert (begun["Status"], begun["BlockSize"], begun["VolumeSize"]) == ("pending", BLOCK_BYTES, 1)
    block = b"x" * BLOCK_BYTES
    digest = base64.b64encode(hashlib.sha256(block).digest()).decode()
    put = ebs.put_snapshot_block(
        SnapshotId=snapshot,
        BlockIndex=3,
        BlockData=block,
        DataLength=BLOCK_BYTES,
        Checksum=digest,
        ChecksumAlgorithm="SHA256",
    )
    assert (put["Checksum"], put["ChecksumAlgorithm"]) == (digest, "SHA256")
    assert ebs.complete_snapshot(SnapshotId=snapshot, ChangedBlocksCount=1)["Status"] in ("pending", "completed")
    t.until(lambda: snapshot_seen(t, snapshot)["State"] == "completed", "the snapshot")
    [listed] = ebs.list_snapshot_blocks(SnapshotId=snapshot)["Blocks"]
    assert listed["BlockIndex"] == 3
    read = ebs.get_snapshot_block(SnapshotId=snapshot, BlockIndex=3, BlockToken=listed["BlockToken"])
    assert (read["DataLength"], read["Checksum"]) == (BLOCK_BYTES, digest)
    assert read["BlockData"].read() == block


@chapter
def snapshots_are_listed_in_pages(t: Tale):
    made = {t.snapshot(Description="paged") for _ in range(6)}
    filters = [{"Name": "description", "Values": ["paged"]}]
    pages = t.ec2.get_paginator("describe_snapshots").paginate(
        OwnerIds=["self"], Filters=filters, PaginationConfig={"PageSize": 5}
    )
    found = [snapshot["SnapshotId"] for page in pages for snapshot in page["Snapshots"]]
    assert len(found) == 6 and set(found) == made
    t.ec2.describe_snapshots(OwnerIds=["self"])
    t.ec2.describe_snapshots(OwnerIds=["amazon"], MaxResults=5)


@chapter
def a_snapshot_with_tags_is_copied_and_deleted(t: Tale):
    specification = [{"ResourceType": "snapshot", "Tags": [{"Key": "app", "Value": "web"}]}]
    snapshot = t.snapshot(Description="first", TagSpecifications=specification)
    seen = snapshot_seen(t, snapshot)
    assert (seen["Description"], seen["Progress"], seen["OwnerId"]) == ("first", "100%", ACCOUNT)
    theirs = t.client("ec2", "eu-west-1")
    reply = theirs.copy_snapshot(
        SourceRegion=REGION,
        SourceSnapshotId=snapshot,
        Description="second",
        Encrypted=True,
        TagSpecifications=specification,
    )
    copy = reply["SnapshotId"]
    assert reply["Tags"] == seen["Tags"]
    t.until(lambda: snapshot_seen(t, copy, theirs)["State"] == "completed", "the copy")
    assert snapshot_seen(t, copy, theirs)["Encrypted"] is True
    theirs.delete_snapshot(SnapshotId=copy)
    t.ec2.delete_snapshot(SnapshotId=snapshot)
    assert t.ec2.describe_snapshots(Filters=[{"Name": "snapshot-id", "Values": [snapshot]}])["Snapshots"] == []


@chapter
def the_volumes_of_an_instance_are_snapshotted_together(t: Tale):
    instance = t.instance(t.image())
    reply = t.ec2.create_snapshots(
        InstanceSpecification={"InstanceId": instance, "ExcludeBootVolume": False},
        Description="all of them",
        CopyTagsFromSource="volume",
        TagSpecifications=[{"ResourceType": "snapshot", "Tags": [{"Key": "a", "Value": "b"}]}],
    )
    [made] = reply["Snapshots"]
    assert snapshot_seen(t, made["SnapshotId"])["VolumeId"] == made["VolumeId"]


@chapter
def a_snapshot_is_shared(t: Tale):
    snapshot = t.snapshot()
    permission = {"CreateVolumePermission": {"Add": [{"UserId": PARTNER}]}}
    t.ec2.modify_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission", **permission)
    t.ec2.modify_snapshot_attribute(
        SnapshotId=snapshot, Attribute="createVolumePermission", OperationType="add", GroupNames=["all"]
    )
    reply = t.ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    assert reply["SnapshotId"] == snapshot
    assert {value for one in reply["CreateVolumePermissions"] for value in one.values()} == {PARTNER, "all"}
    theirs = t.client("ec2", account=PARTNER)
    assert theirs.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"][0]["OwnerId"] == ACCOUNT
    t.ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="productCodes")
    t.ec2.reset_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    reply = t.ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    assert reply["CreateVolumePermissions"] == []


@chapter
def a_snapshot_is_archived_and_restored(t: Tale):
    snapshot = t.snapshot()
    reply = t.ec2.modify_snapshot_tier(SnapshotId=snapshot, StorageTier="archive")
    assert reply["SnapshotId"] == snapshot and reply["TieringStartTime"]

    def tier(wanted: str):
        filters = [{"Name": "snapshot-id", "Values": [snapshot]}]
        [status] = t.ec2.describe_snapshot_tier_status(Filters=filters)["SnapshotTierStatuses"]
        return status["StorageTier"] == wanted and status

    t.until(lambda: tier("archive"), "the snapshot to be archived")
    assert snapshot_seen(t, snapshot)["StorageTier"] == "archive"
    reply = t.ec2.restore_snapshot_tier(SnapshotId=snapshot, TemporaryRestoreDays=3)
    assert (reply["SnapshotId"], reply["RestoreDuration"]) == (snapshot, 3)
    reply = t.ec2.restore_snapshot_tier(SnapshotId=snapshot, PermanentRestore=True)
    assert reply["IsPermanentRestore"] is True
    t.until(lambda: tier("standard"), "the snapshot to be restored")
    pages = t.ec2.get_paginator("describe_snapshot_tier_status").paginate(PaginationConfig={"PageSize": 5})
    assert any(status["SnapshotId"] == snapshot for page in pages for status in page["SnapshotTierStatuses"])


@chapter
def a_snapshot_is_locked(t: Tale):
    snapshot = t.snapshot()
    reply = t.ec2.lock_snapshot(SnapshotId=snapshot, LockMode="governance", LockDuration=7)
    assert (reply["SnapshotId"], reply["LockState"], reply["LockDuration"]) == (snapshot, "governance", 7)
    [seen] = t.ec2.describe_locked_snapshots(SnapshotIds=[snapshot])["Snapshots"]
    assert (seen["LockState"], seen["OwnerId"]) == ("governance", ACCOUNT)
    assert t.ec2.unlock_snapshot(SnapshotId=snapshot)["SnapshotId"] == snapshot
    reply = t.ec2.lock_snapshot(
        SnapshotId=snapshot,
        LockMode="compliance",
        CoolOffPeriod=1,
        ExpirationDate=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=10),
    )
    assert (reply["LockState"], reply["CoolOffPeriod"]) == ("compliance-cooloff", 1)
    assert reply["CoolOffPeriodExpiresOn"] and reply["LockExpiresOn"]
    t.ec2.describe_locked_snapshots(Filters=[{"Name": "lock-state", "Values": ["compliance-cooloff"]}], MaxResults=5)
    t.ec2.unlock_snapshot(SnapshotId=snapshot)


@chapter
def fast_snapshot_restore_is_switched_on_and_off(t: Tale):
    snapshot = t.snapshot()
    reply = t.ec2.enable_fast_snapshot_restores(AvailabilityZones=[ZONE], SourceSnapshotIds=[snapshot])
    [enabled] = reply["Successful"]
    assert (enabled["SnapshotId"], enabled["AvailabilityZone"]) == (snapshot, ZONE)
    assert reply["Unsuccessful"] == []

    def state():
        filters = [{"Name": "snapshot-id", "Values": [snapshot]}]
        return [one["State"] for one in t.ec2.describe_fast_snapshot_restores(Filters=filters)["FastSnapshotRestores"]]

    t.until(lambda: state() == ["enabled"], "fast snapshot restore to be enabled")
    reply = t.ec2.enable_fast_snapshot_restores(AvailabilityZones=[ZONE], SourceSnapshotIds=["snap-0123456789abcdef0"])
    [refused] = reply["Unsuccessful"]
    assert refused["SnapshotId"] == "snap-0123456789abcdef0" and reply["Successful"] == []
    assert refused["FastSnapshotRestoreStateErrors"][0]["Error"]["Code"]
    reply = t.ec2.disable_fast_snapshot_restores(AvailabilityZones=[ZONE], SourceSnapshotIds=[snapshot])
    assert reply["Successful"][0]["State"] in ("disabling", "disabled")
    t.until(lambda: state() in ([], ["disabled"]), "fast snapshot restore to be disabled")


@chapter
def a_snapshot_is_imported(t: Tale):
    s3 = t.client("s3")
    bucket = t.name("disks")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="disk.vmdk", Body=b"KDMV" * 1000)
    task = t.ec2.import_snapshot(
        Description="a disk",
        DiskContainer={
            "Description": "its container",
            "Format": "vmdk",
            "UserBucket": {"S3Bucket": bucket, "S3Key": "disk.vmdk"},
        },
        ClientToken=t.name("token"),
        TagSpecifications=[{"ResourceType": "import-snapshot-task", "Tags": [{"Key": "a", "Value": "b"}]}],
    )
    task_id = task["ImportTaskId"]
    assert task_id.startswith("import-snap-") and task["SnapshotTaskDetail"]["Format"].lower() == "vmdk"

    def completed():
        [seen] = t.ec2.describe_import_snapshot_tasks(ImportTaskIds=[task_id])["ImportSnapshotTasks"]
        detail = seen["SnapshotTaskDetail"]
        return detail["Status"] == "completed" and detail["SnapshotId"]

    snapshot = t.until(completed, "the import")
    assert snapshot_seen(t, snapshot)["State"] == "completed"
    pages = t.ec2.get_paginator("describe_import_snapshot_tasks").paginate()
    assert any(seen["ImportTaskId"] == task_id for page in pages for seen in page["ImportSnapshotTasks"])


@chapter
def the_blocks_of_snapshots(t: Tale):
    ebs = t.client("ebs")
    volume = t.volume()
    first, second = (t.snapshot(VolumeId=volume) for _ in range(2))
    blocks, token = [], {}
    while token is not None:
        page = ebs.list_snapshot_blocks(SnapshotId=first, MaxResults=100, **token)
        assert (page["BlockSize"], page["VolumeSize"]) == (BLOCK_BYTES, 8)
        blocks += page["Blocks"]
        token = {"NextToken": page["NextToken"]} if page.get("NextToken") else None
    indexes = [block["BlockIndex"] for block in blocks]
    assert indexes == sorted(set(indexes)) and all(block["BlockToken"] for block in blocks)
    ebs.list_snapshot_blocks(SnapshotId=first, StartingBlockIndex=7)
    changed = ebs.list_changed_blocks(FirstSnapshotId=first, SecondSnapshotId=second)
    assert changed["BlockSize"] == BLOCK_BYTES
    assert all("FirstBlockToken" in block or "SecondBlockToken" in block for block in changed["ChangedBlocks"])
    ebs.list_changed_blocks(SecondSnapshotId=second, MaxResults=100)
