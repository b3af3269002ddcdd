//! EC2 `DescribeLaunchTemplateVersions`: of one template, or `$Latest` and `$Default` of all.

use amictl_cloud::{Operation, OperationSpec, ops};

use super::template_lookup::{TemplateName, no_version, template};
use super::template_xml::ShownVersion;
use crate::filter::{Filter, Filters};
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::world::{Scope, Template, TemplateVersion};
use crate::{Fault, World};

const VERSION_FILTERS: &[&str] = &[
    "create-time",
    "ebs-optimized",
    "host-resource-group-arn",
    "http-endpoint",
    "http-protocol-ipv4",
    "http-tokens",
    "iam-instance-profile",
    "image-id",
    "instance-type",
    "is-default-version",
    "kernel-id",
    "license-configuration-arn",
    "network-card-index",
    "ram-disk-id",
];

pub(crate) struct DescribeLaunchTemplateVersions;

#[derive(Default)]
pub(crate) struct DescribeLaunchTemplateVersionsInput {
    pub(crate) template: Option<TemplateName>,
    pub(crate) versions: Vec<String>,
    pub(crate) least: Option<String>,
    pub(crate) most: Option<String>,
    pub(crate) resolve_alias: bool,
    pub(crate) include_managed: bool,
    pub(crate) filters: Filters,
    pub(crate) limit: Option<usize>,
    pub(crate) token: Option<String>,
}

pub(crate) struct DescribeLaunchTemplateVersionsOutput {
    pub(crate) versions: Vec<ShownVersion>,
    pub(crate) next_token: Option<String>,
}

impl Op for DescribeLaunchTemplateVersions {
    const SPEC: OperationSpec = <ops::DescribeLaunchTemplateVersions as Operation>::SPEC;
    type Input = DescribeLaunchTemplateVersionsInput;
    type Output = DescribeLaunchTemplateVersionsOutput;
    paged!();

    fn further_actions(input: &Self::Input) -> Vec<&'static str> {
        if input.resolve_alias { vec!["ssm:GetParameters"] } else { Vec::new() }
    }

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let template = TemplateName::decode_optional(params)?;
        let versions = params.texts("LaunchTemplateVersion")?;
        let is_latest_or_default = |version: &String| version == "$Latest" || version == "$Default";
        if template.is_none() && (versions.is_empty() || !versions.iter().all(is_latest_or_default)) {
            let message = "Without a launch template the versions can only be $Latest and $Default.";
            return Err(Fault::new("InvalidParameterCombination", message));
        }
        Ok(DescribeLaunchTemplateVersionsInput {
            template,
            versions,
            least: params.string("MinVersion"),
            most: params.string("MaxVersion"),
            resolve_alias: params.flag("ResolveAlias")?,
            include_managed: params.flag("IncludeManagedResources")?,
            filters: Filters::decode(params, VERSION_FILTERS)?,
            limit: page::limit("MaxResults", params.integer("MaxResults")?, 1..=200)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let named = input.template.as_ref().map(|name| template(world, ctx, name)).transpose()?;
        let after = input.token.as_deref().map(|token| cursor_of(ctx, token)).transpose()?;
        let world = &*world;
        let templates: Vec<&Template> = match &named {
            Some(template) => vec![template],
            None => world
                .scope(ctx.account, &ctx.region)
                .into_iter()
                .flat_map(Scope::templates)
                .filter(|template| template.hidden_for.is_none() || input.include_managed)
                .collect(),
        };
        let mut entries = Vec::new();
        for template in templates {
            let numbers = wanted(template, &input)?;
            let of_template = template.versions.values().filter(|version| numbers.contains(&version.number));
            entries.extend(of_template.map(|version| ((template.id.to_string(), version.number), (template, version))));
        }
        let later = entries.into_iter().filter(|(place, _)| after.as_ref().is_none_or(|after| place > after));
        let shown = |template: &Template, version: &TemplateVersion| {
            let shown = ShownVersion::new(template, version);
            if input.resolve_alias { shown.resolved(world, ctx) } else { shown }
        };
        let page = page::fill(later, input.limit, |_, (template, version)| {
            matches(&input.filters, template, version).then(|| shown(template, version))
        });
        let next_token =
            page.next.map(|(id, number)| page::token_after(ctx, Self::SPEC.name, &format!("{id}/{number}")));
        Ok(DescribeLaunchTemplateVersionsOutput { versions: page.items, next_token })
    }
}

/// The numbers of the versions that are asked for. One that is named and is not there fails the whole call, as in EC2.
fn wanted(template: &Template, input: &DescribeLaunchTemplateVersionsInput) -> Result<Vec<u64>, Fault> {
    let number = |name: &String| {
        template.version_number(name).ok_or_else(|| {
            let name: String = name.chars().take(60).collect();
            Fault::new("InvalidLaunchTemplateId.VersionMalformed", format!("The version {name} is not valid."))
        })
    };
    if !input.versions.is_empty() {
        let existing = |name: &String| {
            let number = number(name)?;
            if template.versions.contains_key(&number) { Ok(number) } else { Err(no_version(template, name)) }
        };
        return input.versions.iter().map(existing).collect();
    }
    let least = input.least.as_ref().map(number).transpose()?.unwrap_or(0);
    let most = input.most.as_ref().map(number).transpose()?.unwrap_or(u64::MAX);
    Ok(template.versions.keys().copied().filter(|number| (least..=most).contains(number)).collect())
}

