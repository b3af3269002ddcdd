"""Several accounts in one scan and one plan, each entered by the role that is assumed in it."""

import pytest
from conftest import in_400_days
from harness import REGION, Amictl, sandbox_server, write_faults
from world import Builder, policy_for_all

OWN, OTHER = "123456789012", "210987654321"
ENTER = ("--assume-role", "reader", "--output", "json")


@pytest.fixture(scope="module")
def server():
    """The sample world, which has images in two accounts."""
    with sandbox_server(world="sample") as server:
        yield server


@pytest.fixture
def amictl(server, tmp_path) -> Amictl:
    return Amictl(tmp_path / "home", server.url, AWS_ACCESS_KEY_ID=OWN)


def accounts_of(plan: dict) -> set[str]:
    return {verdict["account"] for verdict in plan["verdicts"]}


def test_a_plan_has_the_images_of_every_account_that_is_named(amictl):
    assert accounts_of(amictl("plan", "--output", "json").json()) == {OWN}
    plan = amictl("plan", "--accounts", f"{OWN},{OTHER}", *ENTER).json()
    assert accounts_of(plan) == {OWN, OTHER}
    assert plan["complete"] is True
    only = amictl("plan", "--accounts", OTHER, *ENTER).json()
    assert accounts_of(only) == {OTHER}, "the account of the credentials is left out unless it is named"


def test_accounts_come_from_a_file(amictl):
    (amictl.home / "accounts.csv").write_text(f"# ours\n{OWN},production\n{OTHER}\n")
    assert accounts_of(amictl("plan", "--accounts-file", "accounts.csv", *ENTER).json()) == {OWN, OTHER}
    left = amictl("plan", "--accounts-file", "accounts.csv", "--exclude-accounts", OWN, *ENTER).json()
    assert accounts_of(left) == {OTHER}


def test_an_image_that_is_shared_with_a_scanned_account_is_decided_on_by_what_was_seen_there(tmp_path):
    with sandbox_server() as server:
        builder = Builder(server)
        shared = {name: builder.image(name, "", "") for name in ("used there", "used nowhere")}
        for image in shared.values():
            builder.ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": OTHER}]})
        there = server.client("ec2", access_key=OTHER)
        there.run_instances(ImageId=shared["used there"], InstanceType="t3.micro", MinCount=1, MaxCount=1)
        amictl = Amictl(tmp_path / "home", server.url, AWS_ACCESS_KEY_ID=OWN)
        # Without usage reports nothing but scanning an account tells how it uses what is shared with it.
        (amictl.home / "policy.yaml").write_text(policy_for_all("image_usage"))

        def decisions(*options: str) -> dict[str, tuple[str, set[str]]]:
            plan = amictl("plan", "-f", "policy.yaml", "--now", in_400_days(), *options).json()
            return {
                verdict["name"]: (verdict["decision"], {reason["code"] for reason in verdict["reasons"]})
                for verdict in plan["verdicts"]
            }

        alone = decisions("--output", "json")
        assert alone == {name: ("keep", {"shared"}) for name in shared}
        both = decisions("--accounts", f"{OWN},{OTHER}", *ENTER)
        assert both["used there"] == ("keep", {"in_use"})
        assert both["used nowhere"] == ("retire", {"unused"})


@pytest.mark.parametrize("why", ["no role", "denied"])
def test_an_account_that_cannot_be_entered_is_in_the_coverage_and_stops_no_other(server, tmp_path, why):
    if why == "no role":
        result = Amictl(tmp_path / "home", server.url, AWS_ACCESS_KEY_ID=OWN)(
            "scan", "--accounts", f"{OWN},{OTHER}", "--output", "json"
        )
        assert "--assume-role" in result.stderr
        check(result.json())
        return
    faults = write_faults(tmp_path / "faults.json", {"operation": "AssumeRole", "kind": "access_denied"})
    with sandbox_server("--faults", faults, world="sample") as denying:
        result = Amictl(tmp_path / "home", denying.url, AWS_ACCESS_KEY_ID=OWN)(
            "scan", "--accounts", f"{OWN},{OTHER}", *ENTER
        )
        check(result.json())


def check(scan: dict):
    """The one account was read, and of the other every source is told as not read."""
    assert scan["complete"] is False
    status = {}
    for entry in scan["coverage"]:
        status.setdefault(entry["account"], set()).add(entry["status"])
        assert entry["region"] == REGION
    assert status[OWN] <= {"complete", "skipped"}
    assert status[OTHER] <= {"denied", "failed"}


def test_a_role_that_leads_into_one_account_only_is_refused(amictl):
    result = amictl("scan", "--accounts", OTHER, "--assume-role", f"arn:aws:iam::{OTHER}:role/x", code=64)
    assert "{account}" in result.stderr


def test_a_role_whose_assumption_is_throttled_is_assumed_again(tmp_path):
    rule = {"operation": "AssumeRole", "when": {"first": 3}, "kind": "throttle"}
    faults = write_faults(tmp_path / "faults.json", rule)
    with sandbox_server("--faults", faults, world="sample") as server:
        amictl = Amictl(tmp_path / "home", server.url, AWS_ACCESS_KEY_ID=OWN)
        scan = amictl("scan", "--accounts", f"{OWN},{OTHER}", *ENTER).json()
    assert scan["complete"] is True
    assert {entry["account"] for entry in scan["coverage"]} == {OWN, OTHER}
