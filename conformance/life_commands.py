"""The commands of the life cycle that change something: the account that each begins with, and its command line."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness import REGION, Server
from tale_images import manifest
from world import PARTNER_ACCOUNT, Builder

NEAR, FAR = "eu-west-1", "us-west-2"
OTHER = "444455556666"
BETA, PROD = "/images/web/beta", "/images/web/prod"
BUCKET = "web-images"
AT_ONCE = ("--settle", "0s")
ALL_OF_IT = ("--share-with", PARTNER_ACCOUNT, "--protect", "--deprecate-after", "90d", "--tag", "app=web")


class Place:
    """What worlds are built with; each has the image `web-1` and its id among its names."""

    def __init__(self, server: Server, home: Path):
        self.server, self.home = server, home
        self.ec2, self.s3 = server.client("ec2"), server.client("s3")
        self.builder = Builder(server)
        self.names = {"image": self.builder.image("web-1", "keep", "")}

    @property
    def image(self) -> str:
        """The image."""
        return self.names["image"]

    def snapshot_of(self, image: str) -> str:
        """The snapshot of an image."""
        [found] = self.ec2.describe_images(ImageIds=[image])["Images"]
        return found["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]

    def keep(self, *kinds: str):
        """Rules of the Recycle Bin for these kinds of resources."""
        for kind in kinds:
            period = {"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"}
            self.server.client("rbin").create_rule(ResourceType=kind, RetentionPeriod=period)

    def put(self, key: str, body="x" * 100):
        """An object in the bucket."""
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=body)


def nothing(place: Place):
    """The image alone."""


def an_instance(place: Place):
    """An instance of the image."""
    place.names["instance"] = place.builder.instance(place.image)


def shared(place: Place):
    """The image and its snapshot are shared with a partner."""
    place.ec2.modify_image_attribute(ImageId=place.image, LaunchPermission={"Add": [{"UserId": PARTNER_ACCOUNT}]})
    place.ec2.modify_snapshot_attribute(
        SnapshotId=place.snapshot_of(place.image),
        Attribute="createVolumePermission",
        OperationType="add",
        UserIds=[PARTNER_ACCOUNT],
    )


def two_images(place: Place):
    """A second image, and whom the first is shared with."""
    shared(place)
    place.names["second"] = place.builder.image("web-2", "keep", "")


def deprecated(place: Place):
    """Two images that are deprecated soon."""
    two_images(place)
    for image in (place.image, place.names["second"]):
        place.ec2.enable_image_deprecation(ImageId=image, DeprecateAt="2035-01-01T00:00:00Z")


def disabled(place: Place):
    """Two images that are disabled."""
    two_images(place)
    for image in (place.image, place.names["second"]):
        place.ec2.disable_image(ImageId=image)


def protected(place: Place):
    """Two images that are protected."""
    two_images(place)
    for image in (place.image, place.names["second"]):
        place.ec2.enable_image_deregistration_protection(ImageId=image, WithCooldown=False)


def channel(place: Place, name: str, region: str, *images: str):
    """A channel that has named these images, one after the other."""
    for image in images:
        place.server.client("ssm", region).put_parameter(
            Name=name, Value=image, Type="String", DataType="aws:ec2:image", Overwrite=True
        )


def channels(place: Place):
    """Two versions in each of two Regions, and a channel that names the first and then the second."""
    for region in (REGION, NEAR):
        builder = Builder(place.server, region)
        first, second = (builder.image(name, "keep", "") for name in ("app-1", "app-2"))
        place.names |= {f"first-{region}": first, f"second-{region}": second}
        channel(place, BETA, region, first, second)


def an_old_promotion(place: Place):
    """The same, and the other channel names the first."""
    channels(place)
    for region in (REGION, NEAR):
        channel(place, PROD, region, place.names[f"first-{region}"])


def in_use_in_two_regions(place: Place):
    """Unused images in two Regions, one of them with two snapshots, and an instance of the first."""
    shared(place)
    place.names["second"] = place.builder.image("web-2", "retire", "unused")
    place.names["far"] = Builder(place.server, NEAR).image("web-1", "retire", "unused")


def in_the_bin(place: Place):
    """An image, a snapshot and a volume in the Recycle Bin."""
    place.keep("EC2_IMAGE", "EBS_SNAPSHOT", "EBS_VOLUME")
    instance = place.builder.instance(place.image)
    made = place.ec2.create_image(InstanceId=instance, Name="web-2", NoReboot=True)["ImageId"]
    snapshot, other = place.snapshot_of(made), place.builder.snapshot("of its own")
    place.ec2.deregister_image(ImageId=made)
    for one in (snapshot, other):
        place.ec2.delete_snapshot(SnapshotId=one)
    place.ec2.delete_volume(VolumeId=place.builder.volume)
    place.names |= {"made": made, "snapshot": other, "volume": place.builder.volume}


def snapshots(place: Place):
    """Two snapshots that nothing uses."""
    place.names |= {name: place.builder.snapshot(name) for name in ("one", "two")}


def volumes(place: Place):
    """Two volumes that nothing uses."""
    second = place.ec2.create_volume(AvailabilityZone=place.builder.zone, Size=9)["VolumeId"]
    place.names |= {"one": place.builder.volume, "two": second}


def instances(place: Place):
    """Two instances of the image."""
    for _ in range(2):
        an_instance(place)


def a_group(place: Place):
    """A launch template of the image, groups that use it however they name its version, and a newer image."""
    place.names["second"] = place.builder.image("web-2", "keep", "")
    data = {"ImageId": place.image, "InstanceType": "t3.micro"}
    place.ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
    for name, version in (("web-default", "$Default"), ("web-latest", "$Latest"), ("web-pinned", "1")):
        place.builder.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=2,
            MaxSize=4,
            AvailabilityZones=[place.builder.zone],
            LaunchTemplate={"LaunchTemplateName": "web", "Version": version},
        )


def a_broken_image(place: Place):
    """The same, and the newer image cannot be launched by the template's type of instance."""
    a_group(place)
    mapping = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": place.builder.snapshot("for arm")}}
    place.names["broken"] = place.ec2.register_image(
        Name="web-3", Architecture="arm64", RootDeviceName="/dev/xvda", VirtualizationType="hvm", BlockDeviceMappings=[mapping]
    )["ImageId"]


