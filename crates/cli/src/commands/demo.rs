//! `amictl demo`: the whole pipeline in the embedded sandbox, over its real wire protocol.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::time::{Duration, Instant};

use amictl_apply::{
    Event, Fate, Journal, JournalError, RunCounts, RunStarted, RunSummary, RunTools, StepProgress, StepResult, Stop,
    Takeback, undo, undo_items,
};
use amictl_aws::{ConnectionSettings, RateModel};
use amictl_model::{Inventory, SnapshotId};
use amictl_plan::{Action, Plan, PlanDecision};
use amictl_policy::{Policy, name_family};
use amictl_report::{
    CommandLine, DemoCleaned, DemoFound, DemoReturned, DemoSummary, Format, Output, PlanReport, ReportError, Style,
    kept_by_reason,
};
use amictl_sandbox::{Clock as SandboxClock, DEFAULT_ACCOUNT, Sandbox, SandboxConfig, Server, ServerConfig, sample};
use amictl_state::{RunLocks, Store, save_plan_to};

use crate::accounts::Accounts;
use crate::args::{AccountArgs, DemoArgs, Global};
use crate::clock::{new_id, wall_clock};
use crate::commands::apply::{Work, regions_of};
use crate::commands::plan;
use crate::exit::{Exit, Failure};
use crate::locks::with_locks;
use crate::output::Terminal;
use crate::pipeline::{Take, take_inventory};
use crate::progress::ScanProgress;
use crate::session::{Asked, Session};

/// The policy of the demo, written next to its results to be read and changed.
const POLICY: &str = include_str!("demo-policy.yaml");
const REGIONS: [&str; 3] = ["us-east-1", "eu-west-1", "ap-southeast-2"];
/// Short, as nobody else is in the sandbox; a real run waits a minute.
const SETTLE: Duration = Duration::from_secs(1);

/// Runs scan → plan → apply → undo of one step, and says what happened.
pub(crate) async fn run(global: &Global, args: &DemoArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let began = Instant::now();
    let demo = Demo::open(global, args, terminal).await?;
    heading(terminal, "1/4 scan: read every image and everything that could use one");
    let inventory = demo.scan().await?;
    heading(terminal, "2/4 plan: a verdict with a reason for every image");
    let plan = demo.plan(&inventory).await?;
    heading(terminal, "3/4 apply: record, disable, wait, check again, deregister with snapshots");
    let run_id = demo.apply(&plan).await?;
    heading(terminal, "4/4 undo: take one step back");
    let undone = demo.undo_one(&run_id).await?;
    let summary = demo.summary(&inventory, &plan, &run_id, undone, began.elapsed()).await?;
    demo.keep("summary.txt", |out, output| amictl_report::demo(out, &summary, output))?;
    terminal.report(|out, output| amictl_report::demo(out, &summary, output))?;
    demo.server.shutdown().await;
    Ok(Exit::Done)
}

fn heading(terminal: &Terminal, text: &str) {
    terminal.note(&format!("── {text}"));
}

struct Demo<'a> {
    global: &'a Global,
    terminal: &'a Terminal,
    out: &'a Path,
    server: amictl_sandbox::ServerHandle,
    session: Session,
    state: Store,
    policy: Policy,
    clock: amictl_cloud::Clock,
}

impl<'a> Demo<'a> {
    async fn open(global: &'a Global, args: &'a DemoArgs, terminal: &'a Terminal) -> Result<Self, Failure> {
        let clock = wall_clock();
        let state = Store::folder(&args.out.join("state").display().to_string())?;
        state.check_writable().await?;
        std::fs::write(args.out.join("amictl.yaml"), POLICY)?;
        let policy = Policy::parse(POLICY, "amictl.yaml")
            .map_err(|errors| Failure::error(errors.render(terminal.color_errors())).laid_out())?;
        let sandbox =
            Sandbox::new(sample(clock.now()), SandboxConfig { clock: SandboxClock::Wall, ..SandboxConfig::default() });
        let listen = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let server = Server::start(ServerConfig { listen, sandbox })
            .await
            .map_err(|error| Failure::error(format!("cannot listen on {listen}: {error}")))?;
        let settings = ConnectionSettings {
            endpoint_url: Some(server.url()),
            fixed_credentials: Some((DEFAULT_ACCOUNT.to_string(), "sandbox".to_owned())),
            concurrency: usize::from(global.concurrency),
            rate: Some(RateModel::Adaptive),
            ..ConnectionSettings::default()
        };
        let regions = REGIONS
            .iter()
            .map(|name| name.parse().map_err(|error| Failure::error(format!("{error}"))))
            .collect::<Result<Vec<_>, _>>()?;
        let session =
            Session::open_with(settings, Asked::Named(regions), &AccountArgs::default(), Accounts::Own, terminal)
                .await?;
        Ok(Self { global, terminal, out: &args.out, server, session, state, policy, clock })
    }

