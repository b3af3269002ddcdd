//! Who is at work: the credentials themselves, whatever role they assume for the work.

use amictl_aws::{Connection, ConnectionSettings};
use amictl_cloud::Call;
use amictl_cloud::ops::{CallerIdentity, GetCallerIdentity, GetCallerIdentityRequest};

use crate::args::Global;
use crate::exit::Failure;
use crate::output::Terminal;
use crate::session::{Session, of_cloud, of_connect, settings};

/// Whose credentials these are, before any `--role-arn`: behind a role everybody would be the same.
pub(crate) async fn caller(global: &Global) -> Result<CallerIdentity, Failure> {
    let settings = ConnectionSettings { role_arn: None, ..settings(global) };
    let connection = Connection::open(settings).await.map_err(|error| of_connect(&error))?;
    let home = connection.home_region(None).ok_or_else(|| Failure::usage("no Region").hint("set AWS_REGION"))?;
    let caller = Call::<GetCallerIdentity>::call(&connection.cloud(), &home, GetCallerIdentityRequest {})
        .await
        .map_err(|error| of_cloud(&error, &home, connection.endpoint_url()))?;
    if caller.arn.is_empty() {
        return Err(Failure::error("STS does not say whose credentials these are"));
    }
    Ok(caller)
}

/// The ARN of whoever makes a plan in this session, where that can be known.
pub(crate) async fn planner(global: &Global, session: &Session, terminal: &Terminal) -> Option<Box<str>> {
    if global.role_arn.is_none() && !session.arn.is_empty() {
        return Some(session.arn.as_str().into());
    }
    asked_planner(global, terminal).await
}

/// The same without a session.
pub(crate) async fn asked_planner(global: &Global, terminal: &Terminal) -> Option<Box<str>> {
    match caller(global).await {
        Ok(caller) => Some(caller.arn.into()),
        Err(failure) => {
            terminal.note(&format!("it is not known who makes this plan: {}", failure.message));
            None
        }
    }
}
