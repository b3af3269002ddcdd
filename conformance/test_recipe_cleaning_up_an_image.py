"""`docs/recipes/cleaning-up-an-image.md`, as it stands there."""

from harness import ADMIN, images_of, sandbox_server, snapshots_of
from recipes import recipe
from world import Builder

# What was made is older than a day, and EC2's own time is over at once.
PAST = ("--clock", "2026-01-01T00:00:00Z", "--pace", "all=0s")


def test_everything_of_an_image_goes_and_what_others_have_stays(tmp_path):
    with sandbox_server(*ADMIN, *PAST) as server:
        ec2 = server.client("ec2")
        builder = Builder(server)
        base = builder.image("base", "keep", "in_use")
        staying = builder.instance(base)
        image = ec2.create_image(InstanceId=staying, Name="web-1", NoReboot=True)["ImageId"]
        [mapping] = images_of(server)["web-1"]["BlockDeviceMappings"]
        snapshot = mapping["Ebs"]["SnapshotId"]
        instance = builder.instance(image)
        left = ec2.create_volume(AvailabilityZone=builder.zone, SnapshotId=snapshot)["VolumeId"]
        for kind in ("EC2_IMAGE", "EBS_SNAPSHOT"):
            period = {"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"}
            server.client("rbin").create_rule(ResourceType=kind, RetentionPeriod=period)
        gone = ec2.create_image(InstanceId=staying, Name="web-0", NoReboot=True)["ImageId"]
        [mapping] = images_of(server)["web-0"]["BlockDeviceMappings"]
        orphan = mapping["Ebs"]["SnapshotId"]
        ec2.deregister_image(ImageId=gone)
        rules = server.client("rbin")
        for rule in rules.list_rules(ResourceType="EC2_IMAGE")["Rules"]:
            assert rule["RetentionPeriod"]["RetentionPeriodValue"] == 7
        server.advance("9d")

        def states() -> dict[str, str]:
            return {
                one["InstanceId"]: one["State"]["Name"]
                for reservation in ec2.describe_instances()["Reservations"]
                for one in reservation["Instances"]
            }

        steps = recipe("cleaning-up-an-image", server, tmp_path, IMAGE=image, SETTLE="0s")
        assert instance in steps.run("What there is")
        assert states() == {staying: "running", instance: "running"} and "web-1" in images_of(server)
        assert left in steps.run("Volumes that instances left behind")
        assert left not in {volume["VolumeId"] for volume in ec2.describe_volumes()["Volumes"]}
        steps.run("Instances, image and snapshots")
        assert states() == {staying: "running", instance: "terminated"}
        assert set(images_of(server)) == {"base"} and snapshot not in snapshots_of(server)
        steps.run("What is left")
        assert orphan not in snapshots_of(server)
        assert image in steps.run("If it was a mistake")
        assert set(images_of(server)) == {"base", "web-1"} and snapshot in snapshots_of(server)
