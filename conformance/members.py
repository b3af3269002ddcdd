"""Writes the sandbox's tables of request members from botocore's service models.

    target/python/bin/python conformance/members.py

A table is what the sandbox knows of a request beside what an operation reads: every member with its name on the wire, its
type and its constraints. One line a thing:

    op <operation> <structure | -> [token=<member>] [void]     void: a query service's reply without a result
    struct <name> <member>[!][@|?]:<shape> …     ! required; @ in the path; ? in the query string of a REST service
    list <name> <shape> [min=] [max=]
    map <name> <shape of the keys> <shape of the values> [min=] [max=]
    <scalar type> <name> [min=] [max=] [values=a|b|…]

A scalar without constraints has no line; its type stands in place of its name.
"""

import pathlib
import re

import botocore
import botocore.loaders

TARGET = pathlib.Path(__file__).parent.parent / "crates/sandbox/src/wire/members"
SERVICES = [
    "ec2", "autoscaling", "sts", "ssm", "rbin", "imagebuilder", "service-quotas", "organizations", "cloudcontrol", "ebs",
    "sns", "backup", "emr", "config",
]
# These have hundreds of operations that a sandbox of images will never serve.
BACKUP_OPERATIONS = re.compile(r"^List(BackupVaults|RecoveryPointsByBackupVault)$")
EMR_OPERATIONS = re.compile(r"^(RunJobFlow|TerminateJobFlows|ListClusters|DescribeCluster|ListInstance(Groups|Fleets))$")
EC2_OPERATIONS = re.compile(
    r"Image|Snapshot|Volume|LaunchTemplate|Fleet|Spot|FastLaunch|FastSnapshotRestore|ReplaceRootVolume|ImportTask|ExportTask"
    r"|InstanceMetadata|InstanceType|InstanceStatus|InstanceAttribute|InstanceCreditSpec|^(Create|Delete|Describe)Tags$|Bundle"
    r"|^(Run|Start|Stop|Terminate|Reboot|Describe|Monitor|Unmonitor)Instances$|Regions$|AvailabilityZones$|AccountAttributes$"
    r"|AllowedImages|KeyPair|^DescribeHosts$|^(Describe|Create|Delete)(Vpcs?|Subnets?|SecurityGroups?)$"
    r"|^Describe(InternetGateways|RouteTables|NetworkAcls|NetworkInterfaces|VpcAttribute|DhcpOptions|NatGateways|VpcEndpoints)$"
    r"|^(Describe|Modify)IdFormat|EbsEncryptionByDefault|EbsDefaultKmsKeyId|SerialConsole|ConsoleOutput|PasswordData"
    r"|^(Describe|Modify)SecurityGroupRules$|^(Authorize|Revoke)SecurityGroup|PlacementGroups?$|^DescribeAddresses$"
)
CONFIG_OPERATIONS = re.compile(r"ConfigurationAggregators?$|^SelectAggregateResourceConfig$")
OPERATIONS = {"config": CONFIG_OPERATIONS, "ec2": EC2_OPERATIONS, "backup": BACKUP_OPERATIONS, "emr": EMR_OPERATIONS}
# More values than this are no constraint worth its bytes: instance types come every week.
VALUES_MAX = 40
TOKENS = {"ClientToken", "clientToken", "ClientRequestToken"}
SCALARS = {"string", "character", "integer", "long", "float", "double", "boolean", "timestamp", "blob"}


class Table:
    """The lines of one service."""

    def __init__(self, model):
        self.shapes = model["shapes"]
        self.protocol = model["metadata"]["protocol"]
        self.lines = {}

    def constraints(self, shape):
        text = ""
        for key in ("min", "max"):
            bound = shape.get(key)
            if bound is not None and float(bound).is_integer() and not (key == "min" and bound <= 0 and "integer" != shape["type"]):
                text += f" {key}={int(bound)}"
        return text

    def reference(self, name):
        """What stands for a shape, whose line is written if it needs one."""
        shape = self.shapes[name]
        kind = shape["type"]
        if shape.get("document"):
            return "document"
        if kind in SCALARS:
            kind = "string" if kind == "character" else kind
            text = self.constraints(shape) if kind not in ("blob", "boolean", "timestamp") else ""
            if 0 < len(shape.get("enum", ())) <= VALUES_MAX:
                text += " values=" + "|".join(shape["enum"])
            if not text:
                return kind
            self.lines[name] = f"{kind} {name}{text}"
        elif name not in self.lines:
            self.lines[name] = ""
            if kind == "structure":
                text = f"struct {name}{self.members(shape)}"
            elif kind == "list":
                text = f"list {name} {self.reference(shape['member']['shape'])}{self.constraints(shape)}"
            else:
                key, value = (self.reference(shape[part]["shape"]) for part in ("key", "value"))
                text = f"map {name} {key} {value}{self.constraints(shape)}"
            self.lines[name] = text
        return name

    def members(self, shape):
        required = set(shape.get("required", ()))
        text = []
        for name, member in shape.get("members", {}).items():
            location = member.get("location")
            if location in ("header", "headers", "statusCode"):
                continue
            place = {"uri": "@", "querystring": "?"}.get(location, "")
            mark = "!" if name in required else ""
            text.append(f" {self.wire_name(name, member)}{mark}{place}:{self.reference(member['shape'])}")
        return "".join(sorted(text))

    def wire_name(self, name, member):
        if self.protocol == "ec2":
            name = member.get("queryName") or member.get("locationName") or name
            return name if "queryName" in member else name[0].upper() + name[1:]
        return member.get("locationName", name)

    def operation(self, operation):
        void = " void" if self.protocol == "query" and "output" not in operation else ""
        if "input" not in operation:
            return f"op {operation['name']} -{void}"
        shape = self.shapes[operation["input"]["shape"]]
        if shape.get("payload") and self.shapes[shape["members"][shape["payload"]]["shape"]]["type"] == "blob":
            # The body is the thing itself; there is no document to check.
            shape = shape | {"members": {k: v for k, v in shape["members"].items() if k != shape["payload"]}}
        token = ""
        for name, member in shape.get("members", {}).items():
            if name in TOKENS and member.get("location") is None:
                token = f" token={self.wire_name(name, member)}"
        return f"op {operation['name']} {self.reference(operation['input']['shape'])}{token}{void}"


def main():
    loader = botocore.loaders.Loader()
    TARGET.mkdir(exist_ok=True)
    for service in SERVICES:
        model = loader.load_service_model(service, "service-2")
        table = Table(model)
        operations = sorted(model["operations"].values(), key=lambda operation: operation["name"])
        if service in OPERATIONS:
            operations = [operation for operation in operations if OPERATIONS[service].search(operation["name"])]
        lines = [table.operation(operation) for operation in operations]
        lines += sorted(table.lines.values(), key=lambda line: line.split()[1])
        version = model["metadata"]["apiVersion"]
        head = f"# The request members of {service} {version}, by conformance/members.py from botocore {botocore.__version__}.\n"
        path = TARGET / f"{service}.txt"
        path.write_text(head + "\n".join(lines) + "\n")
        print(f"{path.name}: {len(operations)} operations, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
