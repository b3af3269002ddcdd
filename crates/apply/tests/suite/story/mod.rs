//! A small account in the sandbox, a plan for it, and runs of that plan with a journal in memory.
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use amictl_apply::{
    Event, Journal, JournalError, Record, Replay, RunConfig, RunEnd, RunStarted, RunSummary, RunTools, StepState, Stop,
    run,
};
use amictl_cloud::{Clock, Clouds};
use amictl_collect::{ImageRequest, ScanRequest, read_launch_permissions, scan};
use amictl_model::{
    AccountId, Grantee, ImageId, ImageState, Moment, Region, Scope, SnapshotId, SnapshotState, StorageTier, Tags,
};
use amictl_plan::{Plan, PlanInput, build};
use amictl_policy::{Policy, judge, needs_launch_permissions};
use amictl_sandbox::world::{
    Image, Instance, InstanceState, Launches, MappedEbs, Mapping, Protection, ResourceKind, RetentionRule, Snapshot,
    SnapshotLock, SnapshotMore, World,
};
use amictl_sandbox::{Clock as SandboxClock, FaultRule, InProcess, Sandbox, SandboxConfig};
use futures::future::BoxFuture;

pub(crate) const DAY: i64 = 86_400;

/// A policy that retires everything old, whoever it is shared with.
pub(crate) const DEREGISTER: &str = r#"
version: 1
references: { other_accounts: ignore }
limits: { max_actions: 1000, max_percent: 100, min_images: 1 }
families:
  - name: all
    match: { name: "*" }
    keep: { younger_than: 30d }
    retire: [deregister]
"#;

pub(crate) fn disable_policy() -> String {
    DEREGISTER.replace("[deregister]", "[disable]")
}

pub(crate) fn now() -> Moment {
    Moment::from_secs(1_800_000_000)
}

pub(crate) fn account() -> AccountId {
    "123456789012".parse().unwrap()
}

pub(crate) fn region() -> Region {
    "us-east-1".parse().unwrap()
}

pub(crate) fn friend() -> Grantee {
    Grantee::Account("210987654321".parse().unwrap())
}

/// A sandbox with one account.
pub(crate) struct Story {
    pub(crate) sandbox: Sandbox,
    pub(crate) cloud: InProcess,
    pub(crate) clock: Clock,
}

impl Story {
    pub(crate) fn new() -> Self {
        let config = SandboxConfig { clock: SandboxClock::tokio(now()), ..SandboxConfig::default() };
        let sandbox = Sandbox::new(World::new(7), config);
        let cloud = InProcess::new(sandbox.clone(), account()).with_attempts(8);
        let clock = SandboxClock::tokio(now());
        Self { sandbox, cloud, clock: Clock::new(move || clock.now()) }
    }

    /// An image of 100 days with two snapshots of its own, shared with a friend.
    pub(crate) fn image(&self, name: &str) -> ImageId {
        let snapshots = [self.snapshot(), self.snapshot()];
        self.image_on(name, &snapshots)
    }

    pub(crate) fn snapshot(&self) -> SnapshotId {
        let mut world = self.sandbox.world();
        let id = world.new_snapshot_id();
        world.scope_mut(account(), &region()).put_snapshot(Snapshot {
            id: id.clone(),
            owner: account(),
            volume: "vol-0123456789abcdef0".into(),
            size_gib: 8,
            full_size_bytes: 3 << 30,
            state: SnapshotState::Completed,
            tier: StorageTier::Standard,
            encrypted: false,
            kms_key: None,
            started_at: now().plus_secs(-100 * DAY),
            description: None,
            tags: Tags::default(),
            more: None,
        });
        id
    }

    pub(crate) fn image_on(&self, name: &str, snapshots: &[SnapshotId]) -> ImageId {
        let mut world = self.sandbox.world();
        let id = world.new_image_id();
        let mappings = snapshots.iter().enumerate().map(|(at, snapshot)| Mapping {
            device_name: compact_str::format_compact!("/dev/xvd{}", char::from(b'a' + u8::try_from(at).unwrap())),
            ebs: Some(MappedEbs {
                snapshot: Some(snapshot.clone()),
                size_gib: Some(8),
                volume_type: Some("gp3".into()),
                encrypted: false,
                delete_on_termination: Some(true),
                iops: None,
                throughput: None,
                kms_key: None,
            }),
            virtual_name: None,
            no_device: false,
        });
        let image = Image {
            id: id.clone(),
            owner: account(),
            name: name.into(),
            description: None,
            location: None,
            state: ImageState::Available,
            created_at: now().plus_secs(-100 * DAY),
            deprecation_at: None,
            launches: Launches::default(),
            protection: Protection::Disabled,
            mappings: mappings.collect(),
            tags: Tags::default(),
            permissions: BTreeSet::from([friend()]),
            source_image: None,
            source_region: None,
            source_instance: None,
            extras: None,
            traits: Arc::default(),
        };
        world.scope_mut(account(), &region()).put_image(image);
        id
    }

