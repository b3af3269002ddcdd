"""The AWS CLI, as anybody has it, against amictl's sandbox, one command after the other.

Whole stories are in `test_stories_cli.py`.
"""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from awscli_shell import shell_at
from harness import ACCOUNT, REGION, sandbox_server
from operations import operations_of_the_sandbox


@dataclass
class Case:
    """One command: the operation, the words after `aws`, what of the reply is remembered, and what has to hold of it."""

    operation: str
    command: str
    holds: Callable[[dict, dict], object] = lambda reply, ids: True
    save: dict[str, Callable[[dict], str]] = field(default_factory=dict)
    error: str | None = None

    def __str__(self) -> str:
        return f"{self.operation}:{self.error}" if self.error else self.operation


def ids_in(reply: dict, kind: str, member: str) -> set[str]:
    """The ids in a list of the reply."""
    return {item[member] for item in reply[kind]}


def instance(reply: dict) -> dict:
    """The only instance of a reply of DescribeInstances."""
    [found] = [instance for reservation in reply["Reservations"] for instance in reservation["Instances"]]
    return found


def image(reply: dict) -> dict:
    """The only image of a reply of DescribeImages."""
    [found] = reply["Images"]
    return found


def only(reply: dict, kind: str) -> dict:
    """The only member of a list of the reply."""
    [found] = reply[kind]
    return found


def case(operation: str, command: str, holds=None, error: str | None = None, **save) -> Case:
    """A case, with little to write."""
    return Case(operation, command, holds or (lambda reply, ids: True), save, error)


DEVICE = (
    "--root-device-name /dev/xvda "
    "--block-device-mappings DeviceName=/dev/xvda,Ebs={{SnapshotId={snapshot},VolumeType=gp3}}"
)
OLD_STYLE = "--launch-configuration-name old-style --image-id {image} --instance-type t3.micro"
ASSUMED = "arn:aws:iam::210987654321:role/cleaner"

