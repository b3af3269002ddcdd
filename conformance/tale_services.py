"""Chapters: the services around EC2."""

import json

from harness import ACCOUNT, REGION
from tale import PARTNER, Tale, chapter, chapter_of_a_changed_world, chapter_of_slow_tasks, chapter_of_the_sample


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


@chapter
def image_builder_builds(t: Tale):
    builder = t.client("imagebuilder")
    recipe = builder.create_image_recipe(
        name=t.name("recipe"),
        semanticVersion="1.0.0",
        parentImage=t.image(),
        components=[{"componentArn": f"arn:aws:imagebuilder:{REGION}:aws:component/update-linux/x.x.x"}],
        blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 10, "volumeType": "gp3"}}],
        tags={"a": "b"},
        clientToken=t.name("token"),
    )["imageRecipeArn"]
    container = builder.create_container_recipe(
        containerType="DOCKER",
        name=t.name("container"),
        semanticVersion="1.0.0",
        parentImage="amazonlinux:latest",
        components=[{"componentArn": f"arn:aws:imagebuilder:{REGION}:aws:component/update-linux/x.x.x"}],
        instanceConfiguration={"image": t.image()},
        dockerfileTemplateData="FROM {{{ imagebuilder:parentImage }}}",
        targetRepository={"service": "ECR", "repositoryName": "web"},
        clientToken=t.name("token"),
    )["containerRecipeArn"]
    infrastructure = builder.create_infrastructure_configuration(
        name=t.name("infrastructure"),
        instanceProfileName="builder",
        instanceTypes=["t3.micro"],
        clientToken=t.name("token"),
    )["infrastructureConfigurationArn"]
    distribution = builder.create_distribution_configuration(
        name=t.name("distribution"),
        distributions=[
            {"region": REGION, "amiDistributionConfiguration": {"name": "built {{ imagebuilder:buildDate }}"}}
        ],
        clientToken=t.name("token"),
    )["distributionConfigurationArn"]
    pipeline = builder.create_image_pipeline(
        name=t.name("pipeline"),
        imageRecipeArn=recipe,
        infrastructureConfigurationArn=infrastructure,
        distributionConfigurationArn=distribution,
        schedule={"scheduleExpression": "cron(0 0 * * ? *)"},
        clientToken=t.name("token"),
    )["imagePipelineArn"]
    build = builder.create_image(
        imageRecipeArn=recipe,
        infrastructureConfigurationArn=infrastructure,
        distributionConfigurationArn=distribution,
        clientToken=t.name("token"),
    )["imageBuildVersionArn"]
    image = t.until(
        lambda: (
            (seen := builder.get_image(imageBuildVersionArn=build)["image"])["state"]["status"] == "AVAILABLE" and seen
        ),
        "the build",
    )
    [output] = image["outputResources"]["amis"]
    assert t.seen(output["image"])["State"] == "available"
    assert builder.get_image_recipe(imageRecipeArn=recipe)["imageRecipe"]["arn"] == recipe
    assert builder.get_container_recipe(containerRecipeArn=container)["containerRecipe"]["arn"] == container
    found = builder.get_infrastructure_configuration(infrastructureConfigurationArn=infrastructure)
    assert found["infrastructureConfiguration"]["arn"] == infrastructure
    found = builder.get_distribution_configuration(distributionConfigurationArn=distribution)
    assert found["distributionConfiguration"]["arn"] == distribution
    assert builder.get_image_pipeline(imagePipelineArn=pipeline)["imagePipeline"]["arn"] == pipeline
    for listing, member, arn in (
        ("list_image_recipes", "imageRecipeSummaryList", recipe),
        ("list_container_recipes", "containerRecipeSummaryList", container),
        ("list_infrastructure_configurations", "infrastructureConfigurationSummaryList", infrastructure),
        ("list_distribution_configurations", "distributionConfigurationSummaryList", distribution),
        ("list_image_pipelines", "imagePipelineList", pipeline),
    ):
        pages = builder.get_paginator(listing).paginate(PaginationConfig={"PageSize": 1})
        assert arn in {one["arn"] for page in pages for one in page[member]}, listing
    versions = [
        one["arn"] for page in builder.get_paginator("list_images").paginate() for one in page["imageVersionList"]
    ]
    assert build.rsplit("/", 1)[0] in versions
    builds = builder.list_image_build_versions(imageVersionArn=build.rsplit("/", 1)[0])["imageSummaryList"]
    assert [one["arn"] for one in builds] == [build]
    builder.delete_image(imageBuildVersionArn=build)
    builder.delete_image_pipeline(imagePipelineArn=pipeline)
    builder.delete_image_recipe(imageRecipeArn=recipe)
    builder.delete_container_recipe(containerRecipeArn=container)
    builder.delete_distribution_configuration(distributionConfigurationArn=distribution)
    builder.delete_infrastructure_configuration(infrastructureConfigurationArn=infrastructure)


