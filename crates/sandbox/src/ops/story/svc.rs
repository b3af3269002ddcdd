//! Parameters, quotas, the organization, long-tail resources, Image Builder and topics. S3 has tests of its own.

use amictl_cloud::Service::{Backup, CloudControl, Config, Emr, ImageBuilder, Organizations, ServiceQuotas, Sns, Ssm};
use serde_json::{Value, json};

use super::Story;

pub(super) fn tell(story: &mut Story) {
    parameters(story);
    quotas(story);
    organization(story);
    resources(story);
    builder(story);
    topics(story);
    clusters(story);
    aggregators(story);
    backups(story);
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value}")).to_owned()
}

fn parameters(story: &mut Story) {
    let name = "/golden/web";
    let put = json!({"Name": name, "Value": "one", "Type": "String", "Tags": [{"Key": "app", "Value": "web"}]});
    assert_eq!(story.json(Ssm, "PutParameter", &put)["Version"], 1);
    let again = json!({"Name": name, "Value": "two", "Overwrite": true});
    assert_eq!(story.json(Ssm, "PutParameter", &again)["Version"], 2);
    let label = json!({"Name": name, "ParameterVersion": 1, "Labels": ["stable", "1bad"]});
    assert_eq!(story.json(Ssm, "LabelParameterVersion", &label)["InvalidLabels"], json!(["1bad"]));
    let stable = story.json(Ssm, "GetParameter", &json!({"Name": "/golden/web:stable"}))["Parameter"].clone();
    assert_eq!((&stable["Value"], &stable["Selector"]), (&json!("one"), &json!(":stable")));
    let got = story.json(Ssm, "GetParameters", &json!({"Names": [name, "none"]}));
    assert_eq!((&got["Parameters"][0]["Value"], &got["InvalidParameters"]), (&json!("two"), &json!(["none"])));
    let path = json!({"Path": "/golden", "MaxResults": 10});
    assert_eq!(story.json(Ssm, "GetParametersByPath", &path)["Parameters"][0]["Name"], name);
    let public = json!({"Path": "/aws/service/ami-amazon-linux-latest", "MaxResults": 2});
    let page = story.json(Ssm, "GetParametersByPath", &public);
    assert!(page["NextToken"].is_string() && text(&page["Parameters"][0]["Value"]).starts_with("ami-"));
    let history = story.json(Ssm, "GetParameterHistory", &json!({"Name": name}));
    assert_eq!(history["Parameters"][0]["Labels"], json!(["stable"]));
    let filters = json!({"ParameterFilters": [{"Key": "tag:app", "Values": ["web"]}]});
    assert_eq!(story.json(Ssm, "DescribeParameters", &filters)["Parameters"].as_array().map(Vec::len), Some(1));
    let unlabel = json!({"Name": name, "ParameterVersion": 1, "Labels": ["stable"]});
    assert_eq!(story.json(Ssm, "UnlabelParameterVersion", &unlabel)["RemovedLabels"], json!(["stable"]));
    let tags = json!({"ResourceType": "Parameter", "ResourceId": name, "Tags": [{"Key": "a", "Value": "b"}]});
    story.json(Ssm, "AddTagsToResource", &tags);
    story.json(
        Ssm,
        "RemoveTagsFromResource",
        &json!({"ResourceType": "Parameter", "ResourceId": name, "TagKeys": ["app"]}),
    );
    let listed = story.json(Ssm, "ListTagsForResource", &json!({"ResourceType": "Parameter", "ResourceId": name}));
    assert_eq!(listed["TagList"], json!([{"Key": "a", "Value": "b"}]));
    story.json(Ssm, "DeleteParameter", &json!({"Name": name}));
    let deleted = story.json(Ssm, "DeleteParameters", &json!({"Names": [name]}));
    assert_eq!(deleted["InvalidParameters"], json!([name]));
}

fn quotas(story: &mut Story) {
    story.json(ServiceQuotas, "ListServices", &json!({}));
    for (list, get) in
        [("ListServiceQuotas", "GetServiceQuota"), ("ListAWSDefaultServiceQuotas", "GetAWSDefaultServiceQuota")]
    {
        let page = story.json(ServiceQuotas, list, &json!({"ServiceCode": "ec2", "MaxResults": 2}));
        let code = &page["Quotas"][0]["QuotaCode"];
        let quota = story.json(ServiceQuotas, get, &json!({"ServiceCode": "ec2", "QuotaCode": code}));
        assert_eq!(quota["Quota"], page["Quotas"][0]);
    }
    let amis = story.json(ServiceQuotas, "GetServiceQuota", &json!({"ServiceCode": "ec2", "QuotaCode": "L-B665C33B"}));
    assert_eq!(amis["Quota"]["QuotaName"], "AMIs");
}

