//! The runs of `crates/apply/tests/simulation`, with the SDK between: requests are signed, sent and decoded as they are for AWS, its timeouts
//! and amictl's retries and governor are at work, and time is paused all the same.
//!
//! `AMICTL_SIMULATION_SEED` means the same here; of `AMICTL_SIMULATION_SEEDS` a tenth is run.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "../../apply/tests/simulation/adversary.rs"]
mod adversary;
#[path = "../../apply/tests/simulation/laws.rs"]
mod laws;
#[path = "../../apply/tests/simulation/meddling.rs"]
mod meddling;
#[path = "../../apply/tests/simulation/runner.rs"]
mod runner;
#[expect(dead_code, reason = "the other tests of runs use more of it")]
#[path = "../../apply/tests/suite/story/mod.rs"]
mod story;
#[path = "../../apply/tests/simulation/tamper.rs"]
mod tamper;
#[path = "../../apply/tests/simulation/tiers.rs"]
mod tiers;
#[path = "../../apply/tests/simulation/worlds.rs"]
mod worlds;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use amictl_aws::{AwsCloud, Broken, Connection, ConnectionSettings, RateModel, Transport};
use amictl_cloud::{Cloud, Clouds};
use amictl_model::AccountId;
use amictl_sandbox::{Delivery, Sandbox};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;

use runner::Door;
use story::account;

/// Runs that a check makes: each takes ten times as long as one without the SDK.
const SEEDS: u64 = 100;
/// Of more seeds, one in so many is run.
const SHARE: u64 = 10;

const OVER_THE_SDK: Door = Door { open: over_the_sdk, gives_up: true };

/// A process's way into the sandbox.
#[derive(Debug)]
struct Way {
    sandbox: Sandbox,
    /// Its calls are tasks of their own, which would go on when it is dead.
    is_open: Arc<AtomicBool>,
}

impl Transport for Way {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<Bytes>, Broken>> {
        let (sandbox, is_open) = (self.sandbox.clone(), Arc::clone(&self.is_open));
        async move {
            if !is_open.load(Ordering::Relaxed) {
                return std::future::pending().await;
            }
            match sandbox.respond(request).await {
                Delivery::Whole(response) => Ok(response),
                Delivery::Truncated { .. } => Err(Broken("in the middle of the reply".to_owned())),
                Delivery::Reset => Err(Broken("before an answer".to_owned())),
                Delivery::Silence => std::future::pending().await,
            }
        }
        .boxed()
    }
}

/// A process's port.
struct Process {
    cloud: AwsCloud,
    is_open: Arc<AtomicBool>,
}

impl Clouds for Process {
    fn of(&self, of: AccountId) -> Option<&dyn Cloud> {
        (of == account()).then_some(&self.cloud)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.is_open.store(false, Ordering::Relaxed);
    }
}

fn over_the_sdk(sandbox: &Sandbox) -> BoxFuture<'_, Box<dyn Clouds>> {
    async move {
        let is_open = Arc::new(AtomicBool::new(true));
        let way = Way { sandbox: sandbox.clone(), is_open: Arc::clone(&is_open) };
        let settings = ConnectionSettings {
            endpoint_url: Some("http://sandbox.test".to_owned()),
            fixed_credentials: Some((account().to_string(), "secret".to_owned())),
            concurrency: 4,
            rate: Some(RateModel::Documented),
            transport: Some(Arc::new(way)),
            ..ConnectionSettings::default()
        };
        let cloud = Connection::open(settings).await.unwrap().cloud();
        Box::new(Process { cloud, is_open }) as Box<dyn Clouds>
    }
    .boxed()
}

#[test]
fn whatever_goes_wrong_nothing_is_lost_and_nothing_untrue_is_said() {
    runner::check(SEEDS, SHARE, OVER_THE_SDK);
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in 0..3 {
        assert_eq!(runner::journal_of(seed, OVER_THE_SDK), runner::journal_of(seed, OVER_THE_SDK), "{seed}");
    }
}

#[test]
fn runs_that_leave_out_a_safeguard_are_found_out() {
    runner::check_that_tampering_is_found(SEEDS, OVER_THE_SDK);
}