@chapter
def the_quotas_of_ec2(t: Tale):
    quotas = t.client("service-quotas")
    pages = quotas.get_paginator("list_service_quotas").paginate(ServiceCode="ec2", PaginationConfig={"PageSize": 20})
    found = {quota["QuotaName"]: quota for page in pages for quota in page["Quotas"]}
    bucket = found["DeregisterImage request bucket maximum capacity"]
    assert bucket["Value"] == 100 and found["DeregisterImage request bucket refill rate"]["Value"] == 5
    seen = quotas.get_service_quota(ServiceCode="ec2", QuotaCode=bucket["QuotaCode"])["Quota"]
    assert seen == bucket
    seen = quotas.get_aws_default_service_quota(ServiceCode="ec2", QuotaCode=bucket["QuotaCode"])["Quota"]
    assert seen["Value"] == bucket["Value"]
    pages = quotas.get_paginator("list_aws_default_service_quotas").paginate(ServiceCode="ec2")
    assert "AMIs" in {quota["QuotaName"] for page in pages for quota in page["Quotas"]}
    services = [one for page in quotas.get_paginator("list_services").paginate() for one in page["Services"]]
    assert "ec2" in {one["ServiceCode"] for one in services}


@chapter
def the_organization(t: Tale):
    organizations = t.client("organizations")
    t.volume(t.client("ec2", account=PARTNER))
    assert organizations.describe_organization()["Organization"]["MasterAccountId"] == ACCOUNT
    accounts = [
        account["Id"]
        for page in organizations.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 1})
        for account in page["Accounts"]
    ]
    assert {ACCOUNT, PARTNER} <= set(accounts)
    [root] = organizations.list_roots()["Roots"]
    unit = organizations.create_organizational_unit(ParentId=root["Id"], Name=t.name("unit"))["OrganizationalUnit"]
    seen = organizations.describe_organizational_unit(OrganizationalUnitId=unit["Id"])["OrganizationalUnit"]
    assert (seen["Id"], seen["Name"]) == (unit["Id"], unit["Name"])
    units = organizations.list_organizational_units_for_parent(ParentId=root["Id"])["OrganizationalUnits"]
    assert unit["Id"] in {one["Id"] for one in units}
    organizations.move_account(AccountId=PARTNER, SourceParentId=root["Id"], DestinationParentId=unit["Id"])
    [moved] = organizations.list_accounts_for_parent(ParentId=unit["Id"])["Accounts"]
    assert moved["Id"] == PARTNER
    children = organizations.list_children(ParentId=unit["Id"], ChildType="ACCOUNT")["Children"]
    assert children == [{"Id": PARTNER, "Type": "ACCOUNT"}]
    [parent] = organizations.list_parents(ChildId=PARTNER)["Parents"]
    assert parent == {"Id": unit["Id"], "Type": "ORGANIZATIONAL_UNIT"}
    organizations.register_delegated_administrator(AccountId=PARTNER, ServicePrincipal="config.amazonaws.com")
    assert organizations.describe_account(AccountId=PARTNER)["Account"]["Status"] == "ACTIVE"
    organizations.move_account(AccountId=PARTNER, SourceParentId=unit["Id"], DestinationParentId=root["Id"])


@chapter_of_a_changed_world
def an_organization_is_founded(t: Tale):
    """In a world whose accounts are in no organization; they are in one unless the world says otherwise."""
    world = t.server.admin("GET", "/world")
    world["world"]["membership"] = "Nobody"
    t.server.admin("PUT", "/world", world)
    organizations = t.client("organizations")
    founded = organizations.create_organization(FeatureSet="ALL")["Organization"]
    assert (founded["MasterAccountId"], founded["FeatureSet"]) == (ACCOUNT, "ALL")
    assert organizations.describe_organization()["Organization"] == founded


