"""One world, built by boto3 alone, the same in every server that speaks EC2 and Auto Scaling.

Image ids differ from server to server; names do not, so names are what is compared.
"""

import time
from dataclasses import dataclass, field

from harness import REGION, Server

FAMILIES = 25
VERSIONS = 8
KEPT_NEWEST = 6
PARTNER_ACCOUNT = "210987654321"

# What moto does not serve: an account that answers so has to be told that it does not use it, or every image is blocked.
NOT_IN_MOTO = [
    "instance_image_metadata",
    "root_volume_replacements",
    "instance_refreshes",
    "fast_launch",
    "image_tasks",
    "image_builder",
    "eks_node_groups",
    "batch",
    "elastic_beanstalk",
    "sagemaker",
    "pcs",
    "codebuild",
    "rds_custom",
    "workspaces_instances",
    "cloudformation",
    "service_catalog",
    "image_references",
    "image_usage",
]

POLICY = """\
version: 1
references:
  launch_template_versions: all
  other_accounts: required
  unreadable: block
  not_used: [NOT_IN_MOTO]
protect:
  - tag: { "amictl:keep": "*" }
limits: { max_actions: 500, max_percent: 100, min_images: 5 }
families:
  - name: by-name
    match: { name: "app24-{version}" }
    keep: { newest: 6, younger_than: 30d }
    retire:
      - deregister: { snapshots: delete }
  - name: by-tag
    match: { tags: { app: "*" } }
    group_by: ["tag:app"]
    keep: { newest: 6, younger_than: 30d }
    retire:
      - deregister: { snapshots: delete }
  - name: singles
    match: { name: "single-*" }
    keep: { younger_than: 30d }
    retire:
      - deregister: { snapshots: delete }
""".replace("NOT_IN_MOTO", ", ".join(NOT_IN_MOTO))


def policy_for_all(*not_used: str, stage: str = "deregister", other_accounts: str = "required") -> str:
    """A policy by which every image goes that is old and not used."""
    return f"""\
version: 1
references: {{ other_accounts: {other_accounts}, not_used: [{", ".join(not_used)}] }}
limits: {{ max_actions: 100, max_percent: 100, min_images: 1 }}
families:
  - name: all
    match: {{ name: "*" }}
    keep: {{ younger_than: 30d }}
    retire:
      - {stage}
"""


@dataclass
class Expected:
    """What the policy must say of one image, by the reason that has to be among its reasons."""

    decision: str
    reason: str


@dataclass
class World:
    """What was built: every image by name."""

    ids: dict[str, str] = field(default_factory=dict)
    snapshots: dict[str, list[str]] = field(default_factory=dict)
    expected: dict[str, Expected] = field(default_factory=dict)
    hostile: dict[str, str] = field(default_factory=dict)
    loose_snapshot: str = ""
    shared_snapshot: str = ""
    disabled: set[str] = field(default_factory=set)

    @property
    def unused(self) -> set[str]:
        """The names that have to go."""
        return {name for name, expected in self.expected.items() if expected.decision == "retire"}

    @property
    def kept(self) -> set[str]:
        """The names that have to stay."""
        return set(self.expected) - self.unused


class Builder:
    """Builds a world in one Region of one server."""

    def __init__(self, server: Server, region: str = REGION):
        self.ec2 = server.client("ec2", region)
        self.autoscaling = server.client("autoscaling", region)
        self.zone = f"{region}a"
        self.volume = self.ec2.create_volume(AvailabilityZone=self.zone, Size=8)["VolumeId"]
        self.world = World()

    def snapshot(self, description: str) -> str:
        """One more snapshot of the volume."""
        return self.ec2.create_snapshot(VolumeId=self.volume, Description=description)["SnapshotId"]

    def image(self, name: str, decision: str, reason: str, snapshot: str | None = None) -> str:
        """Registers an EBS-backed image and notes what the policy must say of it."""
        mapping = {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot or self.snapshot(f"for {name}")}}
        image_id = self.ec2.register_image(
            Name=name,
            Architecture="x86_64",
            RootDeviceName="/dev/xvda",
            VirtualizationType="hvm",
            BlockDeviceMappings=[mapping],
        )["ImageId"]
        self.world.ids[name] = image_id
        self.world.expected[name] = Expected(decision, reason)
        return image_id

    def tag(self, names: list[str], **tags: str):
        """Tags images by name."""
        self.ec2.create_tags(
            Resources=[self.world.ids[name] for name in names],
            Tags=[{"Key": key.replace("__", ":"), "Value": value} for key, value in tags.items()],
        )

    def used(self, name: str):
        """Notes that something uses this image, so that it has to stay."""
        self.world.expected[name] = Expected("keep", "in_use")
        return self.world.ids[name]

    def families(self, families: int, versions: int, kept_newest: int):
        """`families` × `versions` images, the older ones of each family a second or more older than the kept ones."""
        old = versions - kept_newest
        for version in range(1, versions + 1):
            if version == old + 1:
                self.next_second()
            for family in range(families):
                decision = ("retire", "unused") if version <= old else ("keep", "newest")
                self.image(f"app{family:02}-v{version}", *decision)
        for family in range(families):
            app = f"app{family:02}"
            self.tag([f"{app}-v{version}" for version in range(1, versions + 1)], app=app)

    def next_second(self):
        """Waits until images made from now on are newer than those before, at EC2's precision of a second."""
        time.sleep(1.05 - time.time() % 1)

    def instance(self, image_id: str) -> str:
        """Launches an instance."""
        return self.ec2.run_instances(ImageId=image_id, InstanceType="t3.micro", MinCount=1, MaxCount=1)["Instances"][
            0
        ]["InstanceId"]

    def template(self, name: str, *image_ids: str) -> str:
        """A launch template with a version for each image; the last one is the default."""
        first, *rest = ({"ImageId": image_id, "InstanceType": "t3.micro"} for image_id in image_ids)
        template = self.ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=first)
        template_id = template["LaunchTemplate"]["LaunchTemplateId"]
        for data in rest:
            self.ec2.create_launch_template_version(LaunchTemplateId=template_id, LaunchTemplateData=data)
        if rest:
            self.ec2.modify_launch_template(LaunchTemplateId=template_id, DefaultVersion=str(len(image_ids)))
        return template_id

    def launch_configuration(self, name: str, image_id: str):
        """A launch configuration."""
        self.autoscaling.create_launch_configuration(
            LaunchConfigurationName=name, ImageId=image_id, InstanceType="t3.micro"
        )

    def empty_group(self, name: str, **launches: object):
        """An Auto Scaling group of size 0."""
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=0,
            MaxSize=0,
            DesiredCapacity=0,
            AvailabilityZones=[self.zone],
            **launches,
        )

    def finish(self, server: Server, region: str) -> World:
        """Reads the block devices back: a server may have made snapshots of its own for an image."""
        pages = server.client("ec2", region).get_paginator("describe_images")
        for page in pages.paginate(Owners=["self"], IncludeDisabled=True):
            for image in page["Images"]:
                self.world.snapshots[image["Name"]] = [
                    mapping["Ebs"]["SnapshotId"] for mapping in image["BlockDeviceMappings"] if "Ebs" in mapping
                ]
        assert self.world.snapshots.keys() == self.world.ids.keys(), "the server lists every image that was made"
        assert all(self.world.snapshots.values()), "every image has a snapshot"
        return self.world


