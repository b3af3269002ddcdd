//! The rows: each a source, a world in which it alone names an image, and the operations that it is read by.

use std::fmt;

use amictl_model::Source;
use serde_json::json;

use crate::account::Account;

/// A row.
pub(crate) struct Row {
    pub(crate) source: Source,
    /// What it is about, where a source has several rows.
    what: &'static str,
    /// Makes the use of `$image`.
    pub(crate) build: fn(&mut Account),
    /// The calls that find it.
    pub(crate) reads: Vec<Read>,
    /// Other sources that cannot but see it as well.
    pub(crate) witnesses: &'static [Source],
    /// Whether the source can be read whole in this world.
    pub(crate) is_whole: bool,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.source, self.what)
    }
}

/// An operation that a source is read by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Read {
    pub(crate) operation: &'static str,
    pub(crate) resource_type: Option<&'static str>,
    pub(crate) is_paged: bool,
}

const fn paged(operation: &'static str) -> Read {
    Read { operation, resource_type: None, is_paged: true }
}

const fn single(operation: &'static str) -> Read {
    Read { operation, resource_type: None, is_paged: false }
}

const fn listed(resource_type: &'static str) -> Read {
    Read { operation: "ListResources", resource_type: Some(resource_type), is_paged: true }
}

const fn got(resource_type: &'static str) -> Read {
    Read { operation: "GetResource", resource_type: Some(resource_type), is_paged: false }
}

fn row(source: Source, what: &'static str, reads: impl Into<Vec<Read>>, build: fn(&mut Account)) -> Row {
    Row { source, what, build, reads: reads.into(), witnesses: &[], is_whole: true }
}

impl Row {
    fn seen_by(mut self, witnesses: &'static [Source]) -> Self {
        self.witnesses = witnesses;
        self
    }

    fn not_whole(mut self) -> Self {
        self.is_whole = false;
        self
    }
}

/// A launch template `$name` whose only version names an image.
fn template(account: &mut Account, name: &str, image: &str) {
    let form = format!("CreateLaunchTemplate&LaunchTemplateName=of-{name}&LaunchTemplateData.ImageId={image}");
    let id = account.ec2(&form, "launchTemplateId");
    account.keep(name, id);
}

/// The forms of a group of no instances on a template of another image.
const GROUP: &str = "AutoScalingGroupName=g&MinSize=0&MaxSize=2&AvailabilityZones.member.1=us-east-1a";

pub(crate) fn rows() -> Vec<Row> {
    let mut rows = ec2_rows();
    rows.extend(group_rows());
    rows.extend(builder_rows());
    rows.extend(emr_rows());
    rows.extend(cloud_control_rows());
    rows.extend([
        row(
            Source::SsmParameters,
            "a value that holds an id",
            [paged("DescribeParameters"), single("GetParameters")],
            |account| account.parameter("/app/config", "{\"ami\": \"$image\"}"),
        ),
        row(
            Source::Backup,
            "a recovery point",
            [paged("ListBackupVaults"), paged("ListRecoveryPointsByBackupVault")],
            |account| account.tag("aws:backup:source-resource", "i-0123456789abcdef0"),
        ),
    ]);
    rows
}