@chapter_of_slow_tasks
def an_account_is_closed(t: Tale):
    """In a world that says nothing of an organization the first account manages it, and who has something is in it."""
    organizations = t.client("organizations")
    t.volume()
    t.volume(t.client("ec2", account=PARTNER))
    organizations.close_account(AccountId=PARTNER)
    assert organizations.describe_account(AccountId=PARTNER)["Account"]["Status"] in ("SUSPENDED", "PENDING_CLOSURE")


@chapter
def the_long_tail_through_cloud_control(t: Tale):
    control, image = t.client("cloudcontrol"), t.image()
    kind = "AWS::Batch::ComputeEnvironment"
    desired = {
        "ComputeEnvironmentName": t.name("environment"),
        "Type": "MANAGED",
        "ComputeResources": {"Type": "EC2", "ImageId": image, "MaxvCpus": 4, "Subnets": ["subnet-0123456789abcdef0"]},
    }
    request = {"TypeName": kind, "DesiredState": json.dumps(desired), "ClientToken": t.name("token")}
    begun = control.create_resource(**request)["ProgressEvent"]
    assert (begun["TypeName"], begun["Operation"]) == (kind, "CREATE")

    def done(token: str) -> str:
        event = control.get_resource_request_status(RequestToken=token)["ProgressEvent"]
        return event["OperationStatus"] == "SUCCESS" and event["Identifier"]

    identifier = t.until(lambda: done(begun["RequestToken"]), "the resource")
    pages = control.get_paginator("list_resources").paginate(TypeName=kind, PaginationConfig={"PageSize": 1})
    assert identifier in {found["Identifier"] for page in pages for found in page["ResourceDescriptions"]}
    one = control.get_resource(TypeName=kind, Identifier=identifier)
    assert one["TypeName"] == kind
    assert json.loads(one["ResourceDescription"]["Properties"])["ComputeResources"]["ImageId"] == image
    patch = json.dumps([{"op": "replace", "path": "/ComputeResources/ImageId", "value": t.image()}])
    event = control.update_resource(TypeName=kind, Identifier=identifier, PatchDocument=patch)["ProgressEvent"]
    t.until(lambda: done(event["RequestToken"]), "the update")
    event = control.delete_resource(TypeName=kind, Identifier=identifier)["ProgressEvent"]
    t.until(lambda: done(event["RequestToken"]), "the deletion")
    assert identifier not in {
        found["Identifier"] for found in control.list_resources(TypeName=kind)["ResourceDescriptions"]
    }


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
def messages_are_published(t: Tale):
    sns, name = t.client("sns"), t.name("topic")
    arn = sns.create_topic(Name=name, Tags=[{"Key": "a", "Value": "b"}])["TopicArn"]
    assert arn == f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"
    pages = sns.get_paginator("list_topics").paginate()
    assert arn in {topic["TopicArn"] for page in pages for topic in page["Topics"]}
    sns.set_topic_attributes(TopicArn=arn, AttributeName="DisplayName", AttributeValue="Images & <more>")
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] == "Images & <more>"
    subscription = sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="me@example.com", ReturnSubscriptionArn=True)[
        "SubscriptionArn"
    ]
    for listed in (sns.list_subscriptions(), sns.list_subscriptions_by_topic(TopicArn=arn)):
        assert subscription in {one["SubscriptionArn"] for one in listed["Subscriptions"]}
    published = sns.publish(
        TopicArn=arn,
        Subject="cleaned",
        Message="12 images are gone",
        MessageAttributes={"severity": {"DataType": "String", "StringValue": "info"}},
    )
    assert published["MessageId"]
    entries = [{"Id": "1", "Message": "one"}, {"Id": "2", "Message": "two"}]
    reply = sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=entries)
    assert [one["Id"] for one in reply["Successful"]] == ["1", "2"] and reply["Failed"] == []
    sns.unsubscribe(SubscriptionArn=subscription)
    sns.delete_topic(TopicArn=arn)


@chapter_of_the_sample
def the_recovery_points_of_aws_backup(t: Tale):
    backup = t.client("backup")
    [vault] = backup.list_backup_vaults()["BackupVaultList"]
    assert (vault["BackupVaultName"], vault["VaultType"]) == ("Default", "BACKUP_VAULT")
    pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(
        BackupVaultName="Default", ByResourceType="EC2", PaginationConfig={"PageSize": 2}
    )
    points = [point for page in pages for point in page["RecoveryPoints"]]
    assert len(points) == vault["NumberOfRecoveryPoints"] > 2
    images = t.ec2.describe_images(Owners=["self"], Filters=[{"Name": "tag-key", "Values": ["aws:backup:*"]}])["Images"]
    assert {point["RecoveryPointArn"] for point in points} == {
        f"arn:aws:ec2:{REGION}::image/{image['ImageId']}" for image in images
    }
    assert all(point["Status"] == "COMPLETED" and point["CreationDate"].year > 2000 for point in points)


