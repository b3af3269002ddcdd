"""`docs/recipes/rollout.md`, as it stands there, for a group that names its version by number."""

from harness import ADMIN, images_of, sandbox_server
from recipes import recipe
from world import Builder


def test_a_new_version_is_rolled_out_and_back(tmp_path):
    with sandbox_server(*ADMIN, "--pace", "all=0s") as server:
        builder = Builder(server)
        old = builder.image("web-1.4.2", "keep", "")
        builder.image("web-1.10.0-rc.1", "keep", "")
        ec2, scaling = server.client("ec2"), server.client("autoscaling")
        data = {"ImageId": old, "InstanceType": "t3.micro"}
        ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData=data)
        scaling.create_auto_scaling_group(
            AutoScalingGroupName="web",
            MinSize=2,
            MaxSize=4,
            AvailabilityZones=["us-east-1a"],
            LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"},
        )

        def now():
            """The default version, the number that the group names, and what its instances were launched from."""
            [template] = ec2.describe_launch_templates(LaunchTemplateNames=["web"])["LaunchTemplates"]
            [group] = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["web"])["AutoScalingGroups"]
            ids = [instance["InstanceId"] for instance in group["Instances"]]
            reservations = ec2.describe_instances(InstanceIds=ids)["Reservations"]
            images = {instance["ImageId"] for reservation in reservations for instance in reservation["Instances"]}
            return template["DefaultVersionNumber"], group["LaunchTemplate"]["Version"], images

        instance = builder.instance(old)
        steps = recipe("rollout", server, tmp_path, INSTANCE=instance, TEMPLATE="web", GROUP="web")
        assert "1.11.0" in steps.run("A new version")
        new = images_of(server)["web-1.11.0"]
        assert {"Key": "version", "Value": "1.11.0"} in new["Tags"]
        assert now() == (1, "1", {old})
        steps.run("The rollout")
        assert now() == (2, "2", {new["ImageId"]})
        steps.run("Once more")
        refreshes = scaling.describe_instance_refreshes(AutoScalingGroupName="web")["InstanceRefreshes"]
        assert now() == (2, "2", {new["ImageId"]}) and len(refreshes) == 1
        steps.run("Back")
        assert now() == (1, "1", {old})
