"""Chapters: Auto Scaling groups and launch configurations."""

from harness import REGION
from tale import Tale, chapter

ZONE = f"{REGION}a"


@chapter
def launch_configurations(t: Tale):
    image, name = t.image(), t.name("configuration")
    t.autoscaling.create_launch_configuration(
        LaunchConfigurationName=name,
        ImageId=image,
        InstanceType="t3.micro",
        SecurityGroups=[t.ec2.describe_security_groups()["SecurityGroups"][0]["GroupId"]],
        UserData="hello",
        EbsOptimized=True,
        InstanceMonitoring={"Enabled": False},
        BlockDeviceMappings=[
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 9, "VolumeType": "gp3", "DeleteOnTermination": True}},
            {"DeviceName": "/dev/sdb", "NoDevice": True},
        ],
        MetadataOptions={"HttpTokens": "required"},
    )
    reply = t.autoscaling.describe_launch_configurations(LaunchConfigurationNames=[name])
    [seen] = reply["LaunchConfigurations"]
    assert (seen["ImageId"], seen["BlockDeviceMappings"][0]["Ebs"]["VolumeSize"]) == (image, 9)
    for _ in t.autoscaling.get_paginator("describe_launch_configurations").paginate(PaginationConfig={"PageSize": 1}):
        pass
    t.autoscaling.delete_launch_configuration(LaunchConfigurationName=name)
    assert not t.autoscaling.describe_launch_configurations(LaunchConfigurationNames=[name])["LaunchConfigurations"]


@chapter
def a_group_of_each_kind(t: Tale):
    image, configuration = t.image(), t.name("configuration")
    t.autoscaling.create_launch_configuration(
        LaunchConfigurationName=configuration, ImageId=image, InstanceType="t3.micro"
    )
    plain = t.group(
        image,
        2,
        Tags=[{"Key": "a", "Value": "b", "PropagateAtLaunch": True}],
        HealthCheckGracePeriod=60,
        NewInstancesProtectedFromScaleIn=True,
    )
    old = t.name("group")
    t.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=old,
        LaunchConfigurationName=configuration,
        MinSize=0,
        MaxSize=0,
        AvailabilityZones=[ZONE],
    )
    base, other = t.template(image), t.template(image)
    mixed = t.name("group")
    t.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=mixed,
        MinSize=0,
        MaxSize=3,
        AvailabilityZones=[ZONE],
        MixedInstancesPolicy={
            "LaunchTemplate": {
                "LaunchTemplateSpecification": {"LaunchTemplateId": base, "Version": "$Latest"},
                "Overrides": [
                    {"InstanceType": "t3.small", "WeightedCapacity": "2"},
                    {
                        "InstanceType": "t3.large",
                        "LaunchTemplateSpecification": {"LaunchTemplateId": other, "Version": "1"},
                    },
                ],
            },
            "InstancesDistribution": {"OnDemandBaseCapacity": 1, "SpotAllocationStrategy": "lowest-price"},
        },
    )
    seen = t.group_seen(plain)
    assert len(seen["Instances"]) == 2 and seen["Tags"][0]["ResourceId"] == plain
    assert t.group_seen(old)["LaunchConfigurationName"] == configuration
    overrides = t.group_seen(mixed)["MixedInstancesPolicy"]["LaunchTemplate"]["Overrides"]
    assert overrides[1]["LaunchTemplateSpecification"]["LaunchTemplateId"] == other
    for page in t.autoscaling.get_paginator("describe_auto_scaling_groups").paginate(PaginationConfig={"PageSize": 2}):
        assert len(page["AutoScalingGroups"]) <= 2
    t.autoscaling.update_auto_scaling_group(AutoScalingGroupName=plain, MinSize=0, MaxSize=3, DesiredCapacity=1)
    assert (t.group_seen(plain)["DesiredCapacity"], t.group_seen(plain)["MaxSize"]) == (1, 3)
    for name in (plain, old, mixed):
        t.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)


def members(t: Tale, group: str) -> dict[str, str]:
    """The instances of a group and where they are in their life."""
    return {one["InstanceId"]: one["LifecycleState"] for one in t.group_seen(group)["Instances"]}


