//! EC2 `DescribeLaunchTemplates`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{Operation, OperationSpec, ops};
use compact_str::CompactString;

use super::template_lookup::{TemplateName, template};
use super::template_xml::write_template;
use crate::filter::Filters;
use crate::ops::input::resource_id;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml, wire_time};
use crate::world::Template;
use crate::{Fault, World};

pub(crate) struct DescribeLaunchTemplates;

#[derive(Default)]
pub(crate) struct DescribeLaunchTemplatesInput {
    pub(crate) named: Vec<TemplateName>,
    pub(crate) include_managed: bool,
    pub(crate) filters: Filters,
    pub(crate) limit: Option<usize>,
    pub(crate) token: Option<String>,
}

pub(crate) struct DescribeLaunchTemplatesOutput {
    pub(crate) templates: Vec<Arc<Template>>,
    pub(crate) next_token: Option<String>,
}

impl Op for DescribeLaunchTemplates {
    const SPEC: OperationSpec = <ops::DescribeLaunchTemplates as Operation>::SPEC;
    type Input = DescribeLaunchTemplatesInput;
    type Output = DescribeLaunchTemplatesOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let mut named = Vec::new();
        for id in params.texts("LaunchTemplateId")? {
            named.push(TemplateName::Id(resource_id(&id, "lt-", "InvalidLaunchTemplateId.Malformed")?));
        }
        named.extend(params.texts("LaunchTemplateName")?.into_iter().map(|name| TemplateName::Name(name.into())));
        Ok(DescribeLaunchTemplatesInput {
            named,
            include_managed: params.flag("IncludeManagedResources")?,
            filters: Filters::decode(params, &["create-time", "launch-template-name", "tag-key"])?,
            limit: page::limit("MaxResults", params.integer("MaxResults")?, 1..=200)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let named: Vec<Arc<Template>> =
            input.named.iter().map(|name| template(world, ctx, name)).collect::<Result<_, _>>()?;
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |id| Bound::Excluded(CompactString::from(id)));
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let page = page::fill(scope.templates.range((start, Bound::Unbounded)), input.limit, |_, template| {
            let is_asked_for = if named.is_empty() {
                template.hidden_for.is_none() || input.include_managed
            } else {
                named.iter().any(|named| named.id == template.id)
            };
            (is_asked_for && matches(&input.filters, template)).then(|| Arc::clone(template))
        });
        let next_token = page.next.map(|id| page::token_after(ctx, Self::SPEC.name, id));
        Ok(DescribeLaunchTemplatesOutput { templates: page.items, next_token })
    }
}

fn matches(filters: &Filters, template: &Template) -> bool {
    filters.matches(&template.tags, |name, filter| match name {
        "create-time" => filter.takes(&wire_time(template.created_at)),
        _ => filter.takes(&template.name),
    })
}

impl Encode for DescribeLaunchTemplatesOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("launchTemplates", "item", &self.templates, |xml, template| write_template(xml, template));
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
