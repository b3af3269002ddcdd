"""The world on which amictl is compared with the tools of others: one image for each case, used in that way alone.

A tool that does not look where an image is used takes it for unused. A case that yields goes on later, when what was
launched is running; what it does after its second yield is still under way when the tools look.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from harness import ACCOUNT, Server
from world import PARTNER_ACCOUNT, Builder

IN_USE, EXCLUDED, FREE = "in use", "excluded", "unused"
# So long does an instance take from one state to the next.
PACE = ("--pace", "instance=1h")
# Longer than that, and shorter than the hour more for which EC2 shows a terminated instance.
LATER = "90m"
YIELDS = 2
# Groups that Auto Scaling lists on a first page when it is not asked for another number.
FIRST_PAGE = 50
IDS = {
    "short-id-in-use": "ami-1a2b3c4d",
    "long-id-beside-it": "ami-1a2b3c4d5e6f70819",
    "long-id-in-use": "ami-5d6c7b8a90123456f",
    "short-id-beside-it": "ami-5d6c7b8a",
}
GROUP = "in_use/auto_scaling_groups"
INSTANCE = ("in_use/instances", "in_use/instance_image_metadata")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/aws-ec2-spot-fleet-tagging-role"


@dataclass(frozen=True)
class Case:
    """An image by its name, what is true of it, and what amictl's verdict has to rest on."""

    image: str
    truth: str
    what: str
    because: frozenset[str]
    tags: dict[str, str]
    make: Callable

    def __str__(self) -> str:
        return self.image


CASES: list[Case] = []


def case(truth: str, what: str, *because: str, tags: dict[str, str] | None = None):
    """Notes a case; its image is named after the function."""

    def note(make: Callable) -> Callable:
        name = make.__name__.replace("_", "-")
        CASES.append(Case(name, truth, what, frozenset(because), tags or {"application": "web"}, make))
        return make

    return note


class Stage(Builder):
    """Builds the cases, and the surroundings that they share."""

    def __init__(self, server: Server):
        super().__init__(server)
        self.server = server
        self.ssm = server.client("ssm")
        # The volume takes its time, too.
        server.advance(LATER)
        self.filler = self.image("filler", "keep", "in_use")
        self.instance(self.filler)

    def parameter(self, name: str, value: str, **more: str):
        """A parameter of Systems Manager."""
        self.ssm.put_parameter(Name=name, Value=value, Type="String", **more)

    def moved_group(self, name: str, **launches: object):
        """A group whose one instance still runs what the group launched before it was told to launch something else.

        Not a group of size 0: where such a group has a launch template, aws-amicleaner ends with an error.
        """
        before = self.template(f"before-{name}", self.filler)
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=1,
            MaxSize=1,
            AvailabilityZones=[self.zone],
            LaunchTemplate={"LaunchTemplateId": before, "Version": "1"},
        )
        self.autoscaling.update_auto_scaling_group(AutoScalingGroupName=name, **launches)

    def group_of_template(self, name: str, template: str, version: str):
        """A group that now follows a version of a template."""
        self.moved_group(name, LaunchTemplate={"LaunchTemplateId": template, "Version": version})

    def mixed_group(self, name: str, override: dict):
        """A group that now has a mixed-instances policy with one override."""
        base = self.template(f"base-of-{name}", self.filler)
        self.moved_group(
            name,
            MixedInstancesPolicy={
                "LaunchTemplate": {
                    "LaunchTemplateSpecification": {"LaunchTemplateId": base, "Version": "$Latest"},
                    "Overrides": [{"InstanceType": "t3.small", **override}],
                }
            },
        )


def build(server: Server) -> dict[str, str]:
    """Builds all cases; the image ids by name, all but `filler` of a case."""
    stage = Stage(server)
    under_way = []
    for one in CASES:
        image_id = stage.image(one.image, one.truth, one.what)
        stage.ec2.create_tags(Resources=[image_id], Tags=[{"Key": k, "Value": v} for k, v in one.tags.items()])
        under_way.append(one.make(stage, image_id))
    going_on = [steps for steps in under_way if steps is not None]
    for steps in going_on:
        next(steps)
    for _ in range(YIELDS):
        server.advance(LATER)
        for steps in going_on:
            next(steps, None)
    ids = {one.image: stage.world.ids[one.image] for one in CASES}
    renumber(server, ids)
    return ids


