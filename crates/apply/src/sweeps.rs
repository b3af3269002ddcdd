//! What uses the images of one account and Region: seen there, and in the other accounts that were scanned.

use amictl_cloud::Clouds;
use amictl_collect::files::{FilePlace, FileSweep, sweep_places};
use amictl_collect::{Reader, ReferenceSweep, sweep_references};
use amictl_model::{AccountId, Reference, Scope, SnapshotId};
use amictl_plan::Step;
use amictl_policy::before_stages;
use futures::future::join_all;

use crate::context::{FilesAgain, RunConfig};
use crate::copying::{CopySweep, sweep_copies};
use crate::event::Overruled;

/// Sweeps of one Region, begun at the same time.
pub(crate) struct Sweeps {
    own: ReferenceSweep,
    others: Vec<(AccountId, Option<ReferenceSweep>)>,
    files: FileSweep,
    copies: CopySweep,
}

/// Where to sweep.
pub(crate) struct Sweeper<'a> {
    /// The account whose images are worked on.
    pub(crate) own: Reader<'a>,
    /// Other accounts in the same Region; none unless an image of the run is shared.
    pub(crate) others: &'a [Scope],
    /// Where copies of the images may be made: any Region, and other accounts on the same condition.
    pub(crate) copied_to: &'a [Scope],
    pub(crate) clouds: &'a dyn Clouds,
    /// Files that may name images.
    pub(crate) files: Option<&'a FilesAgain>,
}

impl Sweeper<'_> {
    pub(crate) async fn sweep(&self) -> Sweeps {
        let others = self.others.iter().map(|scope| async move {
            let sweep = match self.clouds.of(scope.account) {
                Some(cloud) => Some(sweep_references(Reader { cloud, scope, ..self.own }).await),
                None => None,
            };
            (scope.account, sweep)
        });
        let copies = sweep_copies(self.clouds, self.own.scope.account, self.copied_to);
        let (own, others, files, copies) =
            futures::join!(sweep_references(self.own), join_all(others), self.files(), copies);
        Sweeps { own, others, files, copies }
    }

    /// What the files name now; a place that cannot be searched is a failure.
    async fn files(&self) -> FileSweep {
        let Some(again) = self.files else { return FileSweep::default() };
        let places: Vec<FilePlace> = again.places.iter().filter_map(|place| place.clone().ok()).collect();
        let mut files = match self.clouds.of(again.account) {
            Some(cloud) => sweep_places(cloud, &again.home, &places, self.own.concurrency).await,
            None => FileSweep {
                failures: vec!["there are no credentials to read them with".to_owned()],
                ..FileSweep::default()
            },
        };
        files.failures.extend(again.places.iter().filter_map(|place| place.clone().err()));
        files
    }
}

impl Sweeps {
    /// Why the image must not go, by what was seen or could not be seen.
    pub(crate) fn obstacle(&self, config: &RunConfig, step: &Step) -> Option<String> {
        let unread = |sweep: &ReferenceSweep| unread(config, sweep).next();
        let used = |sweep: &ReferenceSweep| Some(format!("in use now: {}", uses(config, step, sweep).next()?));
        let elsewhere = || {
            self.others.iter().find_map(|(account, sweep)| {
                let why = match sweep {
                    None if is_shared(step) => Some("there are no credentials to look with".to_owned()),
                    None => None,
                    Some(sweep) => used(sweep).or_else(|| unread(sweep).filter(|_| is_shared(step))),
                }?;
                Some(format!("account {account}: {why}"))
            })
        };
        let of_references = unread(&self.own).or_else(|| used(&self.own)).or_else(elsewhere);
        of_references.or_else(|| self.in_files(step).next()).or_else(|| self.copies.of_step(step).next())
    }

    /// What names this snapshot in the images' own account and Region, and would not start any more without it.
    pub(crate) fn names(&self, snapshot: &SnapshotId) -> Option<String> {
        let used = self.own.snapshot_uses.iter().find(|used| used.snapshot == *snapshot)?;
        Some(format!("{} names it ({})", used.resource, used.source))
    }

    /// What files say of the image, its mentions before what could not be read.
    fn in_files(&self, step: &Step) -> impl Iterator<Item = String> {
        let mentions = self.files.mentions.iter().filter(|(id, _)| step.target == *id);
        let hint = "the plan was made with files, which must be at hand (`--references-from` says where they are)";
        let unread = self.files.failures.iter().map(move |why| format!("a file could not be read: {why}: {hint}"));
        mentions.map(|(_, place)| format!("named in a file now: {place}")).chain(unread)
    }

    /// Every such reason, where the image goes all the same; `None` where there is none.
    pub(crate) fn overruled(&self, config: &RunConfig, step: &Step, why: &str) -> Option<Overruled> {
        let own = unread(config, &self.own).chain(uses(config, step, &self.own).take(USES_TOLD_MAX));
        let mut seen: Vec<String> = own.collect();
        for (account, sweep) in &self.others {
            let Some(sweep) = sweep else {
                if is_shared(step) {
                    seen.push(format!("account {account}: there are no credentials to look with"));
                }
                continue;
            };
            let unread = unread(config, sweep).filter(|_| is_shared(step));
            let all = unread.chain(uses(config, step, sweep).take(USES_TOLD_MAX));
            seen.extend(all.map(|one| format!("account {account}: {one}")));
        }
        seen.extend(self.in_files(step).take(USES_TOLD_MAX));
        seen.extend(self.copies.of_step(step).take(USES_TOLD_MAX));
        (!seen.is_empty()).then(|| Overruled { why: why.to_owned(), seen })
    }
}

/// How many uses in an account are told one by one.
const USES_TOLD_MAX: usize = 100;

/// The sources that the plan asks for and that were not read whole.
fn unread(config: &RunConfig, sweep: &ReferenceSweep) -> impl Iterator<Item = String> {
    let needed = sweep.incomplete().filter(|coverage| !config.skip.contains(&coverage.source));
    needed.map(|coverage| format!("{} could not be read: {}", coverage.source, coverage.detail))
}

/// What uses the image of this step.
fn uses(config: &RunConfig, step: &Step, sweep: &ReferenceSweep) -> impl Iterator<Item = String> {
    let counted = sweep.references_to(step.image()).filter(|reference| (config.counts_as_use)(reference));
    counted.map(|Reference { source, resource, .. }| format!("{resource} ({source})"))
}

/// Whether another account may launch the image of this step.
pub(crate) fn is_shared(step: &Step) -> bool {
    let before = before_stages(&step.expects.tags).shared_with;
    step.expects.public
        || step.expects.launch_permissions.known().is_none_or(|granted| !granted.is_empty())
        // A stage that disabled it took the permissions away, and nothing from whoever runs it since.
        || before.is_some_and(|granted| !granted.is_empty())
}
