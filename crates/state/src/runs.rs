//! `runs/<id>/`: the plan as it was applied, the journal, and a journal for each undo.

use std::collections::HashMap;

use amictl_apply::{Event, Replay, RunSummary, StepResult};
use amictl_cloud::Clock;
use amictl_plan::Plan;

use crate::store::key;
use crate::{RunJournal, StateError, Store};

const KIND: &str = "runs";
const UNDO: &str = "undo-";

/// A run as it lies in the state.
#[derive(Debug)]
pub struct StoredRun {
    /// Names its folder.
    key: String,
    /// The plan that it carries out.
    pub plan: Plan,
    /// Its journal, read back.
    pub replay: Replay,
    /// Where that is.
    pub journal_place: String,
    /// What undoing has given back since, by step.
    pub undone: HashMap<String, StepResult>,
    /// The names of its undos, in order.
    pub undos: Vec<String>,
}

impl StoredRun {
    /// Its summary.
    #[must_use]
    pub fn summary(&self) -> RunSummary {
        RunSummary::of(&self.plan, &self.replay, &self.undone)
    }
}

impl Store {
    /// Begins a run: its folder, the plan in it, and an empty journal.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be written.
    pub async fn create_run(&self, run_id: &str, plan: &Plan, clock: &Clock) -> Result<RunJournal, StateError> {
        let run = key(KIND, run_id)?;
        self.write(&plan_of(&run), |writer| plan.write_to(writer)).await?;
        self.open_journal(&journal_of(&run), clock).await
    }

    /// Takes a run's journal up again.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be opened.
    pub async fn reopen_run(&self, run_id: &str, clock: &Clock) -> Result<RunJournal, StateError> {
        self.open_journal(&journal_of(&key(KIND, run_id)?), clock).await
    }

    /// The run of this id.
    ///
    /// # Errors
    /// [`StateError`] when there is none or its files cannot be used.
    pub async fn load_run(&self, run_id: &str) -> Result<StoredRun, StateError> {
        let key = key(KIND, run_id)?;
        let missing = || StateError::Missing {
            kind: "run",
            name: run_id.to_owned(),
            root: self.root(),
            hint: ": `amictl runs` lists them".to_owned(),
        };
        let plan_key = plan_of(&key);
        let plan = self.read(&plan_key).await?.ok_or_else(missing)?;
        let plan = Plan::read(&plan).map_err(|error| StateError::broken(self.place(&plan_key), error.to_string()))?;
        let journal = journal_of(&key);
        let records = self.read_journal(&journal).await?.ok_or_else(missing)?;
        let journal_place = self.journal_place(&journal);
        let replay =
            Replay::of(&records).map_err(|error| StateError::broken(journal_place.clone(), error.to_string()))?;
        let undos = self.undos(&key).await?;
        let mut undone = HashMap::new();
        for undo in &undos {
            undone.extend(self.read_results(&format!("{key}/{undo}")).await?);
        }
        Ok(StoredRun { key, plan, replay, journal_place, undone, undos })
    }

    /// The ids of all runs, oldest first: ids begin with their time.
    ///
    /// # Errors
    /// [`StateError`] when they cannot be listed.
    pub async fn run_ids(&self) -> Result<Vec<String>, StateError> {
        self.names(KIND).await
    }

    /// Begins an undo of a run: its name, such as `undo-001`, and a journal of its own beside the run's.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be written.
    pub async fn create_undo(&self, run: &StoredRun, clock: &Clock) -> Result<(String, RunJournal), StateError> {
        let name = format!("{UNDO}{:03}", self.undos(&run.key).await?.len() + 1);
        let journal = self.open_journal(&format!("{}/{name}", run.key), clock).await?;
        Ok((name, journal))
    }

    /// What one undo of a run came to, by step.
    ///
    /// # Errors
    /// [`StateError`] when there is none of this name or it cannot be read.
    pub async fn load_undo(&self, run: &StoredRun, name: &str) -> Result<HashMap<String, StepResult>, StateError> {
        if !run.undos.iter().any(|undo| undo == name) {
            let run_id = &run.replay.run.run_id;
            return Err(StateError::Missing {
                kind: "undo",
                name: format!("{run_id}/{name}"),
                root: self.root(),
                hint: format!(": `amictl runs show {run_id}` lists them"),
            });
        }
        self.read_results(&format!("{}/{name}", run.key)).await
    }

    async fn undos(&self, run: &str) -> Result<Vec<String>, StateError> {
        let names = self.names(run).await?;
        let undos = names.iter().filter(|name| name.starts_with(UNDO));
        Ok(undos.map(|name| name.strip_suffix(".jsonl").unwrap_or(name).to_owned()).collect())
    }

    async fn read_results(&self, undo: &str) -> Result<HashMap<String, StepResult>, StateError> {
        let records = self.read_journal(undo).await?.unwrap_or_default();
        let finished = records.into_iter().filter_map(|record| match record.event {
            Event::StepFinished { step, result } => Some((step, result)),
            _ => None,
        });
        Ok(finished.collect())
    }
}

fn plan_of(run: &str) -> String {
    format!("{run}/plan.json")
}

fn journal_of(run: &str) -> String {
    format!("{run}/journal")
}
