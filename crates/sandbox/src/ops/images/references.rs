//! What refers to an image: instances, launch templates, SSM parameters and Image Builder's recipes of one account.

use std::sync::Arc;

use amictl_model::{AccountId, ImageId, Moment, Region};

use crate::Fault;
use crate::wire::Params;
use crate::world::{Scope, Template};

/// A kind of resource that refers to images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ReferenceKind {
    Instance,
    LaunchTemplate,
    Parameter,
    ImageRecipe,
    ContainerRecipe,
}

impl ReferenceKind {
    /// All kinds.
    pub(crate) const ALL: [Self; 5] =
        [Self::Instance, Self::LaunchTemplate, Self::Parameter, Self::ImageRecipe, Self::ContainerRecipe];

    /// The name on the wire.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Instance => "ec2:Instance",
            Self::LaunchTemplate => "ec2:LaunchTemplate",
            Self::Parameter => "ssm:Parameter",
            Self::ImageRecipe => "imagebuilder:ImageRecipe",
            Self::ContainerRecipe => "imagebuilder:ContainerRecipe",
        }
    }

    /// The IAM actions that let a caller look at resources of this kind, as in AWS's AmazonEC2ImageReferencesAccessPolicy.
    pub(crate) fn read_actions(self) -> &'static [&'static str] {
        match self {
            Self::Instance => &["ec2:DescribeInstances"],
            Self::LaunchTemplate => &["ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"],
            Self::Parameter => &["ssm:DescribeParameters", "ssm:GetParameters"],
            Self::ImageRecipe => &["imagebuilder:ListImageRecipes"],
            Self::ContainerRecipe => &["imagebuilder:ListContainerRecipes", "imagebuilder:GetContainerRecipe"],
        }
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// One kind of resource to look at, with what its options say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) kind: ReferenceKind,
    /// `state-name`: instances in these states only; none means all.
    pub(crate) states: Vec<String>,
    /// `version-depth`: so many versions of a launch template, the newest ones.
    pub(crate) depth: u32,
    /// Whether the depth was asked for.
    pub(crate) has_depth: bool,
}

impl Look {
    /// A kind with its defaults.
    pub(crate) fn new(kind: ReferenceKind, depth: u32) -> Self {
        Self { kind, states: Vec::new(), depth, has_depth: false }
    }

    /// One of `ResourceType.N`; `depth` is the version depth without that option.
    pub(crate) fn decode(params: &Params, depth: u32) -> Result<Self, Fault> {
        let name = params.required("ResourceType")?;
        let kind = ReferenceKind::of(name).ok_or_else(|| Fault::invalid_value("ResourceType", name))?;
        let mut look = Self::new(kind, depth);
        for option in params.structures("ResourceTypeOption")? {
            let values = option.texts("OptionValue")?;
            match (option.required("OptionName")?, kind) {
                ("state-name", ReferenceKind::Instance) => {
                    const STATES: [&str; 6] =
                        ["pending", "running", "shutting-down", "terminated", "stopping", "stopped"];
                    if let Some(state) = values.iter().find(|value| !STATES.contains(&value.as_str())) {
                        return Err(Fault::invalid_value("state-name", state));
                    }
                    look.states = values;
                }
                ("version-depth", ReferenceKind::LaunchTemplate) => {
                    look.depth = version_depth(&values)?;
                    look.has_depth = true;
                }
                (other, _) => return Err(Fault::invalid_value("OptionName", other)),
            }
        }
        Ok(look)
    }

    /// How often resources of this kind refer to the image, each resource once; `note` is told their ARNs.
    pub(crate) fn find(&self, place: &Place<'_>, image: &ImageId, mut note: impl FnMut(String)) {
        let Place { account, region, scope, now, known_until } = place;
        let ec2 = |kind: &str, id: &str| format!("arn:aws:ec2:{region}:{account}:{kind}/{id}");
        match self.kind {
            ReferenceKind::Instance => {
                let is_meant = |state: &str| self.states.is_empty() || self.states.iter().any(|wanted| wanted == state);
                scope
                    .instances()
                    .filter(|instance| instance.image == *image && instance.is_shown(*now))
                    .filter(|instance| instance.first_launched_at() <= *known_until)
                    .filter(|instance| is_meant(instance.shown_state(*now).as_str()))
                    .for_each(|instance| note(ec2("instance", &instance.id)));
            }
            ReferenceKind::LaunchTemplate => scope
                .templates()
                .filter(|template| self.is_in_template(template, image))
                .for_each(|template| note(ec2("launch-template", &template.id))),
            ReferenceKind::Parameter => {
                for (name, parameter) in scope.parameters.iter() {
                    if parameter.value(None) == Some(image.as_str()) {
                        let name = name.trim_start_matches('/');
                        note(format!("arn:aws:ssm:{region}:{account}:parameter/{name}"));
                    }
                }
            }
            ReferenceKind::ImageRecipe | ReferenceKind::ContainerRecipe => {
                super::recipes::referring(scope, self.kind, image).for_each(|arn| note(arn.to_owned()));
            }
        }
    }

    fn is_in_template(&self, template: &Template, image: &ImageId) -> bool {
        let newest = template.versions.values().rev().take(usize::try_from(self.depth).unwrap_or(usize::MAX));
        newest.map(Arc::as_ref).any(|version| version.data.image() == Some(image.as_str()))
    }
}

fn version_depth(values: &[String]) -> Result<u32, Fault> {
    let [value] = values else { return Err(Fault::invalid_value("version-depth", &values.join(", "))) };
    match value.parse() {
        Ok(depth @ 1..=10_000) => Ok(depth),
        _ => Err(Fault::invalid_value("version-depth", value)),
    }
}

/// Where resources are looked at.
pub(crate) struct Place<'a> {
    pub(crate) account: AccountId,
    pub(crate) region: &'a Region,
    pub(crate) scope: &'a Scope,
    pub(crate) now: Moment,
    /// Instances that were launched later are not known yet.
    pub(crate) known_until: Moment,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::decode_form;

    #[test]
    fn options_belong_to_their_kinds() {
        let read = |form: &str| Look::decode(&decode_form(form.as_bytes()).unwrap(), 10);
        assert_eq!(read("ResourceType=ssm:Parameter").unwrap().depth, 10);
        let option = |kind: &str, name: &str, value: &str| {
            read(&format!(
                "ResourceType={kind}&ResourceTypeOption.1.OptionName={name}&ResourceTypeOption.1.OptionValue.1={value}"
            ))
        };
        assert_eq!(option("ec2:LaunchTemplate", "version-depth", "10000").unwrap().depth, 10_000);
        assert_eq!(option("ec2:Instance", "state-name", "stopped").unwrap().states, ["stopped"]);
        for (kind, name, value) in [
            ("ec2:LaunchTemplate", "version-depth", "0"),
            ("ec2:LaunchTemplate", "version-depth", "10001"),
            ("ec2:LaunchTemplate", "state-name", "running"),
            ("ec2:Instance", "version-depth", "5"),
            ("ec2:Instance", "state-name", "asleep"),
            ("ec2:Volume", "state-name", "running"),
        ] {
            assert!(option(kind, name, value).is_err(), "{kind} {name} {value}");
        }
    }
}
