"""What the commands of the life cycle make of the errors of AWS: what is told, what to do about it, the exit code, and that nothing is lost.

Each command is about as many things as there are codes, and the calls about them are refused with one code each.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from harness import ADMIN, REGION, Amictl, error, sandbox_server
from life_commands import AT_ONCE, BETA, BUCKET, OTHER, Place
from tale_images import manifest
from test_life_cuts import PAST
from world import Builder

FAILED, PARTIAL, GUARDED = 1, 3, 4
# As many as there are codes.
REGIONS = (
    *("eu-west-1", "eu-west-2", "eu-west-3", "eu-central-1", "eu-north-1", "us-east-2", "us-west-1", "us-west-2"),
    *("ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "sa-east-1"),
)
REGIONS_OF_IT = {REGION, *REGIONS}
# Each with its status, its message, and what somebody can do about it.
REFUSED = {
    "UnauthorizedOperation": (403, "You are not authorized to perform this operation.", "amictl iam-policy"),
    "AuthFailure": (401, "Not authorized for images: [ami-1]", "amictl iam-policy"),
    "InvalidAMIID.NotFound": (400, "The image id '[ami-1]' does not exist", "--region all"),
    "InvalidAMIID.Unavailable": (400, "The image ID 'ami-1' is no longer available", "amictl wait"),
    "InvalidParameterValue": (400, "Value () for parameter x is invalid", "correct what was given"),
    "OperationNotPermitted": (400, "It is protected.", "amictl unprotect"),
    "ResourceLimitExceeded": (400, "You have exceeded your quota.", "Service Quotas"),
    "IncorrectState": (400, "It is in a state that does not allow this.", "state"),
    "UnsupportedOperation": (400, "The operation is not supported.", "instance-store"),
    "OptInRequired": (401, "You are not subscribed to this service.", "enable it"),
    "PendingVerification": (400, "Your account is being verified.", "verifying"),
    "Blocked": (400, "Your account is currently blocked.", "AWS Support"),
}
# What a call is answered that takes "it is not there" for an answer, or is about no image.
OF_OTHERS = {code: how for code, how in REFUSED.items() if not code.startswith("InvalidAMIID")}
# What only some calls are answered.
OF_NAMES = {"InvalidAMIName.Duplicate": (400, "AMI name x is already in use by AMI ami-1", "--name")}
OF_COPIES = {"IdempotentParameterMismatch": (400, "The client token was used with other parameters.", "client token")}
OF_SNAPSHOTS = {
    "ConcurrentSnapshotLimitExceeded": (400, "Too many snapshots are being made.", "are complete"),
    "PendingSnapshotLimitExceeded": (400, "Too many snapshots are being made.", "are complete"),
    "SnapshotCreationPerVolumeRateExceeded": (400, "Wait 15 seconds.", "are complete"),
}
OF_BACKUP = {"InvalidParameterValue": (400, "This snapshot is managed by the AWS Backup service", "AWS Backup")}
OF_S3 = {
    "AccessDenied": (403, "Access Denied", "amictl iam-policy"),
    "InvalidRequest": (400, "Missing required header", "correct what was given"),
}
OF_SSM = {
    "AccessDeniedException": (400, "User is not authorized to perform: ssm:PutParameter", "amictl iam-policy"),
    "ValidationException": (400, "Parameter value is not valid.", None),
    "ParameterLimitExceeded": (400, "You have exceeded the number of parameters.", None),
}
# Nothing of it is told: the call is sent again, once it was looked whether it has been carried out.
PASSING = {
    "RequestLimitExceeded": 503,
    "Unavailable": 503,
    "ServiceUnavailable": 503,
    "InternalError": 500,
    "InternalFailure": 500,
    "ServerInternal": 500,
}


@dataclass(frozen=True)
class Case:
    """A command about many things, the operation that is refused, and with what."""

    operation: str
    begin: Callable[[Place, int], tuple[str, ...]]
    codes: dict
    # Whether what passes is sent again: not where the service has other codes for it.
    retries: bool = True
    # Whether one call comes after the other.
    is_serial: bool = False
    # The passing codes after which it takes too long: a bucket that is refilled once in ten seconds, calls one after the other.
    slow: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.begin.__name__}-{self.operation}"


def images(place: Place, count: int) -> list[str]:
    """So many images."""
    return [place.builder.image(f"many-{number}", "keep", "") for number in range(count)]


def of_images(*words: str, before: str | None = None, **parameters) -> Callable[[Place, int], tuple[str, ...]]:
    """A command that is about images, after something was done to each."""

    def begin(place: Place, count: int) -> tuple[str, ...]:
        ids = images(place, count)
        for image in ids if before else []:
            getattr(place.ec2, before)(ImageId=image, **parameters)
        return (words[0], *ids, *words[1:])

    begin.__name__ = words[0]
    return begin


def create(place: Place, count: int):
    """An image of each of many instances."""
    ids = [place.builder.instance(place.image) for _ in range(count)]
    place.ec2.create_tags(Resources=ids, Tags=[{"Key": "app", "Value": "web"}])
    return "create", "--instance-tag", "app=web", "--name", "web {instance}", "--no-reboot"


def copy(place: Place, count: int):
    """A copy in each of many Regions."""
    return "copy", place.image, "--to-region", ",".join(REGIONS[:count])


def publish(place: Place, count: int):
    """A channel in each of many Regions."""
    ids = [Builder(place.server, region).image("web-1", "keep", "") for region in REGIONS[:count]]
    return "publish", *ids, "--parameter", BETA, "--region", ",".join(REGIONS[:count])


def snapshots(place: Place, count: int):
    """Many snapshots."""
    return "snapshots", *(place.builder.snapshot(f"number {number}") for number in range(count)), "--delete", "--yes"


def volumes(place: Place, count: int):
    """Many volumes."""
    made = [place.ec2.create_volume(AvailabilityZone=place.builder.zone, Size=8)["VolumeId"] for _ in range(count)]
    return "volumes", *made, "--delete", "--yes"


def terminate(place: Place, count: int):
    """Many instances."""
    for _ in range(count):
        place.builder.instance(place.image)
    return "terminate", place.image, "--yes"


def launch(place: Place, count: int):
    """An instance of a template in each of many Regions."""
    for region in REGIONS[:count]:
        builder = Builder(place.server, region)
        builder.template("web", builder.image("web-1", "keep", ""))
    return "launch", "--template", "web", "--region", ",".join(REGIONS[:count])


def rollout(place: Place, count: int):
    """Many launch templates."""
    names = [f"web-{number}" for number in range(count)]
    for name in names:
        place.builder.template(name, place.image)
    image = place.builder.image("web-2", "keep", "")
    return "rollout", image, *(word for name in names for word in ("--template", name)), "--yes"


def restore(place: Place, count: int):
    """Many images in the Recycle Bin."""
    place.keep("EC2_IMAGE")
    ids = images(place, count)
    for image in ids:
        place.ec2.deregister_image(ImageId=image)
    return "bin", "restore", *ids


def restore_snapshots(place: Place, count: int):
    """Many snapshots in the Recycle Bin."""
    place.keep("EBS_SNAPSHOT")
    ids = [place.builder.snapshot(f"number {number}") for number in range(count)]
    for snapshot in ids:
        place.ec2.delete_snapshot(SnapshotId=snapshot)
    return "bin", "restore", *ids


def store(place: Place, count: int):
    """Many images into a bucket."""
    place.s3.create_bucket(Bucket=BUCKET)
    return "store", *images(place, count), "--bucket", BUCKET, "--wait"


def restore_from_s3(place: Place, _: int):
    """One image of an object."""
    place.s3.create_bucket(Bucket=BUCKET)
    place.ec2.create_store_image_task(ImageId=place.image, Bucket=BUCKET)
    return "restore-from-s3", f"s3://{BUCKET}/{place.image}.bin", "--name", "web-back"


def bundles(place: Place, count: int):
    """Many bundles without images."""
    place.s3.create_bucket(Bucket=BUCKET)
    for number in range(count):
        place.put(f"old/{number}.manifest.xml", manifest(str(number), 1))
        place.put(f"old/{number}.part.0")
    return "bundles", "delete", "--orphans", f"s3://{BUCKET}/old", "--yes"


def bucket(place: Place, _: int):
    """A bucket, with the last bundle in it."""
    return *bundles(place, 1), "--delete-bucket", BUCKET, "--confirm-delete-bucket", BUCKET


DEREGISTER = of_images("deregister", "--keep-snapshots", "--yes", *AT_ONCE)
CASES = [
    Case("CreateImage", create, REFUSED | OF_NAMES | OF_SNAPSHOTS),
    Case("CopyImage", copy, REFUSED | OF_COPIES),
    Case("ModifyImageAttribute", of_images("share", "--account", OTHER), REFUSED),
    Case("ModifySnapshotAttribute", of_images("share", "--account", OTHER, "--snapshots"), REFUSED),
    Case("EnableImageDeprecation", of_images("deprecate", "--at", "2036-01-01T00:00:00Z"), REFUSED),
    Case(
        "DisableImageDeprecation",
        of_images("undeprecate", before="enable_image_deprecation", DeprecateAt="2035-01-01T00:00:00Z"),
        REFUSED,
    ),
    Case("DisableImage", of_images("disable", "--yes"), REFUSED),
    Case("EnableImage", of_images("enable", before="disable_image"), REFUSED),
    Case("EnableImageDeregistrationProtection", of_images("protect"), REFUSED),
    Case(
        "DisableImageDeregistrationProtection",
        of_images("unprotect", before="enable_image_deregistration_protection"),
        REFUSED,
    ),
    Case("PutParameter", publish, OF_SSM, retries=False),
    Case("DisableImage", DEREGISTER, REFUSED),
    Case("DeregisterImage", DEREGISTER, OF_OTHERS),
    Case("DeleteSnapshot", snapshots, OF_OTHERS | OF_BACKUP),
    Case("DeleteVolume", volumes, OF_OTHERS),
    Case("TerminateInstances", terminate, REFUSED),
    Case("RunInstances", launch, REFUSED | OF_COPIES),
    Case("CreateLaunchTemplateVersion", rollout, REFUSED),
    Case("ModifyLaunchTemplate", rollout, REFUSED),
    Case("RestoreImageFromRecycleBin", restore, REFUSED),
    Case("RestoreSnapshotFromRecycleBin", restore_snapshots, REFUSED, is_serial=True, slow=tuple(PASSING)[2:]),
    Case("CreateStoreImageTask", store, REFUSED, slow=("RequestLimitExceeded",)),
    *(
        Case("CreateRestoreImageTask", restore_from_s3, {code: REFUSED[code]}, retries=False)
        for code in ("UnauthorizedOperation", "ResourceLimitExceeded", "InvalidParameterValue")
    ),
    Case("DeleteObjects", bundles, OF_S3, retries=False),
    Case("DeleteBucket", bucket, {"AccessDenied": OF_S3["AccessDenied"]}, retries=False),
]


class Bench:
    """A sandbox that begins with the empty world for each case."""

    def __init__(self, server, home):
        self.server, self.home = server, home
        self.empty = server.admin("GET", "/world")
        self.runs = 0

    def begin(self, case: Case, count: int, rules: list[dict]) -> tuple[Amictl, tuple[str, ...]]:
        """The world of a case, what is refused in it, and the command line."""
        self.server.admin("PUT", "/faults", {"rules": []})
        self.server.admin("PUT", "/world", self.empty)
        line = (*case.begin(Place(self.server, self.home), count), "--output", "json")
        self.server.admin("PUT", "/faults", {"rules": rules})
        self.runs += 1
        return Amictl(self.home / f"home-{self.runs}", self.server.url), line

    def no_faults(self):
        """From now on nothing is refused."""
        self.server.admin("PUT", "/faults", {"rules": []})


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with sandbox_server(*ADMIN, *PAST) as server:
        yield Bench(server, tmp_path_factory.mktemp("errors"))


def rule(case: Case, nth: int, code: str, status: int, message: str) -> dict:
    """One call of the operation is refused."""
    return {"operation": case.operation, "when": {"nth": nth}, "kind": error(code, message, status)}


def outcomes(run: dict) -> list[str]:
    """What came of each step."""
    return [step["outcome"] for step in run["steps"]]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_each_refusal_is_told_with_its_code_and_what_to_do_and_run_again_it_is_done(bench, case):
    rules = [rule(case, nth, code, *how[:2]) for nth, (code, how) in enumerate(case.codes.items(), 1)]
    amictl, line = bench.begin(case, len(rules), rules)
    result = amictl(*line, code=PARTIAL)
    failed = [step for step in result.json()["steps"] if step["outcome"] == "failed"]
    told = {code: [step for step in failed if f"({code})" in step["reason"]] for code in case.codes}
    assert [code for code, steps in told.items() if len(steps) != 1] == [] and len(failed) == len(case.codes), result
    for code, (_, message, advice) in case.codes.items():
        [step] = told[code]
        assert case.operation in step["reason"] and message in step["reason"], step
        assert step["region"] in REGIONS_OF_IT and step["left"], step
        assert advice is None or advice in step.get("advice", ""), step
        assert step["target"] in result.stderr, result
    bench.no_faults()
    again = amictl(*line)
    assert set(outcomes(again.json())) == {"done"}, again


def passes(case: Case, home) -> str | None:
    """Runs a command whose calls are refused for the moment only; what is wrong with that, if anything is."""
    codes = {code: status for code, status in PASSING.items() if code not in case.slow}
    step = 2 if case.is_serial else 1
    rules = [rule(case, 1 + at * step, code, status, "Again.") for at, (code, status) in enumerate(codes.items())]
    with sandbox_server(*ADMIN, *PAST) as server:
        amictl, line = Bench(server, home).begin(case, len(rules), rules)
        result = amictl(*line, code=(0, FAILED, PARTIAL, GUARDED))
        if result.code != 0 or outcomes(result.json()) != ["done"] * len(rules):
            return f"{case}: {result}"
        steps = result.json()["steps"]
        made = [one for step in steps for one in [step.get("made"), *step.get("produced", {}).get("instances", [])] if one]
        again = [] if case.begin is launch else amictl(*line).json()["steps"]
        twice = len(set(made)) != len(made) or any(step["changed"] for step in again)
        return f"{case}: something was done twice: {result}" if twice else None


def test_what_passes_is_not_even_told_and_nothing_is_done_twice(tmp_path):
    """All side by side: after an answer like these it is looked for some seconds whether the call was carried out."""
    cases = [case for case in CASES if case.retries]
    with ThreadPoolExecutor(8) as threads:
        wrong = threads.map(passes, cases, (tmp_path / str(at) for at in range(len(cases))))
        assert [why for why in wrong if why] == []


@pytest.mark.parametrize("case", CASES, ids=str)
def test_credentials_that_expire_stop_the_run_which_is_gone_on_with(bench, case):
    amictl, line = bench.begin(case, 2, [rule(case, 1, "RequestExpired", 400, "Request has expired.")])
    stopped = amictl(*line, code=(FAILED, PARTIAL))
    assert "RequestExpired" in stopped.stderr and "amictl resume" in stopped.stderr, stopped
    bench.no_faults()
    run = amictl("resume", "--yes", *AT_ONCE, "--output", "json").json()
    assert set(outcomes(run)) == {"done"}, run


@pytest.mark.parametrize("code", ["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"])
def test_an_image_that_is_gone_by_then_is_deregistered(bench, code):
    """Somebody else was faster, or the answer to the first request was lost on its way."""
    case = Case("DeregisterImage", DEREGISTER, {})
    gone = {**rule(case, 1, code, 400, "It is not there."), "phase": "after"}
    amictl, line = bench.begin(case, 1, [gone])
    assert outcomes(amictl(*line).json()) == ["done"]


READS = {
    "UnauthorizedOperation": (403, "amictl iam-policy"),
    "OptInRequired": (401, "not enabled"),
    "RequestExpired": (400, "renew them"),
}
LOOK_AT_IMAGES = [case for case in CASES if case.begin not in (terminate, launch, restore_snapshots, bundles, bucket)]


@pytest.mark.parametrize("at, case", list(enumerate(LOOK_AT_IMAGES)), ids=str)
def test_what_cannot_be_looked_at_changes_nothing(bench, at, case):
    code, (status, advice) = list(READS.items())[at % len(READS)]
    refused = {"operation": "DescribeImages", "kind": error(code, "Not so.", status)}
    amictl, line = bench.begin(case, 1, [refused])
    before = bench.server.admin("GET", "/world")
    result = amictl(*line, code=(FAILED, PARTIAL, GUARDED))
    assert code in result.stderr + result.stdout, result
    assert bench.server.admin("GET", "/world") == before, result
    # A guard tells what was not read; its advice is to let it be read.
    assert result.code == GUARDED or advice in result.stderr + result.stdout, result
