"""moto with its IAM enforced, and users of it who have the policies that amictl prints."""

import json
from contextlib import contextmanager
from urllib.request import Request, urlopen

from harness import Server


def actions_of(policy: dict) -> set[str]:
    """All actions that a policy allows."""
    return {action for statement in policy["Statement"] for action in statement["Action"]}


def without(policy: dict, action: str) -> dict:
    """The same policy but for this action, which has to be in it."""
    assert action in actions_of(policy), action
    statements = [
        {**statement, "Action": [other for other in statement["Action"] if other != action]}
        for statement in policy["Statement"]
    ]
    return {**policy, "Statement": [statement for statement in statements if statement["Action"]]}


def of_any_resource(policy: dict) -> dict:
    """The same actions on everything: moto asks for `*` whatever a call is about, and denies on any condition."""
    statements = [
        {"Effect": "Allow", "Action": statement["Action"], "Resource": "*"} for statement in policy["Statement"]
    ]
    return {**policy, "Statement": statements}


def user(server: Server, name: str, policy: dict) -> dict[str, str]:
    """Makes a user with this managed policy and an access key; returns what the AWS CLI takes from the environment."""
    iam = server.client("iam")
    iam.create_user(UserName=name)
    # moto checks the document's grammar as IAM does.
    made = iam.create_policy(PolicyName=f"of-{name}", PolicyDocument=json.dumps(policy))
    iam.attach_user_policy(UserName=name, PolicyArn=made["Policy"]["Arn"])
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


def _tell(server: Server, path: str, text: str = ""):
    """Tells moto itself something."""
    with urlopen(Request(f"{server.url}/moto-api/{path}", text.encode(), {"Content-Type": "text/plain"})) as reply:
        assert reply.status == 200


def forget_everything(server: Server):
    """Empties moto."""
    _tell(server, "reset")


@contextmanager
def enforced(server: Server):
    """While this is entered, nobody may do anything in moto without a policy."""
    # After so many calls moto asks who calls and what they may do.
    _tell(server, "reset-auth", "0")
    try:
        yield
    finally:
        _tell(server, "reset-auth", "inf")


# What a proxy has to say in moto's place. moto does not tell whether a cluster of EMR has instance groups or fleets, so
# amictl asks for both, and moto serves no fleets.
NO_FLEETS = {"ListInstanceFleets": {"InstanceFleets": []}}
# While moto enforces IAM it takes the signature of no `GET` for right, boto3's neither; AWS Backup is asked by one.
NO_VAULTS = {"ListBackupVaults": {"BackupVaultList": []}}
