"""Chapters: the services around EC2."""

from harness import ACCOUNT, REGION
from tale import Tale, chapter, chapter_of_the_sample


@chapter
def parameters_have_versions_and_labels(t: Tale):
    ssm = t.client("ssm")
    folder = f"/{t.name('folder')}"
    name = f"{folder}/image"
    reply = ssm.put_parameter(
        Name=name,
        Value="first",
        Type="String",
        Description="of the web servers",
        Tags=[{"Key": "a", "Value": "b"}],
        Tier="Standard",
    )
    assert (reply["Version"], reply["Tier"]) == (1, "Standard")
    assert ssm.put_parameter(Name=name, Value="second", Type="String", Overwrite=True)["Version"] == 2
    assert ssm.label_parameter_version(Name=name, ParameterVersion=1, Labels=["stable"])["InvalidLabels"] == []
    parameter = ssm.get_parameter(Name=name)["Parameter"]
    assert (parameter["Value"], parameter["Version"], parameter["DataType"]) == ("second", 2, "text")
    assert parameter["ARN"] == f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{name}"
    for selector in (":1", ":stable"):
        found = ssm.get_parameter(Name=f"{name}{selector}")["Parameter"]
        assert (found["Value"], found["Selector"]) == ("first", selector)
    history = ssm.get_parameter_history(Name=name)["Parameters"]
    assert [(one["Version"], one["Value"], one["Labels"]) for one in history] == [
        (1, "first", ["stable"]),
        (2, "second", []),
    ]
    ssm.put_parameter(Name=f"{folder}/image-id", Value=t.image(), Type="String", DataType="aws:ec2:image")
    reply = ssm.get_parameters(Names=[name, f"{folder}/nothing"])
    assert [one["Value"] for one in reply["Parameters"]] == ["second"]
    assert reply["InvalidParameters"] == [f"{folder}/nothing"]
    pages = ssm.get_paginator("get_parameters_by_path").paginate(
        Path=folder, Recursive=True, PaginationConfig={"PageSize": 1}
    )
    assert len([one for page in pages for one in page["Parameters"]]) == 2
    filters = [{"Key": "DataType", "Values": ["aws:ec2:image"]}, {"Key": "Path", "Values": [folder]}]
    [described] = ssm.describe_parameters(ParameterFilters=filters)["Parameters"]
    assert described["Name"] == f"{folder}/image-id" and "Value" not in described
    for _ in ssm.get_paginator("describe_parameters").paginate(PaginationConfig={"PageSize": 2}):
        pass
    reply = ssm.unlabel_parameter_version(Name=name, ParameterVersion=1, Labels=["stable", "never"])
    assert (reply["RemovedLabels"], reply["InvalidLabels"]) == (["stable"], ["never"])
    tagging = {"ResourceType": "Parameter", "ResourceId": name}
    ssm.add_tags_to_resource(Tags=[{"Key": "c", "Value": "d"}], **tagging)
    ssm.remove_tags_from_resource(TagKeys=["a"], **tagging)
    assert ssm.list_tags_for_resource(**tagging)["TagList"] == [{"Key": "c", "Value": "d"}]
    ssm.delete_parameter(Name=name)
    reply = ssm.delete_parameters(Names=[f"{folder}/image-id", name])
    assert (reply["DeletedParameters"], reply["InvalidParameters"]) == ([f"{folder}/image-id"], [name])


@chapter_of_the_sample
def the_public_parameters_of_aws(t: Tale):
    ssm = t.client("ssm")
    found = ssm.get_parameters_by_path(Path="/aws/service/ami-amazon-linux-latest", Recursive=True)["Parameters"]
    assert found and all(one["Value"].startswith("ami-") for one in found)


