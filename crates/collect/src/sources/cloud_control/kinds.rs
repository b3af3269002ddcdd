//! The types of each source, as their schemas in the CloudFormation registry describe them: how they are listed, and which of their
//! properties can be read. The IAM actions that their handlers need stand in the table of needs (`amictl_cloud::NEEDS`).
//!
//! What a schema calls write-only is never shown, and a type without a handler cannot be listed at all. So
//! - environments of Elastic Beanstalk are not here: they do not show their option settings; what they start instances from is
//!   the launch template or launch configuration of their Auto Scaling group, and the saved configurations are here;
//! - products that were provisioned by Service Catalog are not here: they are CloudFormation stacks;
//! - EMR clusters are read by EMR's own API.

use amictl_model::Source;
use compact_str::{CompactString, format_compact};
use serde_json::Value;

use super::{image_ids_in, launch_templates_in};
use crate::listed::{Listed, Target};

/// A type of resources that can name an image.
pub(crate) struct Kind {
    pub(crate) type_name: &'static str,
    /// What a resource of it is called.
    what: &'static str,
    /// What it has to be listed by.
    pub(crate) parent: Option<Parent>,
    names: Names,
    /// The property that says in which state it is; empty if it has none.
    state: &'static str,
}

/// A type by whose resources another one is listed.
pub(crate) struct Parent {
    pub(crate) type_name: &'static str,
    /// The property whose value is asked with; none for the identifier.
    pub(crate) property: Option<&'static str>,
    /// The member of the request that takes it.
    pub(crate) member: &'static str,
}

/// How a resource names images.
enum Names {
    /// By id, anywhere in its properties.
    Images,
    /// The same, or by a launch template.
    ImagesAndTemplates,
    /// By id in a template that must be there, or in a parameter.
    Template,
    /// By id in a template that is kept elsewhere.
    TemplateElsewhere,
    /// By the instance that was started for it.
    Instance,
}

const fn kind(type_name: &'static str, what: &'static str, names: Names) -> Kind {
    Kind { type_name, what, parent: None, names, state: "" }
}

static EKS_NODE_GROUPS: &[Kind] = &[Kind {
    parent: Some(Parent { type_name: "AWS::EKS::Cluster", property: None, member: "ClusterName" }),
    ..kind("AWS::EKS::Nodegroup", "EKS node group", Names::ImagesAndTemplates)
}];
static BATCH: &[Kind] = &[Kind {
    state: "State",
    ..kind("AWS::Batch::ComputeEnvironment", "Batch compute environment", Names::ImagesAndTemplates)
}];
static ELASTIC_BEANSTALK: &[Kind] =
    &[kind("AWS::ElasticBeanstalk::ConfigurationTemplate", "Elastic Beanstalk saved configuration", Names::Images)];
static SAGEMAKER: &[Kind] = &[Kind {
    state: "ClusterStatus",
    ..kind("AWS::SageMaker::Cluster", "SageMaker HyperPod cluster", Names::ImagesAndTemplates)
}];
static PCS: &[Kind] = &[Kind {
    parent: Some(Parent { type_name: "AWS::PCS::Cluster", property: Some("Id"), member: "ClusterId" }),
    state: "Status",
    ..kind("AWS::PCS::ComputeNodeGroup", "PCS compute node group", Names::ImagesAndTemplates)
}];
static CODEBUILD: &[Kind] = &[kind("AWS::CodeBuild::Fleet", "CodeBuild fleet", Names::Images)];
static RDS_CUSTOM: &[Kind] =
    &[Kind { state: "Status", ..kind("AWS::RDS::CustomDBEngineVersion", "RDS Custom engine version", Names::Images) }];
static WORKSPACES_INSTANCES: &[Kind] = &[Kind {
    state: "ProvisionState",
    ..kind("AWS::WorkspacesInstances::WorkspaceInstance", "WorkSpaces Instance", Names::Instance)
}];
static CLOUDFORMATION: &[Kind] =
    &[Kind { state: "StackStatus", ..kind("AWS::CloudFormation::Stack", "CloudFormation stack", Names::Template) }];
