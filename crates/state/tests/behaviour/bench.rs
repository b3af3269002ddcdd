//! The same state in a folder and in a bucket.

use std::sync::Arc;

use amictl_apply::{Event, JournalCall, RunStarted};
use amictl_cloud::Clock;
use amictl_model::{Inventory, Moment, Scope};
use amictl_plan::{Plan, PlanInput, build};
use amictl_policy::{Policy, judge};
use amictl_state::Store;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::unsteady::Unsteady;

pub(crate) const URL: &str = "s3://states/team/a";

/// A place of its own for each test.
pub(crate) enum Bench {
    Folder(tempfile::TempDir),
    Bucket(Arc<Unsteady>),
}

impl Bench {
    pub(crate) fn folder() -> Self {
        Self::Folder(tempfile::tempdir().unwrap())
    }

    pub(crate) fn bucket() -> Self {
        Self::Bucket(Arc::new(Unsteady::over(InMemory::new())))
    }

    pub(crate) fn both() -> [Self; 2] {
        [Self::folder(), Self::bucket()]
    }

    pub(crate) fn store(&self) -> Store {
        match self {
            Self::Folder(folder) => Store::folder(&folder.path().join("state").to_string_lossy()).unwrap(),
            Self::Bucket(objects) => Store::bucket(Arc::clone(objects) as _, "s3://states", "team/a").unwrap(),
        }
    }

    pub(crate) fn unsteady(&self) -> &Unsteady {
        match self {
            Self::Folder(_) => panic!("a folder does not lose answers"),
            Self::Bucket(objects) => objects,
        }
    }

    /// Writes behind the state's back.
    pub(crate) async fn put(&self, key: &str, content: &str) {
        match self {
            Self::Folder(folder) => {
                let path = folder.path().join("state").join(key);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, content).unwrap();
            }
            Self::Bucket(objects) => {
                objects.steady().put(&of_prefix(key), content.to_owned().into()).await.unwrap();
            }
        }
    }

    /// Removes behind the state's back.
    pub(crate) async fn remove(&self, key: &str) {
        self.unsteady().steady().delete(&of_prefix(key)).await.unwrap();
    }

    /// Reads behind the state's back.
    pub(crate) async fn get(&self, key: &str) -> String {
        let bytes = match self {
            Self::Folder(folder) => std::fs::read(folder.path().join("state").join(key)).unwrap(),
            Self::Bucket(objects) => {
                objects.steady().get(&of_prefix(key)).await.unwrap().bytes().await.unwrap().to_vec()
            }
        };
        String::from_utf8(bytes).unwrap()
    }

    /// How many objects there are in a folder of a bucket.
    pub(crate) async fn count(&self, folder: &str) -> usize {
        self.unsteady().steady().list_with_delimiter(Some(&of_prefix(folder))).await.unwrap().objects.len()
    }
}

fn of_prefix(key: &str) -> Path {
    Path::parse(format!("team/a/{key}")).unwrap()
}

pub(crate) fn now() -> Moment {
    Moment::from_secs(1_800_000_000)
}

pub(crate) fn clock() -> Clock {
    Clock::fixed(now())
}

/// A clock that goes with the time of tokio, which tests let pass.
pub(crate) fn passing() -> Clock {
    let began = tokio::time::Instant::now();
    Clock::new(move || now().plus_secs(i64::try_from(began.elapsed().as_secs()).unwrap()))
}

pub(crate) fn scope(region: &str) -> Scope {
    Scope { account: "123456789012".parse().unwrap(), region: region.parse().unwrap() }
}

pub(crate) fn inventory(id: &str) -> Inventory {
    Inventory {
        format_version: "1.0".to_owned(),
        id: id.to_owned(),
        created_at: now(),
        scopes: Vec::new(),
        files: None,
    }
}

pub(crate) fn plan(id: &str) -> Plan {
    let (policy, inventory) = (Policy::built_in(), inventory("inventory-1"));
    build(PlanInput {
        policy: &policy,
        policy_digest: policy.digest(),
        inventory: &inventory,
        verdicts: judge(&policy, &inventory, now()),
        created_at: now(),
        now: now(),
        plan_id: id.to_owned(),
        planned_by: None,
    })
}

pub(crate) fn started(run_id: &str) -> Event {
    Event::RunStarted(RunStarted {
        run_id: run_id.to_owned(),
        plan_id: "plan-1".to_owned(),
        plan_digest: "sha256:0".to_owned(),
        account: "123456789012".parse().unwrap(),
        regions: vec!["us-east-1".parse().unwrap()],
        steps: 1,
        settle_seconds: 60,
    })
}

pub(crate) fn intent(step: &str) -> Event {
    Event::Intent { step: step.to_owned(), call: JournalCall::Disable }
}