fn cursor_of(ctx: &Ctx, token: &str) -> Result<(String, u64), Fault> {
    let key = page::key_of_token(ctx, DescribeLaunchTemplateVersions::SPEC.name, token)?;
    key.split_once('/')
        .and_then(|(id, number)| Some((id.to_owned(), number.parse().ok()?)))
        .ok_or_else(|| Fault::new("InvalidNextToken", "The token is not valid for this request."))
}

fn matches(filters: &Filters, template: &Template, version: &TemplateVersion) -> bool {
    let field = |name: &str, filter: &Filter| filter.takes_some(version.data.0.text(name));
    let nested = |name: &str, member: &str, filter: &Filter| {
        filter.takes_some(version.data.0.structure(name).and_then(|nested| nested.text(member)))
    };
    let listed = |name: &str| version.data.0.structures(name).unwrap_or_default();
    filters.matches(&template.tags, |name, filter| match name {
        "create-time" => filter.takes(&wire_time(version.created_at)),
        "ebs-optimized" => field("EbsOptimized", filter),
        "iam-instance-profile" => {
            version.data.0.structure("IamInstanceProfile").is_some_and(|profile| {
                filter.takes_some(profile.text("Arn")) || filter.takes_some(profile.text("Name"))
            })
        }
        "host-resource-group-arn" => nested("Placement", "HostResourceGroupArn", filter),
        "http-endpoint" | "http-protocol-ipv4" => nested("MetadataOptions", "HttpEndpoint", filter),
        "http-tokens" => nested("MetadataOptions", "HttpTokens", filter),
        "license-configuration-arn" => {
            listed("LicenseSpecification").iter().any(|entry| filter.takes_some(entry.text("LicenseConfigurationArn")))
        }
        "network-card-index" => {
            listed("NetworkInterface").iter().any(|entry| filter.takes_some(entry.text("NetworkCardIndex")))
        }
        "image-id" => field("ImageId", filter),
        "instance-type" => field("InstanceType", filter),
        "is-default-version" => filter.takes_value(version.number == template.default_version),
        "kernel-id" => field("KernelId", filter),
        "ram-disk-id" => field("RamDiskId", filter),
        _ => false,
    })
}

impl Encode for DescribeLaunchTemplateVersionsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("launchTemplateVersionSet", "item", &self.versions, |xml, version| version.write(xml));
        xml.optional("nextToken", self.next_token.as_ref());
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::story::TestWorld;

    #[test]
    fn a_version_that_is_named_and_gone_fails_the_whole_call() {
        let test = TestWorld::new();
        let image = test.image("web");
        let data = format!("LaunchTemplateName=web&LaunchTemplateData.ImageId={image}");
        test.ec2("CreateLaunchTemplate", &data);
        test.ec2("CreateLaunchTemplateVersion", &data);
        test.ec2("DeleteLaunchTemplateVersions", "LaunchTemplateName=web&LaunchTemplateVersion.1=2");
        let code = |more: &str| test.code("DescribeLaunchTemplateVersions", &format!("LaunchTemplateName=web{more}"));
        for named in ["&LaunchTemplateVersion.1=2", "&LaunchTemplateVersion.1=1&LaunchTemplateVersion.2=2"] {
            assert_eq!(code(named), "InvalidLaunchTemplateId.VersionNotFound", "{named}");
        }
        // A range names none.
        assert_eq!(
            test.first("DescribeLaunchTemplateVersions", "LaunchTemplateName=web&MinVersion=1&MaxVersion=2", "imageId"),
            image
        );
    }

    #[test]
    fn aliases_of_aws_and_of_others_are_resolved_as_a_launch_resolves_them() {
        let test = TestWorld::new();
        let image = test.image("web");
        let other = "210987654321".parse().unwrap();
        test.sandbox.world().scope_mut(other, &test.caller.region).put_parameter("/golden", &image);
        let public = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
        let shared = "arn:aws:ssm:us-east-1:210987654321:parameter/golden";
        let shown = |name: &str, alias: &str| {
            test.ec2(
                "CreateLaunchTemplate",
                &format!("LaunchTemplateName={name}&LaunchTemplateData.ImageId=resolve:ssm:{alias}"),
            );
            let form = format!("LaunchTemplateName={name}&ResolveAlias=true");
            test.first("DescribeLaunchTemplateVersions", &form, "imageId")
        };
        let launched = |name: &str| {
            let form = format!("LaunchTemplate.LaunchTemplateName={name}&MinCount=1&MaxCount=1");
            test.first("RunInstances", &form, "imageId")
        };
        let of_aws = shown("aws", public);
        assert!(of_aws.starts_with("ami-"), "{of_aws}");
        assert_eq!(shown("not-shared", shared), format!("resolve:ssm:{shared}"));
        let mut world = test.sandbox.world();
        if let Some(parameter) = world.scope_mut(other, &test.caller.region).parameters.get_mut("/golden") {
            parameter.shared_with.insert(test.caller.account);
        }
        drop(world);
        assert_eq!((shown("shared", shared), launched("shared")), (image.clone(), image));
    }
}
