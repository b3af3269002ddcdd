"""Evidence that a scan is told to read beside AWS's own listings: objects of S3, and an aggregator of AWS Config."""

import pytest
from harness import DENIED, REGION, Amictl, error, sandbox_server, write_faults
from world import PARTNER_ACCOUNT, Builder

POLICY = """\
version: 1
references: { other_accounts: ignore }
limits: { max_actions: 500, max_percent: 100 }
families:
  - name: old
    match: { name: "old-*" }
    keep: { newest: 0 }
    retire: [deregister]
"""
FAULT = error("InternalError", "We encountered an internal error. Please try again.", 500)


def verdicts(run: Amictl, *options: str) -> dict[str, dict]:
    """The verdicts of a plan, by the name of the image."""
    (run.home / "policy.yaml").write_text(POLICY)
    plan = run("plan", "-f", "policy.yaml", "--now", "2036-01-01T00:00:00Z", "--output", "json", *options).json()
    return {verdict["name"]: verdict for verdict in plan["verdicts"]}


def reason(verdict: dict, source: str) -> dict:
    """The one reason that this source gives."""
    (found,) = [reason for reason in verdict["reasons"] if reason["source"] == source]
    return found


class Buckets:
    """Two images, one of them named by an object in a bucket of another Region."""

    def __init__(self, server):
        builder = Builder(server, REGION)
        self.used, self.unused = builder.image("old-used", "keep", "in_use"), builder.image("old-unused", "retire", "unused")
        self.s3 = server.client("s3", "eu-west-1")
        self.s3.create_bucket(Bucket="states", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        for number in range(3):
            self.s3.put_object(Bucket="states", Key=f"prod/{number}.txt", Body=b"nothing to see\n")
        self.s3.put_object(Bucket="states", Key="prod/web.tfstate", Body=f'{{\n "ami": "{self.used}"\n}}'.encode())
        self.s3.put_object(Bucket="states", Key="test/web.tfstate", Body=self.unused.encode())


def test_an_object_of_s3_keeps_the_image_that_it_names(tmp_path):
    with sandbox_server() as server:
        Buckets(server)
        run = Amictl(tmp_path / "home", server.url)
        found = verdicts(run)
        assert {verdict["decision"] for verdict in found.values()} == {"retire"}
        found = verdicts(run, "--references-from", "s3://states/prod/")
        assert (found["old-used"]["decision"], found["old-unused"]["decision"]) == ("keep", "retire")
        assert "s3://states/prod/web.tfstate:2" in str(reason(found["old-used"], "files"))
        found = verdicts(run, "--references-from", "s3://states")
        assert {verdict["decision"] for verdict in found.values()} == {"keep"}


REFUSED = error("AccessDenied", "Access Denied")


@pytest.mark.parametrize(
    ("operation", "kind"),
    [("GetBucketLocation", REFUSED), ("ListObjectsV2", REFUSED), ("GetObject", REFUSED), ("GetObject", FAULT)],
    ids=["bucket denied", "list denied", "object denied", "object failing"],
)
def test_what_cannot_be_read_of_a_bucket_blocks(tmp_path, operation, kind):
    faults = write_faults(tmp_path / "faults.json", {"operation": operation, "kind": kind})
    with sandbox_server("--faults", faults) as server:
        builder = Builder(server, REGION)
        builder.image("old-unused", "retire", "unused")
        s3 = server.client("s3")
        s3.create_bucket(Bucket="states")
        s3.put_object(Bucket="states", Key="web.tfstate", Body=b"x")
        found = verdicts(Amictl(tmp_path / "home", server.url), "--references-from", "s3://states")
        assert found["old-unused"]["decision"] == "blocked"
        assert "s3://states/" in reason(found["old-unused"], "files")["message"]


@pytest.mark.parametrize("url", ["s3://nowhere", "s3://states/pord/"])
def test_a_place_that_holds_nothing_blocks(tmp_path, url):
    with sandbox_server() as server:
        Buckets(server)
        found = verdicts(Amictl(tmp_path / "home", server.url), "--references-from", url)
        assert {verdict["decision"] for verdict in found.values()} == {"blocked"}


@pytest.mark.parametrize("url", ["https://example.org/state", "s3://X/y", "s3://"])
def test_urls_that_cannot_be_read_are_refused_at_once(tmp_path, url):
    refused = Amictl(tmp_path / "home", None)("scan", "--references-from", url, code=64)
    assert "s3://BUCKET/PREFIX" in refused.stderr


def partner_launches(server) -> str:
    """An image of the account that only another account uses, and an aggregator over both."""
    builder = Builder(server, REGION)
    image = builder.image("old-shared", "keep", "in_use")
    builder.image("old-unused", "retire", "unused")
    permission = {"Add": [{"UserId": PARTNER_ACCOUNT}]}
    builder.ec2.modify_image_attribute(ImageId=image, LaunchPermission=permission)
    partner = server.client("ec2", access_key=f"AKIA{PARTNER_ACCOUNT}TEST")
    for _ in range(2):
        partner.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)
    server.client("config", "eu-west-1").put_configuration_aggregator(
        ConfigurationAggregatorName="everything",
        AccountAggregationSources=[{"AccountIds": [PARTNER_ACCOUNT], "AllAwsRegions": True}],
    )
    return image


def test_an_aggregator_of_config_knows_of_use_in_accounts_that_are_not_scanned(tmp_path):
    with sandbox_server() as server:
        partner_launches(server)
        run = Amictl(tmp_path / "home", server.url)
        assert {verdict["decision"] for verdict in verdicts(run).values()} == {"retire"}
        found = verdicts(run, "--config-aggregator", "everything@eu-west-1")
        assert (found["old-shared"]["decision"], found["old-unused"]["decision"]) == ("keep", "retire")
        told = reason(found["old-shared"], "config_aggregator")
        assert f"{PARTNER_ACCOUNT}/{REGION}" in str(told)
        assert "2 of AWS::EC2::Instance, as aggregator everything knows" in told["message"]


def test_an_aggregator_that_is_not_there_blocks(tmp_path):
    with sandbox_server() as server:
        partner_launches(server)
        found = verdicts(Amictl(tmp_path / "home", server.url), "--config-aggregator", "everything")
        assert {verdict["decision"] for verdict in found.values()} == {"blocked"}, "it is in another Region"
        assert "NoSuchConfigurationAggregator" in reason(found["old-unused"], "config_aggregator")["message"]


@pytest.mark.parametrize("kind", [DENIED, FAULT], ids=["denied", "failing"])
def test_an_aggregator_that_does_not_answer_blocks(tmp_path, kind):
    rule = {"operation": "SelectAggregateResourceConfig", "kind": kind}
    with sandbox_server("--faults", write_faults(tmp_path / "faults.json", rule)) as server:
        partner_launches(server)
        run = Amictl(tmp_path / "home", server.url)
        found = verdicts(run, "--config-aggregator", "everything@eu-west-1")
        assert {verdict["decision"] for verdict in found.values()} == {"blocked"}
        assert reason(found["old-unused"], "config_aggregator")["code"] == "unreadable"


def test_an_aggregator_in_no_region_is_refused(tmp_path):
    refused = Amictl(tmp_path / "home", None)("scan", "--config-aggregator", "x@here", code=64)
    assert "--config-aggregator" in refused.stderr
