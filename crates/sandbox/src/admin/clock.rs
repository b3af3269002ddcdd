//! `GET /clock`, `PUT /clock`.

use amictl_model::Moment;
use serde::Deserialize;
use serde_json::{Value, json};

use super::reply::Refusal;
use crate::{Sandbox, Span};

/// `{"now": "2026-11-21T09:00:00Z"}` or `{"advance": "36h"}`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    now: Option<Moment>,
    advance: Option<String>,
}

pub(super) fn get(sandbox: &Sandbox) -> Value {
    let clock = sandbox.clock();
    json!({"now": clock.now(), "virtual": !clock.is_wall(), "stands_still": clock.stands_still()})
}

pub(super) fn put(sandbox: &Sandbox, body: &[u8]) -> Result<Value, Refusal> {
    let change: Change = serde_json::from_slice(body).map_err(Refusal::bad)?;
    let changed = match (change.now, change.advance) {
        (Some(now), None) => sandbox.clock().change(|_| now),
        (None, Some(by)) => {
            let by: Span = by.parse().map_err(Refusal::bad)?;
            let millis = i64::try_from(by.0.as_millis()).unwrap_or(i64::MAX);
            sandbox.clock().change(|now| Moment::from_millis(now.as_millis().saturating_add(millis)))
        }
        _ => return Err(Refusal::bad("either `now` (a time) or `advance` (such as `36h`) is needed")),
    };
    changed.map_err(Refusal::bad)?;
    sandbox.note_change();
    Ok(get(sandbox))
}
