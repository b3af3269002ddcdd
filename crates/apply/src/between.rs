//! What the steps of a run wait for, and what one leaves to another.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use amictl_plan::Step;
use tokio::sync::watch;

use crate::event::StepResult;
use crate::made::Made;
use crate::replay::StepState;

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Not there yet.
    No,
    /// It did what it was to do.
    Done,
    /// It did not.
    Otherwise,
    /// It was left unfinished: a resumed run goes on with it.
    Unfinished,
}

/// The steps of a run, of all its Regions.
#[derive(Debug, Default)]
pub(crate) struct Between {
    ends: HashMap<String, watch::Sender<End>>,
    made: Mutex<HashMap<String, Made>>,
}

impl Between {
    /// The steps, as the journal left them.
    pub(crate) fn new(steps: &[Step], before: &HashMap<String, StepState>) -> Self {
        let mut between = Self::default();
        for step in steps {
            let state = before.get(step.id.as_str());
            let end = match state.and_then(|state| state.result.as_ref()) {
                None => End::No,
                Some(result) => end(result),
            };
            between.ends.insert(step.id.to_string(), watch::Sender::new(end));
            let image = || state.and_then(|state| state.made.clone()).map(Made::Image);
            let snapshot = || state.and_then(|state| state.produced.snapshot.clone()).map(Made::Snapshot);
            if let Some(made) = image().or_else(snapshot) {
                between.made_is(&step.id, made);
            }
        }
        between
    }

    /// Waits until the step is over in this process.
    pub(crate) async fn end_of(&self, step: &str) -> End {
        match self.ends.get(step) {
            Some(sender) => {
                sender.subscribe().wait_for(|end| *end != End::No).await.map_or(End::Unfinished, |end| *end)
            }
            None => End::Otherwise,
        }
    }

    /// The step is over; `None` where it was left unfinished.
    pub(crate) fn over(&self, step: &Step, result: Option<&StepResult>) {
        if let Some(sender) = self.ends.get(step.id.as_str()) {
            sender.send_replace(result.map_or(End::Unfinished, end));
        }
    }

    /// The step has made this, or found it made.
    pub(crate) fn made_is(&self, step: &str, made: Made) {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).insert(step.to_owned(), made);
    }

    /// What the step has made.
    pub(crate) fn made_by(&self, step: &str) -> Option<Made> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner).get(step).cloned()
    }
}

fn end(result: &StepResult) -> End {
    if matches!(result, StepResult::Done { .. }) { End::Done } else { End::Otherwise }
}
