"""The sample world, and in it one of everything else that amictl reads."""

import json

from harness import REGION, Server

# Where a product is that amictl cannot read whole: its template is kept elsewhere.
REGION_OF_PRODUCTS = "ap-southeast-2"
# A resource of each type that is read through Cloud Control, by the properties that name it.
RESOURCES = {
    "AWS::Batch::ComputeEnvironment": {"ComputeEnvironmentName": "one", "State": "ENABLED"},
    "AWS::CloudFormation::Stack": {
        "StackName": "one",
        "StackStatus": "CREATE_COMPLETE",
        "TemplateBody": "Resources: {}",
    },
    "AWS::CodeBuild::Fleet": {"Name": "one"},
    "AWS::EKS::Cluster": {"Name": "one"},
    "AWS::EKS::Nodegroup": {"ClusterName": "one", "NodegroupName": "one"},
    "AWS::ElasticBeanstalk::ConfigurationTemplate": {"ApplicationName": "one", "TemplateName": "one"},
    "AWS::PCS::Cluster": {"Name": "one", "Id": "pcs_0123456789"},
    "AWS::PCS::ComputeNodeGroup": {"ClusterId": "pcs_0123456789", "Name": "one", "Status": "ACTIVE"},
    "AWS::RDS::CustomDBEngineVersion": {"Engine": "custom-oracle-ee", "EngineVersion": "19.1", "Status": "available"},
    "AWS::SageMaker::Cluster": {"ClusterName": "one", "ClusterStatus": "InService"},
    "AWS::WorkspacesInstances::WorkspaceInstance": {"ProvisionState": "DEALLOCATED"},
}
PRODUCT = "AWS::ServiceCatalog::CloudFormationProduct"


def put_resource(server: Server, kind: str, properties: dict, region: str = REGION):
    """Makes a resource by Cloud Control."""
    request = {"TypeName": kind, "DesiredState": json.dumps(properties)}
    event = server.client("cloudcontrol", region).create_resource(**request)["ProgressEvent"]
    assert event["OperationStatus"] == "SUCCESS", event


def put_product(server: Server):
    """Makes a product of Service Catalog."""
    put_resource(server, PRODUCT, {"Name": "one"}, REGION_OF_PRODUCTS)


def put_everything_else(server: Server):
    """Makes what the sample world has none of, but a product of Service Catalog."""
    for kind, properties in RESOURCES.items():
        put_resource(server, kind, properties)
    group = server.client("autoscaling")
    group.put_warm_pool(AutoScalingGroupName="batch-nightly", MinSize=0)
    put_clusters(server)
    put_builds(server)


def put_clusters(server: Server):
    """A cluster with instance groups and one with instance fleets."""
    emr = server.client("emr")
    main = {"InstanceRole": "MASTER", "InstanceType": "m6i.large", "InstanceCount": 1}
    emr.run_job_flow(Name="groups", Instances={"InstanceGroups": [main]})
    fleet = {
        "InstanceFleetType": "MASTER",
        "TargetOnDemandCapacity": 1,
        "InstanceTypeConfigs": [{"InstanceType": "m6i.large"}],
    }
    emr.run_job_flow(Name="fleets", Instances={"InstanceFleets": [fleet]})


def put_builds(server: Server):
    """An image that Image Builder built, a recipe that names it, and where images go."""
    builder = server.client("imagebuilder")
    [image] = server.client("ec2").describe_images(Owners=["self"], MaxResults=5)["Images"][:1]

    def recipe(name: str, parent: str) -> str:
        component = {"componentArn": f"arn:aws:imagebuilder:{REGION}:aws:component/update-linux/x.x.x"}
        members = {"name": name, "semanticVersion": "1.0.0", "parentImage": parent, "components": [component]}
        return builder.create_image_recipe(**members, clientToken=name)["imageRecipeArn"]

    base = recipe("base", image["ImageId"])
    infrastructure = builder.create_infrastructure_configuration(
        name="small", instanceProfileName="builder", clientToken="small"
    )["infrastructureConfigurationArn"]
    builder.create_image(imageRecipeArn=base, infrastructureConfigurationArn=infrastructure, clientToken="build")
    recipe("derived", base.replace(":image-recipe/", ":image/").replace("/1.0.0", "/x.x.x"))
    output = {"region": REGION, "amiDistributionConfiguration": {"name": "built {{ imagebuilder:buildDate }}"}}
    builder.create_distribution_configuration(name="here", distributions=[output], clientToken="here")
