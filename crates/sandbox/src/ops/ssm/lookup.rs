//! Finding parameters: the caller's own, shared ones, and those of AWS.

use std::borrow::Cow;

use amictl_model::AccountId;
use serde_json::{Value, json};

use super::names::{Named, arn};
use crate::ops::Ctx;
use crate::wire::epoch_secs;
use crate::world::{Parameter, ParameterType, ParameterVersion, public_parameter, published_at};
use crate::{Fault, World};

/// A parameter that was found.
pub(super) struct Found<'a> {
    /// Whose it is; AWS's have no account in their ARNs.
    pub(super) owner: Option<AccountId>,
    /// Its name.
    pub(super) name: Cow<'a, str>,
    /// The parameter itself.
    pub(super) parameter: Cow<'a, Parameter>,
}

/// A parameter of AWS.
pub(super) fn public(name: &str, ctx: &Ctx) -> Option<Parameter> {
    let image = public_parameter(name, &ctx.region)?;
    let mut version = ParameterVersion::text(1, image.as_str(), published_at());
    version.modified_by = "arn:aws:iam::137112412989:root".to_owned();
    Some(Parameter { versions: vec![version], ..Parameter::default() })
}

/// The parameter that a request means, if the caller may read it.
pub(super) fn find<'a>(world: &'a World, ctx: &Ctx, named: &Named<'a>) -> Option<Found<'a>> {
    if named.owner.is_none()
        && let Some(parameter) = public(named.name, ctx)
    {
        return Some(Found { owner: None, name: named.name.into(), parameter: Cow::Owned(parameter) });
    }
    let owner = named.owner.unwrap_or(ctx.account);
    let parameters = &world.scope(owner, &ctx.region)?.parameters;
    // An ARN does not tell whether a name without levels was meant.
    let name = [Some(named.name), named.owner.and_then(|_| named.name.strip_prefix('/'))]
        .into_iter()
        .flatten()
        .find(|name| parameters.contains_key(*name))?;
    let parameter = parameters.get(name)?;
    let may_read = owner == ctx.account || parameter.shared_with.contains(&ctx.account);
    may_read.then(|| Found { owner: Some(owner), name: name.into(), parameter: Cow::Borrowed(parameter) })
}

/// The name of the caller's own parameter that a request means.
pub(super) fn own_name(world: &World, ctx: &Ctx, text: &str) -> Result<String, Fault> {
    let named = Named::read(ctx, text).filter(|named| named.selector.is_none()).ok_or_else(not_found)?;
    let found = find(world, ctx, &named).filter(|found| found.owner == Some(ctx.account)).ok_or_else(not_found)?;
    Ok(found.name.into_owned())
}

/// The caller's own parameter, to change it.
pub(super) fn own_mut<'a>(world: &'a mut World, ctx: &Ctx, name: &str) -> Result<&'a mut Parameter, Fault> {
    world.scope_mut(ctx.account, &ctx.region).parameters.get_mut(name).ok_or_else(not_found)
}

/// `ParameterNotFound`, which AWS leaves without a message.
pub(super) fn not_found() -> Fault {
    Fault::new("ParameterNotFound", "")
}

/// `ParameterVersionNotFound`.
pub(super) fn no_version(name: &str, selector: &str) -> Fault {
    let message =
        format!("Systems Manager could not find version {selector} of {name}. Verify the version and try again.");
    Fault::new("ParameterVersionNotFound", message)
}

/// A parameter's value as the caller may see it: a secure one is a cipher unless it is to be decrypted.
pub(super) fn shown_value(version: &ParameterVersion, decrypts: bool) -> String {
    use base64::Engine as _;
    if version.kind != ParameterType::SecureString || decrypts {
        return version.value.to_string();
    }
    let key = version.key.as_deref().unwrap_or_default();
    let cipher: Vec<u8> = version.value.bytes().rev().map(|byte| byte ^ 0x5a).collect();
    base64::engine::general_purpose::STANDARD
        .encode([b"\x01\x02\x02\x00x".as_slice(), key.as_bytes(), &cipher].concat())
}

/// `Parameter` on the wire.
pub(super) fn shown(
    ctx: &Ctx,
    found: &Found<'_>,
    version: &ParameterVersion,
    selector: Option<&str>,
    decrypts: bool,
) -> Value {
    let mut value = json!({
        "Name": found.name,
        "Type": version.kind.as_str(),
        "Value": shown_value(version, decrypts),
        "Version": version.version,
        "LastModifiedDate": epoch_secs(version.modified_at),
        "ARN": arn(found.owner, &ctx.region, &found.name),
        "DataType": version.data_type,
    });
    if let Some(selector) = selector {
        value["Selector"] = format!(":{selector}").into();
    }
    value
}
