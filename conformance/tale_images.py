"""Chapters: images, from their making to their end."""

import datetime

from harness import ACCOUNT, REGION
from tale import PARTNER, Tale, chapter, chapter_of_slow_tasks, chapter_of_the_sample

OTHER_REGION = "eu-west-1"
ATTRIBUTES = {
    "description": "Description",
    "kernel": "KernelId",
    "ramdisk": "RamdiskId",
    "launchPermission": "LaunchPermissions",
    "productCodes": "ProductCodes",
    "sriovNetSupport": "SriovNetSupport",
    "bootMode": "BootMode",
    "tpmSupport": "TpmSupport",
    "uefiData": "UefiData",
    "lastLaunchedTime": "LastLaunchedTime",
    "imdsSupport": "ImdsSupport",
    "deregistrationProtection": "DeregistrationProtection",
}


def in_days(days: int) -> datetime.datetime:
    """A moment that many days ahead."""
    return datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)


@chapter
def an_image_with_everything(t: Tale):
    snapshot = t.snapshot()
    image = t.image(
        Name="tale everything (1/2) [a].b-c'd@e_f",
        Description="<&> \"quoted\" 'and' é\n\ttabbed",
        Architecture="arm64",
        BootMode="uefi",
        TpmSupport="v2.0",
        ImdsSupport="v2.0",
        EnaSupport=True,
        SriovNetSupport="simple",
        BlockDeviceMappings=[
            {
                "DeviceName": "/dev/xvda",
                "Ebs": {"SnapshotId": snapshot, "VolumeType": "gp3", "Iops": 3000, "Throughput": 125, "VolumeSize": 10},
            },
            {"DeviceName": "/dev/sdb", "Ebs": {"VolumeSize": 20, "VolumeType": "io2", "Iops": 100, "Encrypted": True}},
            {"DeviceName": "/dev/sdc", "VirtualName": "ephemeral0"},
        ],
        TagSpecifications=[
            {"ResourceType": "image", "Tags": [{"Key": "a", "Value": ""}, {"Key": "é", "Value": "<&>"}]}
        ],
    )
    seen = t.seen(image)
    assert seen["Description"] == "<&> \"quoted\" 'and' é\n\ttabbed"
    assert {tag["Key"]: tag["Value"] for tag in seen["Tags"]} == {"a": "", "é": "<&>"}
    assert (seen["BootMode"], seen["TpmSupport"], seen["ImdsSupport"]) == ("uefi", "v2.0", "v2.0")
    root, data, ephemeral = seen["BlockDeviceMappings"]
    assert (root["Ebs"]["VolumeSize"], root["Ebs"]["SnapshotId"]) == (10, snapshot)
    assert data["Ebs"]["Encrypted"] is True
    assert ephemeral["VirtualName"] == "ephemeral0"
    assert t.ec2.describe_images(Filters=[{"Name": "tag:é", "Values": ["<&>"]}])["Images"] == [seen]


@chapter
def images_are_listed_in_pages(t: Tale):
    snapshot = t.snapshot()
    made = {t.image(snapshot=snapshot, Description="paged") for _ in range(7)}
    filters = [{"Name": "description", "Values": ["paged"]}]
    pages = t.ec2.get_paginator("describe_images").paginate(
        Owners=["self"], Filters=filters, PaginationConfig={"PageSize": 5}
    )
    found = [image["ImageId"] for page in pages for image in page["Images"]]
    assert len(found) == 7 and set(found) == made
    unpaged = t.ec2.describe_images(Owners=["self"], Filters=filters)
    assert {image["ImageId"] for image in unpaged["Images"]} == made and "NextToken" not in unpaged


@chapter_of_the_sample
def everything_that_anybody_has(t: Tale):
    """The whole world, with the images of all owners."""
    for owners in ([], ["self"], ["amazon"], [ACCOUNT]):
        t.ec2.describe_images(Owners=owners, IncludeDeprecated=True, IncludeDisabled=True)
    t.ec2.describe_images(ExecutableUsers=["self"])
    t.ec2.describe_images(ExecutableUsers=["all"])


