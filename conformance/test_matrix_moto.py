"""The matrix of reference sources in moto: for each a world in which one image is used only there, the same world with
the source spoiled in every way, and the same world without the use. One table drives it: `ROWS`. The sandbox's matrix
has the sources that moto lacks."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import OTHER_REGION, in_400_days
from enforcing import NO_FLEETS, NO_VAULTS, enforced, user, without
from harness import REGION, Amictl, Server, moto_server
from proxy import DENIES, FAILS, FAILS_LATER, REPEATS, Proxy
from world import NOT_IN_MOTO, Builder, policy_for_all


class Place(Builder):
    """One Region of moto, with an image that nothing ever uses and one that is used instead of others."""

    def __init__(self, server: Server, region: str, is_without: bool):
        super().__init__(server, region)
        self.emr = server.client("emr", region)
        self.ssm = server.client("ssm", region)
        self.is_without = is_without
        self.other = self.image("other", "keep", "in_use")
        self.image("idle", "retire", "unused")
        # It is in use also where no row uses it.
        self.instance(self.other)

    def build(self, row: "Row"):
        """Makes the row's image, and the row's use of it or of the other one."""
        image = self.image(row.name, "keep", "in_use")
        row.build(self, row.name, self.other if self.is_without else image)

    def group(self, name: str, **launches: object):
        """A group of no instances."""
        self.empty_group(name, **launches)


@dataclass(frozen=True)
class Row:
    """A source, a use in it, and the calls that find it."""

    name: str
    source: str
    # Makes something of this name that uses this image.
    build: Callable[[Place, str, str], None]
    # The IAM action of each call; those that are read in pages end in `+`.
    reads: tuple[str, ...]
    # Other sources that cannot but see the use as well.
    witnesses: frozenset[str] = frozenset()
    # Whether moto shows what uses the image.
    is_shown: bool = True


def stopped(place: Place, _: str, image: str):
    place.ec2.stop_instances(InstanceIds=[place.instance(image)])


def middle_version(place: Place, name: str, image: str):
    place.template(name, place.other, image, place.other)


def of_a_group(place: Place, name: str, image: str):
    template = place.template(name, image, place.other)
    place.group(name, LaunchTemplate={"LaunchTemplateId": template, "Version": "1"})


def configuration_of_a_group(place: Place, name: str, image: str):
    place.launch_configuration(name, image)
    place.group(name, LaunchConfigurationName=name)


def mixed(place: Place, name: str, override: dict):
    """A group whose template is of the other image."""
    base = place.template(f"base-of-{name}", place.other)
    template = {
        "LaunchTemplateSpecification": {"LaunchTemplateId": base, "Version": "$Default"},
        "Overrides": [override],
    }
    place.group(name, MixedInstancesPolicy={"LaunchTemplate": template})


def override_by_image(place: Place, name: str, image: str):
    mixed(place, name, {"InstanceType": "t3.small", "ImageId": image})


def override_by_template(place: Place, name: str, image: str):
    template = {"LaunchTemplateId": place.template(name, image), "Version": "1"}
    mixed(place, name, {"InstanceType": "t3.small", "LaunchTemplateSpecification": template})


def warm_pool(place: Place, name: str, _: str):
    template = place.template(name, place.other)
    place.group(name, LaunchTemplate={"LaunchTemplateId": template, "Version": "1"})
    place.autoscaling.put_warm_pool(AutoScalingGroupName=name)


def ec2_fleet(place: Place, name: str, image: str):
    template = {"LaunchTemplateId": place.template(name, place.other), "Version": "1"}
    place.ec2.create_fleet(
        Type="maintain",
        TargetCapacitySpecification={"TotalTargetCapacity": 0},
        LaunchTemplateConfigs=[{"LaunchTemplateSpecification": template, "Overrides": [{"ImageId": image}]}],
    )


def spot_fleet(place: Place, _: str, image: str):
    place.ec2.request_spot_fleet(
        SpotFleetRequestConfig={
            "IamFleetRole": "arn:aws:iam::123456789012:role/fleet",
            "TargetCapacity": 0,
            "AllocationStrategy": "lowestPrice",
            "LaunchSpecifications": [{"ImageId": image, "InstanceType": "t3.micro"}],
        }
    )


def spot_request(place: Place, _: str, image: str):
    """A request that outlives its instance, as a persistent one does."""
    [request] = place.ec2.request_spot_instances(
        Type="persistent", LaunchSpecification={"ImageId": image, "InstanceType": "t3.micro"}
    )["SpotInstanceRequests"]
    place.ec2.terminate_instances(InstanceIds=[request["InstanceId"]])


def parameter(data_type: str, value: str):
    """A parameter with this value, in which an image id stands."""

    def build(place: Place, name: str, image: str):
        kind = "StringList" if "," in value else "String"
        place.ssm.put_parameter(Name=f"/{name}", Value=value.format(image), Type=kind, DataType=data_type)

    return build


def emr_cluster(place: Place, name: str, image: str):
    lasting = {"KeepJobFlowAliveWhenNoSteps": True}
    place.emr.run_job_flow(Name=name, ReleaseLabel="emr-7.5.0", CustomAmiId=image, Instances=lasting)


def emr_cluster_of_another(place: Place, name: str, _: str):
    emr_cluster(place, name, place.other)


INSTANCES = ("ec2:DescribeInstances+",)
TEMPLATES = ("ec2:DescribeLaunchTemplates+", "ec2:DescribeLaunchTemplateVersions+")
CONFIGURATIONS = ("autoscaling:DescribeLaunchConfigurations+",)
GROUPS = ("autoscaling:DescribeAutoScalingGroups+",)
PARAMETERS = ("ssm:DescribeParameters+", "ssm:GetParameters")
CLUSTERS = ("elasticmapreduce:ListClusters+", "elasticmapreduce:DescribeCluster")
BY_GROUP = frozenset({"auto_scaling_groups"})

ROWS = [
    Row("running-instance", "instances", lambda place, _, image: place.instance(image), INSTANCES),
    Row("stopped-instance", "instances", stopped, INSTANCES),
    Row("default-version", "launch_templates", lambda place, name, image: place.template(name, image), TEMPLATES),
    Row("middle-version", "launch_templates", middle_version, TEMPLATES),
    Row("version-of-a-group", "launch_templates", of_a_group, TEMPLATES, BY_GROUP),
    Row("loose-configuration", "launch_configurations", Place.launch_configuration, CONFIGURATIONS),
    Row("configuration-of-a-group", "launch_configurations", configuration_of_a_group, CONFIGURATIONS, BY_GROUP),
    Row("override-by-image", "auto_scaling_groups", override_by_image, GROUPS),
    Row("override-by-template", "auto_scaling_groups", override_by_template, GROUPS, frozenset({"launch_templates"})),
    Row("warm-pool", "warm_pools", warm_pool, (*GROUPS, "autoscaling:DescribeWarmPool+"), is_shown=False),
    Row("ec2-fleet", "ec2_fleets", ec2_fleet, ("ec2:DescribeFleets+",)),
    Row("spot-fleet", "spot_fleets", spot_fleet, ("ec2:DescribeSpotFleetRequests+",)),
    Row("spot-request", "spot_requests", spot_request, ("ec2:DescribeSpotInstanceRequests+",)),
    Row("parameter-of-an-image", "ssm_parameters", parameter("aws:ec2:image", "{}"), PARAMETERS),
    Row("parameter-with-an-image", "ssm_parameters", parameter("text", "the image is {}."), PARAMETERS),
    Row("list-with-an-image", "ssm_parameters", parameter("text", "none,{}"), PARAMETERS),
    Row("emr-cluster", "emr", emr_cluster, CLUSTERS),
    # moto does not show the images of instance groups.
    Row("emr-groups", "emr", emr_cluster_of_another, ("elasticmapreduce:ListInstanceGroups+",), is_shown=False),
    # moto has vaults and no recovery points.
    Row("backup", "backup", lambda *_: None, ("backup:ListBackupVaults+",), is_shown=False),
]


def operation(read: str) -> str:
    """The operation of an action."""
    return read.split(":")[1].rstrip("+")


class Matrix:
    """moto with the worlds of all rows: their uses in one Region, and the same without them in the other one."""

    def __init__(self, server: Server, proxy: Proxy, home: Path):
        self.server, self.proxy, self.home = server, proxy, home
        self.policy = Amictl(home, None)("iam-policy", "--for", "scan").json()
        (home / "policy.yaml").write_text(policy_for_all(*NOT_IN_MOTO))
        for region, is_without in ((REGION, False), (OTHER_REGION, True)):
            place = Place(server, region, is_without)
            for row in ROWS:
                place.build(row)
        self._plans: dict[tuple[str, ...], dict] = {}

    def plan(self, region: str = REGION) -> dict:
        """The plan of a Region in which nothing is spoilt."""
        return self._once((region,), lambda: self._plan(region))

    def spoilt(self, read: str, how: str) -> dict:
        """The plan when this call is denied or spoilt."""
        return self._once(
            (read, how), lambda: self._plan_denied(read) if how == DENIES else self._plan_spoilt(read, how)
        )

    def _once(self, key: tuple[str, ...], make: Callable[[], dict]) -> dict:
        if key not in self._plans:
            self._plans[key] = make()
        return self._plans[key]

    def _plan(self, region: str = REGION, **keys: str) -> dict:
        amictl = Amictl(self.home, self.proxy.url, **keys)
        options = ("--now", in_400_days(), "--region", region, "--output", "json")
        return amictl("plan", "-f", "policy.yaml", *options).json()

    def _plan_denied(self, read: str) -> dict:
        keys = user(self.server, f"without-{operation(read)}", without(self.policy, read.rstrip("+")))
        if operation(read) in NO_VAULTS:
            return self._plan_spoilt(read, DENIES)
        self.proxy.instead.update(NO_VAULTS)
        try:
            with enforced(self.server):
                return self._plan(**keys)
        finally:
            for name in NO_VAULTS:
                del self.proxy.instead[name]

    def _plan_spoilt(self, read: str, how: str) -> dict:
        self.proxy.spoilt[operation(read)] = how
        try:
            return self._plan()
        finally:
            self.proxy.spoilt.clear()


@pytest.fixture(scope="module")
def matrix(tmp_path_factory) -> Matrix:
    with moto_server() as server, Proxy(server, instead=dict(NO_FLEETS)) as proxy:
        yield Matrix(server, proxy, tmp_path_factory.mktemp("matrix"))


def verdict(plan: dict, name: str) -> dict:
    """What is decided on the image of this name."""
    [found] = [verdict for verdict in plan["verdicts"] if verdict["name"] == name]
    return found


def users(verdict: dict) -> set[str]:
    """The sources that an image is said to be used in."""
    return {reason["source"] for reason in verdict["reasons"] if reason["code"] == "in_use"}


def blockers(verdict: dict) -> set[str]:
    """The sources that block a verdict."""
    is_blocked = verdict["decision"] == "blocked"
    return {reason["source"] for reason in verdict["reasons"] if reason["code"] == "unreadable" and is_blocked}


def of_each_row(rows: list[Row]):
    """A test for each of these rows."""
    return pytest.mark.parametrize("row", rows, ids=[row.name for row in rows])


SHOWN = [row for row in ROWS if row.is_shown]


def test_every_source_that_moto_has_has_a_row(matrix):
    # Snapshots and launch permissions are no uses of an image.
    no_uses = {"images", "snapshots", "launch_permissions"}
    told = {entry["source"] for entry in matrix.plan()["coverage"]}
    assert {row.source for row in ROWS} == told - set(NOT_IN_MOTO) - no_uses


@of_each_row(SHOWN)
def test_an_image_that_is_used_in_one_place_only_is_kept_for_it(matrix, row):
    found = verdict(matrix.plan(), row.name)
    assert found["decision"] == "keep", found
    assert users(found) == {row.source, *row.witnesses}
    assert verdict(matrix.plan(), "idle")["decision"] == "retire"


@of_each_row(ROWS)
def test_without_the_use_it_is_retired(matrix, row):
    plan = matrix.plan(OTHER_REGION)
    [entry] = [entry for entry in plan["coverage"] if entry["source"] == row.source]
    assert entry["status"] == "complete", entry
    assert verdict(plan, row.name)["decision"] == "retire"


def check_blocked(matrix, row: Row, read: str, how: str, status: set[str]) -> str:
    """The source is told as not read, and blocks its own image and the one that nothing uses; returns why."""
    plan = matrix.spoilt(read, how)
    [entry] = [entry for entry in plan["coverage"] if entry["source"] == row.source]
    assert entry["status"] in status and operation(read) in entry["detail"], entry
    assert row.source in blockers(verdict(plan, "idle"))
    found = verdict(plan, row.name)
    if row.witnesses & users(found):
        assert found["decision"] == "keep", found
    else:
        assert row.source in blockers(found), found
    assert plan["steps"] == []
    return entry["detail"]


@of_each_row(ROWS)
def test_a_source_that_is_denied_blocks_what_nothing_keeps(matrix, row):
    for read in row.reads:
        check_blocked(matrix, row, read, DENIES, {"denied"})


@of_each_row(ROWS)
def test_a_source_that_fails_at_once_or_at_its_second_page_blocks_what_nothing_keeps(matrix, row):
    for read in row.reads:
        how = FAILS_LATER if read.endswith("+") else FAILS
        check_blocked(matrix, row, read, how, {"failed"})


@of_each_row(ROWS)
def test_a_source_that_repeats_its_page_token_blocks_what_nothing_keeps(matrix, row):
    for read in row.reads:
        if read.endswith("+"):
            assert "repeats the token" in check_blocked(matrix, row, read, REPEATS, {"failed"})