STORY = [
    case("GetCallerIdentity", "sts get-caller-identity", lambda reply, ids: reply["Account"] == ACCOUNT),
    case(
        "AssumeRole",
        f"sts assume-role --role-arn {ASSUMED} --role-session-name nightly",
        lambda reply, ids: reply["Credentials"]["SessionToken"] and "210987654321" in reply["AssumedRoleUser"]["Arn"],
    ),
    case(
        "DescribeRegions", "ec2 describe-regions", lambda reply, ids: REGION in ids_in(reply, "Regions", "RegionName")
    ),
    case(
        "DescribeRegions",
        "ec2 describe-regions --all-regions",
        lambda reply, ids: "not-opted-in" in ids_in(reply, "Regions", "OptInStatus"),
    ),
    case(
        "DescribeAvailabilityZones",
        "ec2 describe-availability-zones",
        lambda reply, ids: f"{REGION}a" in ids_in(reply, "AvailabilityZones", "ZoneName"),
    ),
    case("DescribeVpcs", "ec2 describe-vpcs", vpc=lambda reply: only(reply, "Vpcs")["VpcId"]),
    case(
        "DescribeSubnets",
        "ec2 describe-subnets --filters Name=vpc-id,Values={vpc}",
        lambda reply, ids: f"{REGION}a" in ids_in(reply, "Subnets", "AvailabilityZone"),
    ),
    # A volume and its snapshots.
    case(
        "CreateVolume",
        f"ec2 create-volume --availability-zone {REGION}a --size 8",
        lambda reply, ids: reply["Size"] == 8,
        volume=lambda reply: reply["VolumeId"],
    ),
    case(
        "DescribeVolumes",
        "ec2 describe-volumes --volume-ids {volume}",
        lambda reply, ids: only(reply, "Volumes")["Size"] == 8,
    ),
    case(
        "CreateSnapshot",
        "ec2 create-snapshot --volume-id {volume} --description 'of the root' "
        "--tag-specifications 'ResourceType=snapshot,Tags=[{{Key=app,Value=web}}]'",
        lambda reply, ids: reply["VolumeId"] == ids["volume"],
        snapshot=lambda reply: reply["SnapshotId"],
    ),
    case("CreateSnapshot", "ec2 create-snapshot --volume-id {volume}", spare=lambda reply: reply["SnapshotId"]),
    case("CreateSnapshot", "ec2 create-snapshot --volume-id vol-0123456789abcdef0", error="InvalidVolume.NotFound"),
    case(
        "DescribeSnapshots",
        "ec2 describe-snapshots --owner-ids self --filters Name=tag:app,Values=web",
        lambda reply, ids: ids_in(reply, "Snapshots", "SnapshotId") == {ids["snapshot"]},
    ),
    case(
        "DescribeSnapshots",
        "ec2 describe-snapshots --owner-ids self --page-size 5",
        lambda reply, ids: {ids["snapshot"], ids["spare"]} <= ids_in(reply, "Snapshots", "SnapshotId"),
    ),
    case(
        "DescribeSnapshots",
        "ec2 describe-snapshots --snapshot-ids snap-0123456789abcdef0",
        error="InvalidSnapshot.NotFound",
    ),
    # An image and everything that can be said of it.
    case(
        "RegisterImage",
        f"ec2 register-image --name web-1 --architecture x86_64 {DEVICE}",
        image=lambda reply: reply["ImageId"],
    ),
    case(
        "RegisterImage",
        f"ec2 register-image --name web-1 {DEVICE}",
        error="InvalidAMIName.Duplicate",
    ),
    case(
        "RegisterImage",
        f"ec2 register-image --name web-2 {DEVICE} "
        "--tag-specifications 'ResourceType=image,Tags=[{{Key=app,Value=web}}]'",
        second=lambda reply: reply["ImageId"],
    ),
    case(
        "DescribeImages",
        "ec2 describe-images --image-ids {image}",
        lambda reply, ids: (
            image(reply)["State"] == "available"
            and image(reply)["RootDeviceType"] == "ebs"
            and image(reply)["Architecture"] == "x86_64"
            and image(reply)["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"] == ids["snapshot"]
        ),
    ),
    case(
        "DescribeImages",
        "ec2 describe-images --owners self --filters Name=tag:app,Values=web Name=name,Values='web-*'",
        lambda reply, ids: ids_in(reply, "Images", "ImageId") == {ids["second"]},
    ),
    case("DescribeImages", "ec2 describe-images --image-ids ami-0123456789abcdef0", error="InvalidAMIID.NotFound"),
    case("DescribeImages", "ec2 describe-images --image-ids web-1", error="InvalidAMIID.Malformed"),
    case("CreateTags", "ec2 create-tags --resources {image} {snapshot} --tags Key=team,Value=infra Key=empty,Value="),
    case(
        "DescribeTags",
        "ec2 describe-tags --filters Name=resource-id,Values={image}",
        lambda reply, ids: ids_in(reply, "Tags", "Key") == {"team", "empty"},
    ),
    case("DeleteTags", "ec2 delete-tags --resources {image} --tags Key=empty"),
    case(
        "DescribeImages",
        "ec2 describe-images --image-ids {image}",
        lambda reply, ids: image(reply)["Tags"] == [{"Key": "team", "Value": "infra"}],
    ),
    case(
        "ModifyImageAttribute",
        "ec2 modify-image-attribute --image-id {image} --launch-permission 'Add=[{{UserId=210987654321}}]'",
    ),
    case(
        "DescribeImageAttribute",
        "ec2 describe-image-attribute --image-id {image} --attribute launchPermission",
        lambda reply, ids: reply["LaunchPermissions"] == [{"UserId": "210987654321"}],
    ),
    case(
        "ModifyImageAttribute",
        "ec2 modify-image-attribute --image-id {image} --launch-permission 'Add=[{{UserId=me}}]'",
        error="InvalidAMIAttributeItemValue",
    ),
    case("ResetImageAttribute", "ec2 reset-image-attribute --image-id {second} --attribute launchPermission"),
    case(
        "EnableImageDeprecation", "ec2 enable-image-deprecation --image-id {image} --deprecate-at 2030-01-02T03:04:05Z"
    ),
    case(
        "DescribeImages",
        "ec2 describe-images --image-ids {image}",
        lambda reply, ids: image(reply)["DeprecationTime"].startswith("2030-01-02T03:04:00"),
    ),
    case(
        "EnableImageDeprecation",
        "ec2 enable-image-deprecation --image-id {image} --deprecate-at 2001-01-02T03:04:05Z",
        error="InvalidParameterValue",
    ),
    case("DisableImageDeprecation", "ec2 disable-image-deprecation --image-id {image}"),
    case(
        "EnableImageDeregistrationProtection",
        "ec2 enable-image-deregistration-protection --image-id {image}",
        lambda reply, ids: reply["Return"] == "enabled-without-cooldown",
    ),
    case("DeregisterImage", "ec2 deregister-image --image-id {image}", error="OperationNotPermitted"),
    case(
        "DisableImageDeregistrationProtection",
        "ec2 disable-image-deregistration-protection --image-id {image}",
        lambda reply, ids: reply["Return"] == "disabled",
    ),
    case("DisableImage", "ec2 disable-image --image-id {image} --dry-run", error="DryRunOperation"),
    case("DisableImage", "ec2 disable-image --image-id {image}", lambda reply, ids: reply["Return"] is True),
    case(
        "DescribeImageAttribute",
        "ec2 describe-image-attribute --image-id {image} --attribute launchPermission",
        lambda reply, ids: reply["LaunchPermissions"] == [],
    ),
    case(
        "DescribeImages",
        "ec2 describe-images --owners self",
        lambda reply, ids: ids["image"] not in ids_in(reply, "Images", "ImageId"),
    ),
    case(
        "DescribeImages",
        "ec2 describe-images --owners self --include-disabled --page-size 5",
        lambda reply, ids: {ids["image"], ids["second"]} == ids_in(reply, "Images", "ImageId"),
    ),
    case(
        "RunInstances",
        "ec2 run-instances --image-id {image} --instance-type t3.micro",
        error="InvalidAMIID.Unavailable",
    ),
    case("EnableImage", "ec2 enable-image --image-id {image}", lambda reply, ids: reply["Return"] is True),
    case(
        "DescribeImageAttribute",
        "ec2 describe-image-attribute --image-id {image} --attribute launchPermission",
        lambda reply, ids: reply["LaunchPermissions"] == [],
    ),
    case(
        "CopyImage",
        f"ec2 copy-image --name web-copy --source-image-id {{second}} --source-region {REGION}",
        copy=lambda reply: reply["ImageId"],
    ),
    # Instances.
    case(
        "RunInstances",
        "ec2 run-instances --image-id {image} --instance-type t3.micro --count 1",
        lambda reply, ids: reply["Instances"][0]["ImageId"] == ids["image"],
        instance=lambda reply: reply["Instances"][0]["InstanceId"],
    ),
    case(
        "DescribeInstances",
        "ec2 describe-instances --instance-ids {instance}",
        lambda reply, ids: instance(reply)["State"]["Name"] in ("pending", "running"),
    ),
    case(
        "StopInstances",
        "ec2 stop-instances --instance-ids {instance}",
        lambda reply, ids: only(reply, "StoppingInstances")["CurrentState"]["Name"] in ("stopping", "stopped"),
    ),
    case(
        "DescribeInstances",
        "ec2 describe-instances --include-managed-resources --page-size 5",
        lambda reply, ids: instance(reply)["State"]["Name"] in ("stopping", "stopped"),
    ),
    case("StartInstances", "ec2 start-instances --instance-ids {instance}"),
    case(
        "CreateImage",
        "ec2 create-image --instance-id {instance} --name web-3 --no-reboot",
        baked=lambda reply: reply["ImageId"],
    ),
    case(
        "TerminateInstances",
        "ec2 terminate-instances --instance-ids {instance}",
        lambda reply, ids: (
            only(reply, "TerminatingInstances")["CurrentState"]["Name"] in ("shutting-down", "terminated")
        ),
    ),
    case(
        "DescribeInstances",
        "ec2 describe-instances --instance-ids i-0123456789abcdef0",
        error="InvalidInstanceID.NotFound",
    ),
    # Launch templates.
    case(
        "CreateLaunchTemplate",
        "ec2 create-launch-template --launch-template-name web --launch-template-data "
        '\'{{"ImageId":"{image}","InstanceType":"t3.micro"}}\'',
        lambda reply, ids: reply["LaunchTemplate"]["LatestVersionNumber"] == 1,
        template=lambda reply: reply["LaunchTemplate"]["LaunchTemplateId"],
    ),
    case(
        "CreateLaunchTemplate",
        "ec2 create-launch-template --launch-template-name web --launch-template-data InstanceType=t3.micro",
        error="InvalidLaunchTemplateName.AlreadyExistsException",
    ),
    case(
        "CreateLaunchTemplateVersion",
        "ec2 create-launch-template-version --launch-template-id {template} --launch-template-data "
        '\'{{"ImageId":"{second}"}}\'',
        lambda reply, ids: reply["LaunchTemplateVersion"]["VersionNumber"] == 2,
    ),
    case(
        "ModifyLaunchTemplate",
        "ec2 modify-launch-template --launch-template-name web --default-version 2",
        lambda reply, ids: reply["LaunchTemplate"]["DefaultVersionNumber"] == 2,
    ),
    case(
        "DescribeLaunchTemplates",
        "ec2 describe-launch-templates",
        lambda reply, ids: only(reply, "LaunchTemplates")["DefaultVersionNumber"] == 2,
    ),
    case(
        "DescribeLaunchTemplateVersions",
        "ec2 describe-launch-template-versions --launch-template-id {template} --page-size 1",
        lambda reply, ids: (
            {
                version["VersionNumber"]: version["LaunchTemplateData"]["ImageId"]
                for version in reply["LaunchTemplateVersions"]
            }
            == {1: ids["image"], 2: ids["second"]}
        ),
    ),
    case(
        "DescribeLaunchTemplateVersions",
        "ec2 describe-launch-template-versions --versions '$Latest' '$Default' --resolve-alias",
        lambda reply, ids: {version["VersionNumber"] for version in reply["LaunchTemplateVersions"]} == {2},
    ),
    # Auto Scaling.
    case(
        "CreateLaunchConfiguration",
        f"autoscaling create-launch-configuration {OLD_STYLE}",
    ),
    case(
        "CreateLaunchConfiguration",
        f"autoscaling create-launch-configuration {OLD_STYLE}",
        error="AlreadyExists",
    ),
    case(
        "DescribeLaunchConfigurations",
        "autoscaling describe-launch-configurations",
        lambda reply, ids: only(reply, "LaunchConfigurations")["ImageId"] == ids["image"],
    ),
    case(
        "CreateAutoScalingGroup",
        "autoscaling create-auto-scaling-group --auto-scaling-group-name web --min-size 0 --max-size 0 "
        f"--launch-template 'LaunchTemplateId={{template}},Version=1' --availability-zones {REGION}a",
    ),
    case(
        "CreateAutoScalingGroup",
        "autoscaling create-auto-scaling-group --auto-scaling-group-name mixed --min-size 0 --max-size 0 "
        f"--availability-zones {REGION}a --mixed-instances-policy "
        '\'{{"LaunchTemplate":{{"LaunchTemplateSpecification":{{"LaunchTemplateId":"{template}","Version":"$Latest"}},'
        '"Overrides":[{{"InstanceType":"t3.small","ImageId":"{second}"}}]}}}}\'',
    ),
    case(
        "DescribeAutoScalingGroups",
        "autoscaling describe-auto-scaling-groups --page-size 1",
        lambda reply, ids: (
            {
                group["AutoScalingGroupName"]: [
                    override["ImageId"]
                    for override in group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("Overrides", [])
                ]
                for group in reply["AutoScalingGroups"]
            }
            == {"web": [], "mixed": [ids["second"]]}
        ),
    ),
    case("UpdateAutoScalingGroup", "autoscaling update-auto-scaling-group --auto-scaling-group-name web --max-size 1"),
    case("DeleteLaunchConfiguration", "autoscaling delete-launch-configuration --launch-configuration-name old-style"),
    case(
        "DeleteAutoScalingGroup", "autoscaling delete-auto-scaling-group --auto-scaling-group-name mixed --force-delete"
    ),
    # The end of it all.
    case(
        "DeleteLaunchTemplateVersions",
        "ec2 delete-launch-template-versions --launch-template-id {template} --versions 1",
    ),
    case("DeleteLaunchTemplate", "ec2 delete-launch-template --launch-template-id {template}"),
    case("DeleteSnapshot", "ec2 delete-snapshot --snapshot-id {snapshot}", error="InvalidSnapshot.InUse"),
    case(
        "DeregisterImage",
        "ec2 deregister-image --image-id {second} --delete-associated-snapshots",
        lambda reply, ids: (
            reply["Return"] is True
            and {result["SnapshotId"]: result["ReturnCode"] for result in reply["DeleteSnapshotResults"]}
            == {ids["snapshot"]: "skipped"}
        ),
    ),
    case("DeregisterImage", "ec2 deregister-image --image-id {second}", error="InvalidAMIID.Unavailable"),
    case(
        "DeregisterImage",
        "ec2 deregister-image --image-id {image} --delete-associated-snapshots",
        lambda reply, ids: [result["ReturnCode"] for result in reply["DeleteSnapshotResults"]] == ["success"],
    ),
    case("DeregisterImage", "ec2 deregister-image --image-id ami-0123456789abcdef0", error="InvalidAMIID.NotFound"),
    case("DeleteSnapshot", "ec2 delete-snapshot --snapshot-id {spare}"),
    case("DeleteSnapshot", "ec2 delete-snapshot --snapshot-id {spare}", error="InvalidSnapshot.NotFound"),
    case("DeleteVolume", "ec2 delete-volume --volume-id {volume}"),
]


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """A fresh sandbox and the AWS CLI in this process."""
    with sandbox_server() as server, shell_at(server, tmp_path_factory.mktemp("awscli")) as shell:
        yield shell


