//! Sending notices: each stage of an image to each target once, remembered in the state when the target has taken it.

mod target;

use std::collections::HashMap;

use amictl_model::{AccountId, ImageId, Inventory, Moment, Region};
use amictl_policy::{Notify, NotifyTarget, Policy, Stage, UpcomingStage, upcoming_stages};
use amictl_report::{NoticeOutcome, NoticeRow, NoticeText, NoticesReport, notice_texts};
use amictl_state::{RunLocks, SentNotice, SentStage, Store};

use crate::args::Global;
use crate::clock::{new_id, wall_clock};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use target::{Sender, form};

/// After so many failures in a row the rest is left to the next run: nobody is there.
const FAILURES_MAX: usize = 3;

/// What is told, by what, to whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Telling<'a> {
    pub(crate) global: &'a Global,
    pub(crate) state: &'a Store,
    pub(crate) policy: &'a Policy,
    pub(crate) notify: &'a Notify,
    pub(crate) inventory: &'a Inventory,
    pub(crate) now: Moment,
}

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Told {
    upcoming: usize,
    told_before: usize,
    messages: Vec<NoticeRow>,
}

impl Told {
    /// Messages that were sent.
    pub(crate) fn sent(&self) -> usize {
        self.messages.iter().filter(|row| row.outcome == NoticeOutcome::Sent).count()
    }

    /// Messages that were not.
    pub(crate) fn failed(&self) -> usize {
        self.messages.iter().filter(|row| matches!(row.outcome, NoticeOutcome::Failed(_))).count()
    }
}

/// A stage of an image, as the state knows it.
type Key = (AccountId, Region, ImageId, Stage);

impl Telling<'_> {
    /// Sends what was not sent before; nothing where `dry_run`.
    pub(crate) async fn tell(&self, dry_run: bool) -> Result<Told, Failure> {
        let stages = upcoming_stages(self.policy, self.notify, self.inventory, self.now);
        let mut told = Told { upcoming: stages.len(), ..Told::default() };
        if stages.is_empty() {
            return Ok(told);
        }
        if dry_run {
            self.tell_all(&stages, None, &mut told).await?;
            return Ok(told);
        }
        let clock = wall_clock();
        let locks = self.state.lock_notices(&new_id(&clock), clock.now()).await?;
        let done = self.tell_all(&stages, Some(&locks), &mut told).await;
        let released = locks.release().await;
        done?;
        // A lock that was not given back ends by itself.
        if let Err(error) = released {
            tracing::warn!(%error, "the lock of notices could not be given back");
        }
        Ok(told)
    }

    /// Prints what came of it.
    pub(crate) fn show(&self, told: &Told, terminal: &Terminal) -> Result<(), Failure> {
        let report = NoticesReport {
            inventory: self.inventory,
            now: self.now,
            before: self.notify.before,
            upcoming: told.upcoming,
            told_before: told.told_before,
            messages: &told.messages,
        };
        terminal.report(|out, output| amictl_report::notices(out, &report, output))
    }

    /// Without locks nothing is sent.
    async fn tell_all(
        &self,
        stages: &[UpcomingStage],
        locks: Option<&RunLocks>,
        told: &mut Told,
    ) -> Result<(), Failure> {
        for target in &self.notify.to {
            let before = self.sent_before(target).await?;
            let (old, new): (Vec<_>, Vec<_>) = stages.iter().cloned().partition(|stage| self.is_told(&before, stage));
            told.told_before += old.len();
            let texts = notice_texts(self.policy, self.notify, self.inventory, &new, self.now, form(target));
            match locks {
                Some(locks) => self.send_all(target, texts, locks, told).await?,
                None => {
                    let rows = texts.into_iter().map(|text| row(target, text, NoticeOutcome::WouldBeSent));
                    told.messages.extend(rows);
                }
            }
        }
        Ok(())
    }

    /// When each stage that was told to this target was said to come, of what may still count.
    async fn sent_before(&self, target: &NotifyTarget) -> Result<HashMap<Key, Moment>, Failure> {
        let since = self.now.plus_secs(-self.notify.before.as_secs());
        let sent = self.state.sent_notices(&target.key(), since).await?;
        let mut before: HashMap<Key, Moment> = HashMap::new();
        for stage in sent.into_iter().flat_map(|notice| notice.about) {
            let key = (stage.account, stage.region, stage.image_id, stage.stage);
            let told = before.entry(key).or_insert(stage.not_before);
            *told = stage.not_before.max(*told);
        }
        Ok(before)
    }

    /// Whether a stage was told. It counts until the time between notice and stage has passed once more: an image that was kept in between, or
    /// that nobody came to for so long, is told of anew.
    fn is_told(&self, before: &HashMap<Key, Moment>, stage: &UpcomingStage) -> bool {
        let told = self.key(stage).and_then(|key| before.get(&key));
        told.is_some_and(|told| stage.not_before <= told.plus_secs(self.notify.before.as_secs()))
    }

    fn key(&self, stage: &UpcomingStage) -> Option<Key> {
        let scope = self.inventory.scopes.get(stage.scope as usize)?;
        let image = scope.images.get(stage.image as usize)?;
        Some((scope.scope.account, scope.scope.region.clone(), image.id.clone(), stage.stage))
    }

    /// Sends messages one after the other. What is sent is remembered before the next is.
    async fn send_all(
        &self,
        target: &NotifyTarget,
        texts: Vec<NoticeText>,
        locks: &RunLocks,
        told: &mut Told,
    ) -> Result<(), Failure> {
        if texts.is_empty() {
            return Ok(());
        }
        let clock = wall_clock();
        let sender = Sender::open(target, self.global, self.inventory).await;
        let mut failures = 0;
        for text in texts {
            locks.check(&clock).await?;
            let sent = match &sender {
                Err(why) => Err(why.clone()),
                Ok(_) if failures >= FAILURES_MAX => Err(format!("not tried, after {FAILURES_MAX} failures in a row")),
                Ok(sender) => sender.send(&text, clock.now()).await,
            };
            let outcome = match sent {
                Ok(()) => {
                    failures = 0;
                    self.remember(target, &text).await?;
                    NoticeOutcome::Sent
                }
                Err(why) => {
                    failures += 1;
                    NoticeOutcome::Failed(why)
                }
            };
            told.messages.push(row(target, text, outcome));
        }
        Ok(())
    }

    async fn remember(&self, target: &NotifyTarget, text: &NoticeText) -> Result<(), Failure> {
        let clock = wall_clock();
        let about = text.about.iter().filter_map(|stage| {
            let (account, region, image_id, of_stage) = self.key(stage)?;
            Some(SentStage { account, region, image_id, stage: of_stage, not_before: stage.not_before })
        });
        let notice = SentNotice {
            sent_at: clock.now(),
            target: target.to_string(),
            owner: text.owner.clone(),
            about: about.collect(),
        };
        self.state.save_notice(&target.key(), &new_id(&clock), &notice).await.map_err(|error| {
            // More would be sent again too.
            let message =
                format!("a notice was sent to {target} and cannot be remembered, so it will be sent again: {error}");
            Failure::new(Exit::Partial, message)
        })
    }
}

fn row(target: &NotifyTarget, text: NoticeText, outcome: NoticeOutcome) -> NoticeRow {
    let NoticeText { owner, subject, about, .. } = text;
    NoticeRow { target: target.to_string(), owner, subject, about, outcome }
}