def a_bundle(place: Place):
    """A bucket with a bundle, and an instance-store image of it."""
    place.s3.create_bucket(Bucket=BUCKET)
    place.put("web/old.manifest.xml", manifest("old", 3))
    for part in range(3):
        place.put(f"web/old.part.{part}")
    location = f"{BUCKET}/web/old.manifest.xml"
    place.names["bundled"] = place.ec2.register_image(Name="old", ImageLocation=location)["ImageId"]


def a_bucket(place: Place):
    """An empty bucket."""
    place.s3.create_bucket(Bucket=BUCKET)


def an_object(place: Place):
    """A bucket with a stored image."""
    a_bucket(place)
    place.ec2.create_store_image_task(ImageId=place.image, Bucket=BUCKET)


def a_snapshot(place: Place):
    """A snapshot that no image has."""
    place.names["snapshot"] = place.builder.snapshot("root of web")


def a_disk(place: Place):
    """A bucket, and a disk of three blocks in a file."""
    a_bucket(place)
    disk = place.home / "web.raw"
    disk.write_bytes(b"".join(letter * 524_288 for letter in (b"a", b"b", b"c")))
    place.names["disk"] = str(disk)


@dataclass(frozen=True)
class Command:
    """A command as it is typed, with names in braces, and the account that it begins with."""

    name: str
    begin: Callable[[Place], None]
    words: tuple[str, ...]
    # The operations that it changes something by.
    changes: tuple[str, ...]
    # Where it changes something.
    regions: tuple[str, ...] = (REGION,)
    # How it ends: a rollout that is turned back ends with 3.
    code: int = 0
    # Whether it waits until images are available.
    waits: bool = False
    # Whether all of it is one run, so that `resume` comes to its end.
    is_one_run: bool = True
    # Whether the command again may refuse to go on with what only `resume` knows, and says so.
    may_refuse: bool = False
    # Whether the command again changes nothing: what failed is tried again.
    is_idempotent: bool = True
    # Whether only `resume` takes up what was begun: the command again begins anew.
    is_resumed_alone: bool = False

    def __str__(self) -> str:
        return self.name

    def line(self, names: dict[str, str]) -> tuple[str, ...]:
        """The command line."""
        return tuple(word.format_map(names) for word in self.words)


