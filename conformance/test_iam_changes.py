"""The IAM policies for what changes something, in the sandbox and in moto: enough, and each such action is needed."""

import itertools
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import in_400_days
from enforcing import actions_of, enforced, forget_everything, of_any_resource, user, without
from harness import ADMIN, Amictl, Server, images_of, launch_permissions_of, moto_server, sandbox_server, snapshots_of
from test_archive import OF_ARCHIVING, OF_UNARCHIVING
from test_ends import OF_VOLUMES
from test_stages import OF_RECOVERY, OF_STAGES
from test_undo import OF_HOLDING, OF_RESTORING
from world import NOT_IN_MOTO, PARTNER_ACCOUNT, Builder, policy_for_all

DEREGISTER, DISABLE = "deregister: { snapshots: delete }", "disable"
SHARED = [{"UserId": PARTNER_ACCOUNT}]
OF_DEREGISTERING = ["ec2:DisableImage", "ec2:DeregisterImage", "ec2:DeleteSnapshot"]
OF_TAKING_BACK = ["ec2:EnableImage", "ec2:ModifyImageAttribute"]
NUMBERS = itertools.count(1)


class InSandbox:
    """The sandbox, which knows actions and neither resources nor conditions."""

    # Whether an image keeps its launch permissions while it is disabled.
    keeps_permissions = False
    not_used = ()

    def __init__(self, server: Server):
        self.server = server

    @contextmanager
    def allowing(self, amictl: Amictl, policy: dict):
        """While it is entered, callers may do only this."""
        self.server.admin("PUT", "/iam", policy)
        yield amictl
        self.server.admin("PUT", "/iam", {"accounts": {}})


class InMoto:
    """moto, which asks for `*` whatever a call is about."""

    keeps_permissions = True
    # While IAM is enforced it takes the signature of no `GET` for a right one.
    not_used = (*NOT_IN_MOTO, "backup")

    def __init__(self, server: Server):
        self.server = server

    @contextmanager
    def allowing(self, amictl: Amictl, policy: dict):
        """While it is entered, callers may do only this."""
        before = dict(amictl.env)
        amictl.change_env(**user(self.server, f"user-{next(NUMBERS)}", policy))
        with enforced(self.server):
            yield amictl
        amictl.env = before


class Account:
    """An account with one image, which nothing uses and another account may launch, and a plan for it."""

    def __init__(self, place: InSandbox | InMoto, home: Path, stage: str):
        self.place, self.server = place, place.server
        self.name = f"old-{next(NUMBERS)}"
        builder = Builder(self.server)
        self.image = builder.image(self.name, "retire", "unused")
        builder.ec2.modify_image_attribute(ImageId=self.image, LaunchPermission={"Add": SHARED})
        [mapping] = images_of(self.server)[self.name]["BlockDeviceMappings"]
        self.snapshot = mapping["Ebs"]["SnapshotId"]
        self.amictl = Amictl(home, self.server.url)
        policy = policy_for_all(*place.not_used, stage=stage, other_accounts="ignore")
        (home / "policy.yaml").write_text(policy)
        options = ("--now", in_400_days(), "--out", "plan.json", "--output", "json")
        plan = self.amictl("plan", "-f", "policy.yaml", *options).json()
        assert [step["target"] for step in plan["steps"]] == [self.image], plan["verdicts"]

    def allowed(self, policy: dict, *command: str):
        """Runs a command when callers may do what the policy says."""
        with self.place.allowing(self.amictl, of_any_resource(policy)) as amictl:
            return amictl(*command, "--yes", "--output", "json", code=(0, 3))

    def apply(self, policy: dict):
        """Carries the plan out."""
        return self.allowed(policy, "apply", "plan.json", "--settle", "0s")

    @property
    def state(self) -> str | None:
        """The image's state, if it is still there."""
        return images_of(self.server).get(self.name, {}).get("State")

    @property
    def has_snapshot(self) -> bool:
        """Whether the image's snapshot is still there."""
        return self.snapshot in snapshots_of(self.server)

    def is_as_it_was(self) -> bool:
        """Whether the image can be launched by whom it could before."""
        return self.state == "available" and launch_permissions_of(self.server, self.image) == SHARED