@chapter
def the_instances_of_a_group_come_and_go(t: Tale):
    image = t.image()
    group = t.group(image, 2, MinSize=0)
    named = {"AutoScalingGroupName": group}
    first, second = members(t, group)
    t.autoscaling.set_instance_protection(InstanceIds=[first], ProtectedFromScaleIn=True, **named)
    [seen] = t.autoscaling.describe_auto_scaling_instances(InstanceIds=[first])["AutoScalingInstances"]
    assert (seen["AutoScalingGroupName"], seen["ProtectedFromScaleIn"]) == (group, True)
    for _ in t.autoscaling.get_paginator("describe_auto_scaling_instances").paginate(PaginationConfig={"PageSize": 1}):
        pass
    reply = t.autoscaling.enter_standby(InstanceIds=[second], ShouldDecrementDesiredCapacity=True, **named)
    assert reply["Activities"][0]["AutoScalingGroupName"] == group
    t.until(lambda: members(t, group)[second] == "Standby", "the instance to stand by")
    assert t.autoscaling.exit_standby(InstanceIds=[second], **named)["Activities"]
    t.until(lambda: members(t, group)[second] == "InService", "the instance to be back")
    reply = t.autoscaling.detach_instances(InstanceIds=[second], ShouldDecrementDesiredCapacity=True, **named)
    assert reply["Activities"]
    t.until(lambda: second not in members(t, group), "the instance to be detached")
    t.autoscaling.attach_instances(InstanceIds=[second], **named)
    t.until(lambda: second in members(t, group), "the instance to be attached")
    t.autoscaling.set_desired_capacity(DesiredCapacity=3, **named)
    t.until(lambda: len(members(t, group)) == 3, "a third instance")
    reply = t.autoscaling.terminate_instance_in_auto_scaling_group(
        InstanceId=second, ShouldDecrementDesiredCapacity=True
    )
    assert reply["Activity"]["AutoScalingGroupName"] == group
    t.until(lambda: second not in members(t, group), "the instance to be gone")
    activities = [
        activity
        for page in t.autoscaling.get_paginator("describe_scaling_activities").paginate(
            **named, PaginationConfig={"PageSize": 2}
        )
        for activity in page["Activities"]
    ]
    assert len(activities) >= 4 and {activity["AutoScalingGroupName"] for activity in activities} == {group}
    t.autoscaling.suspend_processes(ScalingProcesses=["Launch"], **named)
    assert [one["ProcessName"] for one in t.group_seen(group)["SuspendedProcesses"]] == ["Launch"]
    t.autoscaling.resume_processes(ScalingProcesses=["Launch"], **named)
    assert t.group_seen(group)["SuspendedProcesses"] == []
    t.autoscaling.delete_auto_scaling_group(ForceDelete=True, **named)


@chapter
def the_tags_of_a_group(t: Tale):
    group = t.group(t.image())
    tag = {"ResourceId": group, "ResourceType": "auto-scaling-group", "Key": "app"}
    t.autoscaling.create_or_update_tags(Tags=[{**tag, "Value": "web", "PropagateAtLaunch": True}])
    filters = [{"Name": "auto-scaling-group", "Values": [group]}]
    assert t.autoscaling.describe_tags(Filters=filters)["Tags"] == [{**tag, "Value": "web", "PropagateAtLaunch": True}]
    for _ in t.autoscaling.get_paginator("describe_tags").paginate(PaginationConfig={"PageSize": 1}):
        pass
    t.autoscaling.delete_tags(Tags=[tag])
    assert t.autoscaling.describe_tags(Filters=filters)["Tags"] == []