BOTH = ("--region", f"{REGION},{NEAR}")
MADE = ("EnableImageDeregistrationProtection", "EnableImageDeprecation", "ModifyImageAttribute")
COMMANDS = [
    Command(
        "create",
        an_instance,
        ("create", "{instance}", "--name", "web-2", "--no-reboot", "--copy-to", f"{NEAR},{FAR}", *ALL_OF_IT),
        ("CreateImage", "CopyImage", *MADE),
        (REGION, NEAR, FAR),
        waits=True,
    ),
    Command(
        "copy",
        nothing,
        ("copy", "{image}", "--to-region", f"{NEAR},{FAR}", "--copy-tags", *ALL_OF_IT, "--wait"),
        ("CopyImage", *MADE),
        (NEAR, FAR),
        waits=True,
    ),
    Command(
        "share",
        two_images,
        ("share", "{image}", "{second}", "--account", OTHER, "--exact", "--snapshots"),
        ("ModifyImageAttribute", "ModifySnapshotAttribute"),
    ),
    Command(
        "unshare",
        two_images,
        ("unshare", "{image}", "{second}", "--account", PARTNER_ACCOUNT, "--snapshots"),
        ("ModifyImageAttribute", "ModifySnapshotAttribute"),
    ),
    Command(
        "deprecate", two_images, ("deprecate", "{image}", "{second}", "--at", "2036-01-01T00:00:00Z"), ("EnableImageDeprecation",)
    ),
    Command("undeprecate", deprecated, ("undeprecate", "{image}", "{second}"), ("DisableImageDeprecation",)),
    Command("disable", two_images, ("disable", "{image}", "{second}", "--yes"), ("DisableImage",)),
    Command("enable", disabled, ("enable", "{image}", "{second}"), ("EnableImage",)),
    Command("protect", two_images, ("protect", "{image}", "{second}"), ("EnableImageDeregistrationProtection",)),
    Command("unprotect", protected, ("unprotect", "{image}", "{second}"), ("DisableImageDeregistrationProtection",)),
    Command(
        "publish",
        channels,
        ("publish", f"{{second-{REGION}}}", f"{{second-{NEAR}}}", "--parameter", PROD, *BOTH),
        ("PutParameter",),
        (REGION, NEAR),
    ),
    Command("promote", an_old_promotion, ("promote", BETA, PROD, *BOTH, "--allow-overwrite"), ("PutParameter",), (REGION, NEAR)),
    Command("rollback", channels, ("rollback", BETA, *BOTH), ("PutParameter",), (REGION, NEAR)),
    Command(
        "deregister",
        in_use_in_two_regions,
        ("deregister", "{image}", "{second}", "{far}", *BOTH, "--delete-snapshots", "--yes", *AT_ONCE),
        ("DisableImage", "DeregisterImage"),
        (REGION, NEAR),
    ),
    Command(
        "deregister --terminate-instances",
        instances,
        ("deregister", "{image}", "--keep-snapshots", "--terminate-instances", "--yes-terminate", "--yes", *AT_ONCE),
        ("TerminateInstances", "DisableImage", "DeregisterImage"),
        is_one_run=False,
    ),
    Command(
        "bin restore",
        in_the_bin,
        ("bin", "restore", "{made}", "{snapshot}", "{volume}"),
        ("RestoreImageFromRecycleBin", "RestoreSnapshotFromRecycleBin", "RestoreVolumeFromRecycleBin"),
    ),
    Command("snapshots --delete", snapshots, ("snapshots", "{one}", "{two}", "--delete", "--yes"), ("DeleteSnapshot",)),
    Command("volumes --delete", volumes, ("volumes", "{one}", "{two}", "--delete", "--yes"), ("DeleteVolume",)),
    Command("terminate", instances, ("terminate", "{image}", "--yes"), ("TerminateInstances",)),
    Command(
        "launch",
        nothing,
        ("launch", "--image", "{image}", "--instance-type", "t3.micro", "--count", "2", "--client-token", "release-7"),
        ("RunInstances",),
    ),
    Command(
        "rollout",
        a_group,
        ("rollout", "{second}", "--template", "web", "--yes"),
        ("CreateLaunchTemplateVersion", "ModifyLaunchTemplate", "StartInstanceRefresh"),
        may_refuse=True,
    ),
    Command(
        "rollout that fails",
        a_broken_image,
        ("rollout", "{broken}", "--template", "web", "--yes"),
        ("CreateLaunchTemplateVersion", "ModifyLaunchTemplate", "StartInstanceRefresh"),
        code=3,
        is_idempotent=False,
    ),
    Command(
        "bundles delete",
        a_bundle,
        ("bundles", "delete", "{bundled}", "--delete-bucket", BUCKET, "--confirm-delete-bucket", BUCKET, "--yes", *AT_ONCE),
        ("DisableImage", "DeregisterImage", "DeleteObjects", "DeleteBucket"),
        may_refuse=True,
    ),
    Command(
        "register",
        a_snapshot,
        ("register", "--snapshot", "{snapshot}", "--architecture", "x86_64", "--name", "web-2", "--copy-to", NEAR, *ALL_OF_IT),
        ("RegisterImage", "CopyImage", *MADE),
        (REGION, NEAR),
        waits=True,
    ),
    Command(
        "register --manifest",
        a_bundle,
        ("register", "--manifest", f"{BUCKET}/web/old.manifest.xml", "--name", "old-again", *ALL_OF_IT),
        ("RegisterImage", *MADE),
        waits=True,
    ),
    Command(
        "import",
        a_disk,
        ("import", "{disk}", "--region", REGION, "--name", "web-2", "--architecture", "x86_64", "--copy-to", NEAR),
        ("StartSnapshot", "PutSnapshotBlock", "CompleteSnapshot", "RegisterImage", "CopyImage"),
        (REGION, NEAR),
        waits=True,
        is_resumed_alone=True,
    ),
    Command(
        "import --via s3",
        a_disk,
        ("import", "{disk}", "--region", REGION, "--via", "s3", "--bucket", BUCKET, "--tag", "app=web"),
        ("UploadPart", "CompleteMultipartUpload", "ImportSnapshot", "CreateTags"),
        is_resumed_alone=True,
    ),
    Command("store", a_bucket, ("store", "{image}", "--bucket", BUCKET, "--wait"), ("CreateStoreImageTask",)),
    Command(
        "restore-from-s3",
        an_object,
        ("restore-from-s3", f"s3://{BUCKET}/{{image}}.bin", "--name", "web-back", "--wait", *ALL_OF_IT),
        ("CreateRestoreImageTask", *MADE),
        waits=True,
    ),
]