def renumber(server: Server, ids: dict[str, str]):
    """Gives the images of `IDS` other ids everywhere in a sandbox's world: EC2 makes no short ones any more."""
    world = json.dumps(server.admin("GET", "/world"))
    for name, image_id in IDS.items():
        assert f'"{ids[name]}"' in world, name
        world = world.replace(ids[name], image_id)
        ids[name] = image_id
    server.admin("PUT", "/world", json.loads(world))


# --- instances


@case(IN_USE, "a running instance", *INSTANCE)
def running_instance(s: Stage, image: str):
    s.instance(image)


@case(IN_USE, "a stopped instance", *INSTANCE)
def stopped_instance(s: Stage, image: str):
    instance = s.instance(image)
    yield
    s.ec2.stop_instances(InstanceIds=[instance])


@case(IN_USE, "a pending instance", *INSTANCE)
def pending_instance(s: Stage, image: str):
    yield
    yield
    s.instance(image)


@case(IN_USE, "a stopping instance", *INSTANCE)
def stopping_instance(s: Stage, image: str):
    instance = s.instance(image)
    yield
    yield
    s.ec2.stop_instances(InstanceIds=[instance])


@case(IN_USE, "an instance that is shutting down", *INSTANCE)
def instance_shutting_down(s: Stage, image: str):
    instance = s.instance(image)
    yield
    yield
    s.ec2.terminate_instances(InstanceIds=[instance])


# EC2 lists it for an hour; the second witness is asked about instances in all other states.
@case(FREE, "an instance that was terminated half an hour ago, and that EC2 still lists", "unused")
def instance_terminated_just_now(s: Stage, image: str):
    instance = s.instance(image)
    yield
    s.ec2.terminate_instances(InstanceIds=[instance])


@case(FREE, "an instance that was terminated two hours ago", "unused")
def instance_terminated_long_ago(s: Stage, image: str):
    s.ec2.terminate_instances(InstanceIds=[s.instance(image)])


@case(IN_USE, "an instance that is launched between two runs of the tool", *INSTANCE)
def launched_between_two_runs(s: Stage, image: str):
    """`test_peers_table.py` launches it."""


# --- launch templates


@case(IN_USE, "a group, by the pinned version 2 of 3 of a launch template", "in_use/launch_templates", GROUP)
def pinned_version_of_a_template(s: Stage, image: str):
    s.group_of_template("case-pinned", s.template("pinned", s.filler, image, s.filler), "2")


@case(IN_USE, "a launch template that no group uses", "in_use/launch_templates")
def template_without_a_group(s: Stage, image: str):
    s.template("no-group", image)


@case(IN_USE, "an older version of a launch template that no group uses", "in_use/launch_templates")
def older_version_without_a_group(s: Stage, image: str):
    s.template("no-group-older", image, s.filler)


@case(
    IN_USE,
    "a group's launch template, as `resolve:ssm:/golden/web`",
    "in_use/launch_templates",
    GROUP,
    "in_use/ssm_parameters",
)
def resolve_ssm_of_a_template(s: Stage, image: str):
    s.parameter("/golden/web", image, DataType="aws:ec2:image")
    s.group_of_template("case-alias", s.template("alias", "resolve:ssm:/golden/web"), "$Latest")


@case(
    IN_USE,
    "a group's launch template, whose other version, of another group, is deleted (`VersionNotFound`)",
    "in_use/launch_templates",
    GROUP,
)
def template_with_a_version_that_is_gone(s: Stage, image: str):
    template = s.template("with-a-gap", s.filler, image)
    s.ec2.modify_launch_template(LaunchTemplateId=template, DefaultVersion="2")
    s.group_of_template("case-gap-1", template, "1")
    s.group_of_template("case-gap-2", template, "2")
    s.ec2.delete_launch_template_versions(LaunchTemplateId=template, Versions=["1"])


@case(IN_USE, "the override of a mixed-instances policy, by its own launch template", "in_use/launch_templates", GROUP)
def mixed_instances_override_of_a_template(s: Stage, image: str):
    template = s.template("of-override", image, s.filler)
    s.mixed_group("case-override", {"LaunchTemplateSpecification": {"LaunchTemplateId": template, "Version": "1"}})


