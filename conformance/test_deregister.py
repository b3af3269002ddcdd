"""Images that are named are deregistered: with the evidence of a plan, behind the fence, and never what is used without a word."""

import json

import pytest
from harness import ADMIN, DENIED, Amictl, images_of, launch_permissions_of, sandbox_server, snapshots_of, write_faults
from world import PARTNER_ACCOUNT, Builder

REFUSED, PARTIAL, USAGE = 4, 3, 64
FAR = "eu-west-1"
AT_ONCE = ("--settle", "0s")


class Named:
    """An account with three unused images, and amictl beside it."""

    def __init__(self, server, home):
        self.server, self.home = server, home
        self.builder = Builder(server)
        self.ec2 = self.builder.ec2
        self.ids = {name: self.builder.image(name, "retire", "unused") for name in ("web-1", "web-2", "web-3")}
        self.amictl = Amictl(home, server.url)

    def __call__(self, *args, code=0):
        """Deregisters; the run as JSON."""
        return self.run(*args, code=code).json()

    def run(self, *args, code=0):
        """The same with everything that was said."""
        return self.amictl("deregister", *args, *AT_ONCE, "--output", "json", code=code)

    @property
    def names(self) -> set[str]:
        """The images that are there."""
        return set(images_of(self.server))

    def keep_what_goes(self):
        """Rules of the Recycle Bin for everything."""
        rules = self.server.client("rbin")
        for kind in ("EC2_IMAGE", "EBS_SNAPSHOT"):
            period = {"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"}
            rules.create_rule(ResourceType=kind, RetentionPeriod=period)


@pytest.fixture
def named(tmp_path):
    with sandbox_server(*ADMIN) as server:
        yield Named(server, tmp_path)


def outcomes(run: dict) -> list[str]:
    """What came of each step."""
    return [step["outcome"] for step in run["steps"]]


def test_images_go_by_id_name_and_file_with_their_snapshots(named):
    (named.home / "old.txt").write_text(f"# of last year\n{named.ids['web-3']} web-3\n")
    args = (named.ids["web-1"], "--name", "web-2", "--from-file", "old.txt", "--delete-snapshots")
    before = snapshots_of(named.server)
    # Nothing is done by looking, nor without anybody's yes.
    plan = named(*args, "--dry-run")
    assert [step["action"] for step in plan["steps"]] == ["deregister"] * 3 and plan["named"] is True
    assert "not confirmed" in named.run(*args, code=REFUSED).stderr
    assert named.names == {"web-1", "web-2", "web-3"} and snapshots_of(named.server) == before
    run = named(*args, "--yes")
    assert outcomes(run) == ["done"] * 3
    assert named.names == set() and snapshots_of(named.server) == set()
    assert {call: run["calls"][call]["sent"] for call in ("DisableImage", "DeregisterImage")} == {
        "DisableImage": 3,
        "DeregisterImage": 3,
    }
    # Again, it changes nothing; what never was is an error.
    again = named.run(*args, "--yes")
    assert again.json()["steps"] == [] and again.stderr.count("is gone already") == 3, again
    missing = named.run("ami-00000000000000000", "--delete-snapshots", "--yes", code=1)
    assert "no such image" in missing.stderr and "--allow-missing" in missing.stderr
    named.run("ami-00000000000000000", "--delete-snapshots", "--yes", "--allow-missing")


def test_snapshots_go_or_stay_as_was_said_and_it_has_to_be_said(named):
    image = named.ids["web-1"]
    named.run(image, "--yes", code=USAGE)
    named.run(image, "--yes", "--keep-snapshots", "--delete-snapshots", code=USAGE)
    [step] = named(image, "--yes", "--keep-snapshots")["steps"]
    assert [(one["fate"], one["why"]) for one in step["snapshots"]] == [("kept", "the snapshots are to be kept")]
    assert named.names == {"web-2", "web-3"} and len(snapshots_of(named.server)) == 3


def test_what_is_used_is_refused_with_what_uses_it_and_nothing_goes(named):
    used, unused = named.ids["web-1"], named.ids["web-2"]
    instance = named.builder.instance(used)
    template = named.builder.template("web", named.ids["web-3"])
    named.ec2.enable_image_deregistration_protection(ImageId=unused)
    all_three = (*named.ids.values(), "--delete-snapshots", "--yes")
    result = named.run(*all_three, code=REFUSED)
    for told in (f"{used} web-1", instance, template, "deregistration protection is enabled", "nothing was changed"):
        assert told in result.stderr, (told, result)
    assert result.stdout == "" and named.names == {"web-1", "web-2", "web-3"}
    # A look tells the same, and leaves with the same exit code.
    assert instance in named.run(*all_three, "--dry-run", code=REFUSED).stderr
    named.ec2.disable_image_deregistration_protection(ImageId=unused)
    run = named(*all_three, "--skip-used", code=PARTIAL)
    assert outcomes(run) == ["done"] and named.names == {"web-1", "web-3"}


