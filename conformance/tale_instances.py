"""Chapters: instances, launch templates, fleets, and the account that they are in."""

import datetime

from harness import ACCOUNT, REGION
from tale import PARTNER, Tale, chapter, chapter_of_the_sample

ZONE = f"{REGION}a"


@chapter
def instances_run_stop_and_end(t: Tale):
    reply = t.ec2.run_instances(
        ImageId=t.image(),
        InstanceType="t3.micro",
        MinCount=2,
        MaxCount=2,
        ClientToken=t.name("token"),
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}],
        MetadataOptions={"HttpTokens": "required"},
    )
    assert reply["OwnerId"] == ACCOUNT and len(reply["Instances"]) == 2
    ids = [instance["InstanceId"] for instance in reply["Instances"]]
    for instance in ids:
        t.instance_is(instance, "running")
    assert len(t.ec2.stop_instances(InstanceIds=ids)["StoppingInstances"]) == 2
    t.instance_is(ids[0], "stopped")
    assert t.ec2.start_instances(InstanceIds=ids[:1])["StartingInstances"][0]["InstanceId"] == ids[0]
    t.instance_is(ids[0], "running")
    t.ec2.terminate_instances(InstanceIds=ids)
    t.instance_is(ids[1], "terminated")
    pages = t.ec2.get_paginator("describe_instances").paginate(
        IncludeManagedResources=True, PaginationConfig={"PageSize": 5}
    )
    found = {i["InstanceId"] for page in pages for r in page["Reservations"] for i in r["Instances"]}
    assert set(ids) <= found


@chapter
def a_root_volume_is_replaced(t: Tale):
    image = t.image()
    instance = t.instance(image)
    request = {
        "InstanceId": instance,
        "ImageId": image,
        "DeleteReplacedRootVolume": True,
        "ClientToken": t.name("token"),
        "TagSpecifications": [{"ResourceType": "replace-root-volume-task", "Tags": [{"Key": "a", "Value": "b"}]}],
    }
    task = t.ec2.create_replace_root_volume_task(**request)["ReplaceRootVolumeTask"]
    assert task["InstanceId"] == instance and task["ImageId"] == image
    task_id = task["ReplaceRootVolumeTaskId"]

    def succeeded():
        reply = t.ec2.describe_replace_root_volume_tasks(ReplaceRootVolumeTaskIds=[task_id])
        [seen] = reply["ReplaceRootVolumeTasks"]
        return seen["TaskState"] == "succeeded"

    t.until(succeeded, "the root volume to be replaced")
    t.ec2.describe_replace_root_volume_tasks(Filters=[{"Name": "instance-id", "Values": [instance]}], MaxResults=5)