@chapter
def the_attributes_of_an_image(t: Tale):
    image = t.image(BootMode="uefi", TpmSupport="v2.0", SriovNetSupport="simple", Description="first")
    for attribute, member in ATTRIBUTES.items():
        reply = t.ec2.describe_image_attribute(ImageId=image, Attribute=attribute)
        extra = set(reply) - {"ResponseMetadata", "ImageId", member}
        assert reply["ImageId"] == image and not extra, f"{attribute}: {extra}"
    t.ec2.modify_image_attribute(ImageId=image, Description={"Value": "second"})
    reply = t.ec2.describe_image_attribute(ImageId=image, Attribute="description")
    assert reply["Description"] == {"Value": "second"}
    t.ec2.modify_image_attribute(ImageId=image, Attribute="description", Value="third")
    assert t.seen(image)["Description"] == "third"
    t.ec2.modify_image_attribute(ImageId=image, ImdsSupport={"Value": "v2.0"})
    reply = t.ec2.describe_image_attribute(ImageId=image, Attribute="imdsSupport")
    assert reply["ImdsSupport"] == {"Value": "v2.0"}


@chapter
def an_image_is_shared_and_made_private_again(t: Tale):
    image = t.image()
    organization = f"arn:aws:organizations::{ACCOUNT}:organization/o-exampleorg1"
    unit = f"arn:aws:organizations::{ACCOUNT}:ou/o-exampleorg1/ou-ab12-cdefgh34"
    t.ec2.modify_image_attribute(
        ImageId=image,
        LaunchPermission={
            "Add": [{"UserId": PARTNER}, {"OrganizationArn": organization}, {"OrganizationalUnitArn": unit}]
        },
    )
    t.ec2.modify_image_attribute(
        ImageId=image, Attribute="launchPermission", OperationType="add", UserIds=["111122223333"]
    )
    t.ec2.modify_image_attribute(
        ImageId=image, LaunchPermission={"Remove": [{"UserId": "111122223333"}], "Add": [{"Group": "all"}]}
    )
    reply = t.ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")
    found = {value for permission in reply["LaunchPermissions"] for value in permission.values()}
    assert found == {PARTNER, organization, unit, "all"}
    assert t.seen(image)["Public"] is True
    theirs = t.client("ec2", account=PARTNER)
    [seen] = theirs.describe_images(ImageIds=[image])["Images"]
    assert seen["OwnerId"] == ACCOUNT and seen["ImageLocation"].startswith(ACCOUNT)
    t.ec2.reset_image_attribute(ImageId=image, Attribute="launchPermission")
    reply = t.ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")
    assert reply["LaunchPermissions"] == [] and t.seen(image)["Public"] is False


@chapter
def a_consumer_leaves_a_share(t: Tale):
    image = t.image()
    t.ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": PARTNER}]})
    theirs = t.client("ec2", account=PARTNER)
    assert theirs.describe_images(ExecutableUsers=["self"], Filters=[{"Name": "image-id", "Values": [image]}])["Images"]
    assert theirs.cancel_image_launch_permission(ImageId=image)["Return"] is True
    reply = t.ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")
    assert reply["LaunchPermissions"] == []


@chapter
def an_image_is_deprecated_and_disabled(t: Tale):
    image = t.image()
    t.ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": PARTNER}]})
    assert t.ec2.enable_image_deprecation(ImageId=image, DeprecateAt=in_days(30))["Return"] is True
    assert t.seen(image)["DeprecationTime"].endswith(":00.000Z")
    assert t.ec2.disable_image_deprecation(ImageId=image)["Return"] is True
    assert "DeprecationTime" not in t.seen(image)
    assert t.ec2.disable_image(ImageId=image)["Return"] is True
    assert t.seen(image)["State"] == "disabled"
    assert t.ec2.enable_image(ImageId=image)["Return"] is True
    assert t.seen(image)["State"] == "available"
    reply = t.ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")
    assert reply["LaunchPermissions"] == []


@chapter
def an_image_is_protected(t: Tale):
    image = t.image()
    reply = t.ec2.enable_image_deregistration_protection(ImageId=image)
    assert reply["Return"] == "enabled-without-cooldown" == t.seen(image)["DeregistrationProtection"]
    assert t.ec2.disable_image_deregistration_protection(ImageId=image)["Return"] == "disabled"
    reply = t.ec2.enable_image_deregistration_protection(ImageId=image, WithCooldown=True)
    assert reply["Return"] == "enabled-with-cooldown"
    t.ec2.disable_image_deregistration_protection(ImageId=image)
    assert t.seen(image)["DeregistrationProtection"].startswith("disabled after ")