@chapter
def the_rules_of_the_recycle_bin(t: Tale):
    rbin = t.client("rbin", "eu-north-1")
    rule = rbin.create_rule(
        ResourceType="EC2_IMAGE",
        RetentionPeriod={"RetentionPeriodValue": 14, "RetentionPeriodUnit": "DAYS"},
        Description="of production",
        ResourceTags=[{"ResourceTagKey": "env", "ResourceTagValue": "production"}],
        Tags=[{"Key": "a", "Value": "b"}],
    )
    identifier = rule["Identifier"]
    assert rule["Status"] == "available" and rule["RuleArn"].endswith(f":rule/{identifier}")
    seen = rbin.get_rule(Identifier=identifier)
    assert seen["RetentionPeriod"] == {"RetentionPeriodValue": 14, "RetentionPeriodUnit": "DAYS"}
    regional = rbin.create_rule(
        ResourceType="EBS_SNAPSHOT",
        RetentionPeriod={"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"},
        ExcludeResourceTags=[{"ResourceTagKey": "scratch"}],
    )["Identifier"]
    updated = rbin.update_rule(
        Identifier=identifier, RetentionPeriod={"RetentionPeriodValue": 30, "RetentionPeriodUnit": "DAYS"}
    )
    assert updated["RetentionPeriod"]["RetentionPeriodValue"] == 30
    assert [one["Identifier"] for one in rbin.list_rules(ResourceType="EC2_IMAGE")["Rules"]] == [identifier]
    assert [one["Identifier"] for one in rbin.list_rules(ResourceType="EBS_SNAPSHOT")["Rules"]] == [regional]
    tags = [{"ResourceTagKey": "env", "ResourceTagValue": "production"}]
    assert rbin.list_rules(ResourceType="EC2_IMAGE", ResourceTags=tags)["Rules"]
    arn = rule["RuleArn"]
    rbin.tag_resource(ResourceArn=arn, Tags=[{"Key": "c", "Value": "d"}])
    rbin.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert rbin.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "c", "Value": "d"}]
    for one in (identifier, regional):
        rbin.delete_rule(Identifier=one)
    assert rbin.list_rules(ResourceType="EC2_IMAGE")["Rules"] == []


@chapter
def a_rule_of_the_recycle_bin_is_locked(t: Tale):
    rbin = t.client("rbin", "eu-west-3")
    delay = {"UnlockDelay": {"UnlockDelayValue": 7, "UnlockDelayUnit": "DAYS"}}
    identifier = rbin.create_rule(
        ResourceType="EBS_SNAPSHOT", RetentionPeriod={"RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS"}
    )["Identifier"]
    locked = rbin.lock_rule(Identifier=identifier, LockConfiguration=delay)
    assert (locked["LockState"], locked["LockConfiguration"]) == ("locked", delay)
    assert rbin.list_rules(ResourceType="EBS_SNAPSHOT", LockState="locked")["Rules"]
    unlocked = rbin.unlock_rule(Identifier=identifier)
    assert unlocked["LockState"] == "pending_unlock" and unlocked["LockEndTime"]
    assert rbin.get_rule(Identifier=identifier)["LockState"] == "pending_unlock"


@chapter_of_the_sample
def image_builder_is_read(t: Tale):
    builder = t.client("imagebuilder")
    for recipe in builder.list_image_recipes(owner="Self")["imageRecipeSummaryList"]:
        assert builder.get_image_recipe(imageRecipeArn=recipe["arn"])["imageRecipe"]["arn"] == recipe["arn"]
    for recipe in builder.list_container_recipes(owner="Self")["containerRecipeSummaryList"]:
        found = builder.get_container_recipe(containerRecipeArn=recipe["arn"])["containerRecipe"]
        assert found["arn"] == recipe["arn"]
    for version in builder.list_images(owner="Self")["imageVersionList"]:
        builds = builder.list_image_build_versions(imageVersionArn=version["arn"])["imageSummaryList"]
        for build in builds:
            assert builder.get_image(imageBuildVersionArn=build["arn"])["image"]["arn"] == build["arn"]