fn organization(story: &mut Story) {
    story.sandbox.world().membership = crate::world::Membership::Nobody;
    let organization = story.json(Organizations, "CreateOrganization", &json!({}))["Organization"].clone();
    assert_eq!(story.json(Organizations, "DescribeOrganization", &json!({}))["Organization"], organization);
    let other = "210987654321".parse().unwrap();
    let member = crate::world::Member::new("other", "", "2026-11-01T00:00:00Z".parse().unwrap());
    let root = text(&story.json(Organizations, "ListRoots", &json!({}))["Roots"][0]["Id"]);
    {
        let mut world = story.sandbox.world();
        let organization = world.organization_mut().unwrap();
        organization.accounts.insert(other, crate::world::Member { parent: root.clone(), ..member });
    }
    let unit = json!({"ParentId": root, "Name": "web"});
    let unit = text(&story.json(Organizations, "CreateOrganizationalUnit", &unit)["OrganizationalUnit"]["Id"]);
    story.json(Organizations, "DescribeOrganizationalUnit", &json!({"OrganizationalUnitId": unit}));
    let account = other.to_string();
    let moved = json!({"AccountId": account, "SourceParentId": root, "DestinationParentId": unit});
    story.json(Organizations, "MoveAccount", &moved);
    let listed = story.json(Organizations, "ListAccountsForParent", &json!({"ParentId": unit}));
    assert_eq!(listed["Accounts"][0]["Id"], account);
    let units = story.json(Organizations, "ListOrganizationalUnitsForParent", &json!({"ParentId": root}));
    assert_eq!(units["OrganizationalUnits"][0]["Id"], unit);
    story.json(Organizations, "ListChildren", &json!({"ParentId": unit, "ChildType": "ACCOUNT"}));
    let parents = story.json(Organizations, "ListParents", &json!({"ChildId": account}));
    assert_eq!(parents["Parents"], json!([{"Id": unit, "Type": "ORGANIZATIONAL_UNIT"}]));
    let delegated = json!({"AccountId": account, "ServicePrincipal": "config.amazonaws.com"});
    story.json(Organizations, "RegisterDelegatedAdministrator", &delegated);
    story.json(Organizations, "CloseAccount", &json!({"AccountId": account}));
    let described = story.json(Organizations, "DescribeAccount", &json!({"AccountId": account}));
    assert_eq!(described["Account"]["Status"], "SUSPENDED");
    let page = story.json(Organizations, "ListAccounts", &json!({"MaxResults": 1}));
    let rest = json!({"MaxResults": 1, "NextToken": page["NextToken"]});
    assert_eq!(story.json(Organizations, "ListAccounts", &rest)["Accounts"].as_array().map(Vec::len), Some(1));
}

fn resources(story: &mut Story) {
    let kind = "AWS::Batch::ComputeEnvironment";
    let desired = json!({"ComputeEnvironmentName": "web", "ComputeResources": {"ImageId": "ami-0123456789abcdef0"}});
    let create = json!({"TypeName": kind, "DesiredState": desired.to_string(), "ClientToken": "once"});
    let created = story.json(CloudControl, "CreateResource", &create)["ProgressEvent"].clone();
    assert_eq!(story.json(CloudControl, "CreateResource", &create)["ProgressEvent"], created);
    let status = json!({"RequestToken": created["RequestToken"]});
    let status = story.json(CloudControl, "GetResourceRequestStatus", &status);
    assert_eq!(status["ProgressEvent"]["OperationStatus"], "SUCCESS");
    let of = json!({"TypeName": kind, "Identifier": created["Identifier"]});
    let listed = story.json(CloudControl, "ListResources", &json!({"TypeName": kind}));
    assert_eq!(listed["ResourceDescriptions"][0]["Identifier"], created["Identifier"]);
    let patch = json!([{"op": "replace", "path": "/ComputeResources/ImageId", "value": "ami-1"}]);
    let mut update = of.clone();
    update["PatchDocument"] = patch.to_string().into();
    story.json(CloudControl, "UpdateResource", &update);
    let got = story.json(CloudControl, "GetResource", &of);
    assert!(text(&got["ResourceDescription"]["Properties"]).contains("\"ami-1\""));
    story.json(CloudControl, "DeleteResource", &of);
    let listed = story.json(CloudControl, "ListResources", &json!({"TypeName": kind}));
    assert_eq!(listed["ResourceDescriptions"], json!([]));
}