@chapter
def an_image_is_deregistered_with_its_snapshots(t: Tale):
    shared = t.snapshot()
    mappings = [
        {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": t.snapshot()}},
        {"DeviceName": "/dev/sdb", "Ebs": {"SnapshotId": shared}},
    ]
    image = t.image(BlockDeviceMappings=mappings)
    t.image(snapshot=shared)
    reply = t.ec2.deregister_image(ImageId=image, DeleteAssociatedSnapshots=True)
    assert reply["Return"] is True
    codes = {result["SnapshotId"]: result["ReturnCode"] for result in reply["DeleteSnapshotResults"]}
    assert codes == {mappings[0]["Ebs"]["SnapshotId"]: "success", shared: "skipped"}
    assert t.ec2.deregister_image(ImageId=t.image())["Return"] is True


@chapter
def an_image_is_made_from_an_instance(t: Tale):
    instance = t.instance(t.image())
    image = t.ec2.create_image(
        InstanceId=instance,
        Name=t.name("created"),
        Description="from an instance",
        NoReboot=True,
        BlockDeviceMappings=[{"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 4, "VolumeType": "gp3"}}],
        TagSpecifications=[
            {"ResourceType": "image", "Tags": [{"Key": "of", "Value": "image"}]},
            {"ResourceType": "snapshot", "Tags": [{"Key": "of", "Value": "snapshot"}]},
        ],
    )["ImageId"]
    seen = t.seen(t.available(image))
    assert seen["SourceInstanceId"] == instance and seen["Tags"] == [{"Key": "of", "Value": "image"}]
    snapshots = t.ec2.describe_snapshots(SnapshotIds=t.snapshots(image))["Snapshots"]
    assert {snapshot["Tags"][0]["Value"] for snapshot in snapshots} == {"snapshot"}


@chapter
def an_image_is_copied_with_its_lineage(t: Tale):
    image = t.image(TagSpecifications=[{"ResourceType": "image", "Tags": [{"Key": "app", "Value": "web"}]}])
    theirs = t.client("ec2", OTHER_REGION)
    request = {
        "Name": t.name("copy"),
        "Description": "a copy",
        "SourceImageId": image,
        "SourceRegion": REGION,
        "CopyImageTags": True,
        "Encrypted": True,
        "ClientToken": t.name("token"),
    }
    copy = theirs.copy_image(**request)["ImageId"]
    assert theirs.copy_image(**request)["ImageId"] == copy, "the same token makes the same image"
    t.available(copy, theirs)
    seen = t.seen(copy, theirs)
    assert (seen["SourceImageId"], seen["SourceImageRegion"]) == (image, REGION)
    assert seen["Tags"] == [{"Key": "app", "Value": "web"}]
    assert all(mapping["Ebs"]["Encrypted"] for mapping in seen["BlockDeviceMappings"])
    entries = theirs.get_image_ancestry(ImageId=copy)["ImageAncestryEntries"]
    assert [entry["ImageId"] for entry in entries] == [copy, image]
    assert entries[0]["SourceImageId"] == image and "SourceImageId" not in entries[1]


@chapter
def an_image_goes_through_the_recycle_bin(t: Tale):
    """Under Region-wide rules, so in a Region of its own."""
    region = "ap-southeast-1"
    ec2, rbin = t.client("ec2", region), t.client("rbin", region)
    retention = {"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"}
    for kind in ("EC2_IMAGE", "EBS_SNAPSHOT"):
        rbin.create_rule(ResourceType=kind, RetentionPeriod=retention, Description="keep what is deleted")
    image = t.image(ec2, Description="to be restored")
    ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": PARTNER}]})
    snapshots = t.snapshots(image, ec2)
    loose = t.snapshot(ec2, Description="loose")
    ec2.deregister_image(ImageId=image, DeleteAssociatedSnapshots=True)
    ec2.delete_snapshot(SnapshotId=loose)
    assert t.seen(image, ec2) == {}

    [binned] = ec2.list_images_in_recycle_bin(ImageIds=[image])["Images"]
    assert (binned["ImageId"], binned["Description"]) == (image, "to be restored")
    assert (binned["RecycleBinExitTime"] - binned["RecycleBinEnterTime"]).days == 7
    pages = ec2.get_paginator("list_snapshots_in_recycle_bin").paginate(PaginationConfig={"PageSize": 5})
    found = {snapshot["SnapshotId"] for page in pages for snapshot in page["Snapshots"]}
    assert found == {*snapshots, loose}

    for snapshot in snapshots:
        reply = ec2.restore_snapshot_from_recycle_bin(SnapshotId=snapshot)
        assert (reply["SnapshotId"], reply["OwnerId"]) == (snapshot, ACCOUNT)
    assert ec2.restore_image_from_recycle_bin(ImageId=image)["Return"] is True
    t.available(image, ec2)
    reply = ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")
    assert reply["LaunchPermissions"] == [{"UserId": PARTNER}], "the earlier sharing comes back by itself"
    assert ec2.list_images_in_recycle_bin()["Images"] == []


@chapter
def an_image_is_stored_in_s3_and_restored(t: Tale):
    bucket = t.name("store")
    t.client("s3").create_bucket(Bucket=bucket)
    image = t.image(Description="to be stored")
    key = t.ec2.create_store_image_task(ImageId=image, Bucket=bucket, S3ObjectTags=[{"Key": "app", "Value": "web"}])[
        "ObjectKey"
    ]
    assert key == f"{image}.bin"

    def stored():
        [task] = t.ec2.describe_store_image_tasks(ImageIds=[image])["StoreImageTaskResults"]
        assert (task["AmiId"], task["Bucket"], task["S3objectKey"]) == (image, bucket, key)
        return task["StoreTaskState"] == "Completed"

    t.until(stored, "the image to be stored")
    assert t.client("s3").head_object(Bucket=bucket, Key=key)["ContentLength"] > 0
    name = t.name("restored")
    restored = t.ec2.create_restore_image_task(
        Bucket=bucket,
        ObjectKey=key,
        Name=name,
        TagSpecifications=[{"ResourceType": "image", "Tags": [{"Key": "from", "Value": "s3"}]}],
    )["ImageId"]
    assert restored != image
    assert t.seen(t.available(restored))["Name"] == name


@chapter
def what_refers_to_an_image(t: Tale):
    image = t.image()
    instance = t.instance(image)
    template = t.template(image)
    pages = t.ec2.get_paginator("describe_image_references").paginate(
        ImageIds=[image], IncludeAllResourceTypes=True, PaginationConfig={"PageSize": 5}
    )
    references = [reference for page in pages for reference in page["ImageReferences"]]
    found = {(reference["ResourceType"], reference["Arn"].rsplit("/", 1)[-1]) for reference in references}
    assert ("ec2:Instance", instance) in found
    assert ("ec2:LaunchTemplate", template) in {(kind, name.split(":")[0]) for kind, name in found}
    options = [{"OptionName": "state-name", "OptionValues": ["terminated"]}]
    reply = t.ec2.describe_image_references(
        ImageIds=[image], ResourceTypes=[{"ResourceType": "ec2:Instance", "ResourceTypeOptions": options}]
    )
    assert reply["ImageReferences"] == []


@chapter
def who_uses_a_shared_image(t: Tale):
    image = t.image()
    t.ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": PARTNER}]})
    t.instance(image, t.client("ec2", account=PARTNER))
    report = t.ec2.create_image_usage_report(
        ImageId=image,
        ResourceTypes=[
            {"ResourceType": "ec2:Instance"},
            {
                "ResourceType": "ec2:LaunchTemplate",
                "ResourceTypeOptions": [{"OptionName": "version-depth", "OptionValues": ["100"]}],
            },
        ],
        AccountIds=[PARTNER],
        TagSpecifications=[{"ResourceType": "image-usage-report", "Tags": [{"Key": "a", "Value": "b"}]}],
    )["ReportId"]

    def available():
        [seen] = t.ec2.describe_image_usage_reports(ReportIds=[report])["ImageUsageReports"]
        assert seen["ImageId"] == image and seen["AccountIds"] == [PARTNER]
        return seen["State"] == "available"

    t.until(available, "the report")
    entries = t.ec2.describe_image_usage_report_entries(ReportIds=[report])["ImageUsageReportEntries"]
    # Instances appear up to a day late, so a report may be empty; what is in it is of this image.
    assert all(entry["ImageId"] == image and entry["AccountId"] == PARTNER for entry in entries)
    assert t.ec2.delete_image_usage_report(ReportId=report)["Return"] is True
    assert t.ec2.describe_image_usage_reports(ImageIds=[image])["ImageUsageReports"] == []


@chapter
def instances_and_the_images_they_came_from(t: Tale):
    image = t.image()
    instance = t.instance(image)
    t.ec2.deregister_image(ImageId=image)
    pages = t.ec2.get_paginator("describe_instance_image_metadata").paginate(InstanceIds=[instance])
    [found] = [metadata for page in pages for metadata in page["InstanceImageMetadata"]]
    assert found["InstanceId"] == instance and found["ImageMetadata"]["ImageId"] == image
    t.ec2.describe_instance_image_metadata(MaxResults=1)


@chapter
def public_sharing_is_blocked(t: Tale):
    ec2 = t.client("ec2", "ap-southeast-2")
    ec2.get_image_block_public_access_state()
    reply = ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
    assert reply["ImageBlockPublicAccessState"] == "block-new-sharing"
    reply = ec2.get_image_block_public_access_state()
    assert (reply["ImageBlockPublicAccessState"], reply["ManagedBy"]) == ("block-new-sharing", "account")
    assert ec2.disable_image_block_public_access()["ImageBlockPublicAccessState"] == "unblocked"


@chapter
def only_allowed_images_are_seen(t: Tale):
    ec2 = t.client("ec2", "ap-northeast-1")
    assert ec2.get_allowed_images_settings()["State"] == "disabled"
    assert ec2.enable_allowed_images_settings(AllowedImagesSettingsState="audit-mode")
    criteria = [{"ImageProviders": ["amazon"]}]
    ec2.replace_image_criteria_in_allowed_images_settings(ImageCriteria=criteria)
    reply = ec2.get_allowed_images_settings()
    assert (reply["State"], reply["ManagedBy"]) == ("audit-mode", "account")
    assert reply["ImageCriteria"] == criteria
    ec2.describe_images(Owners=["self"])
    ec2.enable_allowed_images_settings(AllowedImagesSettingsState="enabled")
    assert ec2.disable_allowed_images_settings()["AllowedImagesSettingsState"] == "disabled"


@chapter
def tags_come_and_go(t: Tale):
    image, snapshot = t.image(), t.snapshot()
    t.ec2.create_tags(Resources=[image, snapshot], Tags=[{"Key": "team", "Value": "infra"}, {"Key": "e", "Value": ""}])
    pages = t.ec2.get_paginator("describe_tags").paginate(
        Filters=[{"Name": "resource-id", "Values": [image, snapshot]}], PaginationConfig={"PageSize": 5}
    )
    found = {(tag["ResourceId"], tag["ResourceType"], tag["Key"]) for page in pages for tag in page["Tags"]}
    assert found == {(i, k, key) for i, k in ((image, "image"), (snapshot, "snapshot")) for key in ("team", "e")}
    t.ec2.delete_tags(Resources=[image], Tags=[{"Key": "team", "Value": "infra"}])
    assert t.seen(image)["Tags"] == [{"Key": "e", "Value": ""}]


@chapter
def an_image_is_exported_and_imported(t: Tale):
    bucket = t.name("disks")
    t.client("s3").create_bucket(Bucket=bucket)
    image = t.image()
    task = t.ec2.export_image(
        ImageId=image,
        DiskImageFormat="VMDK",
        Description="out",
        S3ExportLocation={"S3Bucket": bucket, "S3Prefix": "exports/"},
        TagSpecifications=[{"ResourceType": "export-image-task", "Tags": [{"Key": "a", "Value": "b"}]}],
    )
    export_id = task["ExportImageTaskId"]
    assert export_id.startswith("export-ami-") and (task["ImageId"], task["DiskImageFormat"]) == (image, "VMDK")

    def exported():
        [seen] = t.ec2.describe_export_image_tasks(ExportImageTaskIds=[export_id])["ExportImageTasks"]
        assert seen["S3ExportLocation"] == {"S3Bucket": bucket, "S3Prefix": "exports/"}
        return seen["Status"] == "completed"

    t.until(exported, "the export")
    t.client("s3").put_object(Bucket=bucket, Key="disk.raw", Body=b"disk")
    container = {"Format": "RAW", "Description": "d", "UserBucket": {"S3Bucket": bucket, "S3Key": "disk.raw"}}
    task = t.ec2.import_image(
        Description="in",
        Platform="Linux",
        DiskContainers=[container],
        TagSpecifications=[{"ResourceType": "import-image-task", "Tags": [{"Key": "c", "Value": "d"}]}],
    )
    import_id = task["ImportTaskId"]
    assert import_id.startswith("import-ami-") and task["Platform"] == "Linux"

    def imported():
        [seen] = t.ec2.describe_import_image_tasks(ImportTaskIds=[import_id])["ImportImageTasks"]
        [disk] = seen["SnapshotDetails"]
        assert disk["UserBucket"] == {"S3Bucket": bucket, "S3Key": "disk.raw"}
        return seen["Status"] == "completed" and seen["ImageId"]

    made = t.until(imported, "the import")
    assert t.seen(t.available(made))["Name"] == import_id
    lists = {"describe_export_image_tasks": "ExportImageTasks", "describe_import_image_tasks": "ImportImageTasks"}
    for operation, member in lists.items():
        pages = t.ec2.get_paginator(operation).paginate(PaginationConfig={"PageSize": 1})
        assert any(one["Tags"] for page in pages for one in page[member])
    tags = t.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [export_id, import_id]}])["Tags"]
    assert {tag["ResourceType"] for tag in tags} == {"export-image-task", "import-image-task"}


