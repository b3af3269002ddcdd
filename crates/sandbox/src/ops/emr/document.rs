//! A cluster as it is kept and shown.

use amictl_model::Moment;
use serde_json::{Value, json};

use crate::ops::Ctx;
use crate::world::{CloudResource, resource_key};
use crate::{Fault, World};

/// What clusters are kept as, among the resources of services that have no shelf of their own.
pub(super) const KIND: &str = "AWS::EMR::Cluster";

/// Seconds from a request to a cluster that waits for work.
pub(super) const STARTING_SECS: i64 = 240;

/// The keys of clusters.
pub(super) fn key(id: &str) -> compact_str::CompactString {
    resource_key(KIND, id)
}

/// `InvalidRequestException`.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("InvalidRequestException", message)
}

/// The cluster of this id.
pub(super) fn cluster<'a>(world: &'a World, ctx: &Ctx, id: &str) -> Result<&'a CloudResource, Fault> {
    let found = world.scope(ctx.account, &ctx.region).and_then(|scope| scope.resources.get(&key(id)));
    let id: String = id.chars().take(50).collect();
    found.map(|found| &**found).ok_or_else(|| invalid(format!("Cluster id '{id}' is not valid.")))
}

fn moment(cluster: &CloudResource, name: &str) -> Option<Moment> {
    cluster.properties.get(name).and_then(Value::as_i64).map(Moment::from_millis)
}

/// When a cluster was asked for.
pub(super) fn created_at(cluster: &CloudResource) -> Moment {
    moment(cluster, "createdMillis").unwrap_or(Moment::from_secs(0))
}

/// `Status.State` at this time.
pub(super) fn state(cluster: &CloudResource, now: Moment) -> &'static str {
    match moment(cluster, "endedMillis") {
        Some(ended) if now >= ended => "TERMINATED",
        _ if now < created_at(cluster).plus_secs(STARTING_SECS) => "STARTING",
        _ => "WAITING",
    }
}

/// `Status`.
pub(super) fn status(cluster: &CloudResource, now: Moment) -> Value {
    let state = state(cluster, now);
    let created_at = created_at(cluster);
    let mut timeline = json!({"CreationDateTime": crate::wire::epoch_secs(created_at)});
    if state != "STARTING" {
        timeline["ReadyDateTime"] = crate::wire::epoch_secs(created_at.plus_secs(STARTING_SECS)).into();
    }
    let reason = match moment(cluster, "endedMillis").filter(|ended| now >= *ended) {
        Some(ended) => {
            timeline["EndDateTime"] = crate::wire::epoch_secs(ended).into();
            json!({"Code": "USER_REQUEST", "Message": "Terminated by user request"})
        }
        None => json!({}),
    };
    json!({"State": state, "StateChangeReason": reason, "Timeline": timeline})
}