    async fn scan(&self) -> Result<Inventory, Failure> {
        let progress = ScanProgress::new(self.terminal, self.session.scope_count());
        let take = Take::new(self.global, self.clock.now());
        let inventory = take_inventory(&self.session, &self.clock, &self.policy, take, &progress).await?;
        self.state.save_inventory(&inventory).await?;
        Ok(inventory)
    }

    async fn plan(&self, inventory: &Inventory) -> Result<Plan, Failure> {
        let plan = plan::make(&self.policy, inventory, self.clock.now(), None);
        self.state.save_plan(&plan).await?;
        save_plan_to(&self.out.join("plan.json"), &plan)?;
        let report = PlanReport { plan: &plan, inventory: Some(inventory), all: true, caps_exceeded: &[], next: None };
        self.keep("plan.txt", |out, output| amictl_report::plan(out, &report, output))?;
        self.terminal.note(&format!(
            "{} images will be retired, {} stay",
            plan.steps.len(),
            plan.verdicts.len() - plan.steps.len()
        ));
        Ok(plan)
    }

    async fn apply(&self, plan: &Plan) -> Result<String, Failure> {
        let run_id = new_id(&self.clock);
        let work = async |locks: &RunLocks| self.run(plan, &run_id, locks).await;
        with_locks(&self.state, plan, &run_id, &self.clock, self.terminal, work).await?;
        Ok(run_id)
    }

    async fn run(&self, plan: &Plan, run_id: &str, locks: &RunLocks) -> Result<(), Failure> {
        let journal = self.state.create_run(run_id, plan, &self.clock).await?;
        let started = RunStarted {
            run_id: run_id.to_owned(),
            plan_id: plan.plan_id.clone(),
            plan_digest: plan.digest.clone(),
            account: self.session.account,
            regions: regions_of(plan),
            steps: plan.steps.len() as u64,
            settle_seconds: SETTLE.as_secs(),
        };
        journal.append(Event::RunStarted(started)).await.map_err(|error| Failure::error(error.to_string()))?;
        let work = Work { state: &self.state, session: &self.session, plan, run_id, settle: SETTLE };
        let concurrency = usize::from(self.global.concurrency);
        let states = HashMap::new();
        let end = work.run(self.terminal, &self.clock, &journal, locks, &states, &Stop::default(), concurrency).await;
        end.stopped_by.map_or(Ok(()), |why| Err(Failure::error(why)))
    }

    /// Takes back the first step that can be.
    async fn undo_one(&self, run_id: &str) -> Result<Option<DemoReturned>, Failure> {
        let run = self.state.load_run(run_id).await?;
        let items = undo_items(&run.plan, &run.replay.steps);
        let Some(item) = items.into_iter().find(|item| item.takeback == Takeback::Enable) else { return Ok(None) };
        let (_, journal) = self.state.create_undo(&run, &self.clock).await?;
        let failed = |error: JournalError| Failure::error(error.to_string());
        journal.append(Event::RunStarted(run.replay.run.clone())).await.map_err(failed)?;
        let stop = Stop::default();
        let tools =
            RunTools { clouds: &self.session, clock: &self.clock, journal: &journal, observer: &(), stop: &stop };
        let end = undo(tools, &run.plan, &run.replay.steps, std::slice::from_ref(&item), 1).await;
        let Some((item, StepResult::Returned { .. })) = end.results.first() else {
            return Err(Failure::error(format!("{} did not come back", item.image)));
        };
        self.terminal.note(&format!("undo {} {}: enabled again", item.step, item.image));
        let image = item.image.image().cloned().unwrap_or_else(|| amictl_model::ImageId::NONE.clone());
        let name = run.plan.verdict_of(&image).map(|verdict| verdict.name.to_string()).unwrap_or_default();
        Ok(Some(DemoReturned { image, name, detail: "enabled again, shared as before".to_owned() }))
    }

