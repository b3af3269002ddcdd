"""IAM policies in the sandbox: what they do not allow is denied as each service denies, and amictl's own are enough."""

import json

import pytest
from botocore.exceptions import ClientError
from harness import ADMIN, Amictl, sandbox_server

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


# What every scan of images reads: without one of these it is not complete.
READ = [
    "ec2:DescribeRegions",
    "ec2:DescribeImages",
    "ec2:DescribeSnapshots",
    "ec2:DescribeInstances",
    "ec2:DescribeLaunchTemplates",
    "ec2:DescribeLaunchTemplateVersions",
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeLaunchConfigurations",
]


def actions_of(policy: dict) -> list[str]:
    """All actions of a policy."""
    return [action for statement in policy["Statement"] for action in statement["Action"]]


def test_the_readers_policy_is_enough_for_a_scan_and_less_is_not(tmp_path):
    policy = Amictl(tmp_path / "policy", None)("iam-policy").json()
    file = tmp_path / "policy.json"
    # The sandbox knows actions, not the resources and conditions to which some are narrowed.
    file.write_text(json.dumps(allowing(*actions_of(policy))))
    with sandbox_server(*ADMIN, "--iam", str(file), world="sample") as server:

        def is_complete(name: str, code: int | tuple[int, ...]) -> bool:
            amictl = Amictl(tmp_path / name, server.url, AWS_ACCESS_KEY_ID="123456789012")
            scan = amictl("scan", "--region", "all", "--output", "json", code=code)
            return scan.code == 0 and scan.json()["complete"]

        assert is_complete("whole", 0)
        for number, action in enumerate(READ):
            rest = [other for other in actions_of(policy) if other != action]
            server.admin("PUT", "/iam", allowing(*rest))
            assert not is_complete(f"without-{number}", (0, 1, 3)), f"a scan needs {action}"