@chapter
def a_warm_pool(t: Tale):
    group = t.group(t.image())
    t.autoscaling.put_warm_pool(
        AutoScalingGroupName=group,
        MinSize=1,
        MaxGroupPreparedCapacity=2,
        PoolState="Stopped",
        InstanceReusePolicy={"ReuseOnScaleIn": True},
    )
    pool = t.autoscaling.describe_warm_pool(AutoScalingGroupName=group)
    assert (pool["WarmPoolConfiguration"]["MinSize"], pool["WarmPoolConfiguration"]["PoolState"]) == (1, "Stopped")
    assert all(instance["LifecycleState"].startswith("Warmed:") for instance in pool["Instances"])
    assert t.group_seen(group)["WarmPoolConfiguration"]["MaxGroupPreparedCapacity"] == 2
    t.autoscaling.delete_warm_pool(AutoScalingGroupName=group, ForceDelete=True)
    t.until(
        lambda: "WarmPoolConfiguration" not in t.autoscaling.describe_warm_pool(AutoScalingGroupName=group),
        "the warm pool to be gone",
    )


def refresh(t: Tale, group: str, refresh_id: str) -> dict:
    """An instance refresh as it is now."""
    reply = t.autoscaling.describe_instance_refreshes(AutoScalingGroupName=group, InstanceRefreshIds=[refresh_id])
    [seen] = reply["InstanceRefreshes"]
    return seen


@chapter
def instances_are_refreshed_and_rolled_back(t: Tale):
    old, new = t.image(), t.image()
    group = t.group(old, 2)
    template = t.group_seen(group)["LaunchTemplate"]["LaunchTemplateId"]
    # A rollback needs a numbered version to go back to.
    t.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName=group, LaunchTemplate={"LaunchTemplateId": template, "Version": "1"}
    )
    t.ec2.create_launch_template_version(
        LaunchTemplateId=template, SourceVersion="1", LaunchTemplateData={"ImageId": new}
    )
    desired = {"LaunchTemplate": {"LaunchTemplateId": template, "Version": "2"}}
    preferences = {"MinHealthyPercentage": 50, "InstanceWarmup": 0, "SkipMatching": True}
    started = t.autoscaling.start_instance_refresh(
        AutoScalingGroupName=group, Strategy="Rolling", DesiredConfiguration=desired, Preferences=preferences
    )["InstanceRefreshId"]
    seen = t.until(
        lambda: (now := refresh(t, group, started))["Status"] == "Successful" and now, "the refresh to succeed"
    )
    assert seen["PercentageComplete"] == 100 and seen["InstancesToUpdate"] == 0
    assert t.group_seen(group)["LaunchTemplate"]["Version"] == "2"

    t.ec2.create_launch_template_version(
        LaunchTemplateId=template, SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
    )
    # One that waits at a checkpoint can be rolled back, and one can be cancelled.
    desired = {"LaunchTemplate": {"LaunchTemplateId": template, "Version": "3"}}
    waiting = {**preferences, "CheckpointPercentages": [50, 100], "CheckpointDelay": 3600}
    second = t.autoscaling.start_instance_refresh(
        AutoScalingGroupName=group, DesiredConfiguration=desired, Preferences=waiting
    )["InstanceRefreshId"]
    rolled = t.autoscaling.rollback_instance_refresh(AutoScalingGroupName=group)["InstanceRefreshId"]
    assert rolled == second
    seen = t.until(lambda: (now := refresh(t, group, second))["Status"] == "RollbackSuccessful" and now, "the rollback")
    assert seen["RollbackDetails"]["RollbackReason"]
    assert t.group_seen(group)["LaunchTemplate"]["Version"] == "2"
    third = t.autoscaling.start_instance_refresh(
        AutoScalingGroupName=group, DesiredConfiguration=desired, Preferences=waiting
    )["InstanceRefreshId"]
    assert t.autoscaling.cancel_instance_refresh(AutoScalingGroupName=group)["InstanceRefreshId"] == third
    t.until(lambda: refresh(t, group, third)["Status"] == "Cancelled", "the refresh to be cancelled")
    reply = t.autoscaling.describe_instance_refreshes(AutoScalingGroupName=group, MaxRecords=2)
    assert [one["InstanceRefreshId"] for one in reply["InstanceRefreshes"]] == [third, second]
    reply = t.autoscaling.describe_instance_refreshes(AutoScalingGroupName=group, NextToken=reply["NextToken"])
    assert [one["InstanceRefreshId"] for one in reply["InstanceRefreshes"]] == [started]