@chapter
def the_versions_of_a_launch_template(t: Tale):
    image = t.image()
    name = t.name("template")
    data = {
        "ImageId": image,
        "InstanceType": "t3.micro",
        "KeyName": t.ec2.create_key_pair(KeyName=t.name("key"))["KeyName"],
        "EbsOptimized": True,
        "UserData": "aGVsbG8=",
        "SecurityGroupIds": [t.ec2.create_security_group(GroupName=t.name("group"), Description="web")["GroupId"]],
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 10, "VolumeType": "gp3", "DeleteOnTermination": True}}
        ],
        "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2},
        "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}],
    }
    template = t.ec2.create_launch_template(
        LaunchTemplateName=name,
        VersionDescription="first",
        LaunchTemplateData=data,
        ClientToken=t.name("token"),
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": [{"Key": "a", "Value": "b"}]}],
    )["LaunchTemplate"]
    assert (template["LaunchTemplateName"], template["LatestVersionNumber"]) == (name, 1)
    template_id = template["LaunchTemplateId"]
    version = t.ec2.create_launch_template_version(
        LaunchTemplateId=template_id, SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
    )["LaunchTemplateVersion"]
    assert version["LaunchTemplateData"]["InstanceType"] == "t3.small"
    assert version["LaunchTemplateData"]["ImageId"] == image, "what is not given comes from the source version"
    modified = t.ec2.modify_launch_template(LaunchTemplateName=name, DefaultVersion="2")["LaunchTemplate"]
    assert modified["DefaultVersionNumber"] == 2
    [seen] = t.ec2.describe_launch_templates(LaunchTemplateIds=[template_id])["LaunchTemplates"]
    assert seen == modified
    pages = t.ec2.get_paginator("describe_launch_template_versions").paginate(
        LaunchTemplateId=template_id, PaginationConfig={"PageSize": 1}
    )
    found = {v["VersionNumber"]: v["LaunchTemplateData"] for page in pages for v in page["LaunchTemplateVersions"]}
    assert found[1] == data
    instance = t.ec2.run_instances(
        LaunchTemplate={"LaunchTemplateId": template_id, "Version": "$Latest"}, MinCount=1, MaxCount=1
    )["Instances"][0]
    assert (instance["ImageId"], instance["InstanceType"]) == (image, "t3.small")
    read = t.ec2.get_launch_template_data(InstanceId=instance["InstanceId"])["LaunchTemplateData"]
    assert (read["ImageId"], read["InstanceType"]) == (image, "t3.small")
    reply = t.ec2.delete_launch_template_versions(LaunchTemplateId=template_id, Versions=["1", "9"])
    [deleted] = reply["SuccessfullyDeletedLaunchTemplateVersions"]
    assert deleted["VersionNumber"] == 1
    [failed] = reply["UnsuccessfullyDeletedLaunchTemplateVersions"]
    assert failed["ResponseError"]["Code"] == "launchTemplateVersionDoesNotExist"
    assert t.ec2.delete_launch_template(LaunchTemplateName=name)["LaunchTemplate"]["LaunchTemplateId"] == template_id


@chapter_of_the_sample
def the_templates_of_the_world(t: Tale):
    for page in t.ec2.get_paginator("describe_launch_templates").paginate(PaginationConfig={"PageSize": 5}):
        for template in page["LaunchTemplates"]:
            t.ec2.describe_launch_template_versions(
                LaunchTemplateId=template["LaunchTemplateId"], ResolveAlias=True, MaxResults=200
            )
    t.ec2.describe_launch_template_versions(Versions=["$Latest", "$Default"])


@chapter
def a_template_names_its_image_by_a_parameter(t: Tale):
    ssm, image = t.client("ssm"), t.image()
    name = f"/{t.name('parameter')}"
    ssm.put_parameter(Name=name, Value=image, Type="String", DataType="aws:ec2:image")
    template = t.template(f"resolve:ssm:{name}")
    for resolve, wanted in ((False, f"resolve:ssm:{name}"), (True, image)):
        reply = t.ec2.describe_launch_template_versions(LaunchTemplateId=template, ResolveAlias=resolve)
        assert reply["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"] == wanted
    reply = t.ec2.run_instances(LaunchTemplate={"LaunchTemplateId": template}, MinCount=1, MaxCount=1)
    assert reply["Instances"][0]["ImageId"] == image


