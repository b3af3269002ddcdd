//! What is asked at which path.

use http_body_util::{BodyExt, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HOST, ORIGIN};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::json;

use super::reply::{AnyBody, Refusal, json as reply};
use super::{clock, hooks, operations, world};
use crate::{FaultRules, Keeper, Permissions, Sandbox};

/// Bytes that a body may have, a world's excepted.
const BODY_BYTES_MAX: usize = 16 << 20;

/// The paths with their methods.
const PATHS: &[(&str, &str)] = &[
    ("/world", "GET, PUT"),
    ("/counts", "GET, DELETE"),
    ("/clock", "GET, PUT"),
    ("/faults", "GET, PUT"),
    ("/iam", "GET, PUT"),
    ("/hooks", "GET, POST, DELETE"),
    ("/operations", "GET"),
    ("/save", "POST"),
];

/// What the endpoint administers.
#[derive(Debug)]
pub(super) struct State {
    pub(super) sandbox: Sandbox,
    pub(super) keeper: Option<Keeper>,
}

pub(super) async fn answer(state: &State, request: Request<Incoming>) -> Response<AnyBody> {
    let answered = match check_origin(request.headers()) {
        Ok(()) => route(state, request).await,
        Err(refusal) => Err(refusal),
    };
    answered.unwrap_or_else(Refusal::response)
}

async fn route(state: &State, request: Request<Incoming>) -> Result<Response<AnyBody>, Refusal> {
    let sandbox = &state.sandbox;
    let (head, body) = request.into_parts();
    let value = match (head.method.as_str(), head.uri.path()) {
        ("GET", "/world") => return Ok(world::get(state)),
        ("PUT", "/world") => return world::put(state, body).await,
        ("POST", "/save") => return world::save(state).await,
        ("GET", "/counts") => json!(sandbox.counts()),
        ("DELETE", "/counts") => {
            sandbox.reset_counts();
            json!(sandbox.counts())
        }
        ("GET", "/clock") => clock::get(sandbox),
        ("PUT", "/clock") => clock::put(sandbox, &whole(body).await?)?,
        ("GET", "/faults") => json!(sandbox.faults()),
        ("PUT", "/faults") => {
            let faults: FaultRules = serde_json::from_slice(&whole(body).await?).map_err(Refusal::bad)?;
            sandbox.set_faults(faults);
            json!(sandbox.faults())
        }
        ("GET", "/iam") => json!(sandbox.permissions()),
        ("PUT", "/iam") => {
            let permissions: Permissions = serde_json::from_slice(&whole(body).await?).map_err(Refusal::bad)?;
            sandbox.set_permissions(permissions);
            json!(sandbox.permissions())
        }
        ("GET", "/hooks") => hooks::get(sandbox),
        ("POST", "/hooks") => hooks::post(sandbox, &whole(body).await?)?,
        ("DELETE", "/hooks") => hooks::delete(sandbox),
        ("GET", "/operations") => operations::get(),
        (_, path) => return Err(unknown(&head.method, path)),
    };
    Ok(reply(StatusCode::OK, &value))
}

fn unknown(method: &Method, path: &str) -> Refusal {
    match PATHS.iter().find(|(known, _)| *known == path) {
        Some((path, methods)) => {
            Refusal::new(StatusCode::METHOD_NOT_ALLOWED, format!("{path} takes {methods}, not {method}"))
        }
        None => {
            let known: Vec<&str> = PATHS.iter().map(|(path, _)| *path).collect();
            Refusal::new(StatusCode::NOT_FOUND, format!("there are {}", known.join(", ")))
        }
    }
}

async fn whole(body: Incoming) -> Result<Bytes, Refusal> {
    match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) => Err(Refusal::bad(error)),
    }
}

/// Lets nobody in who calls it by a name that is not the computer's own, and no page of a browser.
fn check_origin(headers: &HeaderMap) -> Result<(), Refusal> {
    let is_local = headers.get(HOST).and_then(|host| host.to_str().ok()).is_some_and(is_loopback);
    if is_local && !headers.contains_key(ORIGIN) {
        return Ok(());
    }
    Err(Refusal::new(StatusCode::FORBIDDEN, "the admin endpoint answers local programs only, by a loopback name"))
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || address.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn loopback_names_are_known() {
        for host in ["localhost", "LOCALHOST:80", "127.0.0.1", "127.0.0.1:4600", "127.1.2.3:1", "[::1]", "[::1]:4600"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["", "evil.example", "localhost.evil.example", "10.0.0.1:4600", "127.0.0.1.evil.example", "[::2]:1"]
        {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
