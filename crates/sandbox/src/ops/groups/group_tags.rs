//! Auto Scaling `CreateOrUpdateTags`, `DeleteTags` and `DescribeTags`.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Tags;
use compact_str::CompactString;

use super::create_group::group_of;
use crate::filter::Filters;
use crate::ops::input::tags_of;
use crate::ops::paged;
use crate::ops::{Ctx, Nothing, Op};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::Group;
use crate::{Fault, World};

pub(crate) struct GroupTag {
    group: String,
    key: String,
    value: Option<String>,
    propagates: bool,
}

fn decode(params: &Params) -> Result<Vec<GroupTag>, Fault> {
    let tags = params.structures("Tags")?;
    if tags.is_empty() {
        return Err(Fault::missing("Tags"));
    }
    tags.into_iter()
        .map(|tag| {
            let key = tag.required("Key")?;
            if key.chars().count() > 128 || tag.text("Value").is_some_and(|value| value.chars().count() > 256) {
                return Err(Fault::validation("Tag keys are at most 128 characters long and tag values at most 256"));
            }
            Ok(GroupTag {
                group: tag.required("ResourceId")?.to_owned(),
                key: key.to_owned(),
                value: tag.text("Value").map(str::to_owned),
                propagates: tag.flag("PropagateAtLaunch")?,
            })
        })
        .collect()
}

/// Changes the tags of a group.
fn change(
    world: &mut World,
    ctx: &Ctx,
    name: &str,
    change: impl FnOnce(&mut Vec<(String, String)>, &mut Vec<CompactString>),
) -> Result<(), Fault> {
    let mut group = Group::clone(&*group_of(world, ctx, name)?);
    let mut tags = group.tags.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    change(&mut tags, &mut group.propagated);
    group.tags = tags_of(tags)?;
    world.scope_mut(ctx.account, &ctx.region).put_group(group);
    Ok(())
}

pub(crate) struct CreateOrUpdateTags;

impl Op for CreateOrUpdateTags {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "CreateOrUpdateTags");
    type Input = Vec<GroupTag>;
    type Output = Nothing;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        decode(params)
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Nothing, Fault> {
        for tag in &input {
            group_of(world, ctx, &tag.group)?;
        }
        for tag in input {
            change(world, ctx, &tag.group, |tags, propagated| {
                propagated.retain(|key| *key != tag.key);
                if tag.propagates {
                    propagated.push(tag.key.as_str().into());
                }
                tags.retain(|(key, _)| *key != tag.key);
                tags.push((tag.key, tag.value.unwrap_or_default()));
            })?;
        }
        Ok(Nothing)
    }
}

pub(crate) struct DeleteGroupTags;

impl Op for DeleteGroupTags {
    const SPEC: OperationSpec = OperationSpec::mutating(Service::AutoScaling, "DeleteTags");
    type Input = Vec<GroupTag>;
    type Output = Nothing;

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        decode(params)
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Nothing, Fault> {
        for tag in &input {
            group_of(world, ctx, &tag.group)?;
        }
        for tag in input {
            change(world, ctx, &tag.group, |tags, propagated| {
                let is_meant = |value: &str| tag.value.as_deref().is_none_or(|wanted| wanted == value);
                tags.retain(|(key, value)| *key != tag.key || !is_meant(value));
                propagated.retain(|key| tags.iter().any(|(kept, _)| kept == key));
            })?;
        }
        Ok(Nothing)
    }
}

pub(crate) struct DescribeGroupTags;

pub(crate) struct DescribeGroupTagsInput {
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

struct ShownTag {
    group: CompactString,
    key: String,
    value: String,
    propagates: bool,
}

pub(crate) struct DescribeGroupTagsOutput {
    tags: Vec<ShownTag>,
    next_token: Option<String>,
}

impl Op for DescribeGroupTags {
    const SPEC: OperationSpec = OperationSpec::read(Service::AutoScaling, "DescribeTags");
    type Input = DescribeGroupTagsInput;
    type Output = DescribeGroupTagsOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        Ok(DescribeGroupTagsInput {
            filters: Filters::decode(params, &["auto-scaling-group", "key", "propagate-at-launch", "value"])?,
            limit: page::limit("maxRecords", params.integer("MaxRecords")?, 1..=100)?.or(Some(50)),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let tags = scope.groups.values().flat_map(|group| {
            group.tags.iter().map(move |(key, value)| {
                let tag = ShownTag {
                    group: group.name.clone(),
                    key: key.to_owned(),
                    value: value.to_owned(),
                    propagates: group.propagated.iter().any(|propagated| propagated == key),
                };
                (format!("{}\u{0}{key}", group.name), tag)
            })
        });
        let later = tags.filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
        let page = page::fill(later, input.limit, |_, tag| {
            let takes = input.filters.matches(&Tags::default(), |name, filter| match name {
                "auto-scaling-group" => filter.takes(&tag.group),
                "key" => filter.takes(&tag.key),
                "propagate-at-launch" => filter.takes_value(tag.propagates),
                _ => filter.takes(&tag.value),
            });
            takes.then_some(tag)
        });
        let next_token = page.next.map(|key| page::token_after(ctx, Self::SPEC.name, &key));
        Ok(DescribeGroupTagsOutput { tags: page.items, next_token })
    }
}

impl Encode for DescribeGroupTagsOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("Tags", "member", &self.tags, |xml, tag| {
            xml.text("ResourceId", &tag.group);
            xml.text("ResourceType", "auto-scaling-group");
            xml.text("Key", &tag.key);
            xml.text("Value", &tag.value);
            xml.value("PropagateAtLaunch", tag.propagates);
        });
        xml.optional("NextToken", self.next_token.as_ref());
    }
}