@chapter
def an_ec2_fleet(t: Tale):
    image = t.image()
    configurations = [
        {
            "LaunchTemplateSpecification": {"LaunchTemplateId": t.template(image), "Version": "1"},
            "Overrides": [
                {"InstanceType": "t3.small", "AvailabilityZone": ZONE, "ImageId": image, "WeightedCapacity": 1.0},
                {"InstanceType": "t3.medium", "Priority": 2.0},
            ],
        }
    ]
    capacity = {"TotalTargetCapacity": 1, "OnDemandTargetCapacity": 1, "DefaultTargetCapacityType": "on-demand"}
    fleet = t.ec2.create_fleet(
        LaunchTemplateConfigs=configurations,
        TargetCapacitySpecification=capacity,
        Type="maintain",
        TagSpecifications=[{"ResourceType": "fleet", "Tags": [{"Key": "a", "Value": "b"}]}],
    )["FleetId"]
    [seen] = t.ec2.describe_fleets(FleetIds=[fleet])["Fleets"]
    assert (seen["FleetId"], seen["Type"]) == (fleet, "maintain")
    [config] = seen["LaunchTemplateConfigs"]
    assert config["Overrides"][0]["ImageId"] == image
    active = t.ec2.describe_fleet_instances(FleetId=fleet)
    assert active["FleetId"] == fleet and len(active["ActiveInstances"]) == 1
    more = {"TotalTargetCapacity": 2, "OnDemandTargetCapacity": 2}
    assert t.ec2.modify_fleet(FleetId=fleet, TargetCapacitySpecification=more)["Return"] is True
    instant = t.ec2.create_fleet(
        LaunchTemplateConfigs=configurations, TargetCapacitySpecification=capacity, Type="instant"
    )
    assert instant["Instances"][0]["InstanceIds"] and instant["Errors"] == []
    listed = {
        found["FleetId"]
        for page in t.ec2.get_paginator("describe_fleets").paginate(PaginationConfig={"PageSize": 5})
        for found in page["Fleets"]
    }
    assert fleet in listed and instant["FleetId"] not in listed, "instant fleets are seen only by their id"
    [seen] = t.ec2.describe_fleets(FleetIds=[instant["FleetId"]])["Fleets"]
    assert seen["Type"] == "instant"
    reply = t.ec2.delete_fleets(FleetIds=[fleet, "fleet-00000000-0000-0000-0000-000000000000"], TerminateInstances=True)
    assert [one["FleetId"] for one in reply["SuccessfulFleetDeletions"]] == [fleet]
    assert reply["UnsuccessfulFleetDeletions"][0]["Error"]["Code"] == "fleetIdDoesNotExist"


@chapter
def a_spot_fleet(t: Tale):
    image = t.image()
    role = f"arn:aws:iam::{ACCOUNT}:role/aws-ec2-spot-fleet-tagging-role"
    request = t.ec2.request_spot_fleet(
        SpotFleetRequestConfig={
            "IamFleetRole": role,
            "TargetCapacity": 1,
            "SpotPrice": "0.05",
            "AllocationStrategy": "lowestPrice",
            "LaunchSpecifications": [{"ImageId": image, "InstanceType": "t3.micro", "WeightedCapacity": 1.0}],
        }
    )["SpotFleetRequestId"]
    templated = t.ec2.request_spot_fleet(
        SpotFleetRequestConfig={
            "IamFleetRole": role,
            "TargetCapacity": 1,
            "LaunchTemplateConfigs": [
                {
                    "LaunchTemplateSpecification": {"LaunchTemplateId": t.template(image), "Version": "1"},
                    "Overrides": [{"InstanceType": "t3.small"}],
                }
            ],
        }
    )["SpotFleetRequestId"]
    reply = t.ec2.describe_spot_fleet_requests(SpotFleetRequestIds=[request, templated])
    seen = {one["SpotFleetRequestId"]: one["SpotFleetRequestConfig"] for one in reply["SpotFleetRequestConfigs"]}
    assert seen[request]["LaunchSpecifications"][0]["ImageId"] == image
    assert seen[templated]["LaunchTemplateConfigs"]
    assert t.ec2.describe_spot_fleet_instances(SpotFleetRequestId=request)["SpotFleetRequestId"] == request
    assert t.ec2.modify_spot_fleet_request(SpotFleetRequestId=request, TargetCapacity=2)["Return"] is True
    for _ in t.ec2.get_paginator("describe_spot_fleet_requests").paginate(PaginationConfig={"PageSize": 1}):
        pass
    reply = t.ec2.cancel_spot_fleet_requests(SpotFleetRequestIds=[request, templated], TerminateInstances=True)
    assert len(reply["SuccessfulFleetRequests"]) == 2 and reply["UnsuccessfulFleetRequests"] == []


