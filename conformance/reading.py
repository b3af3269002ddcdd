"""What is in an account as boto3 reads it, and the same without what differs from one run to the next: new ids and times."""

import functools
import json
import re

from harness import Server

ID = re.compile(r"\b(ami|snap|vol|i|lt|task|amictl)-[0-9a-z-]*[0-9a-f]{8,}(-s\d+(-back)?)?\b")
TIME = re.compile(r"20\d\d-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|\+00:00)?")
# What says nothing of what a command did.
LEFT_OUT = {"ResponseMetadata", "NextToken", "Progress", "PercentageComplete", "StartTime", "EndTime", "Version"}


def without(value):
    """Without what is left out."""
    if isinstance(value, dict):
        return {key: without(inner) for key, inner in value.items() if key not in LEFT_OUT}
    if isinstance(value, list):
        return [without(inner) for inner in value]
    return value


def images(client) -> list:
    """Every own image, whom it is shared with, and when it ends being recommended."""
    ec2 = client("ec2")
    found = ec2.describe_images(Owners=["self"], IncludeDeprecated=True, IncludeDisabled=True)["Images"]
    for image in found:
        reply = ec2.describe_image_attribute(ImageId=image["ImageId"], Attribute="launchPermission")
        image["Permissions"] = reply["LaunchPermissions"]
    return found


def snapshots(client) -> list:
    """Every own snapshot, and who may make volumes of it."""
    ec2 = client("ec2")
    found = ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    for snapshot in found:
        reply = ec2.describe_snapshot_attribute(SnapshotId=snapshot["SnapshotId"], Attribute="createVolumePermission")
        snapshot["Permissions"] = reply["CreateVolumePermissions"]
    return found


def volumes(client) -> list:
    """The volumes."""
    return [{key: volume[key] for key in ("VolumeId", "State", "Size")} for volume in client("ec2").describe_volumes()["Volumes"]]


def instances(client) -> list:
    """The instances that have not ended, and those that have."""
    reservations = client("ec2").describe_instances()["Reservations"]
    found = [instance for reservation in reservations for instance in reservation["Instances"]]
    return [[one["InstanceId"], one["ImageId"], one["State"]["Name"], one.get("Tags", [])] for one in found]


def templates(client) -> list:
    """The versions of every launch template."""
    ec2 = client("ec2")
    names = [template["LaunchTemplateName"] for template in ec2.describe_launch_templates()["LaunchTemplates"]]
    versions = [ec2.describe_launch_template_versions(LaunchTemplateName=name)["LaunchTemplateVersions"] for name in names]
    keys = ("LaunchTemplateName", "VersionNumber", "DefaultVersion", "LaunchTemplateData")
    return [[version[key] for key in keys] for of_one in versions for version in of_one]


def groups(client) -> list:
    """Auto Scaling groups, what they launch, and how their refreshes ended."""
    scaling = client("autoscaling")
    seen = []
    for group in scaling.describe_auto_scaling_groups()["AutoScalingGroups"]:
        name = group["AutoScalingGroupName"]
        refreshes = scaling.describe_instance_refreshes(AutoScalingGroupName=name)["InstanceRefreshes"]
        of_instances = [[one["InstanceId"], one["LaunchTemplate"]["Version"]] for one in group["Instances"]]
        seen.append([name, group["LaunchTemplate"], of_instances, [refresh["Status"] for refresh in refreshes]])
    return seen


def parameters(client) -> list:
    """What each parameter has named, in order."""
    ssm = client("ssm")
    names = [one["Name"] for one in ssm.describe_parameters()["Parameters"]]
    histories = [ssm.get_parameter_history(Name=name)["Parameters"] for name in names]
    return [[name, " ".join(version["Value"] for version in history)] for name, history in zip(names, histories, strict=True)]


def binned(client) -> list:
    """What is in the Recycle Bin."""
    ec2 = client("ec2")
    return [
        *(one["ImageId"] for one in ec2.list_images_in_recycle_bin()["Images"]),
        *(one["SnapshotId"] for one in ec2.list_snapshots_in_recycle_bin()["Snapshots"]),
        *(one["VolumeId"] for one in ec2.list_volumes_in_recycle_bin()["Volumes"]),
    ]


def stored(client) -> list:
    """Tasks that store images."""
    return client("ec2").describe_store_image_tasks()["StoreImageTaskResults"]


def objects(client) -> list:
    """The objects of every bucket."""
    s3 = client("s3")
    names = [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    return [[name, [item["Key"] for item in s3.list_objects_v2(Bucket=name).get("Contents", [])]] for name in names]


IN_REGION = (images, snapshots, volumes, instances, templates, groups, parameters, binned, stored)


class Reader:
    """Reads an account in some Regions, with clients that it keeps."""

    def __init__(self, server: Server):
        self.client = functools.cache(server.client)

    def __call__(self, regions: tuple[str, ...]) -> dict:
        """All of it: by Region, and the buckets, which are no Region's."""
        seen = {"buckets": objects(self.client)}
        for region in regions:
            client = functools.partial(self._of_region, region)
            seen[region] = {read.__name__: without(read(client)) for read in IN_REGION}
        return json.loads(json.dumps(seen, default=str))

    def _of_region(self, region: str, service: str):
        return self.client(service, region)


def in_order(value):
    """Lists without an order of their own, sorted."""
    if isinstance(value, dict):
        return {key: in_order(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return sorted((in_order(inner) for inner in value), key=lambda one: json.dumps(one, sort_keys=True))
    return value


def alike(seen: dict, known: str) -> dict:
    """The same with one word for each kind of id that is not in `known`, and one for every time."""
    def name(found: re.Match) -> str:
        return found[0] if found[0] in known else f"{found[1]}-new"

    text = ID.sub(name, TIME.sub("a time", json.dumps(seen, sort_keys=True)))
    return in_order(json.loads(text))
