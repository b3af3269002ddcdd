"""`amictl policy convert` on whole documents of Data Lifecycle Manager and Image Builder, made of the fields of botocore's models.

Every field of a model is either carried over, or it (or what it stands in) is listed as not carried over. A field that a later botocore brings
is in the document by itself, and in the list unless somebody carries it over.
"""

import json
import re

import pytest
from botocore.loaders import Loader
from harness import Amictl

# What the policy that comes out rests on.
CARRIED = {
    "dlm": {
        "PolicyId", "PolicyDetails", "PolicyDetails.PolicyType", "PolicyDetails.ResourceTypes", "PolicyDetails.Schedules",
        "PolicyDetails.Schedules[].Name", "PolicyDetails.Schedules[].RetainRule",
        "PolicyDetails.Schedules[].DeprecateRule", "State",
    },
    "imagebuilder": {
        "name", "status", "resourceType", "policyDetails", "policyDetails[].action", "policyDetails[].filter",
        "policyDetails[].exclusionRules", "policyDetails[].exclusionRules.amis", "resourceSelection", "resourceSelection.recipes",
    },
}
# Where a text or a number is of a kind that the model does not tell.
VALUES = {
    "PolicyType": "IMAGE_MANAGEMENT", "State": "ENABLED", "PolicyId": "policy-0a1b2c3d4e5f60718", "TargetRegion": "eu-west-1",
    "Target": "eu-west-1", "IntervalUnit": "DAYS", "Interval": 30, "resourceType": "AMI_IMAGE", "status": "ENABLED",
    "policyDetails[].action.type": "DELETE", "policyDetails[].filter.type": "AGE", "unit": "DAYS", "value": 30,
    "retainAtLeast": 3, "regions": ["eu-west-1"], "sharedAccounts": ["222222222222"], "semanticVersion": "1.x.x",
}
# It leaves the whole policy out, which the tests of the conversion show.
LEFT_OUT_WHOLE = {"policyDetails[].exclusionRules.tagMap"}


class Model:
    """The shapes of a service."""

    def __init__(self, service: str):
        self.shapes = Loader().load_service_model(service, "service-2")["shapes"]
        self.paths: list[str] = []

    def example(self, name: str, path: str = "", seen: tuple = ()) -> object:
        """A document with every member of a shape; the paths of all of them are noted."""
        shape = self.shapes[name]
        known = next((VALUES[key] for key in (path, path.rsplit(".", 1)[-1]) if key in VALUES), None)
        if known is not None:
            return known
        match shape["type"]:
            case "structure":
                members = {}
                for member, of in shape["members"].items():
                    at = f"{path}.{member}" if path else member
                    if of["shape"] in seen or at in LEFT_OUT_WHOLE:
                        continue
                    self.paths.append(at)
                    members[member] = self.example(of["shape"], at, (*seen, name))
                return members
            case "list":
                return [self.example(shape["member"]["shape"], f"{path}[]", (*seen, name))]
            case "map":
                return {"key": "value"}
            case "boolean":
                return True
            case "integer" | "long":
                return 7
            case "timestamp":
                return "2026-11-21T09:30:00Z"
            case _:
                return shape.get("enum", ["text"])[0]


@pytest.mark.parametrize(("service", "shape", "least"), [("dlm", "LifecyclePolicy", 100), ("imagebuilder", "LifecyclePolicy", 30)])
def test_every_field_of_the_model_is_carried_over_or_listed(service, shape, least, tmp_path):
    model = Model(service)
    document = model.example(shape)
    assert len(model.paths) >= least, model.paths
    (tmp_path / "theirs.json").write_text(json.dumps(document))
    converted = Amictl(tmp_path, None)("policy", "convert", "theirs.json").stdout
    (tmp_path / "amictl.yaml").write_text(converted)
    Amictl(tmp_path, None)("policy", "validate", "amictl.yaml")
    assert "families:" in converted, converted
    notes = "\n".join(line for line in converted.splitlines() if line.startswith("#"))
    listed = set(re.findall(r"`([A-Za-z]+)`", notes))
    carried = CARRIED[service]

    def is_told(path: str) -> bool:
        parts = path.split(".")
        within = [".".join(parts[: at + 1]) for at in range(len(parts))]
        if any(place.rsplit(".", 1)[-1].removesuffix("[]") in listed for place in within):
            return True
        # Members of what is carried over as a whole: rules, filters, actions.
        return path in carried or any(place.removesuffix("[]") in carried for place in within[1:-1] if place not in ("PolicyDetails",))

    untold = [path for path in model.paths if not is_told(path)]
    assert not untold, f"neither carried over nor listed: {untold}\n{converted}"
    stale = carried - set(model.paths)
    assert not stale, f"no fields of the model any more: {stale}"
