//! `GET /world`, `PUT /world`, `POST /save`.

use std::io::Write;

use hyper::body::Incoming;
use hyper::{Response, StatusCode};
use serde_json::json;

use super::body;
use super::reply::{AnyBody, Refusal, json as reply, streamed};
use super::routes::State;
use crate::world::{LoadError, Loaded};
use crate::{Sandbox, World};

/// The world as a file; calls go on meanwhile, and change nothing in it.
pub(super) fn get(state: &State) -> Response<AnyBody> {
    let world = state.sandbox.world().clone();
    let clock = state.sandbox.virtual_now();
    let (mut writer, body) = body::written();
    tokio::task::spawn_blocking(move || {
        if let Err(error) = world.save(clock, &mut writer).and_then(|()| writer.flush()) {
            writer.fail(error);
        }
    });
    streamed(StatusCode::OK, body)
}

/// Another world in place of this one; a clock that can be set shows the time at which that world was saved, if it was a virtual one.
pub(super) async fn put(state: &State, body: Incoming) -> Result<Response<AnyBody>, Refusal> {
    let reader = body::read(body);
    let loaded = tokio::task::spawn_blocking(move || World::load(reader)).await;
    let loaded: Result<Loaded, LoadError> =
        loaded.map_err(|error| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    let Loaded { world, clock } = loaded.map_err(Refusal::bad)?;
    let size = size(&world);
    state.sandbox.replace_world(world);
    if let Some(clock) = clock {
        state.sandbox.clock().set(clock);
    }
    Ok(reply(StatusCode::OK, &size))
}

fn size(world: &World) -> serde_json::Value {
    let (mut images, mut snapshots, mut instances) = (0, 0, 0);
    for (_, _, scope) in world.scopes() {
        images += scope.images().len();
        snapshots += scope.snapshots().len();
        instances += scope.instances().len();
    }
    json!({"images": images, "snapshots": snapshots, "instances": instances})
}

/// Saves the state file now.
pub(super) async fn save(state: &State) -> Result<Response<AnyBody>, Refusal> {
    let keeper = state.keeper.clone().ok_or_else(|| {
        Refusal::new(StatusCode::CONFLICT, "there is no state file: the sandbox was started without --state-file")
    })?;
    match keeper.save().await {
        Ok(()) => Ok(reply(StatusCode::OK, &json!({"saved": keeper.path()}))),
        Err(error) => Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())),
    }
}

impl Sandbox {
    /// What the clock shows, unless it is the computer's time.
    pub(crate) fn virtual_now(&self) -> Option<amictl_model::Moment> {
        (!self.clock().is_wall()).then(|| self.clock().now())
    }
}
