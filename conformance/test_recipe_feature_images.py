"""`docs/recipes/feature-images.md`, as it stands there: ten features with five images each, and groups that run some of them."""

from datetime import UTC, datetime, timedelta

from harness import ADMIN, REGION, images_of, sandbox_server, snapshots_of
from recipes import recipe
from world import Builder

FEATURES = [f"feature{number}" for number in range(10)]
BUILDS = range(1, 6)


def built(server, builder):
    """Five images of each feature, some of the old ones in use; the names of those in use."""
    for build in BUILDS:
        for feature in FEATURES:
            name = f"app-{feature}-{build}"
            builder.image(name, "retire", "")
            builder.tag([name], feature=feature)
        server.advance("1h")
    ec2, scaling = server.client("ec2"), server.client("autoscaling")
    ids = {name: image["ImageId"] for name, image in images_of(server).items()}
    template = ec2.create_launch_template(
        LaunchTemplateName="app", LaunchTemplateData={"ImageId": ids["app-feature0-1"], "InstanceType": "t3.micro"}
    )["LaunchTemplate"]["LaunchTemplateId"]
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="app",
        MinSize=0,
        MaxSize=2,
        DesiredCapacity=1,
        AvailabilityZones=[f"{REGION}a"],
        LaunchTemplate={"LaunchTemplateId": template, "Version": "1"},
    )
    # A version of the template that no group uses.
    ec2.create_launch_template_version(
        LaunchTemplateId=template, LaunchTemplateData={"ImageId": ids["app-feature1-1"], "InstanceType": "t3.micro"}
    )
    [instance] = ec2.run_instances(ImageId=ids["app-feature2-1"], MinCount=1, MaxCount=1)["Instances"]
    ec2.stop_instances(InstanceIds=[instance["InstanceId"]])
    return {"app-feature0-1", "app-feature1-1", "app-feature2-1"}, instance["InstanceId"]


def test_what_runs_stays_and_old_builds_go_in_stages(tmp_path):
    now = datetime.now(UTC)
    began = (now - timedelta(days=40)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with sandbox_server(*ADMIN, "--clock", began, "--pace", "all=0s") as server:
        builder = Builder(server)
        used, instance = built(server, builder)
        server.client("ssm").put_parameter(
            Name="/app/production",
            Value=images_of(server)["app-feature3-2"]["ImageId"],
            Type="String",
            DataType="aws:ec2:image",
        )
        server.advance("39d")
        steps = recipe("feature-images", server, tmp_path, INSTANCE=instance, FEATURE="feature3", BUILD="6")

        steps.run("CI: an image of a build")
        steps.run("CI: a release")
        newest = images_of(server)["app-feature3-6"]["ImageId"]
        for channel in ("/app/features/feature3", "/app/production"):
            assert server.client("ssm").get_parameter(Name=channel)["Parameter"]["Value"] == newest

        before = images_of(server)
        planned = steps.run("The policy")
        newest_two = {f"app-{feature}-{build}" for feature in FEATURES for build in (4, 5)} | {"app-feature3-6"}
        # What production runs is the newest of its feature: the two before it stay.
        kept = used | newest_two
        assert "app-feature9-1" in planned
        steps.run("The timer")
        marked = {
            name
            for name, image in images_of(server).items()
            if "amictl:stage" in {tag["Key"] for tag in image.get("Tags", [])}
        }
        assert marked == before.keys() - kept
        shown = steps.run("What it did, and taking it back")
        assert "app-feature9-1" in shown or images_of(server)["app-feature9-1"]["ImageId"] in shown

        # The rest of the way, day by day as a timer goes.
        for days in (2, 7, 22):
            at = (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
            steps.type(f"amictl run -f amictl.yaml --yes --settle 0s --now {at}")
        left = images_of(server)
        assert left.keys() == kept
        assert all(image["State"] == "available" for image in left.values())
        assert len(snapshots_of(server)) == len(kept)
