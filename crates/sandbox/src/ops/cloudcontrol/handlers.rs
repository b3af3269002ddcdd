//! The IAM actions that Cloud Control's handlers need beside its own: it reads with the caller's permissions for the type's service.
//!
//! As the schemas of the types in the CloudFormation registry have them; of types that are not here, nothing is asked.

/// The actions to list resources of a type.
pub(super) fn to_list(kind: &str) -> &'static [&'static str] {
    match kind {
        "AWS::Batch::ComputeEnvironment" => &["batch:DescribeComputeEnvironments"],
        "AWS::CloudFormation::Stack" => &["cloudformation:ListStacks"],
        "AWS::CodeBuild::Fleet" => &["codebuild:ListFleets"],
        "AWS::EKS::Cluster" => &["eks:ListClusters"],
        "AWS::EKS::Nodegroup" => &["eks:ListNodegroups"],
        "AWS::ElasticBeanstalk::ConfigurationTemplate" => &["elasticbeanstalk:DescribeApplications"],
        "AWS::ImageBuilder::DistributionConfiguration" => &["imagebuilder:ListDistributionConfigurations"],
        "AWS::PCS::Cluster" => &["pcs:ListClusters"],
        "AWS::PCS::ComputeNodeGroup" => &["pcs:ListClusters", "pcs:ListComputeNodeGroups"],
        "AWS::RDS::CustomDBEngineVersion" => &["rds:DescribeDBEngineVersions"],
        "AWS::SageMaker::Cluster" => &["sagemaker:ListClusters"],
        "AWS::ServiceCatalog::CloudFormationProduct" => &["servicecatalog:SearchProductsAsAdmin"],
        "AWS::WorkspacesInstances::WorkspaceInstance" => &["workspaces-instances:ListWorkspaceInstances"],
        _ => &[],
    }
}

/// The actions to read a resource of a type.
pub(super) fn to_read(kind: &str) -> &'static [&'static str] {
    match kind {
        "AWS::Batch::ComputeEnvironment" => &["batch:DescribeComputeEnvironments"],
        "AWS::CloudFormation::Stack" => {
            &["cloudformation:DescribeStacks", "cloudformation:GetStackPolicy", "cloudformation:GetTemplate"]
        }
        "AWS::CodeBuild::Fleet" => &["codebuild:BatchGetFleets"],
        "AWS::EKS::Cluster" => &["eks:DescribeCluster"],
        "AWS::EKS::Nodegroup" => &["eks:DescribeNodegroup"],
        "AWS::ElasticBeanstalk::ConfigurationTemplate" => &["elasticbeanstalk:DescribeConfigurationSettings"],
        "AWS::ImageBuilder::DistributionConfiguration" => &["imagebuilder:GetDistributionConfiguration"],
        "AWS::PCS::Cluster" => &["pcs:GetCluster", "pcs:ListTagsForResource"],
        "AWS::PCS::ComputeNodeGroup" => &["pcs:GetComputeNodeGroup", "pcs:ListTagsForResource"],
        "AWS::RDS::CustomDBEngineVersion" => &["rds:DescribeDBEngineVersions"],
        "AWS::SageMaker::Cluster" => &["sagemaker:DescribeCluster", "sagemaker:ListTags"],
        "AWS::ServiceCatalog::CloudFormationProduct" => &[
            "servicecatalog:DescribeProductAsAdmin",
            "servicecatalog:DescribeProvisioningArtifact",
            "servicecatalog:ListProvisioningArtifacts",
            "servicecatalog:ListTagsForResource",
        ],
        "AWS::WorkspacesInstances::WorkspaceInstance" => {
            &["workspaces-instances:GetWorkspaceInstance", "workspaces-instances:ListTagsForResource"]
        }
        _ => &[],
    }
}
