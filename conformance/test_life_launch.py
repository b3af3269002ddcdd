"""Launching instances, and finding images by owner, name and parameter; read back by boto3."""

import pytest
from harness import ADMIN, Amictl, interrupt, sandbox_server, wait_until, write_faults
from world import Builder

FAR = "eu-west-1"
LINUX = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


class Launches:
    """Two images, and amictl beside them."""

    def __init__(self, server, home, slow: bool = False):
        self.server, self.ec2 = server, server.client("ec2")
        self.builder = Builder(server)
        if slow:
            server.advance("2h")
        self.old, self.new = (self.builder.image(name, "keep", "") for name in ("web-1", "web-2"))
        self.amictl = Amictl(home, server.url)

    def __call__(self, *args, code=0):
        """Runs a command; its one JSON document."""
        return self.amictl(*args, "--output", "json", code=code).json()

    def launch(self, *args, code=0):
        """Launches; the only step."""
        [step] = self("launch", *args, code=code)["steps"]
        return step

    def instances(self) -> list[dict]:
        """Every instance."""
        reservations = self.ec2.describe_instances()["Reservations"]
        return [instance for reservation in reservations for instance in reservation["Instances"]]


@pytest.fixture
def launches(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        yield Launches(server, tmp_path)


def test_instances_are_launched_as_asked_for_and_undoing_says_how_they_end(launches):
    step = launches.launch(
        *("--image", launches.new, "--instance-type", "t3.small", "--count", "3", "--tag", "team=a b", "--imds-v2"),
    )
    instances = launches.instances()
    assert sorted(step["produced"]["instances"]) == sorted(one["InstanceId"] for one in instances)
    for one in instances:
        assert (one["ImageId"], one["InstanceType"], one["State"]["Name"]) == (launches.new, "t3.small", "running")
        assert {"Key": "team", "Value": "a b"} in one["Tags"] and one["MetadataOptions"]["HttpTokens"] == "required"
    run = launches("runs")[-1]["run_id"]
    result = launches.amictl("undo", run, "--yes", code=3)
    text = result.stdout + result.stderr
    assert "terminate-instances" in text and instances[0]["InstanceId"] in text, result
    assert {one["State"]["Name"] for one in launches.instances()} == {"running"}


def test_a_template_says_what_the_command_does_not(launches):
    data = {"ImageId": launches.old, "InstanceType": "t3.micro"}
    launches.ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
    assert launches.launch("--template", "web")["image_id"] == launches.old
    launches.launch("--template", "web", "--image", "find:self/web-*")
    found = {one["ImageId"]: one["InstanceType"] for one in launches.instances()}
    assert found == {launches.old: "t3.micro", launches.new: "t3.micro"}
    launches.amictl("launch", "--template", "nothing", code=1)
    launches.amictl("launch", "--image", launches.new, code=64)


def test_a_client_token_launches_once_however_often_the_command_is_run(launches):
    command = ("--image", launches.new, "--instance-type", "t3.small", "--client-token", "release-7")
    first, again = launches.launch(*command), launches.launch(*command)
    assert first["produced"]["instances"] == again["produced"]["instances"] and len(launches.instances()) == 1


def test_a_lost_answer_launches_nothing_twice(tmp_path):
    rule = {"operation": "RunInstances", "kind": "reset", "phase": "after", "when": {"first": 2}}
    with sandbox_server("--pace", "all=0s", "--faults", write_faults(tmp_path / "faults.json", rule)) as server:
        launches = Launches(server, tmp_path / "home")
        step = launches.launch("--image", launches.new, "--instance-type", "t3.small", "--count", "2")
        assert (step["outcome"], len(launches.instances())) == ("done", 2), step


def test_waiting_for_instances_is_gone_on_with(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "image=0s,snapshot=0s,instance=1h") as server:
        launches = Launches(server, tmp_path, slow=True)
        command = ("launch", "--image", launches.new, "--instance-type", "t3.small")
        launches.amictl(*command, "--timeout", "1s", code=5)
        process = launches.amictl.start(*command)
        wait_until(lambda: len(launches.instances()) == 2, "the second instance")
        assert interrupt(process).code == 130
        server.advance("2h")
        for _ in range(2):
            assert [step["outcome"] for step in launches("resume", "--yes")["steps"]] == ["done"]
        assert len(launches.instances()) == 2


def test_what_ec2_refuses_is_told(launches):
    step = launches.launch("--image", launches.new, "--instance-type", "m6g.large", code=3)
    assert "architecture" in step["reason"] and step["left"] == "unchanged", step
    launches.ec2.disable_image(ImageId=launches.new)
    result = launches.amictl("launch", "--image", launches.new, "--instance-type", "t3.small", code=1)
    assert "disabled" in result.stderr, result


def test_images_are_found_and_used_by_their_query(launches):
    [newest] = launches("find", "self/web-*")
    assert (newest["image_id"], newest["name"], newest["architecture"]) == (launches.new, "web-2", "x86_64")
    names = [row["name"] for row in launches("find", "find:self/web-*:x86_64", "--all")]
    assert names == ["web-2", "web-1"]
    assert launches("find", "self/web-*:arm64", code=1) == []
    launches.amictl("find", "nobody/web-*", code=64)
    assert [step["image_id"] for step in launches("protect", "find:self/web-*")["steps"]] == [launches.new]
    result = launches.amictl("disable", "find:self/web-*", "--yes", code=64)
    assert "ids alone" in result.stderr, result


def test_several_that_could_be_meant_are_an_error(launches):
    launches.ec2.register_image(
        Name="web-9",
        Architecture="arm64",
        RootDeviceName="/dev/xvda",
        BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": launches.builder.snapshot("x")}}],
    )
    assert sorted(row["architecture"] for row in launches("find", "self/web-*")) == ["arm64", "x86_64"]
    result = launches.amictl("protect", "find:self/web-*", code=1)
    assert "find:self/web-*:arm64" in result.stderr, result
    assert [step["name"] for step in launches("protect", "find:self/web-*:arm64")["steps"]] == ["web-9"]


def test_public_parameters_name_images_of_amazon(tmp_path):
    with sandbox_server("--pace", "all=0s", world="sample") as server:
        amictl = Amictl(tmp_path, server.url)
        rows = amictl("find", f"ssm:{LINUX}", "--region", f"us-east-1,{FAR}", "--output", "json").json()
        assert [row["region"] for row in rows] == ["us-east-1", FAR] and len({row["image_id"] for row in rows}) == 2
        [by_name] = amictl("find", f"amazon/{rows[0]['name']}", "--output", "json").json()
        assert by_name["image_id"] == rows[0]["image_id"]
        run = amictl("launch", "--image", f"ssm:{LINUX}", "--instance-type", "t3.micro", "--output", "json").json()
        [id] = run["steps"][0]["produced"]["instances"]
        [reservation] = server.client("ec2").describe_instances(InstanceIds=[id])["Reservations"]
        assert reservation["Instances"][0]["ImageId"] == rows[0]["image_id"]
        result = amictl("launch", "--image", "ssm:/nothing", "--instance-type", "t3.micro", code=1)
        assert "/nothing" in result.stderr, result