@chapter
def spot_requests(t: Tale):
    image = t.image()
    reply = t.ec2.request_spot_instances(
        InstanceCount=2,
        SpotPrice="0.03",
        Type="persistent",
        LaunchSpecification={"ImageId": image, "InstanceType": "t3.micro"},
        TagSpecifications=[{"ResourceType": "spot-instances-request", "Tags": [{"Key": "a", "Value": "b"}]}],
    )
    ids = [request["SpotInstanceRequestId"] for request in reply["SpotInstanceRequests"]]
    assert len(ids) == 2 and all(one.startswith("sir-") for one in ids)
    reply = t.ec2.describe_spot_instance_requests(SpotInstanceRequestIds=ids)
    assert {one["LaunchSpecification"]["ImageId"] for one in reply["SpotInstanceRequests"]} == {image}
    pages = t.ec2.get_paginator("describe_spot_instance_requests").paginate(PaginationConfig={"PageSize": 5})
    assert set(ids) <= {one["SpotInstanceRequestId"] for page in pages for one in page["SpotInstanceRequests"]}
    reply = t.ec2.cancel_spot_instance_requests(SpotInstanceRequestIds=ids)
    assert {one["State"] for one in reply["CancelledSpotInstanceRequests"]} == {"cancelled"}


@chapter_of_the_sample
def windows_launches_faster(t: Tale):
    """An image is of Windows when what it was made from is."""
    name = "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base"
    public = t.client("ssm").get_parameter(Name=name)["Parameter"]["Value"]
    [seen] = t.ec2.describe_images(ImageIds=[public])["Images"]
    assert (seen["Platform"], seen["ImageOwnerAlias"]) == ("windows", "amazon")
    instance = t.instance(public)
    image = t.available(t.ec2.create_image(InstanceId=instance, Name=t.name("windows"))["ImageId"])
    assert (t.seen(image)["Platform"], t.seen(image)["UsageOperation"]) == ("windows", "RunInstances:0002")
    reply = t.ec2.enable_fast_launch(
        ImageId=image,
        ResourceType="snapshot",
        SnapshotConfiguration={"TargetResourceCount": 5},
        LaunchTemplate={"LaunchTemplateId": t.template(image), "Version": "1"},
        MaxParallelLaunches=6,
    )
    assert (reply["ImageId"], reply["MaxParallelLaunches"]) == (image, 6)
    [seen] = t.ec2.describe_fast_launch_images(ImageIds=[image])["FastLaunchImages"]
    assert seen["SnapshotConfiguration"]["TargetResourceCount"] == 5
    t.ec2.describe_fast_launch_images(MaxResults=5)
    assert t.ec2.disable_fast_launch(ImageId=image, Force=True)["State"] in ("disabling", "disabled")


@chapter
def where_the_account_is(t: Tale):
    regions = t.ec2.describe_regions(AllRegions=True)["Regions"]
    assert {"opt-in-not-required", "not-opted-in"} <= {region["OptInStatus"] for region in regions}
    zones = t.ec2.describe_availability_zones(AllAvailabilityZones=True)["AvailabilityZones"]
    assert ZONE in {zone["ZoneName"] for zone in zones}
    vpcs = t.ec2.describe_vpcs()["Vpcs"]
    subnets = t.ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpcs[0]["VpcId"]]}])["Subnets"]
    assert {subnet["OwnerId"] for subnet in subnets} == {ACCOUNT}
    attributes = t.ec2.describe_account_attributes()["AccountAttributes"]
    assert {"supported-platforms", "default-vpc", "max-instances"} <= {one["AttributeName"] for one in attributes}
    [one] = t.ec2.describe_account_attributes(AttributeNames=["default-vpc"])["AccountAttributes"]
    assert one["AttributeValues"] == [{"AttributeValue": vpcs[0]["VpcId"]}]