fn ec2_rows() -> Vec<Row> {
    const INSTANCES: &[Source] = &[Source::Instances, Source::InstanceImageMetadata];
    let run = |account: &mut Account| {
        account.ec2("RunInstances&ImageId=$image&MinCount=1&MaxCount=1", "");
    };
    vec![
        row(Source::Instances, "a running instance", [paged("DescribeInstances")], run)
            .seen_by(&[Source::InstanceImageMetadata]),
        row(Source::InstanceImageMetadata, "a running instance", [paged("DescribeInstanceImageMetadata")], run)
            .seen_by(&[Source::Instances]),
        row(Source::RootVolumeReplacements, "a task under way", [paged("DescribeReplaceRootVolumeTasks")], |account| {
            let instance = account.ec2("RunInstances&ImageId=$other&MinCount=1&MaxCount=1", "instanceId");
            account.keep("instance", instance);
            account.ec2("CreateReplaceRootVolumeTask&InstanceId=$instance&ImageId=$image", "");
        })
        // The instance shows its new image as soon as the task has begun.
        .seen_by(INSTANCES),
        row(
            Source::LaunchTemplates,
            "a version that nothing uses",
            [paged("DescribeLaunchTemplates"), paged("DescribeLaunchTemplateVersions")],
            |account| template(account, "lt", "$image"),
        ),
        row(Source::Ec2Fleets, "an override", [paged("DescribeFleets")], |account| {
            template(account, "lt", "$other");
            account.ec2(
                "CreateFleet&Type=maintain&TargetCapacitySpecification.TotalTargetCapacity=0\
                 &LaunchTemplateConfigs.1.LaunchTemplateSpecification.LaunchTemplateId=$lt\
                 &LaunchTemplateConfigs.1.LaunchTemplateSpecification.Version=1\
                 &LaunchTemplateConfigs.1.Overrides.1.ImageId=$image",
                "",
            );
        }),
        row(Source::SpotFleets, "a launch specification", [paged("DescribeSpotFleetRequests")], |account| {
            account.ec2(
                "RequestSpotFleet&SpotFleetRequestConfig.IamFleetRole=r&SpotFleetRequestConfig.TargetCapacity=1\
                 &SpotFleetRequestConfig.LaunchSpecifications.1.ImageId=$image",
                "",
            );
        })
        .seen_by(&[Source::Instances, Source::InstanceImageMetadata, Source::SpotRequests]),
        row(Source::SpotRequests, "a request", [paged("DescribeSpotInstanceRequests")], |account| {
            account.ec2("RequestSpotInstances&LaunchSpecification.ImageId=$image", "");
        })
        .seen_by(INSTANCES),
        row(Source::FastLaunch, "an image kept ready", [paged("DescribeFastLaunchImages")], |account| {
            account.windows();
            account.ec2("EnableFastLaunch&ImageId=$image", "");
        }),
        row(Source::ImageTasks, "a store task", [paged("DescribeStoreImageTasks")], |account| {
            bucket(account);
            account.ec2("CreateStoreImageTask&ImageId=$image&Bucket=images", "");
        }),
        row(
            Source::ImageTasks,
            "an export task",
            [paged("DescribeExportImageTasks"), paged("DescribeImportImageTasks")],
            |account| {
                bucket(account);
                account.ec2("ExportImage&ImageId=$image&DiskImageFormat=RAW&S3ExportLocation.S3Bucket=images", "");
            },
        ),
    ]
}

fn bucket(account: &Account) {
    let now = account.clock.now();
    account.sandbox.world().s3.create_bucket("images", crate::account::id(), crate::account::region(), now);
}

fn group_rows() -> Vec<Row> {
    const GROUPS: Read = paged("DescribeAutoScalingGroups");
    vec![
        row(
            Source::LaunchConfigurations,
            "one that no group uses",
            [paged("DescribeLaunchConfigurations")],
            |account| {
                account
                    .group("CreateLaunchConfiguration&LaunchConfigurationName=lc&ImageId=$image&InstanceType=t3.micro");
            },
        ),
        row(Source::AutoScalingGroups, "an override of a group of no instances", [GROUPS], |account| {
            template(account, "lt", "$other");
            let policy = "MixedInstancesPolicy.LaunchTemplate";
            account.group(&format!(
                "CreateAutoScalingGroup&{GROUP}&{policy}.LaunchTemplateSpecification.LaunchTemplateId=$lt\
                 &{policy}.Overrides.member.1.InstanceType=t3.micro&{policy}.Overrides.member.1.ImageId=$image"
            ));
        }),
        row(
            Source::InstanceRefreshes,
            "the version that is being rolled out",
            [GROUPS, paged("DescribeInstanceRefreshes")],
            |account| {
                template(account, "lt", "$other");
                template(account, "new", "$image");
                account.group(&format!(
                    "CreateAutoScalingGroup&{GROUP}&DesiredCapacity=2&LaunchTemplate.LaunchTemplateId=$lt"
                ));
                account.group(
                    "StartInstanceRefresh&AutoScalingGroupName=g\
                     &DesiredConfiguration.LaunchTemplate.LaunchTemplateId=$new\
                     &DesiredConfiguration.LaunchTemplate.Version=1",
                );
            },
        )
        .seen_by(&[Source::LaunchTemplates]),
        row(Source::WarmPools, "an instance of the version before", [GROUPS, paged("DescribeWarmPool")], |account| {
            template(account, "lt", "$image");
            account.group(&format!("CreateAutoScalingGroup&{GROUP}&LaunchTemplate.LaunchTemplateId=$lt"));
            account.group("PutWarmPool&AutoScalingGroupName=g&MinSize=1");
            template(account, "new", "$other");
            account.group("UpdateAutoScalingGroup&AutoScalingGroupName=g&LaunchTemplate.LaunchTemplateId=$new");
        })
        .seen_by(&[Source::Instances, Source::InstanceImageMetadata, Source::LaunchTemplates]),
    ]
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
