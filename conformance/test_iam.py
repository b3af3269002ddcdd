"""IAM policies in the sandbox: what they do not allow is denied as each service denies, and amictl's own are enough."""

import botocore.session
import pytest
from botocore.exceptions import ClientError
from enforcing import actions_of
from everything import REGION_OF_PRODUCTS, put_everything_else, put_product
from harness import ACCOUNT, ADMIN, REGION, Amictl, sandbox_server

ROLE = "arn:aws:iam::210987654321:role/cleaner"
SNAPSHOT = "snap-0123456789abcdef0"
# What is called, how it is denied, and the action that allows it.
DENIALS = [
    ("ec2:describe_images", {}, "UnauthorizedOperation", 403, "ec2:DescribeImages"),
    ("autoscaling:describe_tags", {}, "AccessDenied", 403, "autoscaling:DescribeTags"),
    ("sts:assume_role", {"RoleArn": ROLE, "RoleSessionName": "nightly"}, "AccessDenied", 403, "sts:AssumeRole"),
    ("ssm:describe_parameters", {}, "AccessDeniedException", 400, "ssm:DescribeParameters"),
    ("rbin:list_rules", {"ResourceType": "EBS_SNAPSHOT"}, "AccessDeniedException", 403, "rbin:ListRules"),
    ("imagebuilder:list_image_recipes", {}, "AccessDeniedException", 403, "imagebuilder:ListImageRecipes"),
    ("service-quotas:list_services", {}, "AccessDeniedException", 400, "servicequotas:ListServices"),
    ("organizations:list_accounts", {}, "AccessDeniedException", 400, "organizations:ListAccounts"),
    (
        "cloudcontrol:list_resources",
        {"TypeName": "AWS::Lambda::Function"},
        "AccessDeniedException",
        400,
        "cloudformation:ListResources",
    ),
    ("ebs:list_snapshot_blocks", {"SnapshotId": SNAPSHOT}, "AccessDeniedException", 403, "ebs:ListSnapshotBlocks"),
    ("sns:list_topics", {}, "AuthorizationError", 403, "sns:ListTopics"),
    ("s3:list_buckets", {}, "AccessDenied", 403, "s3:ListAllMyBuckets"),
    ("s3:list_objects_v2", {"Bucket": "pictures"}, "AccessDenied", 403, "s3:ListBucket"),
    ("s3:create_multipart_upload", {"Bucket": "pictures", "Key": "a"}, "AccessDenied", 403, "s3:PutObject"),
    (
        "s3:copy_object",
        {"Bucket": "pictures", "Key": "b", "CopySource": "pictures/a"},
        "AccessDenied",
        403,
        "s3:GetObject",
    ),
    ("s3:head_object", {"Bucket": "pictures", "Key": "a"}, "403", 403, "s3:GetObject"),
]


def allowing(*actions: str) -> dict:
    """A policy."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}


@pytest.fixture(scope="module")
def server():
    """A sandbox whose policies the tests change."""
    with sandbox_server(*ADMIN) as server:
        yield server


def outcome(server, target: str, parameters: dict) -> tuple[str, int]:
    """Code and status of a call."""
    service, operation = target.split(":")
    try:
        reply = getattr(server.client(service), operation)(**parameters)
    except ClientError as error:
        reply = error.response
    metadata = reply["ResponseMetadata"]
    return reply.get("Error", {}).get("Code", ""), metadata["HTTPStatusCode"]


@pytest.mark.parametrize("target, parameters, code, status, action", DENIALS, ids=[row[0] for row in DENIALS])
def test_a_call_is_denied_until_its_action_is_allowed(server, target, parameters, code, status, action):
    others = [row[4] for row in DENIALS if row[4] != action]
    server.admin("PUT", "/iam", allowing(*others))
    assert outcome(server, target, parameters) == (code, status)
    server.admin("PUT", "/iam", allowing(action, *others))
    assert outcome(server, target, parameters) != (code, status)
    assert outcome(server, "sts:get_caller_identity", {}) == ("", 200)


EVERYTHING = {"accounts": {}}
# What a scan of this account does without; its lack is told by the check-up.
TOLD_BY_THE_DOCTOR = {"servicequotas:ListServiceQuotas"}
ONE_ACCOUNT = {"AWS_ACCESS_KEY_ID": ACCOUNT}


@pytest.fixture(scope="module")
def full_account():
    """An account that has one of everything that is read."""
    with sandbox_server(*ADMIN, world="sample") as server:
        put_everything_else(server)
        yield server


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> set[str]:
    """The actions of the policy for scanning. The sandbox knows no resources and conditions, which narrow some."""
    return actions_of(Amictl(tmp_path_factory.mktemp("policy"), None)("iam-policy", "--for", "scan").json())


def run(server, home, actions: set[str], *command: str):
    """Runs amictl when callers may do this alone."""
    server.admin("PUT", "/iam", allowing(*sorted(actions)))
    return Amictl(home, server.url, **ONE_ACCOUNT)(*command, "--output", "json", code=(0, 1, 2, 3))


def test_the_policy_for_scanning_is_enough_for_all_that_is_read(full_account, reader, tmp_path):
    plan = run(full_account, tmp_path, reader, "plan", "--region", "all").json()
    assert [entry for entry in plan["coverage"] if entry["status"] != "complete"] == []
    assert plan["complete"] is True and plan["steps"]


def test_each_action_of_the_policy_for_scanning_is_needed_and_its_lack_is_told(full_account, reader, tmp_path):
    full_account.admin("PUT", "/iam", EVERYTHING)
    put_product(full_account)
    untold = set()
    for number, action in enumerate(sorted(reader)):
        region = REGION_OF_PRODUCTS if action.startswith("servicecatalog:") else REGION
        result = run(full_account, tmp_path / str(number), reader - {action}, "plan", "--region", region)
        coverage = result.json()["coverage"] if result.code == 0 else []
        told = [entry for entry in coverage if entry["status"] == "denied" and action in entry["detail"]]
        assert not told or result.json()["complete"] is False, action
        if not told and action not in result.stderr:
            untold.add(action)
    assert untold == TOLD_BY_THE_DOCTOR & reader
    health = run(full_account, tmp_path, reader, "doctor").stdout
    for action in untold:
        assert action in run(full_account, tmp_path, reader - {action}, "doctor").stdout and action not in health


def regions_of_all_partitions() -> list[tuple[str, str]]:
    """A Region of each partition that botocore knows."""
    session = botocore.session.get_session()
    partitions = session.get_available_partitions()
    found = [(name, session.get_available_regions("ec2", partition_name=name)) for name in partitions]
    return [(name, regions[0]) for name, regions in found if regions]


@pytest.mark.parametrize(("partition", "region"), regions_of_all_partitions())
def test_a_printed_policy_names_the_partition_of_its_region(tmp_path, partition, region):
    policy = Amictl(tmp_path / "home", None)("iam-policy", "--for", "undo", "--region", region).json()
    resources = {statement["Resource"] for statement in policy["Statement"]} - {"*"}
    assert resources and {resource.split(":")[1] for resource in resources} == {partition}
