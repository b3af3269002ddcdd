//! The types of resources that Cloud Control knows here.

use amictl_model::{AccountId, Region};
use serde_json::{Map, Value};

use crate::Fault;

/// A type of resource.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    /// The properties whose values make up the identifier.
    pub(super) identifier: &'static [&'static str],
    /// Properties that a list must name.
    pub(super) parents: &'static [&'static str],
    /// Properties that can be written and are never shown.
    pub(super) write_only: &'static [&'static str],
    /// Whether its resources can be listed.
    is_listed: bool,
}

const fn kind(name: &'static str, identifier: &'static [&'static str], parents: &'static [&'static str]) -> Kind {
    Kind { name, identifier, parents, write_only: &[], is_listed: true }
}

/// A type some of whose properties are never shown.
const fn secretive(
    name: &'static str,
    identifier: &'static [&'static str],
    write_only: &'static [&'static str],
) -> Kind {
    Kind { write_only, ..kind(name, identifier, &[]) }
}

static KINDS: &[Kind] = &[
    kind("AWS::Batch::ComputeEnvironment", &["ComputeEnvironmentArn"], &[]),
    kind("AWS::Batch::JobDefinition", &["JobDefinitionArn"], &[]),
    secretive("AWS::CloudFormation::Stack", &["StackId"], &["TemplateURL", "StackPolicyURL"]),
    kind("AWS::CodeBuild::Fleet", &["Arn"], &[]),
    kind("AWS::EKS::Cluster", &["Name"], &[]),
    kind("AWS::EKS::Nodegroup", &["Id"], &["ClusterName"]),
    kind("AWS::ElasticBeanstalk::Application", &["ApplicationName"], &[]),
    kind("AWS::ElasticBeanstalk::ConfigurationTemplate", &["ApplicationName", "TemplateName"], &[]),
    secretive("AWS::ElasticBeanstalk::Environment", &["EnvironmentName"], &["TemplateName", "OptionSettings"]),
    kind("AWS::ImageBuilder::ContainerRecipe", &["Arn"], &[]),
    kind("AWS::ImageBuilder::DistributionConfiguration", &["Arn"], &[]),
    kind("AWS::ImageBuilder::Image", &["Arn"], &[]),
    kind("AWS::ImageBuilder::ImagePipeline", &["Arn"], &[]),
    kind("AWS::ImageBuilder::ImageRecipe", &["Arn"], &[]),
    kind("AWS::ImageBuilder::InfrastructureConfiguration", &["Arn"], &[]),
    kind("AWS::ImageBuilder::LifecyclePolicy", &["Arn"], &[]),
    kind("AWS::PCS::Cluster", &["Arn"], &[]),
    kind("AWS::PCS::ComputeNodeGroup", &["Arn"], &["ClusterId"]),
    secretive(
        "AWS::RDS::CustomDBEngineVersion",
        &["Engine", "EngineVersion"],
        &["Manifest", "SourceCustomDbEngineVersionIdentifier", "UseAwsProvidedLatestImage"],
    ),
    kind("AWS::SageMaker::Cluster", &["ClusterArn"], &[]),
    kind("AWS::ServiceCatalog::CloudFormationProduct", &["Id"], &[]),
    Kind {
        is_listed: false,
        ..kind("AWS::ServiceCatalog::CloudFormationProvisionedProduct", &["ProvisionedProductId"], &[])
    },
    secretive("AWS::WorkspacesInstances::WorkspaceInstance", &["WorkspaceInstanceId"], &["ManagedInstance"]),
];

/// Types that exist, but whose resources Cloud Control cannot handle.
const UNSUPPORTED: [&str; 7] = [
    "AWS::EMR::Cluster",
    "AWS::EMR::InstanceFleetConfig",
    "AWS::EMR::InstanceGroupConfig",
    "AWS::OpsWorks::App",
    "AWS::OpsWorks::Instance",
    "AWS::OpsWorks::Layer",
    "AWS::OpsWorks::Stack",
];

/// The type of this name.
pub(super) fn kind_of(name: &str, action: &str) -> Result<&'static Kind, Fault> {
    let is_name = name.split("::").count() == 3
        && name
            .split("::")
            .all(|part| (2..=64).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if !is_name {
        return Err(Fault::new(
            "ValidationException",
            "TypeName must match [A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}::[A-Za-z0-9]{2,64}",
        ));
    }
    let known = KINDS.iter().find(|kind| kind.name == name);
    if UNSUPPORTED.contains(&name) || (action == "LIST" && known.is_some_and(|kind| !kind.is_listed)) {
        let message = format!("Resource type {name} does not support {action} action");
        return Err(Fault::new("UnsupportedActionException", message));
    }
    known.ok_or_else(|| Fault::new("TypeNotFoundException", format!("The type '{name}' cannot be found.")))
}

