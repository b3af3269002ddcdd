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
        let undone = self.read_undone(&key).await?;
        Ok(StoredRun { key, plan, replay, journal_place, undone })
    }

    /// The ids of all runs, oldest first: ids begin with their time.
    ///
    /// # Errors
    /// [`StateError`] when they cannot be listed.
    pub async fn run_ids(&self) -> Result<Vec<String>, StateError> {
        self.names(KIND).await
    }

    /// Begins an undo of a run: a journal of its own beside the run's.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be written.
    pub async fn create_undo(&self, run: &StoredRun, clock: &Clock) -> Result<RunJournal, StateError> {
        let number = self.undo_journals(&run.key).await?.len() + 1;
        self.open_journal(&format!("{}/{UNDO}{number:03}", run.key), clock).await
    }

    async fn undo_journals(&self, run: &str) -> Result<Vec<String>, StateError> {
        let names = self.names(run).await?;
        let undos = names.iter().filter(|name| name.starts_with(UNDO));
        Ok(undos.map(|name| format!("{run}/{}", name.strip_suffix(".jsonl").unwrap_or(name))).collect())
    }

    async fn read_undone(&self, run: &str) -> Result<HashMap<String, StepResult>, StateError> {
        let mut undone = HashMap::new();
        for journal in self.undo_journals(run).await? {
            for record in self.read_journal(&journal).await?.unwrap_or_default() {
                if let Event::StepFinished { step, result } = record.event {
                    undone.insert(step, result);
                }
            }
        }
        Ok(undone)
    }
}

fn plan_of(run: &str) -> String {
    format!("{run}/plan.json")
}

fn journal_of(run: &str) -> String {
    format!("{run}/journal")
}