def test_a_used_image_goes_with_a_reason_that_is_kept(named):
    image = named.ids["web-1"]
    instance = named.builder.instance(image)
    named.ec2.modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": PARTNER_ACCOUNT}]})
    named.run(image, "--delete-snapshots", "--yes", "--even-if-used", " ", code=USAGE)
    why = "CHG-1234: the host is rebuilt"
    run = named(image, "--delete-snapshots", "--yes", "--even-if-used", why)
    assert outcomes(run) == ["done"] and named.names == {"web-2", "web-3"}
    stored = named.home / "state" / "runs" / run["run_id"]
    kept = {path.name: path.read_text() for path in stored.rglob("*") if path.is_file()}
    plan = json.loads(kept["plan.json"])
    assert plan["steps"][0]["even_if_used"] == why
    [verdict] = [one for one in plan["verdicts"] if one["image_id"] == image]
    assert [reason["code"] for reason in verdict["reasons"]][:2] == ["asked_for", "in_use"]
    for name, part in (("journal", '"overruled"'), ("audit", '"overruled"')):
        [text] = [text for path, text in kept.items() if path.startswith(name)]
        assert part in text and why in text and instance in text, name


def test_what_could_not_be_read_blocks_and_is_told_even_if_overruled(tmp_path):
    faults = write_faults(tmp_path / "faults.json", {"operation": "DescribeLaunchTemplates", "kind": DENIED})
    with sandbox_server(*ADMIN, "--faults", faults) as server:
        named = Named(server, tmp_path)
        args = (named.ids["web-1"], "--delete-snapshots", "--yes")
        result = named.run(*args, code=REFUSED)
        assert "launch_templates were not read whole: denied" in result.stderr and len(named.names) == 3
        result = named.run(*args, "--even-if-used", "nobody has templates here")
        assert "launch_templates of" in result.stderr and "what uses the images there is not known" in result.stderr
        assert named.names == {"web-2", "web-3"}


def test_images_of_several_regions_go_in_one_command_and_come_back(named):
    named.keep_what_goes()
    far = Builder(named.server, FAR)
    there = far.image("web-1", "retire", "unused")
    named.ec2.modify_image_attribute(
        ImageId=named.ids["web-1"], LaunchPermission={"Add": [{"UserId": PARTNER_ACCOUNT}]}
    )
    (named.home / "amictl.yaml").write_text("version: 1\nreferences: { other_accounts: ignore }\nfamilies: [{ name: a, match: { name: '*' }, keep: { newest: 1 }, retire: [deregister] }]\n")
    both = ("--name", "web-1", "--delete-snapshots", "--region", f"us-east-1,{FAR}", "--yes")
    # Of what the bin would not keep there, nothing goes.
    result = named.run(*both, "--require-recycle-bin", "7d", code=PARTIAL)
    assert outcomes(result.json()) == ["skipped", "done"] or outcomes(result.json()) == ["done", "skipped"], result
    assert "Recycle Bin would not keep" in result.stdout and set(images_of(named.server, FAR)) == {"web-1"}
    run = result.json()["run_id"]
    undone = named.amictl("undo", run, "--yes", "--output", "json").json()
    assert [step["outcome"] for step in undone["steps"]] == ["returned"]
    assert launch_permissions_of(named.server, named.ids["web-1"]) == [{"UserId": PARTNER_ACCOUNT}]
    assert outcomes(named(*both)) == ["done", "done"]
    assert named.names == {"web-2", "web-3"} and images_of(named.server, FAR) == {}
    assert "is gone already" in named.run(there, "--region", FAR, "--keep-snapshots", "--yes").stderr


def test_a_plan_is_kept_and_applied_by_somebody_else(named):
    args = (named.ids["web-1"], named.ids["web-2"], "--delete-snapshots", "--out", "plan.json")
    named.run(*args)
    assert len(named.names) == 3
    # What began to be used since stays.
    instance = named.builder.instance(named.ids["web-2"])
    run = named.amictl("apply", "plan.json", "--yes", *AT_ONCE, "--output", "json", code=PARTIAL).json()
    assert sorted(outcomes(run)) == ["done", "skipped"] and instance in json.dumps(run)
    assert named.names == {"web-2", "web-3"}


def test_instances_end_first_where_that_is_asked_for_and_answered(named):
    image = named.ids["web-1"]
    instance = named.builder.instance(image)
    template = named.builder.template("web", image)
    args = (image, "--delete-snapshots", "--terminate-instances", "--yes")
    running = [{"Name": "instance-state-name", "Values": ["running"]}]

    def running_now() -> int:
        return len(named.ec2.describe_instances(Filters=running)["Reservations"])

    # Something else uses it: nothing ends for nothing.
    result = named.run(*args, "--yes-terminate", code=REFUSED)
    assert template in result.stderr and running_now() == 1
    named.ec2.delete_launch_template(LaunchTemplateId=template)
    assert instance in named.run(*args, "--dry-run").stderr
    # `--yes` is about the images only.
    assert "will be terminated" in named.run(*args, code=REFUSED).stderr
    named.ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": True})
    assert "protected from termination" in named.run(*args, "--yes-terminate", code=REFUSED).stderr
    assert running_now() == 1 and len(named.names) == 3
    named.ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": False})
    run = named(*args, "--yes-terminate")
    assert outcomes(run) == ["done"] and running_now() == 0 and named.names == {"web-2", "web-3"}


def test_the_printed_permissions_are_enough(named):
    policy = named.amictl("iam-policy", "--for", "deregister").json()
    actions = sorted({action for statement in policy["Statement"] for action in statement["Action"]})
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    named.server.admin("PUT", "/iam", {"Version": "2012-10-17", "Statement": [statement]})
    run = named.run(named.ids["web-1"], "--delete-snapshots", "--yes")
    assert outcomes(run.json()) == ["done"] and "denied" not in run.stderr.lower(), run