impl Kind {
    /// Completes the properties of a new resource by what its service makes up; gives its identifier.
    pub(super) fn identify(
        &self,
        properties: &mut Map<String, Value>,
        account: AccountId,
        region: &Region,
        number: u64,
    ) -> String {
        let mut parts = self.name.split("::").skip(1);
        let (service, what) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        let mut values = Vec::new();
        for name in self.identifier {
            let text = match properties.get(*name).and_then(Value::as_str) {
                Some(text) if !text.is_empty() => text.to_owned(),
                _ => {
                    let own = self.name_in(properties).unwrap_or_else(|| format!("{number:016x}"));
                    let text = if name.ends_with("Arn") || *name == "StackId" {
                        format!("arn:aws:{}:{region}:{account}:{}/{own}", service.to_lowercase(), dashed(what))
                    } else {
                        made_id(what, properties, &own, number)
                    };
                    properties.insert((*name).to_owned(), text.clone().into());
                    text
                }
            };
            values.push(text);
        }
        if self.name == "AWS::PCS::Cluster" {
            properties.entry("Id").or_insert_with(|| format!("pcs_{:010x}", number >> 24).into());
        }
        values.join("|")
    }

    /// The name that the properties give the resource.
    fn name_in(&self, properties: &Map<String, Value>) -> Option<String> {
        let what = self.name.rsplit("::").next().unwrap_or_default();
        let names = ["Name".to_owned(), format!("{what}Name")];
        names.iter().find_map(|name| properties.get(name).and_then(Value::as_str)).map(str::to_owned)
    }
}

/// An id as the service makes it.
fn made_id(what: &str, properties: &Map<String, Value>, own: &str, number: u64) -> String {
    let text = |name: &str| properties.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    match what {
        "Nodegroup" => {
            let name = text("NodegroupName");
            format!("{}/{}", text("ClusterName"), if name.is_empty() { own.to_owned() } else { name })
        }
        "Cluster" => format!("j-{:013X}", number >> 12),
        "WorkspaceInstance" => format!("wsinst-{:09x}", number >> 28),
        "CloudFormationProvisionedProduct" => format!("pp-{:013x}", number >> 12),
        "CloudFormationProduct" => format!("prod-{:013x}", number >> 12),
        _ => own.to_owned(),
    }
}

/// `ComputeEnvironment` as `compute-environment`.
fn dashed(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(character.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_resource_gets_the_identifier_that_its_service_would_make() {
        for (kind, properties, identifier) in [
            (
                "AWS::Batch::ComputeEnvironment",
                r#"{"ComputeEnvironmentName": "web"}"#,
                "arn:aws:batch:us-east-1:123456789012:compute-environment/web",
            ),
            ("AWS::EKS::Nodegroup", r#"{"ClusterName": "c", "NodegroupName": "n"}"#, "c/n"),
            (
                "AWS::RDS::CustomDBEngineVersion",
                r#"{"Engine": "custom-oracle-ee", "EngineVersion": "19.1"}"#,
                "custom-oracle-ee|19.1",
            ),
            ("AWS::ServiceCatalog::CloudFormationProvisionedProduct", "{}", "pp-0000000000000"),
        ] {
            let Value::Object(mut properties) = serde_json::from_str(properties).unwrap() else { panic!() };
            let kind = kind_of(kind, "CREATE").unwrap();
            let (account, region) = ("123456789012".parse().unwrap(), "us-east-1".parse().unwrap());
            assert_eq!(kind.identify(&mut properties, account, &region, 7), identifier);
        }
    }

    #[test]
    fn other_types_are_refused() {
        for (name, code) in [
            ("AWS::Nothing::Such", "TypeNotFoundException"),
            ("AWS::OpsWorks::Instance", "UnsupportedActionException"),
            ("AWS::EMR::Cluster", "UnsupportedActionException"),
            ("AWS::ServiceCatalog::CloudFormationProvisionedProduct", "UnsupportedActionException"),
            ("AWS::X", "ValidationException"),
        ] {
            assert_eq!(kind_of(name, "LIST").unwrap_err().code, code);
        }
    }
}
