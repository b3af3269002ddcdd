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


def declared(folder: Path, name: str) -> tuple[str, str] | None:
    """Service and name in an operation's declaration, where it spells them out."""
    text = "".join(source.read_text() for source in sorted(folder.glob("*.rs")))
    declaration = (
        rf"impl Op for {name} \{{\s*const SPEC: OperationSpec =\s*OperationSpec::\w+\(Service::(\w+),\s*\"(\w+)\""
    )
    found = re.search(declaration, text)
    return (found[1], found[2]) if found else None


def operations_of_the_sandbox() -> set[tuple[str, str]]:
    """Every operation with its service, as botocore calls both."""
    session = botocore.session.get_session()
    known = {service: set(session.get_service_model(service).operation_names) for service in SERVICES}
    signing = {service.replace("-", ""): service for service in SERVICES}
    operations = set()
    for source in sorted(OPERATIONS_FOLDER.rglob("*.rs")):
        for name in re.findall(r"Entry::of::<(?:\w+::)*(\w{2,})>", source.read_text()):
            spelled = declared(source.parent, name)
            if spelled:
                operations.add((signing[spelled[0].lower()], spelled[1]))
                continue
            services = [service for service in SERVICES if name in known[service]]
            assert services, f"no service has an operation {name}"
            operations.add((services[0], name))
    assert len(operations) >= 48, f"the sandbox's tables are not where they are looked for: {operations}"
    return operations
