//! SSM `GetParametersByPath`.

use std::borrow::Cow;

use amictl_cloud::{OperationSpec, Service};
use serde_json::json;

use super::filters::{Filtered, ParameterFilters, is_below};
use super::lookup::{Found, public, shown};
use super::names::{Named, invalid};
use crate::ops::{Ctx, Op, paged};
use crate::page::{fill, key_of_token, limit, token_after};
use crate::wire::{JsonPage, Params};
use crate::world::{Parameter, public_parameters};
use crate::{Fault, World};

pub(crate) struct GetParametersByPath;

pub(crate) struct PathInput {
    path: String,
    recursive: bool,
    decrypts: bool,
    filters: ParameterFilters,
    limit: usize,
    token: Option<String>,
}

impl Op for GetParametersByPath {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ssm, "GetParametersByPath");
    type Input = PathInput;
    type Output = JsonPage;
    paged!();

    fn decode(params: &Params) -> Result<PathInput, Fault> {
        Ok(PathInput {
            path: params.required("Path")?.to_owned(),
            recursive: params.flag("Recursive")?,
            decrypts: params.flag("WithDecryption")?,
            filters: ParameterFilters::decode(params, &["Type", "KeyId", "Label"], false)?,
            limit: limit("maxResults", params.integer("MaxResults")?, 1..=10)?.unwrap_or(10),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: PathInput) -> Result<JsonPage, Fault> {
        let named = Named::read(ctx, &input.path).filter(|named| named.selector.is_none());
        let named = named.filter(|named| named.name.starts_with('/'));
        let named = named.ok_or_else(|| {
            invalid(
                "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward \
                 slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, \
                 numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not \
                 allowed. All sub-paths, if specified, must use the forward slash symbol \"/\". Valid example: \
                 /get/parameters2-/by1./path0_.",
            )
        })?;
        let operation = format!("GetParametersByPath {}", input.path);
        let after = match &input.token {
            Some(token) => Some(key_of_token(ctx, &operation, token)?),
            None => None,
        };
        let found = below(world, ctx, &named, input.recursive);
        let entries = found
            .into_iter()
            .filter(|found| after.as_deref().is_none_or(|after| &*found.name > after))
            .map(|found| (found.name.clone().into_owned(), found));
        let page = fill(entries, Some(input.limit), |_, found| {
            let newest = found.parameter.versions.last()?;
            let labels: Vec<&str> = found
                .parameter
                .versions
                .iter()
                .flat_map(|version| version.labels.iter().map(compact_str::CompactString::as_str))
                .collect();
            let tags = &found.parameter.tags;
            let takes = input.filters.take(&Filtered { name: &found.name, newest, labels: &labels, tags });
            takes.then(|| shown(ctx, &found, newest, None, input.decrypts))
        });
        let next_token = page.next.map(|name| token_after(ctx, &operation, &name));
        Ok(JsonPage::new(json!({"Parameters": page.items}), next_token))
    }
}

/// The parameters below a path, in the order of their names.
fn below<'a>(world: &'a World, ctx: &Ctx, named: &Named<'_>, recursive: bool) -> Vec<Found<'a>> {
    let owner = named.owner.unwrap_or(ctx.account);
    if named.owner.is_none() && format!("{}/", named.name.trim_end_matches('/')).starts_with("/aws/") {
        let names = public_parameters(&ctx.region).into_iter().map(|parameter| parameter.name);
        let below = names.filter(|name| is_below(name, named.name, recursive));
        return below
            .filter_map(|name| {
                Some(Found { owner: None, name: name.into(), parameter: Cow::Owned(public(name, ctx)?) })
            })
            .collect();
    }
    let Some(scope) = world.scope(owner, &ctx.region) else { return Vec::new() };
    let may_read = |parameter: &Parameter| owner == ctx.account || parameter.shared_with.contains(&ctx.account);
    scope
        .parameters
        .iter()
        .filter(|(name, parameter)| is_below(name, named.name, recursive) && may_read(parameter))
        .map(|(name, parameter)| Found {
            owner: Some(owner),
            name: name.as_str().into(),
            parameter: Cow::Borrowed(parameter),
        })
        .collect()
}