@chapter
def who_calls(t: Tale):
    sts = t.client("sts")
    identity = sts.get_caller_identity()
    assert identity["Account"] == ACCOUNT and f":{ACCOUNT}:" in identity["Arn"]
    assumed = sts.assume_role(RoleArn=f"arn:aws:iam::{PARTNER}:role/cleaner", RoleSessionName="nightly")
    assert assumed["Credentials"]["Expiration"] > datetime.datetime.now(datetime.timezone.utc)
    assert assumed["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{PARTNER}:assumed-role/cleaner/nightly"
    assert sts.get_session_token(DurationSeconds=900)["Credentials"]["SessionToken"]
    federated = sts.assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/runner",
        RoleSessionName="nightly",
        WebIdentityToken="eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2ln",
    )
    assert federated["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/runner/nightly"


@chapter
def an_instance_is_looked_at_and_changed(t: Tale):
    instance = t.instance(t.image())
    for attribute, member in {
        "instanceType": "InstanceType",
        "disableApiTermination": "DisableApiTermination",
        "userData": "UserData",
        "rootDeviceName": "RootDeviceName",
        "blockDeviceMapping": "BlockDeviceMappings",
        "ebsOptimized": "EbsOptimized",
        "sourceDestCheck": "SourceDestCheck",
        "groupSet": "Groups",
    }.items():
        reply = t.ec2.describe_instance_attribute(InstanceId=instance, Attribute=attribute)
        assert reply["InstanceId"] == instance and set(reply) <= {"ResponseMetadata", "InstanceId", member}, attribute
    t.ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": True})
    reply = t.ec2.describe_instance_attribute(InstanceId=instance, Attribute="disableApiTermination")
    assert reply["DisableApiTermination"] == {"Value": True}
    t.ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": False})
    reply = t.ec2.modify_instance_metadata_options(InstanceId=instance, HttpTokens="required", HttpEndpoint="enabled")
    assert reply["InstanceMetadataOptions"]["HttpTokens"] == "required"
    t.ec2.reboot_instances(InstanceIds=[instance])
    [status] = t.ec2.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"]
    assert status["InstanceState"]["Name"] == "running"
    for _ in t.ec2.get_paginator("describe_instance_status").paginate(
        IncludeAllInstances=True, PaginationConfig={"PageSize": 5}
    ):
        pass
    assert t.ec2.get_console_output(InstanceId=instance)["InstanceId"] == instance
    t.ec2.terminate_instances(InstanceIds=[instance])


@chapter
def the_types_of_instances(t: Tale):
    [found] = t.ec2.describe_instance_types(InstanceTypes=["t3.micro"])["InstanceTypes"]
    assert (found["InstanceType"], found["VCpuInfo"]["DefaultVCpus"]) == ("t3.micro", 2)
    for _ in t.ec2.get_paginator("describe_instance_types").paginate(PaginationConfig={"PageSize": 5}):
        pass
    offerings = t.ec2.describe_instance_type_offerings(
        LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": ["t3.micro"]}]
    )["InstanceTypeOfferings"]
    assert ZONE in {offering["Location"] for offering in offerings}


@chapter
def keys_groups_and_interfaces(t: Tale):
    name = t.name("key")
    key = t.ec2.create_key_pair(
        KeyName=name,
        KeyType="ed25519",
        TagSpecifications=[{"ResourceType": "key-pair", "Tags": [{"Key": "a", "Value": "b"}]}],
    )
    assert key["KeyName"] == name and key["KeyMaterial"].startswith("-----BEGIN ")
    material = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVyYW5kb20gYnl0ZXMgdGhhdCBhcmUga2V5cw me@here"
    imported = t.ec2.import_key_pair(KeyName=t.name("key"), PublicKeyMaterial=material)
    found = t.ec2.describe_key_pairs(KeyPairIds=[key["KeyPairId"], imported["KeyPairId"]])["KeyPairs"]
    assert {one["KeyName"] for one in found} == {name, imported["KeyName"]}
    t.ec2.delete_key_pair(KeyName=name)
    t.ec2.describe_key_pairs()
    group = t.ec2.create_security_group(
        GroupName=t.name("group"),
        Description="of the web servers",
        TagSpecifications=[{"ResourceType": "security-group", "Tags": [{"Key": "a", "Value": "b"}]}],
    )["GroupId"]
    [seen] = t.ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]
    assert (seen["Description"], seen["OwnerId"]) == ("of the web servers", ACCOUNT)
    t.ec2.describe_security_groups(MaxResults=5)
    instance = t.instance(t.image(), SecurityGroupIds=[group])
    filters = [{"Name": "attachment.instance-id", "Values": [instance]}]
    [interface] = t.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
    assert interface["Groups"][0]["GroupId"] == group
    t.ec2.terminate_instances(InstanceIds=[instance])
    t.instance_is(instance, "terminated")
    t.ec2.delete_security_group(GroupId=group)
