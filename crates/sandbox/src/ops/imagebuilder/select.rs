//! Finding and filtering what Image Builder has.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::kinds::Kind;
use crate::ops::Ctx;
use crate::page::{fill, key_of_token, limit, token_after};
use crate::wire::{JsonPage, Params};
use crate::world::BuilderResource;
use crate::{Fault, World};

/// `InvalidRequestException`.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidRequestException", message)
}

/// `ResourceNotFoundException`.
pub(super) fn not_found(arn: &str) -> Fault {
    let arn: String = arn.chars().take(200).collect();
    Fault {
        code: "ResourceNotFoundException".into(),
        message: format!("The resource ARN '{arn}' doesn't exist."),
        status: 404,
    }
}

/// Checks that an ARN is one of this kind.
pub(super) fn check_arn(kind: &Kind, arn: &str) -> Result<(), Fault> {
    let path = arn.strip_prefix("arn:aws:imagebuilder:").and_then(|rest| rest.splitn(3, ':').nth(2));
    match path.and_then(|path| path.split_once('/')) {
        Some((what, name)) if what == kind.path && !name.is_empty() => Ok(()),
        _ => {
            let arn: String = arn.chars().take(200).collect();
            Err(invalid(format!("The value supplied for parameter '{}' is not valid: {arn}", kind.arn)))
        }
    }
}

/// The resource of an ARN, whose version may have an `x` for the newest, and whose build may be left out for an image.
pub(super) fn find<'a>(world: &'a World, ctx: &Ctx, kind: &Kind, arn: &str) -> Result<&'a Arc<BuilderResource>, Fault> {
    check_arn(kind, arn)?;
    let scope = world.scope(ctx.account, &ctx.region).ok_or_else(|| not_found(arn))?;
    if let Some(found) = scope.builder.get(arn) {
        return Ok(found);
    }
    let matching = scope.builder.values().filter(|found| found.kind == kind.path && is_version_of(&found.arn, arn));
    matching.max_by_key(|found| version_key(&found.arn)).ok_or_else(|| not_found(arn))
}

/// Whether an ARN is a version that a pattern such as `…/1.x.x` means.
fn is_version_of(arn: &str, pattern: &str) -> bool {
    let (mut arn, mut pattern) = (arn.split('/'), pattern.split('/'));
    if (arn.next(), arn.next()) != (pattern.next(), pattern.next()) {
        return false;
    }
    let (Some(version), Some(wanted)) = (arn.next(), pattern.next()) else { return false };
    let parts = version.split('.').zip(wanted.split('.'));
    let is_same = version.split('.').count() == wanted.split('.').count();
    is_same && pattern.next().is_none() && parts.into_iter().all(|(part, wanted)| wanted == "x" || part == wanted)
}

/// The numbers of a version and a build, to compare versions by.
pub(super) fn version_key(arn: &str) -> Vec<u64> {
    let numbers = arn.split('/').skip(2).flat_map(|part| part.split('.'));
    numbers.map(|number| number.parse().unwrap_or(0)).collect()
}

/// What a list asks for.
pub(crate) struct ListInput {
    pub(super) filters: Vec<(String, Vec<String>)>,
    /// Whether the caller's own resources are meant.
    pub(super) is_own: bool,
    pub(super) of: Option<String>,
    limit: usize,
    pub(super) token: Option<String>,
}

/// Reads what a list asks for.
pub(super) fn decode_list(params: &Params, kind: &Kind, of: Option<&str>) -> Result<ListInput, Fault> {
    let mut filters = Vec::new();
    for filter in params.structures("filters")? {
        let name = filter.required("name")?;
        if !kind.filters.contains(&name) {
            let name: String = name.chars().take(100).collect();
            return Err(invalid(format!("The filter name '{name}' is not valid.")));
        }
        filters.push((name.to_owned(), filter.texts("values")?));
    }
    let owner = params.text("owner").unwrap_or("Self");
    if !["Self", "Shared", "Amazon", "ThirdParty", "AWSMarketplace"].contains(&owner) {
        return Err(invalid("The value supplied for parameter 'owner' is not valid."));
    }
    Ok(ListInput {
        filters,
        is_own: owner == "Self",
        of: of.and_then(|name| params.string(name)),
        limit: limit("maxResults", params.integer("maxResults")?, 1..=25)?.unwrap_or(25),
        token: params.string("nextToken"),
    })
}

impl ListInput {
    /// Whether the filters take a document.
    fn takes(&self, value: &Value) -> bool {
        self.filters.iter().all(|(name, values)| {
            value.get(name).and_then(Value::as_str).is_some_and(|text| values.iter().any(|value| value == text))
        })
    }

    /// A page of entries in the order of their keys.
    pub(super) fn page(
        &self,
        ctx: &Ctx,
        operation: &str,
        member: &str,
        entries: impl Iterator<Item = (String, Value)>,
    ) -> Result<JsonPage, Fault> {
        let operation = format!("{operation} {}", self.of.as_deref().unwrap_or_default());
        let after = self.token.as_deref().map(|token| key_of_token(ctx, &operation, token));
        let after = after.transpose().map_err(|_| {
            Fault::new(
                "InvalidPaginationTokenException",
                "You have provided an invalid pagination token in your request.",
            )
        })?;
        let later = entries.filter(|(key, _)| self.is_own && after.as_ref().is_none_or(|after| key > after));
        let page = fill(later, Some(self.limit), |_, value| self.takes(&value).then_some(value));
        let next_token = page.next.map(|key| token_after(ctx, &operation, &key));
        Ok(JsonPage::new(json!({"requestId": request_id(ctx), member: page.items}), next_token).called("nextToken"))
    }
}

/// Some members of a document.
pub(super) fn only(value: &Value, members: &[&str]) -> Value {
    let shown: Map<String, Value> =
        members.iter().filter_map(|name| Some(((*name).to_owned(), value.get(*name)?.clone()))).collect();
    Value::Object(shown)
}

/// `requestId` of a reply.
pub(super) fn request_id(ctx: &Ctx) -> String {
    format!("{:08x}-0000-4000-8000-{:012x}", ctx.now.as_millis() & 0xffff_ffff, ctx.account.to_string().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_x_stands_for_any_number() {
        let arn = "arn:aws:imagebuilder:us-east-1:1:image-recipe/web/1.2.3";
        let pattern = |version: &str| format!("arn:aws:imagebuilder:us-east-1:1:image-recipe/web/{version}");
        for (version, expected) in [("1.2.3", true), ("1.x.x", true), ("x.x.x", true), ("1.3.x", false), ("1.x", false)]
        {
            assert_eq!(is_version_of(arn, &pattern(version)), expected, "{version}");
        }
        assert!(version_key("a/b/1.10.0") > version_key("a/b/1.9.0"));
    }
}
