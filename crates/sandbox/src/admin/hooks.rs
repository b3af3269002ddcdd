//! `GET /hooks`, `POST /hooks`, `DELETE /hooks`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::Refusal;
use crate::{HookRule, HookRules, Sandbox};

/// One hook, or a list of them as in a file.
pub(super) fn post(sandbox: &Sandbox, body: &[u8]) -> Result<Value, Refusal> {
    let value: Value = serde_json::from_slice(body).map_err(Refusal::bad)?;
    let hooks = if value.get("hooks").is_some() {
        HookRules::deserialize(value).map_err(Refusal::bad)?.hooks
    } else {
        vec![HookRule::deserialize(value).map_err(Refusal::bad)?]
    };
    for hook in hooks {
        sandbox.set_hook(hook).map_err(Refusal::bad)?;
    }
    Ok(get(sandbox))
}

pub(super) fn get(sandbox: &Sandbox) -> Value {
    json!({"pending": sandbox.pending_hooks(), "done": sandbox.hook_log().outcomes()})
}

pub(super) fn delete(sandbox: &Sandbox) -> Value {
    sandbox.clear_hooks();
    sandbox.hook_log().clear();
    get(sandbox)
}
