//! `runs/<id>/`: the plan as it was applied, the journal, and a journal for each undo.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use amictl_apply::{Event, Replay, RunSummary, StepResult};
use amictl_cloud::Clock;
use amictl_plan::Plan;

use crate::journal::{journal_path, read_records};
use crate::plans::save_plan_to;
use crate::{FileJournal, StateError, StateFolder, file};

const KIND: &str = "runs";
const PLAN: &str = "plan.json";

/// A run as it lies in the state folder.
#[derive(Debug)]
pub struct StoredRun {
    /// Its folder.
    pub folder: PathBuf,
    /// The plan that it carries out.
    pub plan: Plan,
    /// Its journal, read back.
    pub replay: Replay,
    /// What undoing has given back since, by step.
    pub undone: HashMap<String, StepResult>,
}

/// An undo about to be done.
#[derive(Debug)]
pub struct StoredUndo {
    /// Its journal.
    pub journal: FileJournal,
    /// Where that lies.
    pub path: PathBuf,
}

impl StoredRun {
    /// Its summary.
    #[must_use]
    pub fn summary(&self) -> RunSummary {
        RunSummary::of(&self.plan, &self.replay, &self.undone)
    }

    /// Where its journal lies.
    #[must_use]
    pub fn journal_path(&self) -> PathBuf {
        journal_path(&self.folder)
    }
}

impl StateFolder {
    /// Begins a run: its folder, the plan in it, and an empty journal.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be written.
    pub fn create_run(&self, run_id: &str, plan: &Plan, clock: &Clock) -> Result<FileJournal, StateError> {
        let folder = self.path(KIND, run_id)?;
        save_plan_to(&folder.join(PLAN), plan)?;
        FileJournal::open(&journal_path(&folder), clock)
    }

    /// Takes a run's journal up again.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be opened.
    pub fn reopen_run(&self, run_id: &str, clock: &Clock) -> Result<FileJournal, StateError> {
        FileJournal::open(&journal_path(&self.path(KIND, run_id)?), clock)
    }

    /// The run of this id.
    ///
    /// # Errors
    /// [`StateError`] when there is none or its files cannot be used.
    pub fn load_run(&self, run_id: &str) -> Result<StoredRun, StateError> {
        let folder = self.path(KIND, run_id)?;
        if !journal_path(&folder).is_file() {
            return Err(StateError::Missing {
                kind: "run",
                name: run_id.to_owned(),
                root: self.root().to_owned(),
                hint: ": `amictl runs` lists them".to_owned(),
            });
        }
        let plan_path = folder.join(PLAN);
        let plan =
            Plan::read(&file::read(&plan_path)?).map_err(|error| StateError::broken(&plan_path, error.to_string()))?;
        let journal = journal_path(&folder);
        let replay =
            Replay::of(&read_records(&journal)?).map_err(|error| StateError::broken(&journal, error.to_string()))?;
        let undone = read_undone(&folder)?;
        Ok(StoredRun { folder, plan, replay, undone })
    }

    /// The ids of all runs, oldest first: ids begin with their time.
    ///
    /// # Errors
    /// [`StateError`] when the folder cannot be read.
    pub fn run_ids(&self) -> Result<Vec<String>, StateError> {
        self.names(KIND)
    }

    /// Begins an undo of a run: a journal of its own beside the run's.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be written.
    pub fn create_undo(&self, run: &StoredRun, clock: &Clock) -> Result<StoredUndo, StateError> {
        let number = undo_paths(&run.folder)?.len() + 1;
        let path = run.folder.join(format!("undo-{number:03}.jsonl"));
        Ok(StoredUndo { journal: FileJournal::open(&path, clock)?, path })
    }
}

fn undo_paths(folder: &Path) -> Result<Vec<PathBuf>, StateError> {
    let entries = std::fs::read_dir(folder).map_err(|error| StateError::io("read", folder, error))?;
    let mut paths: Vec<PathBuf> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with("undo-")))
        .collect();
    paths.sort_unstable();
    Ok(paths)
}

fn read_undone(folder: &Path) -> Result<HashMap<String, StepResult>, StateError> {
    let mut undone = HashMap::new();
    for path in undo_paths(folder)? {
        for record in read_records(&path)? {
            if let Event::StepFinished { step, result } = record.event {
                undone.insert(step, result);
            }
        }
    }
    Ok(undone)
}
