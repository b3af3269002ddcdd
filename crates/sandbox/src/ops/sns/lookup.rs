//! Topics by ARN, and the faults of SNS.

use std::collections::BTreeMap;

use amictl_model::AccountId;

use crate::ops::Ctx;
use crate::wire::Params;
use crate::world::Topic;
use crate::{Fault, World};

/// `InvalidParameter`.
pub(super) fn invalid(what: &str) -> Fault {
    Fault::new("InvalidParameter", format!("Invalid parameter: {what}"))
}

/// `NotFound`.
pub(super) fn not_found(what: &str) -> Fault {
    Fault { code: "NotFound".into(), message: format!("{what} does not exist"), status: 404 }
}

/// A topic's ARN.
pub(super) fn arn(ctx: &Ctx, name: &str) -> String {
    format!("arn:aws:sns:{}:{}:{name}", ctx.region, ctx.account)
}

/// The name out of the ARN of a topic of the caller in this Region.
pub(super) fn name_of(ctx: &Ctx, arn: &str) -> Result<String, Fault> {
    let mut parts = arn.strip_prefix("arn:aws:sns:").ok_or_else(|| invalid("TopicArn"))?.splitn(3, ':');
    let (region, account, name) = (parts.next(), parts.next(), parts.next());
    let (Some(region), Some(account), Some(name)) = (region, account, name) else { return Err(invalid("TopicArn")) };
    if region != ctx.region.as_str() || name.is_empty() {
        return Err(invalid("TopicArn"));
    }
    let account: AccountId = account.parse().map_err(|_| invalid("TopicArn"))?;
    if account == ctx.account {
        return Ok(name.to_owned());
    }
    let message = format!("User: {} is not authorized to access this resource", ctx.user_arn());
    Err(Fault { code: "AuthorizationError".into(), message, status: 403 })
}

/// The caller's topic of an ARN.
pub(super) fn topic<'a>(world: &'a mut World, ctx: &Ctx, arn: &str) -> Result<&'a mut Topic, Fault> {
    let name = name_of(ctx, arn)?;
    let topics = &mut world.scope_mut(ctx.account, &ctx.region).topics;
    topics.get_mut(name.as_str()).ok_or_else(|| not_found("Topic"))
}

/// A map of the query protocol: `Name.entry.N.{key, value}`.
pub(super) fn map(params: &Params, name: &str) -> Result<BTreeMap<String, String>, Fault> {
    let Some(map) = params.structure(name) else { return Ok(BTreeMap::new()) };
    let entries = map.structures("entry")?;
    entries
        .into_iter()
        .map(|entry| Ok((entry.required("key")?.to_owned(), entry.text("value").unwrap_or_default().to_owned())))
        .collect()
}

/// A number in the form of a UUID.
pub(super) fn uuid(number: u64) -> String {
    let hex = format!("{number:016x}{:016x}", number.rotate_left(31) ^ 0x9e37_79b9_7f4a_7c15);
    format!("{}-{}-4{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}
