//! `amictl doctor`.

use std::sync::Arc;

use amictl_cloud::Call;
use amictl_cloud::ops::{DescribeRegions, DescribeRegionsRequest, GetCallerIdentity, GetCallerIdentityRequest};
use amictl_collect::doctor::{Checkup, CheckupRequest, Standing, check_up};
use amictl_model::{Region, Scope};
use amictl_policy::Policy;
use amictl_report::{DoctorReport, doctor};
use tokio::task::JoinSet;

use crate::args::{DoctorArgs, Global};
use crate::clock::wall_clock;
use crate::exit::{Exit, Failure};
use crate::next;
use crate::output::Terminal;
use crate::pipeline::load_policy;
use crate::session::Session;

/// Tries everything that reading needs, with real calls, and says what is missing.
pub(crate) async fn run(global: &Global, args: &DoctorArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let policy = load_policy(args.policy.as_deref(), terminal)?;
    let session = Session::open(global, terminal).await?;
    let Some(home) = session.regions.first() else {
        return Err(Failure::error("no Region is enabled for this account"));
    };
    let (caller, regions) = about(&session, home).await;
    let checkups = check_all(&session, &policy).await?;
    let report = DoctorReport {
        account: session.account,
        caller: &caller,
        regions,
        checkups: &checkups,
        policy_command: next::command(global, ["iam-policy", "--for", "scan,plan,doctor"]),
    };
    terminal.report(|out, output| doctor(out, &report, output))?;
    Ok(match Standing::of(&checkups) {
        Standing::Sound => Exit::Done,
        Standing::Blocked => Exit::Partial,
        Standing::Dead => Exit::Error,
    })
}

/// Who asks, and how many Regions are enabled and known.
async fn about(session: &Session, home: &Region) -> (String, Option<(usize, usize)>) {
    let identity = Call::<GetCallerIdentity>::call(&*session.cloud, home, GetCallerIdentityRequest {}).await;
    let caller = identity.map_or_else(|error| format!("not told: {error}"), |identity| identity.arn);
    let regions = Call::<DescribeRegions>::call(&*session.cloud, home, DescribeRegionsRequest {}).await;
    let count = regions.ok().map(|all| (all.iter().filter(|region| region.enabled).count(), all.len()));
    (caller, count)
}

/// All Regions side by side, in the order of their names.
async fn check_all(session: &Session, policy: &Policy) -> Result<Vec<Checkup>, Failure> {
    let mut running = JoinSet::new();
    for region in &session.regions {
        let (cloud, clock) = (Arc::clone(&session.cloud), wall_clock());
        let scope = Scope { account: session.account, region: region.clone() };
        let request = CheckupRequest { scope, not_used: policy.references.not_used.clone() };
        running.spawn(async move { check_up(&*cloud, &clock, request).await });
    }
    let mut checkups = Vec::with_capacity(session.regions.len());
    while let Some(done) = running.join_next().await {
        checkups.push(done.map_err(|error| Failure::error(format!("a check-up ended early: {error}")))?);
    }
    checkups.sort_by(|a, b| a.scope.cmp(&b.scope));
    Ok(checkups)
}
