//! Copies of an image that is made: into which Regions, with which keys, and what is said of them.

use std::collections::{BTreeMap, BTreeSet};

use amictl_model::Region;
use amictl_plan::{Change, Copying, StepId, Then};

use super::copy::{enabled, keys};
use crate::args::{OnwardArgs, ThenArgs};
use crate::exit::Failure;
use crate::output::Terminal;
use crate::session::Session;

/// Where an image goes on to.
pub(super) struct Onward<'a> {
    regions: BTreeSet<Region>,
    keys: BTreeMap<&'a Region, &'a str>,
    within_minutes: Option<u16>,
    then: Then,
}

impl<'a> Onward<'a> {
    /// What was asked for; an image that goes on is waited for, as what is pending cannot be copied.
    pub(super) async fn of(
        session: &Session,
        args: &'a OnwardArgs,
        then_args: &ThenArgs,
        then: &mut Then,
        terminal: &Terminal,
    ) -> Result<Self, Failure> {
        let keys = keys(&args.copy_to, &args.kms_key)?;
        if !args.copy_to.is_empty() {
            then.wait_seconds = then_args.timeout.as_secs().max(1);
        }
        // A copy is not waited for unless there is something to wait for.
        let waits = then_args.wait || then.changes_it();
        Ok(Self {
            regions: enabled(session, &args.copy_to, terminal).await?,
            keys,
            within_minutes: args.complete_within,
            then: Then { wait_seconds: if waits { then.wait_seconds } else { 0 }, ..then.clone() },
        })
    }

    /// The copies of what this step makes in this Region.
    pub(super) fn copies(
        &self,
        made_by: &StepId,
        from: &Region,
        name: &str,
        description: Option<&str>,
    ) -> Vec<(Region, Change)> {
        let copy = |region: &Region| {
            let copying = Copying {
                of_step: Some(made_by.clone()),
                from: from.clone(),
                name: name.into(),
                description: description.map(Into::into),
                encrypted: false,
                kms_key: self.keys.get(region).map(|key| (*key).into()),
                within_minutes: self.within_minutes,
                copy_tags: false,
                client_token: Box::default(),
                then: self.then.clone(),
            };
            (region.clone(), Change::Copy(copying))
        };
        self.regions.iter().filter(|region| *region != from).map(copy).collect()
    }
}
