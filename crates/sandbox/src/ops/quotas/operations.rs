//! The operations of Service Quotas.

use amictl_cloud::{OperationSpec, Service};
use serde_json::{Value, json};

use super::catalog::{Quota, SERVICES, all_quotas};
use crate::ops::{Ctx, Op, paged};
use crate::page::{fill, key_of_token, limit, token_after};
use crate::wire::{Json, JsonPage, Params};
use crate::{Fault, World};

fn shown(world: &World, ctx: &Ctx, quota: &Quota, is_default: bool) -> Value {
    let scope = world.scope(ctx.account, &ctx.region).filter(|_| !is_default);
    let value = scope.and_then(|scope| scope.quotas.get(&quota.code)).copied().unwrap_or(quota.value);
    let name = SERVICES.iter().find(|(code, _)| *code == quota.service).map(|(_, name)| *name);
    let account = if is_default { String::new() } else { ctx.account.to_string() };
    let mut shown = json!({
        "ServiceCode": quota.service,
        "ServiceName": name,
        "QuotaArn": format!("arn:aws:servicequotas:{}:{account}:{}/{}", ctx.region, quota.service, quota.code),
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": value,
        "Unit": "None",
        "Adjustable": quota.is_adjustable,
        "GlobalQuota": false,
        "QuotaAppliedAtLevel": "ACCOUNT",
    });
    if quota.name.ends_with("refill rate") {
        shown["Period"] = json!({"PeriodValue": 1, "PeriodUnit": "SECOND"});
    }
    shown
}

fn no_such(what: &str) -> Fault {
    let message = format!("The request failed because the specified {what} does not exist.");
    Fault::new("NoSuchResourceException", message)
}

fn check_service(code: &str) -> Result<(), Fault> {
    if SERVICES.iter().any(|(known, _)| *known == code) { Ok(()) } else { Err(no_such("service")) }
}

/// Reads `NextToken` for an operation.
fn after(ctx: &Ctx, operation: &str, token: Option<&str>) -> Result<Option<String>, Fault> {
    token
        .map(|token| key_of_token(ctx, operation, token))
        .transpose()
        .map_err(|_| Fault::new("InvalidPaginationTokenException", "The pagination token is invalid."))
}

pub(crate) struct ListInput {
    service: String,
    code: Option<String>,
    level: Option<String>,
    limit: usize,
    token: Option<String>,
}

fn decode_list(params: &Params) -> Result<ListInput, Fault> {
    Ok(ListInput {
        service: params.required("ServiceCode")?.to_owned(),
        code: params.string("QuotaCode"),
        level: params.string("QuotaAppliedAtLevel"),
        limit: limit("MaxResults", params.integer("MaxResults")?, 1..=100)?.unwrap_or(100),
        token: params.string("NextToken"),
    })
}

fn list(world: &World, ctx: &Ctx, input: &ListInput, operation: &str, is_default: bool) -> Result<JsonPage, Fault> {
    check_service(&input.service)?;
    let operation = format!("{operation} {}", input.service);
    let after = after(ctx, &operation, input.token.as_deref())?;
    let is_of_level = input.level.as_deref() != Some("RESOURCE");
    let wanted = |quota: &&Quota| {
        is_of_level
            && quota.service == input.service
            && input.code.as_ref().is_none_or(|code| quota.code == *code)
            && after.as_ref().is_none_or(|after| quota.code.as_str() > after.as_str())
    };
    let entries = all_quotas().iter().filter(wanted).map(|quota| (&quota.code, quota));
    let page = fill(entries, Some(input.limit), |_, quota| Some(shown(world, ctx, quota, is_default)));
    let next_token = page.next.map(|code| token_after(ctx, &operation, code));
    Ok(JsonPage::new(json!({"Quotas": page.items}), next_token))
}

/// Declares a pair of operations: one that lists, one that gets a quota.
macro_rules! quotas {
    ($list:ident, $get:ident, $is_default:literal) => {
        pub(crate) struct $list;

        impl Op for $list {
            const SPEC: OperationSpec = OperationSpec::read(Service::ServiceQuotas, stringify!($list));
            type Input = ListInput;
            type Output = JsonPage;
            paged!();

            fn decode(params: &Params) -> Result<ListInput, Fault> {
                decode_list(params)
            }

            fn run(world: &mut World, ctx: &Ctx, input: ListInput) -> Result<JsonPage, Fault> {
                list(world, ctx, &input, stringify!($list), $is_default)
            }
        }

        pub(crate) struct $get;

        impl Op for $get {
            const SPEC: OperationSpec = OperationSpec::read(Service::ServiceQuotas, stringify!($get));
            type Input = (String, String);
            type Output = Json;

            fn decode(params: &Params) -> Result<(String, String), Fault> {
                Ok((params.required("ServiceCode")?.to_owned(), params.required("QuotaCode")?.to_owned()))
            }

            fn run(world: &mut World, ctx: &Ctx, (service, code): (String, String)) -> Result<Json, Fault> {
                check_service(&service)?;
                let mut quotas = all_quotas().iter();
                let quota = quotas.find(|quota| quota.service == service && quota.code == code);
                let quota = quota.ok_or_else(|| no_such("quota"))?;
                Ok(Json::ok(json!({"Quota": shown(world, ctx, quota, $is_default)})))
            }
        }
    };
}

quotas!(ListServiceQuotas, GetServiceQuota, false);
quotas!(ListAWSDefaultServiceQuotas, GetAWSDefaultServiceQuota, true);

pub(crate) struct ListServices;

pub(crate) struct ServicesInput {
    limit: usize,
    token: Option<String>,
}

impl Op for ListServices {
    const SPEC: OperationSpec = OperationSpec::read(Service::ServiceQuotas, "ListServices");
    type Input = ServicesInput;
    type Output = JsonPage;
    paged!();

    fn decode(params: &Params) -> Result<ServicesInput, Fault> {
        Ok(ServicesInput {
            limit: limit("MaxResults", params.integer("MaxResults")?, 1..=100)?.unwrap_or(100),
            token: params.string("NextToken"),
        })
    }

    fn run(_: &mut World, ctx: &Ctx, input: ServicesInput) -> Result<JsonPage, Fault> {
        let after = after(ctx, "ListServices", input.token.as_deref())?;
        let later = SERVICES.iter().filter(|(code, _)| after.as_ref().is_none_or(|after| *code > after.as_str()));
        let page = fill(later.map(|(code, name)| (code, name)), Some(input.limit), |code, name| {
            Some(json!({"ServiceCode": code, "ServiceName": name}))
        });
        let next_token = page.next.map(|code| token_after(ctx, "ListServices", code));
        Ok(JsonPage::new(json!({"Services": page.items}), next_token))
    }
}