    /// A running instance of an image, put into the world directly.
    pub(crate) fn launch(&self, image: &ImageId) {
        launch_in(&mut self.sandbox.world(), image);
    }

    /// A rule of the Recycle Bin for everything of a kind.
    pub(crate) fn keep_in_bin(&self, kind: ResourceKind, days: u32) {
        self.sandbox.world().scope_mut(account(), &region()).put_retention_rule(RetentionRule {
            id: compact_str::format_compact!("rule{:.7}", kind.as_str().replace('_', "")),
            description: None,
            kind,
            days,
            resource_tags: Vec::new(),
            exclude_tags: Vec::new(),
            available_at: now().plus_secs(-DAY),
            lock: None,
            tags: Tags::default(),
        });
    }

    /// Nobody can delete this snapshot for a year.
    pub(crate) fn lock(&self, snapshot: &SnapshotId) {
        let lock = SnapshotLock {
            is_compliance: true,
            days: 365,
            cool_off_hours: None,
            created_at: now(),
            starts_at: now(),
            expires_at: now().plus_secs(365 * DAY),
        };
        let mut world = self.sandbox.world();
        let scope = world.scope_mut(account(), &region());
        let mut locked = scope.snapshots().find(|found| found.id == *snapshot).unwrap().clone();
        locked.more = Some(SnapshotMore { lock: Some(lock), ..SnapshotMore::default() }.into());
        scope.put_snapshot(locked);
    }

    /// Scans, judges and plans.
    pub(crate) async fn plan(&self, policy: &str) -> Plan {
        self.plan_through(&self.cloud, policy).await
    }

    /// The same, through another port.
    pub(crate) async fn plan_through(&self, clouds: &dyn Clouds, policy: &str) -> Plan {
        self.plan_of(clouds, policy, vec![Scope { account: account(), region: region() }]).await
    }

    /// The same of these accounts and Regions.
    pub(crate) async fn plan_of(&self, clouds: &dyn Clouds, policy: &str, scopes: Vec<Scope>) -> Plan {
        let policy = Policy::parse(policy, "test.yaml").unwrap_or_else(|errors| panic!("{}", errors.render(false)));
        let request =
            ScanRequest { id: "inv".to_owned(), scopes, unreachable: Vec::new(), concurrency: 4, skip: Vec::new() };
        let mut inventory = scan(clouds, &self.clock, request, &()).await;
        let now = self.clock.now();
        let verdicts = judge(&policy, &inventory, now);
        let mut wanted: HashMap<usize, Vec<usize>> = HashMap::new();
        for (scope, image) in needs_launch_permissions(&inventory, &verdicts) {
            wanted.entry(scope as usize).or_default().push(image as usize);
        }
        let requests: Vec<_> = wanted.into_iter().map(|(scope, images)| ImageRequest { scope, images }).collect();
        read_launch_permissions(clouds, &self.clock, &mut inventory, &requests, 4, &()).await;
        build(PlanInput {
            policy: &policy,
            policy_digest: policy.digest(),
            inventory: &inventory,
            verdicts: judge(&policy, &inventory, now),
            created_at: now,
            now,
            plan_id: "plan".to_owned(),
            planned_by: None,
        })
    }

    /// Runs a plan from its beginning.
    pub(crate) async fn apply(&self, plan: &Plan, journal: &MemoryJournal) -> RunEnd {
        journal.append(started(plan)).await.expect("the journal takes its first line");
        self.go_on(plan, journal, &HashMap::new(), &Stop::default()).await
    }

    /// Runs a plan from where its journal says it got.
    pub(crate) async fn resume(&self, plan: &Plan, journal: &MemoryJournal) -> RunEnd {
        let states = journal.replay().steps;
        journal.append(Event::RunResumed).await.unwrap();
        self.go_on(plan, journal, &states, &Stop::default()).await
    }

    pub(crate) async fn go_on(
        &self,
        plan: &Plan,
        journal: &MemoryJournal,
        states: &HashMap<String, StepState>,
        stop: &Stop,
    ) -> RunEnd {
        self.carry_on(plan, journal, states, stop, true).await
    }

    /// The same with any journal; without `counts` nothing counts as a use.
    pub(crate) async fn carry_on(
        &self,
        plan: &Plan,
        journal: &dyn Journal,
        states: &HashMap<String, StepState>,
        stop: &Stop,
        counts: bool,
    ) -> RunEnd {
        let tools = RunTools { clouds: &self.cloud, clock: &self.clock, journal, observer: &(), stop };
        Self::carry_on_with(tools, plan, states, counts).await
    }

    /// The same with any tools.
    pub(crate) async fn carry_on_with(
        tools: RunTools<'_>,
        plan: &Plan,
        states: &HashMap<String, StepState>,
        counts: bool,
    ) -> RunEnd {
        let references = plan.references.clone();
        let protecting = references.clone();
        let config = RunConfig {
            settle: Duration::from_secs(60),
            concurrency: 4,
            counts_as_use: Box::new(move |reference| counts && references.counts(reference)),
            keeps_snapshot: Box::new(move |tags| protecting.keeps_snapshot(tags, now())),
            skip: Vec::new(),
            scanned: plan.scopes(),
            files: None,
        };
        run(tools, &config, plan, states).await
    }

