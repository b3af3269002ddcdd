"""Which operations the sandbox serves: its admin endpoint says so."""

import botocore.session
from harness import ADMIN, sandbox_server

SERVICES = (
    "ec2",
    "autoscaling",
    "sts",
    "ssm",
    "rbin",
    "imagebuilder",
    "service-quotas",
    "organizations",
    "cloudcontrol",
    "ebs",
    "s3",
    "sns",
    "backup",
    "emr",
    "config",
)


def operations_of_the_sandbox() -> set[tuple[str, str]]:
    """Every operation with its service, as botocore calls both."""
    session = botocore.session.get_session()
    by_signature = {session.get_service_model(service).signing_name: service for service in SERVICES}
    with sandbox_server(*ADMIN) as server:
        listed = server.admin("GET", "/operations")["operations"]
    operations = {(by_signature[found["service"]], found["operation"]) for found in listed}
    assert len(operations) == len(listed) >= 48, listed
    return operations