@case(IN_USE, "the override of a mixed-instances policy, by its `ImageId`", GROUP)
def mixed_instances_override_of_an_image(s: Stage, image: str):
    s.mixed_group("case-override-image", {"ImageId": image})


# --- launch configurations


@case(IN_USE, "a launch configuration that no group uses", "in_use/launch_configurations")
def unattached_launch_configuration(s: Stage, image: str):
    s.launch_configuration("case-unattached", image)


@case(IN_USE, "the launch configuration of a group of size 0", "in_use/launch_configurations", GROUP)
def group_of_size_zero(s: Stage, image: str):
    s.launch_configuration("case-empty", image)
    s.empty_group("case-empty", LaunchConfigurationName="case-empty")


@case(
    IN_USE,
    "the new launch configuration of a live group, whose instance still runs another image",
    "in_use/launch_configurations",
    GROUP,
)
def live_group(s: Stage, image: str):
    s.launch_configuration("case-live", image)
    s.moved_group("case-live", LaunchConfigurationName="case-live")


@case(
    IN_USE,
    f"the launch configuration of a group of size 0, past the first {FIRST_PAGE} groups",
    "in_use/launch_configurations",
    GROUP,
)
def group_past_the_first_page(s: Stage, image: str):
    for number in range(FIRST_PAGE):
        name = f"filler-{number:02}"
        s.launch_configuration(name, s.filler)
        s.empty_group(name, LaunchConfigurationName=name)
    s.launch_configuration("last", image)
    s.empty_group("last", LaunchConfigurationName="last")


# --- other places


@case(IN_USE, "a parameter of Systems Manager", "in_use/ssm_parameters")
def ssm_parameter(s: Stage, image: str):
    s.parameter("/deploy/image", image)


@case(IN_USE, "an instance of another account, which may launch it", "in_use/image_usage")
def instance_of_another_account(s: Stage, image: str):
    s.ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": PARTNER_ACCOUNT}]})
    partner = s.server.client("ec2", access_key=PARTNER_ACCOUNT)
    partner.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)


@case(IN_USE, "a Spot Fleet", "in_use/spot_fleets")
def spot_fleet(s: Stage, image: str):
    specification = {"ImageId": image, "InstanceType": "t3.micro"}
    s.ec2.request_spot_fleet(
        SpotFleetRequestConfig={"IamFleetRole": ROLE, "TargetCapacity": 0, "LaunchSpecifications": [specification]}
    )


@case(IN_USE, "a recipe of EC2 Image Builder", "in_use/image_builder")
def image_builder_recipe(s: Stage, image: str):
    component = "arn:aws:imagebuilder:us-east-1:aws:component/update-linux/x.x.x"
    s.server.client("imagebuilder").create_image_recipe(
        name="case",
        semanticVersion="1.0.0",
        parentImage=image,
        components=[{"componentArn": component}],
        clientToken="case",
    )


# --- exclusions


@case(EXCLUDED, "the first of two excluded groups", "excluded", tags={"application": "database"})
def first_excluded_group(s: Stage, image: str):
    """Its tags say it."""


@case(EXCLUDED, "the second of two excluded groups", "excluded", tags={"application": "cache"})
def second_excluded_group(s: Stage, image: str):
    """Its tags say it."""


@case(EXCLUDED, "no group that is cleaned up: its tag is `app`, not `application`", "no_family", tags={"app": "web"})
def tag_key_within_another(s: Stage, image: str):
    """Its tags say it."""


# --- ids


@case(IN_USE, "an instance; its id has 8 digits", *INSTANCE)
def short_id_in_use(s: Stage, image: str):
    s.instance(image)


@case(FREE, "nothing; its id begins with those 8 digits and has 17", "unused")
def long_id_beside_it(s: Stage, image: str):
    """See `IDS`."""


@case(IN_USE, "an instance; its id has 17 digits", *INSTANCE)
def long_id_in_use(s: Stage, image: str):
    s.instance(image)


@case(FREE, "nothing; its id is the first 8 of those digits", "unused")
def short_id_beside_it(s: Stage, image: str):
    """See `IDS`."""


@case(FREE, "nothing", "unused")
def used_by_nothing(s: Stage, image: str):
    """As it is."""
