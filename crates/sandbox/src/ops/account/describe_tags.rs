//! EC2 `DescribeTags`.

use amictl_cloud::{OperationSpec, Service};

use crate::filter::Filters;
use crate::ops::paged;
use crate::ops::{Ctx, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::{Fault, World};

pub(crate) struct DescribeTags;

pub(crate) struct DescribeTagsInput {
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeTagsOutput {
    tags: Vec<ShownTag>,
    next_token: Option<String>,
}

struct ShownTag {
    resource: String,
    resource_type: &'static str,
    key: String,
    value: String,
}

impl Op for DescribeTags {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeTags");
    type Input = DescribeTagsInput;
    type Output = DescribeTagsOutput;
    paged!();

    fn decode(params: &Params) -> Result<DescribeTagsInput, Fault> {
        Ok(DescribeTagsInput {
            filters: Filters::decode(params, &["key", "resource-id", "resource-type", "value"])?,
            limit: page::limit("maxResults", params.integer("MaxResults")?, 5..=1000)?,
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: DescribeTagsInput) -> Result<DescribeTagsOutput, Fault> {
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let scope = world.scope_mut(ctx.account, &ctx.region);
        // In the order of types, ids and keys: a place is one text.
        let entries = scope.tagged().flat_map(|(resource, resource_type, tags)| {
            tags.iter().map(move |(key, value)| {
                let tag = ShownTag {
                    resource: resource.to_owned(),
                    resource_type,
                    key: key.to_owned(),
                    value: value.to_owned(),
                };
                (format!("{resource_type}\u{0}{resource}\u{0}{key}"), tag)
            })
        });
        let later = entries.filter(|(place, _)| after.as_ref().is_none_or(|after| place > after));
        let page = page::fill(later, input.limit, |_, tag| {
            let takes = input.filters.matches(&amictl_model::Tags::default(), |name, filter| match name {
                "key" => filter.takes(&tag.key),
                "resource-id" => filter.takes(&tag.resource),
                "resource-type" => filter.takes(tag.resource_type),
                _ => filter.takes(&tag.value),
            });
            takes.then_some(tag)
        });
        let next_token = page.next.map(|place| page::token_after(ctx, Self::SPEC.name, &place));
        Ok(DescribeTagsOutput { tags: page.items, next_token })
    }
}

impl Encode for DescribeTagsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("tagSet", "item", &self.tags, |xml, tag| {
            xml.text("resourceId", &tag.resource);
            xml.text("resourceType", tag.resource_type);
            xml.text("key", &tag.key);
            xml.text("value", &tag.value);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
