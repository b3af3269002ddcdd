//! SSM `GetParameterHistory`.

use amictl_cloud::{OperationSpec, Service};
use serde_json::json;

use super::lookup::{find, not_found, shown_value};
use super::names::Named;
use crate::ops::{Ctx, Op, paged};
use crate::page::{fill, key_of_token, limit, token_after};
use crate::wire::{JsonPage, Params, epoch_secs};
use crate::{Fault, World};

pub(crate) struct GetParameterHistory;

pub(crate) struct HistoryInput {
    name: String,
    decrypts: bool,
    limit: usize,
    token: Option<String>,
}

impl Op for GetParameterHistory {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ssm, "GetParameterHistory");
    type Input = HistoryInput;
    type Output = JsonPage;
    paged!();

    fn decode(params: &Params) -> Result<HistoryInput, Fault> {
        Ok(HistoryInput {
            name: params.required("Name")?.to_owned(),
            decrypts: params.flag("WithDecryption")?,
            limit: limit("maxResults", params.integer("MaxResults")?, 1..=50)?.unwrap_or(50),
            token: params.string("NextToken"),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: HistoryInput) -> Result<JsonPage, Fault> {
        let named = Named::read(ctx, &input.name).filter(|named| named.selector.is_none()).ok_or_else(not_found)?;
        let found = find(world, ctx, &named).ok_or_else(not_found)?;
        let operation = format!("GetParameterHistory {}", found.name);
        let after = match &input.token {
            Some(token) => key_of_token(ctx, &operation, token)?.parse().unwrap_or(0),
            None => 0,
        };
        let entries = found.parameter.versions.iter().filter(|version| version.version > after);
        let page = fill(entries.map(|version| (version.version, version)), Some(input.limit), |_, version| {
            let mut shown = json!({
                "Name": found.name,
                "Type": version.kind.as_str(),
                "LastModifiedDate": epoch_secs(version.modified_at),
                "LastModifiedUser": version.modified_by,
                "Value": shown_value(version, input.decrypts),
                "Version": version.version,
                "Labels": version.labels,
                "Tier": version.tier(),
                "Policies": [],
                "DataType": version.data_type,
            });
            for (name, text) in [
                ("KeyId", &version.key),
                ("Description", &version.description),
                ("AllowedPattern", &version.allowed_pattern),
            ] {
                if let Some(text) = text {
                    shown[name] = text.as_str().into();
                }
            }
            Some(shown)
        });
        let next_token = page.next.map(|number| token_after(ctx, &operation, &number.to_string()));
        Ok(JsonPage::new(json!({"Parameters": page.items}), next_token))
    }
}
