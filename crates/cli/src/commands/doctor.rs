//! `amictl doctor`.

use amictl_cloud::ops::{DescribeRegions, DescribeRegionsRequest, GetCallerIdentity, GetCallerIdentityRequest};
use amictl_cloud::{Call, Clouds};
use amictl_collect::doctor::{Checkup, CheckupRequest, Standing, check_up};
use amictl_model::{Region, Scope};
use amictl_policy::Policy;
use amictl_report::{DoctorReport, doctor};
use futures::stream::{self, StreamExt};

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
    let checkups = check_all(global, &session, &policy).await;
    let unreachable: Vec<(Scope, String)> =
        session.unreachable.iter().map(|account| (account.scope.clone(), account.why.clone())).collect();
    let report = DoctorReport {
        account: session.account,
        caller: &caller,
        regions,
        checkups: &checkups,
        unreachable: &unreachable,
        policy_command: next::command(global, ["iam-policy", "--for", "scan,plan,doctor"]),
    };
    terminal.report(|out, output| doctor(out, &report, output))?;
    Ok(match Standing::of(&checkups) {
        Standing::Sound if unreachable.is_empty() => Exit::Done,
        Standing::Sound | Standing::Blocked => Exit::Partial,
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

/// All accounts and Regions side by side, in order.
async fn check_all(global: &Global, session: &Session, policy: &Policy) -> Vec<Checkup> {
    let clock = wall_clock();
    let mut checkups: Vec<Checkup> = stream::iter(session.scopes())
        .filter_map(|scope| {
            let cloud = session.of(scope.account);
            let request = CheckupRequest { scope, not_used: policy.references.not_used.clone() };
            let clock = &clock;
            async move { cloud.map(|cloud| check_up(cloud, clock, request)) }
        })
        .buffer_unordered(usize::from(global.concurrency))
        .collect()
        .await;
    checkups.sort_by(|a, b| a.scope.cmp(&b.scope));
    checkups
}