static SERVICE_CATALOG: &[Kind] =
    &[kind("AWS::ServiceCatalog::CloudFormationProduct", "Service Catalog product", Names::TemplateElsewhere)];

/// The sources that are read through Cloud Control alone.
pub(crate) const SOURCES: &[Source] = &[
    Source::EksNodeGroups,
    Source::Batch,
    Source::ElasticBeanstalk,
    Source::Sagemaker,
    Source::Pcs,
    Source::Codebuild,
    Source::RdsCustom,
    Source::WorkspacesInstances,
    Source::Cloudformation,
    Source::ServiceCatalog,
];

/// The types that are read for a source; none for one that is not read through Cloud Control.
pub(crate) fn kinds_of(source: Source) -> &'static [Kind] {
    match source {
        Source::EksNodeGroups => EKS_NODE_GROUPS,
        Source::Batch => BATCH,
        Source::ElasticBeanstalk => ELASTIC_BEANSTALK,
        Source::Sagemaker => SAGEMAKER,
        Source::Pcs => PCS,
        Source::Codebuild => CODEBUILD,
        Source::RdsCustom => RDS_CUSTOM,
        Source::WorkspacesInstances => WORKSPACES_INSTANCES,
        Source::Cloudformation => CLOUDFORMATION,
        Source::ServiceCatalog => SERVICE_CATALOG,
        _ => &[],
    }
}

/// States of stacks that have no template any more, or none yet: what a change set would make of them it has not made.
const WITHOUT_TEMPLATE: [&str; 2] = ["DELETE_COMPLETE", "REVIEW_IN_PROGRESS"];
/// States of WorkSpaces Instances that have no instance any more.
const WITHOUT_INSTANCE: [&str; 2] = ["DEALLOCATED", "ERROR_ALLOCATING"];

impl Kind {
    /// Enters what a resource names.
    pub(crate) fn enter(&self, listed: &mut Listed, id: &CompactString, properties: &Value) {
        let state = properties.get(self.state).and_then(Value::as_str).unwrap_or_default();
        let what = if state.is_empty() { self.what.into() } else { format_compact!("{}, {state}", self.what) };
        for image in image_ids_in(properties) {
            listed.name(id, &what, "", Target::Image(image.to_string()));
        }
        match self.names {
            Names::Images => {}
            Names::ImagesAndTemplates => {
                for used in launch_templates_in(properties) {
                    listed.name(id, &what, used.place, Target::Template(used));
                }
            }
            Names::Template => {
                if !has_text(properties, "TemplateBody") && !WITHOUT_TEMPLATE.contains(&state) {
                    listed.tally.unresolved(format!("{} {id} does not show its template", self.what));
                }
            }
            Names::TemplateElsewhere => {
                listed.tally.unresolved(format!("{} {id}: its templates are not read", self.what));
            }
            Names::Instance => match properties.pointer("/EC2ManagedInstance/InstanceId").and_then(Value::as_str) {
                Some(instance) if !instance.is_empty() => {
                    listed.name(id, &what, "", Target::Instance(instance.to_owned()));
                }
                _ if WITHOUT_INSTANCE.contains(&state) => {}
                _ => listed.tally.unresolved(format!("{} {id} does not tell its instance", self.what)),
            },
        }
    }
}

/// Whether a property is there and not empty.
fn has_text(properties: &Value, name: &str) -> bool {
    match properties.get(name) {
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Object(members)) => !members.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use amictl_cloud::{Need, need};

    use super::*;

    #[test]
    fn the_table_of_needs_has_the_types_of_each_source_and_their_actions() {
        for source in SOURCES {
            let row = need(Need::Source(*source)).unwrap();
            let parents = kinds_of(*source).iter().filter_map(|kind| kind.parent.as_ref());
            let types = kinds_of(*source).iter().map(|kind| kind.type_name);
            let types: BTreeSet<&str> = types.chain(parents.map(|parent| parent.type_name)).collect();
            assert_eq!(row.subjects.iter().copied().collect::<BTreeSet<_>>(), types, "{source}");
            assert!(!row.actions.is_empty(), "{source}");
        }
    }
}
