"""Which operations the sandbox serves, out of its own tables."""

import re
from pathlib import Path

import botocore.session

OPERATIONS_FOLDER = Path(__file__).resolve().parent.parent / "crates" / "sandbox" / "src" / "ops"
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
)


def names() -> list[str]:
    """The names in the tables: `Entry::of::<folder::Name>()`."""
    sources = sorted(OPERATIONS_FOLDER.rglob("*.rs"))
    found = [name for source in sources for name in re.findall(r"Entry::of::<(?:\w+::)*(\w+)>", source.read_text())]
    assert len(found) >= 48, f"the sandbox's tables are not where they are looked for: {found}"
    return [name for name in found if len(name) > 1]


def operations_of_the_sandbox() -> set[tuple[str, str]]:
    """Every operation with its service, as botocore calls both."""
    session = botocore.session.get_session()
    known = {service: set(session.get_service_model(service).operation_names) for service in SERVICES}
    found = set()
    for name in names():
        services = [service for service in SERVICES if name in known[service]]
        assert services, f"no service has an operation {name}"
        found.add((services[0], name))
    return found
