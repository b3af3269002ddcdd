"""What the chapters of the boto3 story share: recorded clients, and a short way to an image, a group, a template."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from harness import ACCOUNT, ADMIN, REGION, Server
from strict import Recorder

PARTNER = "210987654321"
SECONDS_MAX = 20
# By the world that they are told in: an empty one, the sample, an empty one whose tasks take an hour, and an empty one
# that a chapter changes through the admin endpoint.
CHAPTERS: dict[str, dict[str, Callable[["Tale"], None]]] = {"empty": {}, "sample": {}, "slow": {}, "changed": {}}
OPTIONS = {"slow": ("--pace", "task=1h,snapshot=1h"), "changed": ADMIN}


def chapter(function):
    """Registers a chapter: a story of its own in the one sandbox, which depends on no other chapter."""
    CHAPTERS["empty"][function.__name__] = function
    return function


def chapter_of_the_sample(function):
    """Registers a chapter that is told in the sample world, which has some of everything."""
    CHAPTERS["sample"][function.__name__] = function
    return function


def chapter_of_slow_tasks(function):
    """Registers a chapter that is told where tasks take an hour."""
    CHAPTERS["slow"][function.__name__] = function
    return function


def chapter_of_a_changed_world(function):
    """Registers a chapter that changes the world itself first."""
    CHAPTERS["changed"][function.__name__] = function
    return function


@dataclass
class Tale:
    """The sandbox, and every reply that it has given."""

    server: Server
    recorder: Recorder = field(default_factory=Recorder)
    _clients: dict[tuple[str, str, str], object] = field(default_factory=dict)
    _numbers: itertools.count = field(default_factory=lambda: itertools.count(1))

    def client(self, service: str, region: str = REGION, account: str = ACCOUNT):
        """A recorded client of a service in a Region, of an account."""
        key = (service, region, account)
        if key not in self._clients:
            access_key = "testing" if account == ACCOUNT else f"AKIA{account}TEST"
            self._clients[key] = self.recorder.watch(self.server.client(service, region, access_key))
        return self._clients[key]

    @property
    def ec2(self):
        return self.client("ec2")

    @property
    def autoscaling(self):
        return self.client("autoscaling")

    def name(self, kind: str) -> str:
        """A name that nothing has yet."""
        return f"tale-{kind}-{next(self._numbers)}"

    def until(self, look: Callable[[], object], what: str):
        """Looks until it is so; returns what was seen."""
        deadline = time.monotonic() + SECONDS_MAX
        while not (seen := look()):
            assert time.monotonic() < deadline, f"waited {SECONDS_MAX} s for {what}"
            time.sleep(0.02)
        return seen

    # --- images and snapshots

    def volume(self, ec2=None, **more) -> str:
        """A volume of 8 GiB."""
        ec2 = ec2 or self.ec2
        zone = f"{ec2.meta.region_name}a"
        return ec2.create_volume(**{"AvailabilityZone": zone, "Size": 8, **more})["VolumeId"]

    def snapshot(self, ec2=None, **more) -> str:
        """A completed snapshot of a volume of 8 GiB."""
        ec2 = ec2 or self.ec2
        snapshot = ec2.create_snapshot(**{"VolumeId": self.volume(ec2), **more})["SnapshotId"]

        def completed():
            [found] = ec2.describe_snapshots(SnapshotIds=[snapshot])["Snapshots"]
            return found["State"] == "completed"

        self.until(completed, f"{snapshot} to be completed")
        return snapshot

    def image(self, ec2=None, snapshot: str | None = None, **more) -> str:
        """An available EBS-backed image."""
        ec2 = ec2 or self.ec2
        mapping = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot or self.snapshot(ec2)}}
        image = {
            "Name": self.name("image"),
            "Architecture": "x86_64",
            "RootDeviceName": "/dev/xvda",
            "VirtualizationType": "hvm",
            "BlockDeviceMappings": [mapping],
        }
        return self.available(ec2.register_image(**{**image, **more})["ImageId"], ec2)

    def available(self, image_id: str, ec2=None) -> str:
        """Waits for an image."""
        self.until(lambda: self.seen(image_id, ec2).get("State") == "available", f"{image_id} to be available")
        return image_id

    def seen(self, image_id: str, ec2=None) -> dict:
        """An image as it is now; empty when it is not there."""
        filters = [{"Name": "image-id", "Values": [image_id]}]
        images = (ec2 or self.ec2).describe_images(Filters=filters, IncludeDisabled=True)["Images"]
        return images[0] if images else {}

    def snapshots(self, image_id: str, ec2=None) -> list[str]:
        """The snapshots of an image."""
        mappings = self.seen(image_id, ec2)["BlockDeviceMappings"]
        return [mapping["Ebs"]["SnapshotId"] for mapping in mappings if "SnapshotId" in mapping.get("Ebs", {})]

    # --- instances, templates and groups

    def instance(self, image_id: str, ec2=None, **more) -> str:
        """A running instance."""
        ec2 = ec2 or self.ec2
        launch = {"ImageId": image_id, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1}
        [instance] = ec2.run_instances(**{**launch, **more})["Instances"]
        return self.instance_is(instance["InstanceId"], "running", ec2)

    def instance_is(self, instance_id: str, state: str, ec2=None) -> str:
        """Waits for an instance."""

        def look():
            [reservation] = (ec2 or self.ec2).describe_instances(InstanceIds=[instance_id])["Reservations"]
            return reservation["Instances"][0]["State"]["Name"] == state

        self.until(look, f"{instance_id} to be {state}")
        return instance_id

    def template(self, image_id: str, **more) -> str:
        """A launch template."""
        data = {"ImageId": image_id, "InstanceType": "t3.micro", **more}
        reply = self.ec2.create_launch_template(LaunchTemplateName=self.name("template"), LaunchTemplateData=data)
        return reply["LaunchTemplate"]["LaunchTemplateId"]

    def group(self, image_id: str, size: int = 0, **more) -> str:
        """An Auto Scaling group with a template."""
        name = self.name("group")
        template = {"LaunchTemplateId": self.template(image_id), "Version": "$Latest"}
        self.autoscaling.create_auto_scaling_group(
            **{
                "AutoScalingGroupName": name,
                "MinSize": size,
                "MaxSize": 4,
                "DesiredCapacity": size,
                "AvailabilityZones": [f"{REGION}a"],
                "LaunchTemplate": template,
                **more,
            }
        )
        return name

    def group_seen(self, name: str) -> dict:
        """A group as it is now."""
        [group] = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        return group