@pytest.fixture(scope="module")
def policies(tmp_path_factory) -> dict[str, dict]:
    """What amictl prints, by command."""
    amictl = Amictl(tmp_path_factory.mktemp("policies"), None)
    return {command: amictl("iam-policy", "--for", command).json() for command in ("scan", "apply", "undo")}


@pytest.fixture
def sandbox():
    with sandbox_server(*ADMIN) as server:
        yield InSandbox(server)


@pytest.fixture(scope="module")
def moto_process():
    with moto_server() as server:
        yield server


@pytest.fixture
def moto(moto_process):
    forget_everything(moto_process)
    return InMoto(moto_process)


@pytest.fixture(params=["sandbox", "moto"])
def place(request):
    """Each of both."""
    return request.getfixturevalue(request.param)


def test_these_tests_are_about_every_action_that_changes_something(policies):
    changing = {action for command in ("apply", "undo") for action in actions_of(policies[command])}
    assert changing - actions_of(policies["scan"]) == {
        *OF_DEREGISTERING,
        *OF_TAKING_BACK,
        *OF_STAGES,
        *OF_RECOVERY,
        *OF_RESTORING,
        *OF_HOLDING,
        *OF_ARCHIVING,
        OF_UNARCHIVING,
        *OF_VOLUMES,
    }


def test_the_policy_for_applying_is_enough_to_deregister(place, policies, tmp_path):
    account = Account(place, tmp_path, DEREGISTER)
    result = account.apply(policies["apply"])
    assert result.code == 0, result
    assert account.state is None and not account.has_snapshot


@pytest.mark.parametrize("action", OF_DEREGISTERING)
def test_without_one_action_the_image_or_its_snapshot_stays_and_that_is_told(place, policies, tmp_path, action):
    account = Account(place, tmp_path, DEREGISTER)
    result = account.apply(without(policies["apply"], action))
    assert result.code == 3 and action in result.stdout, result
    assert account.has_snapshot
    if action == "ec2:DeleteSnapshot":
        assert account.state is None
    else:
        assert account.is_as_it_was()


def race(account: Account):
    """Has somebody launch the image right before it is disabled."""
    call = {"action": "RunInstances", "params": {"ImageId": account.image, "MinCount": 1, "MaxCount": 1}}
    account.server.admin("POST", "/hooks", {"point": "before", "operation": "DisableImage", "nth": 1, "call": call})


def test_the_policy_for_applying_is_enough_to_give_an_image_back(sandbox, policies, tmp_path):
    account = Account(sandbox, tmp_path, DEREGISTER)
    race(account)
    account.apply(policies["apply"])
    assert account.is_as_it_was()


@pytest.mark.parametrize("action", OF_TAKING_BACK)
def test_without_one_action_an_image_is_not_given_back_whole_and_that_is_told(sandbox, policies, tmp_path, action):
    account = Account(sandbox, tmp_path, DEREGISTER)
    race(account)
    result = account.apply(without(policies["apply"], action))
    assert result.code == 3 and action in result.stdout, result
    assert account.state is not None and not account.is_as_it_was()


def disabled(place, home: Path) -> tuple[Account, str]:
    """An account whose image a run has disabled, and that run."""
    account = Account(place, home, DISABLE)
    run = account.amictl("apply", "plan.json", "--settle", "0s", "--yes", "--output", "json").json()["run_id"]
    assert account.state == "disabled"
    return account, run


def test_the_policy_for_undoing_is_enough(place, policies, tmp_path):
    account, run = disabled(place, tmp_path)
    assert account.allowed(policies["undo"], "undo", run).code == 0
    assert account.is_as_it_was()


@pytest.mark.parametrize("action", OF_TAKING_BACK)
def test_without_one_action_undoing_is_not_done_and_that_is_told(place, policies, tmp_path, action):
    account, run = disabled(place, tmp_path)
    result = account.allowed(without(policies["undo"], action), "undo", run)
    if place.keeps_permissions and action == "ec2:ModifyImageAttribute":
        assert result.code == 0 and account.is_as_it_was(), "there was nothing to put back"
        return
    assert result.code == 3 and action in result.stdout, result
    assert not account.is_as_it_was()