@chapter_of_slow_tasks
def an_export_is_cancelled(t: Tale):
    s3 = t.client("s3")
    bucket = t.name("disks")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="disk.raw", Body=b"disk")
    container = {"Format": "RAW", "UserBucket": {"S3Bucket": bucket, "S3Key": "disk.raw"}}
    image = t.ec2.import_image(DiskContainers=[container])["ImageId"]
    location = {"S3Bucket": bucket}
    export = t.ec2.export_image(ImageId=image, DiskImageFormat="RAW", S3ExportLocation=location)["ExportImageTaskId"]
    [seen] = t.ec2.describe_export_image_tasks(ExportImageTaskIds=[export])["ExportImageTasks"]
    assert (seen["Status"], seen["ImageId"]) == ("active", image)
    t.ec2.cancel_export_task(ExportTaskId=export)
    [seen] = t.ec2.describe_export_image_tasks(ExportImageTaskIds=[export])["ExportImageTasks"]
    assert seen["Status"] in ("deleting", "deleted")


@chapter
def an_instance_store_image_is_registered(t: Tale):
    s3 = t.client("s3")
    bucket = t.name("bundles")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="web/image.manifest.xml", Body=manifest("image", 2))
    image = t.ec2.register_image(Name=t.name("bundle"), ImageLocation=f"{bucket}/web/image.manifest.xml")["ImageId"]
    seen = t.seen(t.available(image))
    assert (seen["RootDeviceType"], seen["Architecture"]) == ("instance-store", "x86_64")
    assert seen["ImageLocation"] == f"{bucket}/web/image.manifest.xml"
    assert not any("Ebs" in mapping for mapping in seen["BlockDeviceMappings"])