def build(server: Server, region: str = REGION) -> World:
    """The large world: `FAMILIES` × `VERSIONS` images and the special ones."""
    b = Builder(server, region)
    b.families(FAMILIES, VERSIONS, KEPT_NEWEST)
    ids = b.world.ids
    newest = f"v{VERSIONS}"

    b.instance(b.used("app00-v1"))
    b.ec2.stop_instances(InstanceIds=[b.instance(b.used("app01-v1"))])
    b.template("no-group-uses-it", b.used("app02-v1"))
    b.template("middle", ids[f"app03-{newest}"], b.used("app03-v1"), ids[f"app03-{newest}"])
    b.launch_configuration("unattached", b.used("app04-v1"))
    b.launch_configuration("of-empty-group", b.used("app05-v1"))
    b.empty_group("empty", LaunchConfigurationName="of-empty-group")
    base = b.template("mixed-base", ids[f"app06-{newest}"])
    override = b.template("mixed-override", b.used("app07-v1"))
    b.empty_group(
        "mixed",
        MixedInstancesPolicy={
            "LaunchTemplate": {
                "LaunchTemplateSpecification": {"LaunchTemplateId": base, "Version": "$Latest"},
                "Overrides": [
                    {"InstanceType": "t3.small", "ImageId": b.used("app06-v1")},
                    {
                        "InstanceType": "t3.large",
                        "LaunchTemplateSpecification": {"LaunchTemplateId": override, "Version": "1"},
                    },
                ],
            }
        },
    )
    group_template = b.template("of-group", b.used("app08-v1"), b.used("app08-v2"))
    b.empty_group("templated", LaunchTemplate={"LaunchTemplateId": group_template, "Version": "$Default"})
    # A terminated instance uses nothing any more: app09-v1 goes all the same.
    b.ec2.terminate_instances(InstanceIds=[b.instance(ids["app09-v1"])])
    # More templates than moto answers when it is not asked for more (15).
    for number in range(20):
        b.template(f"filler-{number:02}", ids[f"app{number:02}-{newest}"])

    b.image("single-shared", "keep", "shared")
    b.ec2.modify_image_attribute(ImageId=ids["single-shared"], LaunchPermission={"Add": [{"UserId": PARTNER_ACCOUNT}]})
    b.image("single-tagged", "keep", "excluded")
    b.tag(["single-tagged"], amictl__keep="until the audit")
    b.image("single-disabled", "retire", "unused")
    b.image("single-disabled-tagged", "keep", "excluded")
    b.tag(["single-disabled-tagged"], amictl__keep="")
    for name in ("single-disabled", "single-disabled-tagged"):
        b.ec2.disable_image(ImageId=ids[name])
    b.world.disabled.add("single-disabled-tagged")
    b.image("nobody-s", "keep", "no_family")
    b.world.shared_snapshot = b.snapshot("two images on one snapshot")
    b.image("single-on-shared-snapshot", "retire", "unused", b.world.shared_snapshot)
    b.image("nobody-s-on-shared-snapshot", "keep", "no_family", b.world.shared_snapshot)
    b.world.loose_snapshot = b.snapshot("belongs to no image")
    return b.finish(server, region)


def build_small(server: Server, region: str = REGION, unused: int = 4) -> World:
    """A small world: `unused` images to go, one in use, one protected by a tag, one shared, one of no family."""
    b = Builder(server, region)
    for number in range(unused):
        b.image(f"single-{number:03}", "retire", "unused")
    b.image("single-used", "keep", "in_use")
    b.instance(b.used("single-used"))
    b.image("single-tagged", "keep", "excluded")
    b.tag(["single-tagged"], amictl__keep="yes")
    b.image("single-shared", "keep", "shared")
    b.ec2.modify_image_attribute(
        ImageId=b.world.ids["single-shared"], LaunchPermission={"Add": [{"UserId": PARTNER_ACCOUNT}]}
    )
    b.image("nobody-s", "keep", "no_family")
    b.world.loose_snapshot = b.snapshot("belongs to no image")
    return b.finish(server, region)