fn builder(story: &mut Story) {
    story.keep("volume", "CreateVolume", "AvailabilityZone=us-east-1a&Size=8", "volumeId");
    story.keep("snap", "CreateSnapshot", "VolumeId=$volume", "snapshotId");
    let devices = "Name=parent&RootDeviceName=/dev/xvda&BlockDeviceMapping.1.DeviceName=/dev/xvda\
                   &BlockDeviceMapping.1.Ebs.SnapshotId=$snap";
    story.keep("parent", "RegisterImage", devices, "imageId");
    let recipe = json!({"name": "Web", "semanticVersion": "1.0.0", "parentImage": "$parent", "clientToken": "1",
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 8}}]});
    let recipe = text(&story.json(ImageBuilder, "CreateImageRecipe", &recipe)["imageRecipeArn"]);
    let container = json!({"containerType": "DOCKER", "name": "box", "semanticVersion": "1.0.0", "clientToken": "2",
        "parentImage": "amazonlinux", "targetRepository": {"service": "ECR", "repositoryName": "box"},
        "instanceConfiguration": {"image": "$parent"}});
    let container = text(&story.json(ImageBuilder, "CreateContainerRecipe", &container)["containerRecipeArn"]);
    let infrastructure = json!({"name": "small", "instanceProfileName": "p", "clientToken": "3"});
    let infrastructure = story.json(ImageBuilder, "CreateInfrastructureConfiguration", &infrastructure);
    let infrastructure = text(&infrastructure["infrastructureConfigurationArn"]);
    let distribution = json!({"name": "all", "clientToken": "4", "distributions": [{"region": "us-east-1",
        "launchTemplateConfigurations": [{"launchTemplateId": "lt-0123456789abcdef0", "setDefaultVersion": true}]}]});
    let distribution = story.json(ImageBuilder, "CreateDistributionConfiguration", &distribution);
    let distribution = text(&distribution["distributionConfigurationArn"]);
    let pipeline = json!({"name": "daily", "imageRecipeArn": recipe, "clientToken": "5",
        "infrastructureConfigurationArn": infrastructure, "distributionConfigurationArn": distribution});
    let pipeline = text(&story.json(ImageBuilder, "CreateImagePipeline", &pipeline)["imagePipelineArn"]);
    let build = json!({"imageRecipeArn": recipe, "infrastructureConfigurationArn": infrastructure,
        "distributionConfigurationArn": distribution, "clientToken": "6"});
    let image = text(&story.json(ImageBuilder, "CreateImage", &build)["imageBuildVersionArn"]);
    let got = story.json(ImageBuilder, "GetImage", &json!({"imageBuildVersionArn": image}));
    assert_eq!(got["image"]["state"]["status"], "AVAILABLE");
    assert!(got["image"]["distributionConfiguration"]["regions"].is_null(), "only a list shows it");
    assert!(text(&got["image"]["outputResources"]["amis"][0]["image"]).starts_with("ami-"));
    for (action, list) in [
        ("ListImageRecipes", "imageRecipeSummaryList"),
        ("ListContainerRecipes", "containerRecipeSummaryList"),
        ("ListDistributionConfigurations", "distributionConfigurationSummaryList"),
        ("ListInfrastructureConfigurations", "infrastructureConfigurationSummaryList"),
        ("ListImagePipelines", "imagePipelineList"),
        ("ListImages", "imageVersionList"),
        ("ListImageBuildVersions", "imageSummaryList"),
    ] {
        let listed = story.json(ImageBuilder, action, &json!({}));
        assert_eq!(listed[list].as_array().map(Vec::len), Some(1), "{action}");
    }
    for (action, member, arn) in [
        ("Recipe", "imageRecipe", &recipe),
        ("Distribution", "distributionConfiguration", &distribution),
        ("Infrastructure", "infrastructureConfiguration", &infrastructure),
    ] {
        let get = match action {
            "Recipe" => "GetImageRecipe",
            "Distribution" => "GetDistributionConfiguration",
            _ => "GetInfrastructureConfiguration",
        };
        let got = story.json(ImageBuilder, get, &json!({format!("{member}Arn"): arn}));
        assert_eq!(got[member]["arn"], **arn);
    }
    let got = story.json(ImageBuilder, "GetContainerRecipe", &json!({"containerRecipeArn": container}));
    assert!(text(&got["containerRecipe"]["instanceConfiguration"]["image"]).starts_with("ami-"));
    assert!(got["containerRecipe"]["instanceImage"].is_null(), "only a list shows it");
    story.json(ImageBuilder, "GetImagePipeline", &json!({"imagePipelineArn": pipeline}));
    story.json(ImageBuilder, "DeleteImage", &json!({"imageBuildVersionArn": image}));
    story.json(ImageBuilder, "DeleteImagePipeline", &json!({"imagePipelineArn": pipeline}));
    story.json(ImageBuilder, "DeleteImageRecipe", &json!({"imageRecipeArn": recipe}));
    story.json(ImageBuilder, "DeleteContainerRecipe", &json!({"containerRecipeArn": container}));
    story.json(ImageBuilder, "DeleteDistributionConfiguration", &json!({"distributionConfigurationArn": distribution}));
    story.json(
        ImageBuilder,
        "DeleteInfrastructureConfiguration",
        &json!({"infrastructureConfigurationArn": infrastructure}),
    );
}