def manifest(name: str, parts: int) -> str:
    """The manifest of a bundle, as ec2-ami-tools write it: version 2007-10-10."""
    digest = "0123456789abcdef0123456789abcdef01234567"
    listed = "".join(
        f'<part index="{part}"><filename>{name}.part.{part}</filename><digest algorithm="SHA1">{digest}</digest></part>'
        for part in range(parts)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><manifest><version>2007-10-10</version>'
        "<bundler><name>ec2-ami-tools</name><version>1.5</version><release>0</release></bundler>"
        "<machine_configuration><architecture>x86_64</architecture><block_device_mapping>"
        "<mapping><virtual>ami</virtual><device>sda</device></mapping>"
        "<mapping><virtual>root</virtual><device>/dev/sda1</device></mapping></block_device_mapping>"
        f"</machine_configuration><image><name>{name}</name><user>{ACCOUNT}</user><type>machine</type>"
        f'<digest algorithm="SHA1">{digest}</digest><size>10485760</size><bundled_size>20971520</bundled_size>'
        '<ec2_encrypted_key algorithm="AES-128-CBC">00</ec2_encrypted_key>'
        '<user_encrypted_key algorithm="AES-128-CBC">00</user_encrypted_key>'
        "<ec2_encrypted_iv>00</ec2_encrypted_iv><user_encrypted_iv>00</user_encrypted_iv>"
        f'<parts count="{parts}">{listed}</parts></image><signature>00</signature></manifest>'
    )
