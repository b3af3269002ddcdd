//! The rows of Image Builder, EMR and everything that Cloud Control reads.

use amictl_model::Source;
use serde_json::json;

use super::account::Account;
use super::rows::{Read, Row, got, listed, paged, row, single, template};

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = builder_rows();
    rows.extend(emr_rows());
    rows.extend(cloud_control_rows());
    rows
}

fn builder_rows() -> Vec<Row> {
    const RECIPES: [Read; 2] = [paged("ListImageRecipes"), paged("ListContainerRecipes")];
    const DISTRIBUTIONS: &str = "AWS::ImageBuilder::DistributionConfiguration";
    fn recipe(account: &Account, name: &str, parent: &str) {
        let members = json!({"name": name, "semanticVersion": "1.0.0", "parentImage": parent, "clientToken": name});
        account.builder("CreateImageRecipe", &members);
    }
    vec![
        row(Source::ImageBuilder, "a recipe", RECIPES, |account| recipe(account, "r", "$image")),
        row(Source::ImageBuilder, "a container recipe", RECIPES, |account| {
            let members = json!({"containerType": "DOCKER", "name": "box", "semanticVersion": "1.0.0",
                "clientToken": "1", "parentImage": "amazonlinux:latest",
                "targetRepository": {"service": "ECR", "repositoryName": "box"},
                "instanceConfiguration": {"image": "$image"}});
            account.builder("CreateContainerRecipe", &members);
        }),
        row(Source::ImageBuilder, "a parameter", [single("GetParameters")], |account| {
            account.parameter("/golden", "$image");
            recipe(account, "r", "ssm:/golden");
        })
        .seen_by(&[Source::SsmParameters]),
        row(
            Source::ImageBuilder,
            "a base image that was built",
            [paged("ListImages"), paged("ListImageBuildVersions")],
            |account| {
                recipe(account, "base", "$other");
                let members = json!({"name": "small", "instanceProfileName": "p", "clientToken": "i"});
                let made = account.builder("CreateInfrastructureConfiguration", &members);
                let infrastructure = made["infrastructureConfigurationArn"].as_str().unwrap().to_owned();
                let arn = "arn:aws:imagebuilder:us-east-1:123456789012";
                let members = json!({"imageRecipeArn": format!("{arn}:image-recipe/base/1.0.0"),
                    "infrastructureConfigurationArn": infrastructure, "clientToken": "b"});
                // The image that a build puts out is the one that is used.
                let built = account.build(&members);
                account.keep_built(built);
                recipe(account, "derived", &format!("{arn}:image/base/x.x.x"));
            },
        ),
        row(
            Source::ImageBuilder,
            "a launch template of a distribution",
            [listed(DISTRIBUTIONS), got(DISTRIBUTIONS)],
            |account| {
                template(account, "lt", "$image");
                let members = json!({"name": "all", "clientToken": "d", "distributions": [{"region": "us-east-1",
                    "launchTemplateConfigurations": [{"launchTemplateId": "$lt", "setDefaultVersion": true}]}]});
                account.builder("CreateDistributionConfiguration", &members);
            },
        )
        .seen_by(&[Source::LaunchTemplates]),
    ]
}

fn emr_rows() -> Vec<Row> {
    const CLUSTERS: [Read; 2] = [paged("ListClusters"), single("DescribeCluster")];
    vec![
        row(Source::Emr, "a cluster", CLUSTERS, |account| {
            let group = json!({"InstanceRole": "MASTER", "InstanceType": "m6i.large", "InstanceCount": 1});
            account.emr(
                "RunJobFlow",
                &json!({"Name": "c", "CustomAmiId": "$image", "Instances": {"InstanceGroups": [group]}}),
            );
        }),
        row(Source::Emr, "an instance group", [paged("ListInstanceGroups")], |account| {
            let group = json!({"InstanceRole": "MASTER", "InstanceType": "m6i.large", "InstanceCount": 1,
                "CustomAmiId": "$image"});
            account.emr("RunJobFlow", &json!({"Name": "c", "Instances": {"InstanceGroups": [group]}}));
        }),
        row(Source::Emr, "an instance fleet", [paged("ListInstanceFleets")], |account| {
            let types = json!([{"InstanceType": "m6i.large", "CustomAmiId": "$image"}]);
            let fleet = json!({"InstanceFleetType": "MASTER", "InstanceTypeConfigs": types});
            account.emr("RunJobFlow", &json!({"Name": "c", "Instances": {"InstanceFleets": [fleet]}}));
        }),
    ]
}