@chapter
def the_quotas_of_ec2(t: Tale):
    quotas = t.client("service-quotas")
    pages = quotas.get_paginator("list_service_quotas").paginate(ServiceCode="ec2", PaginationConfig={"PageSize": 20})
    found = {quota["QuotaName"]: quota for page in pages for quota in page["Quotas"]}
    bucket = found["DeregisterImage request bucket maximum capacity"]
    assert bucket["Value"] == 100 and found["DeregisterImage request bucket refill rate"]["Value"] == 5
    seen = quotas.get_service_quota(ServiceCode="ec2", QuotaCode=bucket["QuotaCode"])["Quota"]
    assert seen == bucket


@chapter_of_the_sample
def the_organization(t: Tale):
    organizations = t.client("organizations")
    accounts = [
        account
        for page in organizations.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 1})
        for account in page["Accounts"]
    ]
    assert ACCOUNT in {account["Id"] for account in accounts}
    [root] = organizations.list_roots()["Roots"]
    units = organizations.list_organizational_units_for_parent(ParentId=root["Id"])["OrganizationalUnits"]
    for unit in units:
        organizations.list_accounts_for_parent(ParentId=unit["Id"])
        organizations.list_organizational_units_for_parent(ParentId=unit["Id"])
    assert organizations.list_accounts_for_parent(ParentId=root["Id"])["Accounts"]
    organizations.describe_organization()


@chapter_of_the_sample
def the_long_tail_through_cloud_control(t: Tale):
    control = t.client("cloudcontrol")
    for kind in ("AWS::Batch::ComputeEnvironment", "AWS::EKS::Nodegroup", "AWS::EC2::Instance"):
        reply = control.list_resources(TypeName=kind)
        assert reply["TypeName"] == kind
        for found in reply["ResourceDescriptions"][:3]:
            one = control.get_resource(TypeName=kind, Identifier=found["Identifier"])["ResourceDescription"]
            assert one["Identifier"] == found["Identifier"] and one["Properties"].startswith("{")


@chapter
def objects_in_s3(t: Tale):
    s3 = t.client("s3")
    bucket = t.name("bucket")
    s3.create_bucket(Bucket=bucket)
    assert bucket in {found["Name"] for found in s3.list_buckets()["Buckets"]}
    s3.head_bucket(Bucket=bucket)
    s3.get_bucket_location(Bucket=bucket)
    for number in range(5):
        s3.put_object(Bucket=bucket, Key=f"folder/ä <&> {number}", Body=b"x" * number, Metadata={"a": "b"})
    head = s3.head_object(Bucket=bucket, Key="folder/ä <&> 3")
    assert (head["ContentLength"], head["Metadata"]) == (3, {"a": "b"})
    reply = s3.get_object(Bucket=bucket, Key="folder/ä <&> 3")
    assert reply["Body"].read() == b"xxx" and reply["ETag"] == head["ETag"]
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket=bucket, Prefix="folder/", PaginationConfig={"PageSize": 2}
    )
    assert len([found for page in pages for found in page["Contents"]]) == 5
    assert s3.list_objects_v2(Bucket=bucket, Delimiter="/")["CommonPrefixes"] == [{"Prefix": "folder/"}]
    s3.list_objects(Bucket=bucket)
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "folder/ä <&> 3"})
    s3.delete_object(Bucket=bucket, Key="copy")
    reply = s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": f"folder/ä <&> {number}"} for number in range(5)]}
    )
    assert len(reply["Deleted"]) == 5 and "Errors" not in reply
    s3.delete_bucket(Bucket=bucket)


@chapter
def a_message_is_published(t: Tale):
    sns = t.client("sns")
    arn = f"arn:aws:sns:{REGION}:{ACCOUNT}:images"
    assert sns.publish(TopicArn=arn, Subject="cleaned", Message="12 images are gone")["MessageId"]