fn topics(story: &mut Story) {
    let arn = "arn:aws:sns:us-east-1:123456789012:alerts";
    assert!(story.does(Sns, "CreateTopic", "Name=alerts").contains(arn));
    assert!(story.does(Sns, "ListTopics", "").contains(arn));
    let attribute = format!("TopicArn={arn}&AttributeName=DisplayName&AttributeValue=Alerts");
    story.does(Sns, "SetTopicAttributes", &attribute);
    assert!(story.does(Sns, "GetTopicAttributes", &format!("TopicArn={arn}")).contains("<value>Alerts</value>"));
    let subscribed = story.does(Sns, "Subscribe", &format!("TopicArn={arn}&Protocol=email&Endpoint=a@example.com"));
    let subscription = subscribed.split("<SubscriptionArn>").nth(1).and_then(|rest| rest.split('<').next());
    let subscription = subscription.unwrap().to_owned();
    assert!(story.does(Sns, "ListSubscriptions", "").contains(&subscription));
    story.does(Sns, "ListSubscriptionsByTopic", &format!("TopicArn={arn}"));
    story.does(Sns, "Unsubscribe", &format!("SubscriptionArn={subscription}"));
    story.does(Sns, "Publish", &format!("TopicArn={arn}&Message=hello&Subject=s"));
    let batch = format!(
        "TopicArn={arn}&PublishBatchRequestEntries.member.1.Id=1&PublishBatchRequestEntries.member.1.Message=x\
         &PublishBatchRequestEntries.member.2.Id=2\
         &PublishBatchRequestEntries.member.2.Message=y&PublishBatchRequestEntries.member.2.Subject=a%0Ab"
    );
    let reply = story.does(Sns, "PublishBatch", &batch);
    assert!(reply.contains("<Failed><member><Id>2</Id>"), "{reply}");
    {
        let world = story.sandbox.world();
        let scope = world.scope("123456789012".parse().unwrap(), &"us-east-1".parse().unwrap()).unwrap();
        let messages: Vec<_> = scope.topics().flat_map(|topic| &topic.messages).map(|m| m.message.as_str()).collect();
        assert_eq!(messages, ["hello", "x"]);
    }
    story.does(Sns, "DeleteTopic", &format!("TopicArn={arn}"));
}