fn cloud_control_rows() -> Vec<Row> {
    macro_rules! by_cloud_control {
        ($source:ident, $what:literal, $kind:literal, $id:literal, $properties:tt) => {
            row(Source::$source, $what, [listed($kind), got($kind)], |account| {
                account.resource($kind, $id, &json!($properties));
            })
        };
    }
    vec![
        row(
            Source::EksNodeGroups,
            "a release version that is an image",
            [listed("AWS::EKS::Cluster"), listed("AWS::EKS::Nodegroup"), got("AWS::EKS::Nodegroup")],
            |account| {
                account.resource("AWS::EKS::Cluster", "c", &json!({"Name": "c"}));
                let properties = json!({"ClusterName": "c", "AmiType": "CUSTOM", "ReleaseVersion": "$image"});
                account.resource("AWS::EKS::Nodegroup", "c/n", &properties);
            },
        ),
        row(
            Source::EksNodeGroups,
            "a launch template",
            [got("AWS::EKS::Cluster"), got("AWS::EKS::Nodegroup")],
            |account| {
                template(account, "lt", "$image");
                account.resource("AWS::EKS::Cluster", "c", &json!({"Name": "c"}));
                let properties = json!({"ClusterName": "c", "LaunchTemplate": {"Id": "$lt", "Version": "1"}});
                account.resource("AWS::EKS::Nodegroup", "c/n", &properties);
            },
        )
        .seen_by(&[Source::LaunchTemplates]),
        by_cloud_control!(Batch, "a compute environment", "AWS::Batch::ComputeEnvironment", "e", {
            "State": "ENABLED",
            "ComputeResources": {"Ec2Configuration": [{"ImageType": "ECS_AL2", "ImageIdOverride": "$image"}]},
        }),
        by_cloud_control!(
            ElasticBeanstalk,
            "a saved configuration",
            "AWS::ElasticBeanstalk::ConfigurationTemplate",
            "app|saved",
            {"ApplicationName": "app", "TemplateName": "saved", "OptionSettings": [
                {"Namespace": "aws:autoscaling:launchconfiguration", "OptionName": "ImageId", "Value": "$image"},
            ]}
        ),
        by_cloud_control!(Sagemaker, "a HyperPod cluster", "AWS::SageMaker::Cluster", "arn", {
            "ClusterStatus": "InService",
            "InstanceGroups": [{"InstanceGroupName": "g", "ImageId": "$image"}],
        }),
        row(
            Source::Pcs,
            "a compute node group",
            [
                listed("AWS::PCS::Cluster"),
                got("AWS::PCS::Cluster"),
                listed("AWS::PCS::ComputeNodeGroup"),
                got("AWS::PCS::ComputeNodeGroup"),
            ],
            |account| {
                account.resource("AWS::PCS::Cluster", "arn", &json!({"Arn": "arn", "Id": "pcs_1"}));
                let properties = json!({"ClusterId": "pcs_1", "Status": "ACTIVE", "AmiId": "$image"});
                account.resource("AWS::PCS::ComputeNodeGroup", "arn/n", &properties);
            },
        ),
        by_cloud_control!(Codebuild, "a fleet", "AWS::CodeBuild::Fleet", "arn", {"Name": "f", "ImageId": "$image"}),
        by_cloud_control!(
            RdsCustom,
            "an engine version",
            "AWS::RDS::CustomDBEngineVersion",
            "custom-oracle-ee|19.1",
            {"Engine": "custom-oracle-ee", "EngineVersion": "19.1", "Status": "available", "ImageId": "$image"}
        ),
        row(
            Source::WorkspacesInstances,
            "the instance of one",
            [listed("AWS::WorkspacesInstances::WorkspaceInstance"), got("AWS::WorkspacesInstances::WorkspaceInstance")],
            |account| {
                let instance = account.ec2("RunInstances&ImageId=$image&MinCount=1&MaxCount=1", "instanceId");
                let properties = json!({"ProvisionState": "ALLOCATED", "EC2ManagedInstance": {"InstanceId": instance}});
                account.resource("AWS::WorkspacesInstances::WorkspaceInstance", "wsinst-1", &properties);
            },
        )
        .seen_by(&[Source::Instances, Source::InstanceImageMetadata]),
        by_cloud_control!(Cloudformation, "a template", "AWS::CloudFormation::Stack", "arn", {
            "StackStatus": "CREATE_COMPLETE",
            "TemplateBody": "Resources:\n  Host:\n    Properties:\n      ImageId: $image\n",
        }),
        by_cloud_control!(Cloudformation, "a parameter", "AWS::CloudFormation::Stack", "arn", {
            "StackStatus": "UPDATE_COMPLETE",
            "TemplateBody": {"Resources": {}},
            "Parameters": {"Ami": "$image"},
        }),
        by_cloud_control!(
            ServiceCatalog,
            "a product, whose template is elsewhere",
            "AWS::ServiceCatalog::CloudFormationProduct",
            "prod-1",
            {"Name": "host", "ProvisioningArtifactParameters": [
                {"Description": "of $image", "Info": {"LoadTemplateFromURL": "https://example.com/t.json"}},
            ]}
        )
        .not_whole(),
    ]
}
