"""The IAM policies that amictl prints, in moto with its IAM enforced: they are enough, and less is not."""

import itertools

import boto3
import pytest
from botocore.exceptions import ClientError
from conftest import in_400_days
from enforcing import NO_FLEETS, NO_VAULTS, enforced, user, without
from harness import REGION, Amictl, moto_server
from proxy import Proxy
from world import NOT_IN_MOTO, Builder, policy_for_all

# What moto serves of what scanning and planning call: the action, and the source that cannot be read without it.
SERVED = {
    "ec2:DescribeRegions": None,
    "ec2:DescribeImages": "images",
    "ec2:DescribeSnapshots": "snapshots",
    "ec2:DescribeImageAttribute": "launch_permissions",
    "ec2:DescribeInstances": "instances",
    "ec2:DescribeLaunchTemplates": "launch_templates",
    "ec2:DescribeLaunchTemplateVersions": "launch_templates",
    "autoscaling:DescribeLaunchConfigurations": "launch_configurations",
    "autoscaling:DescribeAutoScalingGroups": "auto_scaling_groups",
    "autoscaling:DescribeWarmPool": "warm_pools",
    "ec2:DescribeFleets": "ec2_fleets",
    "ec2:DescribeSpotFleetRequests": "spot_fleets",
    "ec2:DescribeSpotInstanceRequests": "spot_requests",
    "ssm:DescribeParameters": "ssm_parameters",
    "ssm:GetParameters": "ssm_parameters",
    "elasticmapreduce:ListClusters": "emr",
    "elasticmapreduce:DescribeCluster": "emr",
    "elasticmapreduce:ListInstanceGroups": "emr",
}
ALLOWED = {"Effect": "Allow", "Action": "*", "Resource": "*"}
NUMBERS = itertools.count(1)


def build(server) -> str:
    """Something of each kind that has to be looked into to be read; returns the image that nothing uses."""
    builder = Builder(server)
    used = builder.image("used", "keep", "in_use")
    builder.instance(used)
    builder.launch_configuration("configuration", used)
    template = builder.template("template", used)
    builder.empty_group("group", LaunchTemplate={"LaunchTemplateId": template, "Version": "1"})
    builder.autoscaling.put_warm_pool(AutoScalingGroupName="group")
    server.client("ssm").put_parameter(Name="/image", Value=used, Type="String")
    server.client("emr").run_job_flow(
        Name="cluster", ReleaseLabel="emr-7.5.0", CustomAmiId=used, Instances={"KeepJobFlowAliveWhenNoSteps": True}
    )
    return builder.image("idle", "retire", "unused")


@pytest.fixture(scope="module")
def server():
    with moto_server() as server:
        build(server)
        yield server


@pytest.fixture(scope="module")
def proxy(server):
    with Proxy(server, instead={**NO_FLEETS, **NO_VAULTS}) as proxy:
        yield proxy


def test_moto_takes_no_get_for_rightly_signed(server):
    """Or else AWS Backup would have to be asked, and `NO_VAULTS` to go."""
    keys = user(server, "everything", {"Version": "2012-10-17", "Statement": [ALLOWED]})
    backup = boto3.client(
        "backup",
        REGION,
        endpoint_url=server.url,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )
    with enforced(server), pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        backup.list_backup_vaults()


@pytest.fixture(scope="module")
def policies(tmp_path_factory) -> dict[str, dict]:
    """What amictl prints, by command."""
    amictl = Amictl(tmp_path_factory.mktemp("policies"), None)
    return {command: amictl("iam-policy", "--for", command).json() for command in ("scan", "plan", "apply", "undo")}


def amictl_of(server, proxy, home, policy: dict) -> Amictl:
    """The binary with the keys of a new user who has this policy."""
    (home / "policy.yaml").write_text(policy_for_all(*NOT_IN_MOTO))
    return Amictl(home, proxy.url, **user(server, f"user-{next(NUMBERS)}", policy))


def planned(server, proxy, home, policy: dict):
    """A plan that a user with this policy makes while IAM is enforced."""
    amictl = amictl_of(server, proxy, home, policy)
    proxy.statuses.clear()
    with enforced(server):
        return amictl("plan", "-f", "policy.yaml", "--now", in_400_days(), "--output", "json", code=(0, 1))


def test_the_policy_for_scanning_is_enough(server, proxy, policies, tmp_path):
    """The document is attached as it was printed."""
    result = planned(server, proxy, tmp_path, policies["scan"])
    assert result.code == 0
    plan = result.json()
    status = {entry["source"]: entry["status"] for entry in plan["coverage"]}
    expected = {source: "skipped" if source in NOT_IN_MOTO else "complete" for source in status}
    assert status == expected
    assert plan["complete"] is True
    assert {statuses for answered in proxy.statuses.values() for statuses in answered} == {200}, proxy.statuses
    # So nothing that moto serves and a scan calls is missing in the table.
    called = {action.split(":")[1] for action in SERVED} | {"GetCallerIdentity", *proxy.instead}
    assert proxy.statuses.keys() == called
    assert {verdict["name"]: verdict["decision"] for verdict in plan["verdicts"]} == {"used": "keep", "idle": "retire"}


def test_the_policy_for_scanning_is_that_for_planning(policies):
    assert policies["plan"] == policies["scan"]


@pytest.mark.parametrize("action", SERVED)
def test_without_one_action_what_it_reads_is_told_as_not_read(server, proxy, policies, tmp_path, action):
    result = planned(server, proxy, tmp_path, without(policies["scan"], action))
    assert 403 in proxy.statuses[action.split(":")[1]]
    source = SERVED[action]
    if source is None or source == "images":
        # The one is asked before there is anything to cover, and without the other nothing is left to plan.
        assert action in result.stderr and (result.code == 0) == (source is None)
        return
    [entry] = [entry for entry in result.json()["coverage"] if entry["source"] == source]
    assert entry["status"] == "denied" and action.split(":")[1] in entry["detail"], entry
    assert result.json()["complete"] is False
    assert result.json()["steps"] == []