fn clusters(story: &mut Story) {
    let group = json!({"InstanceRole": "MASTER", "InstanceType": "m6i.large", "InstanceCount": 1,
        "CustomAmiId": "ami-0123456789abcdef1"});
    let run = json!({"Name": "nightly", "ReleaseLabel": "emr-7.5.0", "CustomAmiId": "ami-0123456789abcdef0",
        "Instances": {"InstanceGroups": [group], "KeepJobFlowAliveWhenNoSteps": true}});
    let id = story.json(Emr, "RunJobFlow", &run)["JobFlowId"].clone();
    let cluster = story.json(Emr, "DescribeCluster", &json!({"ClusterId": id}))["Cluster"].clone();
    assert_eq!((&cluster["CustomAmiId"], &cluster["Status"]["State"]), (&run["CustomAmiId"], &json!("STARTING")));
    let groups = story.json(Emr, "ListInstanceGroups", &json!({"ClusterId": id}));
    assert_eq!(groups["InstanceGroups"][0]["CustomAmiId"], "ami-0123456789abcdef1");
    let fleet = json!({"InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
        "InstanceTypeConfigs": [{"InstanceType": "m6i.large", "CustomAmiId": "ami-0123456789abcdef2"}]});
    let run = json!({"Name": "fleets", "Instances": {"InstanceFleets": [fleet]}});
    let other = story.json(Emr, "RunJobFlow", &run)["JobFlowId"].clone();
    let fleets = story.json(Emr, "ListInstanceFleets", &json!({"ClusterId": other}));
    let types = &fleets["InstanceFleets"][0]["InstanceTypeSpecifications"];
    assert_eq!(types[0]["CustomAmiId"], "ami-0123456789abcdef2");
    story.json(Emr, "TerminateJobFlows", &json!({"JobFlowIds": [id]}));
    let live = story.json(Emr, "ListClusters", &json!({"ClusterStates": ["STARTING", "WAITING"]}));
    let ids: Vec<&Value> = live["Clusters"].as_array().into_iter().flatten().map(|cluster| &cluster["Id"]).collect();
    assert_eq!(ids, [&other]);
}

fn aggregators(story: &mut Story) {
    let source = json!([{"AccountIds": ["123456789012"], "AllAwsRegions": true}]);
    let put = json!({"ConfigurationAggregatorName": "all", "AccountAggregationSources": source});
    let made = story.json(Config, "PutConfigurationAggregator", &put)["ConfigurationAggregator"].clone();
    let listed = story.json(Config, "DescribeConfigurationAggregators", &json!({}))["ConfigurationAggregators"].clone();
    assert_eq!(listed, json!([made]));
    let expression = "SELECT resourceType, configuration.imageId, COUNT(*) WHERE awsRegion = 'us-east-1' \
                      GROUP BY resourceType, configuration.imageId";
    let select = json!({"ConfigurationAggregatorName": "all", "Expression": expression});
    let reply = story.json(Config, "SelectAggregateResourceConfig", &select);
    let results: Vec<Value> = reply["Results"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|result| serde_json::from_str(result.as_str()?).ok())
        .collect();
    let counted: u64 = results
        .iter()
        .filter(|result| result["resourceType"] == "AWS::EC2::Instance")
        .filter_map(|result| result["COUNT(*)"].as_u64())
        .sum();
    let world = story.sandbox.world();
    let scope = world.scope("123456789012".parse().unwrap(), &"us-east-1".parse().unwrap()).unwrap();
    let now = "2026-11-21T09:00:00Z".parse().unwrap();
    let live = scope.instances.iter().filter(|(_, one)| one.shown_state(now) != crate::world::ShownState::Terminated);
    assert_eq!(counted, live.count() as u64);
    drop(world);
    story.json(Config, "DeleteConfigurationAggregator", &json!({"ConfigurationAggregatorName": "all"}));
}

fn backups(story: &mut Story) {
    assert_eq!(story.json(Backup, "ListBackupVaults", &json!({}))["BackupVaultList"], json!([]));
    let parent = story.names["parent"].parse().unwrap();
    {
        let mut world = story.sandbox.world();
        let image = world.scope_mut(story.caller.account, &story.caller.region).image_mut(&parent).unwrap();
        image.tags = [("aws:backup:source-resource", "i-0123456789abcdef0")].into_iter().collect();
    }
    let vaults = story.json(Backup, "ListBackupVaults", &json!({}));
    assert_eq!(vaults["BackupVaultList"][0]["BackupVaultName"], "Default");
    let of = json!({"backupVaultName": "Default", "resourceType": "EC2"});
    let points = story.json(Backup, "ListRecoveryPointsByBackupVault", &of);
    let arn = text(&points["RecoveryPoints"][0]["RecoveryPointArn"]);
    assert_eq!(arn, format!("arn:aws:ec2:us-east-1::image/{parent}"));
}