@chapter
def emr_clusters_name_images(t: Tale):
    emr = t.client("emr")
    image, other = t.image(), t.image()
    tags = [{"Key": "app", "Value": "nightly"}]
    groups = [
        {"Name": "main", "InstanceRole": "MASTER", "InstanceType": "m6i.large", "InstanceCount": 1},
        {"InstanceRole": "CORE", "InstanceType": "m6i.large", "InstanceCount": 2, "CustomAmiId": other},
    ]
    run = emr.run_job_flow(
        Name=t.name("cluster"),
        ReleaseLabel="emr-7.5.0",
        CustomAmiId=image,
        Instances={"InstanceGroups": groups, "KeepJobFlowAliveWhenNoSteps": True},
        ServiceRole="EMR_DefaultRole",
        Tags=tags,
    )
    cluster_id = run["JobFlowId"]
    assert cluster_id.startswith("j-") and run["ClusterArn"].endswith(f"cluster/{cluster_id}")
    cluster = emr.describe_cluster(ClusterId=cluster_id)["Cluster"]
    assert (cluster["CustomAmiId"], cluster["InstanceCollectionType"]) == (image, "INSTANCE_GROUP")
    assert cluster["Status"]["State"] in ("STARTING", "WAITING") and cluster["Tags"] == tags
    pages = emr.get_paginator("list_instance_groups").paginate(ClusterId=cluster_id)
    listed = [group for page in pages for group in page["InstanceGroups"]]
    assert [(one["InstanceGroupType"], one.get("CustomAmiId")) for one in listed] == [("MASTER", None), ("CORE", other)]
    configs = [{"InstanceType": "m6i.large", "CustomAmiId": other}, {"InstanceType": "m6a.large"}]
    fleet = {"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1, "InstanceTypeConfigs": configs}
    fleets = emr.run_job_flow(Name=t.name("cluster"), Instances={"InstanceFleets": [fleet]})["JobFlowId"]
    [fleet] = emr.list_instance_fleets(ClusterId=fleets)["InstanceFleets"]
    assert [one.get("CustomAmiId") for one in fleet["InstanceTypeSpecifications"]] == [other, None]
    emr.terminate_job_flows(JobFlowIds=[cluster_id])
    states = ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING"]
    live = [cluster["Id"] for cluster in emr.list_clusters(ClusterStates=states)["Clusters"]]
    assert fleets in live and cluster_id not in live
    assert emr.describe_cluster(ClusterId=cluster_id)["Cluster"]["Status"]["State"] == "TERMINATED"


@chapter
def an_aggregator_of_config_counts_instances(t: Tale):
    config = t.client("config")
    name = t.name("aggregator")
    source = {"AccountIds": [ACCOUNT], "AwsRegions": [REGION]}
    made = config.put_configuration_aggregator(ConfigurationAggregatorName=name, AccountAggregationSources=[source])
    assert made["ConfigurationAggregator"]["AccountAggregationSources"][0]["AwsRegions"] == [REGION]
    pages = config.get_paginator("describe_configuration_aggregators").paginate(ConfigurationAggregatorNames=[name])
    assert [one["ConfigurationAggregatorName"] for page in pages for one in page["ConfigurationAggregators"]] == [name]
    image = t.image()
    t.ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=3, MaxCount=3)
    expression = f"SELECT resourceId, accountId WHERE configuration.imageId = '{image}'"
    pages = config.get_paginator("select_aggregate_resource_config").paginate(
        ConfigurationAggregatorName=name, Expression=expression, PaginationConfig={"PageSize": 2}
    )
    found = [json.loads(result) for page in pages for result in page["Results"]]
    assert len(found) == 3 and {one["accountId"] for one in found} == {ACCOUNT}
    expression = f"SELECT resourceType, COUNT(*) WHERE configuration.imageId IN ('{image}') GROUP BY resourceType"
    reply = config.select_aggregate_resource_config(ConfigurationAggregatorName=name, Expression=expression)
    assert [json.loads(result) for result in reply["Results"]] == [{"resourceType": "AWS::EC2::Instance", "COUNT(*)": 3}]
    config.delete_configuration_aggregator(ConfigurationAggregatorName=name)