    async fn summary(
        &self,
        inventory: &Inventory,
        plan: &Plan,
        run_id: &str,
        returned: Option<DemoReturned>,
        took: Duration,
    ) -> Result<DemoSummary, Failure> {
        // What the run did, before one step of it was taken back.
        let run = self.state.load_run(run_id).await?;
        let run = RunSummary::of(plan, &run.replay, &HashMap::new());
        let counts = run.counts();
        let path = |name: &str| self.out.join(name).display().to_string();
        Ok(DemoSummary {
            found: self.found(inventory),
            kept: kept_by_reason(plan),
            blocked: plan.verdicts.iter().filter(|verdict| verdict.decision == PlanDecision::Blocked).count() as u64,
            cleaned: cleaned(plan, &run, counts),
            returned,
            files: vec![
                ("Policy", path("amictl.yaml")),
                ("Plan, every image", path("plan.txt")),
                ("Plan file", path("plan.json")),
                ("State and journal", path("state")),
                ("This summary", path("summary.txt")),
            ],
            next: vec![
                (
                    "See what the run did, step by step",
                    CommandLine::new(["amictl", "runs", "show", run_id, "--state"]).arg(path("state")),
                ),
                ("Keep the sandbox running and try the AWS CLI on it", CommandLine::new(["amictl", "sandbox"])),
                ("The permissions that reading needs", CommandLine::new(["amictl", "iam-policy", "reader"])),
                (
                    "Plan for a real account; changes nothing",
                    CommandLine::new(["amictl", "plan", "--region", "all", "--out", "plan.json"]),
                ),
                ("Carry it out, when every line of it is right", CommandLine::new(["amictl", "apply", "plan.json"])),
            ],
            took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        })
    }

    fn found(&self, inventory: &Inventory) -> DemoFound {
        let mut families: BTreeMap<String, u64> = BTreeMap::new();
        for image in inventory.scopes.iter().flat_map(|scope| &scope.images) {
            *families.entry(name_family(&image.name)).or_default() += 1;
        }
        let mut families: Vec<(String, u64)> = families.into_iter().collect();
        families.sort_by_key(|(_, images)| std::cmp::Reverse(*images));
        let snapshots = || inventory.scopes.iter().flat_map(|scope| &scope.snapshots);
        DemoFound {
            accounts: vec![self.session.account],
            regions: self.session.regions.clone(),
            images: inventory.image_count() as u64,
            families,
            snapshots: snapshots().count() as u64,
            snapshots_gib: snapshots().map(|snapshot| u64::from(snapshot.size_gib)).sum(),
        }
    }

    /// Leaves a report in a file.
    fn keep(
        &self,
        name: &str,
        write: impl FnOnce(&mut dyn std::fmt::Write, Output) -> Result<(), ReportError>,
    ) -> Result<(), Failure> {
        let mut text = String::new();
        let output = Output { format: Format::Table, style: Style { width: 160, color: false } };
        write(&mut text, output).map_err(|error| Failure::error(error.to_string()))?;
        Ok(std::fs::write(self.out.join(name), text)?)
    }
}

/// What the run did, by its journal.
fn cleaned(plan: &Plan, run: &RunSummary, counts: RunCounts) -> DemoCleaned {
    let sizes: HashMap<&SnapshotId, u64> = plan
        .steps
        .iter()
        .flat_map(|step| &step.snapshots)
        .map(|snapshot| (&snapshot.id, snapshot.full_size_bytes.unwrap_or_default()))
        .collect();
    let done = || {
        run.steps.iter().filter_map(|step| match &step.progress {
            StepProgress::Over(StepResult::Done { snapshots }) => Some((step, snapshots)),
            _ => None,
        })
    };
    let deleted = done().flat_map(|(_, snapshots)| snapshots).filter(|snapshot| snapshot.fate == Fate::Deleted);
    let saved =
        |id: &str| plan.steps.iter().find(|step| step.id == id).map_or(0.0, |step| step.monthly_usd_upper_bound);
    DemoCleaned {
        images: done().filter(|(step, _)| step.action == Action::Deregister).count() as u64,
        snapshots: counts.snapshots_deleted,
        snapshots_bytes: deleted.filter_map(|snapshot| sizes.get(&snapshot.id)).sum(),
        snapshots_kept: counts.snapshots_kept,
        not_done: counts.skipped + counts.returned + counts.failed,
        monthly_usd_upper_bound: done().map(|(step, _)| saved(&step.id)).sum(),
    }
}