    pub(crate) fn summary(&self, plan: &Plan, journal: &MemoryJournal) -> RunSummary {
        RunSummary::of(plan, &journal.replay(), &HashMap::new())
    }

    pub(crate) fn faults(&self, rules: Vec<FaultRule>) {
        self.sandbox.set_faults(rules.into());
    }

    pub(crate) fn state_of(&self, image: &ImageId) -> Option<ImageState> {
        let world = self.sandbox.world();
        world.scope(account(), &region())?.image(image).map(|image| image.state)
    }

    pub(crate) fn is_shared(&self, image: &ImageId) -> bool {
        let world = self.sandbox.world();
        let image = world.scope(account(), &region()).and_then(|scope| scope.image(image).cloned());
        image.is_some_and(|image| image.permissions.contains(&friend()))
    }

    pub(crate) fn snapshot_count(&self) -> usize {
        self.sandbox.world().scope(account(), &region()).map_or(0, |scope| scope.snapshots().len())
    }

    pub(crate) fn change(&self, image: &ImageId, change: impl FnOnce(&mut Image)) {
        change(self.sandbox.world().scope_mut(account(), &region()).image_mut(image).unwrap());
    }

    /// The image as it lies in the world.
    pub(crate) fn image_now(&self, image: &ImageId) -> Image {
        self.sandbox.world().scope(account(), &region()).unwrap().image(image).unwrap().clone()
    }

    /// How often an operation was called.
    pub(crate) fn calls(&self, operation: &str) -> u64 {
        self.sandbox.counts().get(operation).map_or(0, |count| count.calls)
    }
}

pub(crate) fn launch_in(world: &mut World, image: &ImageId) {
    launch_for(world, account(), image);
}

/// A running instance in this account.
pub(crate) fn launch_for(world: &mut World, account: AccountId, image: &ImageId) {
    let (id, reservation) = (world.new_id("i-"), world.new_id("r-"));
    world.scope_mut(account, &region()).put_instance(Instance {
        id,
        reservation,
        image: image.clone(),
        state: InstanceState::Running,
        state_since: now(),
        instance_type: "t3.micro".into(),
        launched_at: now(),
        zone: "us-east-1a".into(),
        launch_index: 0,
        private_ip: "10.0.0.1".into(),
        architecture: "x86_64".into(),
        key_name: None,
        root_device_name: None,
        devices: Box::default(),
        hidden_for: None,
        group: None,
        tags: Tags::default(),
        settings: Box::default(),
    });
}

pub(crate) fn started(plan: &Plan) -> Event {
    Event::RunStarted(RunStarted {
        run_id: "run".to_owned(),
        plan_id: plan.plan_id.clone(),
        plan_digest: plan.digest.clone(),
        account: account(),
        regions: vec![region()],
        steps: plan.steps.len() as u64,
        settle_seconds: 60,
    })
}

/// A journal in memory that can break, as a disk can.
#[derive(Default)]
pub(crate) struct MemoryJournal {
    records: Mutex<Vec<Record>>,
    /// Lines that still fit.
    room: Mutex<Option<usize>>,
}

impl MemoryJournal {
    /// A journal whose process dies after this many lines.
    pub(crate) fn breaking_after(lines: usize) -> Self {
        Self { records: Mutex::default(), room: Mutex::new(Some(lines)) }
    }

    /// From now on the process dies after this many lines in all.
    pub(crate) fn break_after(&self, lines: usize) {
        *self.room.lock().unwrap() = Some(lines);
    }

    pub(crate) fn mend(&self) {
        *self.room.lock().unwrap() = None;
    }

    pub(crate) fn len(&self) -> usize {
        self.records.lock().unwrap().len()
    }

    pub(crate) fn events(&self) -> Vec<Event> {
        self.records.lock().unwrap().iter().map(|record| record.event.clone()).collect()
    }

    pub(crate) fn replay(&self) -> Replay {
        self.try_replay().unwrap()
    }

    /// What the journal says, or why it says nothing that can be.
    pub(crate) fn try_replay(&self) -> Result<Replay, String> {
        let records = self.records.lock().unwrap();
        // What was written is what is read: also through the form on disk.
        let lines: Vec<String> = records.iter().map(|record| serde_json::to_string(record).unwrap()).collect();
        let records: Vec<Record> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
        Replay::of(&records).map_err(|error| error.to_string())
    }
}

impl Journal for MemoryJournal {
    fn append(&self, event: Event) -> BoxFuture<'_, Result<(), JournalError>> {
        let mut records = self.records.lock().unwrap();
        let full = self.room.lock().unwrap().is_some_and(|room| records.len() >= room);
        let result = if full {
            Err(JournalError("no space left on device".to_owned()))
        } else {
            let seq = records.len() as u64 + 1;
            records.push(Record { seq, at: now(), event });
            Ok(())
        };
        Box::pin(async move { result })
    }
}