def test_what_is_told_of_is_there():
    """That nothing is forgotten is held by the boto3 story, in `test_replies.py`."""
    assert {told.operation for told in STORY} <= {name for _, name in operations_of_the_sandbox()}


@pytest.mark.parametrize("told", STORY, ids=str)
def test_story(shell, told):
    code, out, err = shell.run(told.command.format(**shell.ids))
    if told.error:
        assert code == 255 or code == 254, f"{told.operation} was to be refused\n{out}{err}"
        assert f"({told.error})" in err, err
        return
    assert code == 0, err
    reply = json.loads(out) if out.strip() else {}
    for name, path in told.save.items():
        shell.ids[name] = path(reply)
    assert told.holds(reply, shell.ids), json.dumps(reply, indent=1)


@pytest.mark.parametrize(
    "command, part",
    [
        ("sts get-caller-identity --query Account --output text", ACCOUNT),
        ("ec2 describe-regions --output text --query Regions[].RegionName", REGION),
        ("autoscaling describe-auto-scaling-groups --output json", "AutoScalingGroups"),
    ],
)
def test_as_a_process_of_its_own(shell, command, part):
    """As a person runs it."""
    done = subprocess.run(
        [sys.executable, "-m", "awscli", *command.split()],
        env={"PATH": os.environ["PATH"], **shell.env},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert part in done.stdout


def test_what_the_sandbox_does_not_know_it_says_so(shell):
    code, _, err = shell.run("ec2 describe-vpn-gateways")
    assert code in (254, 255)
    assert "(InvalidAction)" in err, err


def test_the_lines_to_paste_are_those_that_the_aws_cli_needs(tmp_path):
    """`amictl sandbox` prints the environment; pasted into a shell, `aws` works."""
    with sandbox_server() as server:
        exports = [line.strip() for line in server.log().splitlines() if line.strip().startswith("export ")]
        assert exports, server.log()
        script = "\n".join([*exports, f"exec {shlex.quote(sys.executable)} -m awscli sts get-caller-identity"])
        done = subprocess.run(
            ["bash", "-eu", "-c", script],
            env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["Account"]
