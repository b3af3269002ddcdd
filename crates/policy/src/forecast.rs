//! What a policy would do in the days to come, if amictl ran once a day and nothing else happened. Pure.

use std::sync::Arc;

use amictl_model::{Image, ImageState, Inventory, Moment, Scope, Source};

use crate::judge::DAY_SECS;
use crate::stages::{NextStage, POLICY_TAG, Reached, SINCE_TAG, STAGE_TAG, next_stage, wait_ends};
use crate::{Decision, Family, Policy, ReasonCode, Stage, Subject, Verdict, judge};

/// What would be done to the images of an inventory.
#[derive(Debug, Clone)]
pub struct Forecast {
    /// The first day.
    pub from: Moment,
    /// So many days, the first included.
    pub days: u32,
    /// What would be done, day by day, in the order of the inventory.
    pub events: Vec<ForecastEvent>,
    /// The days on which a plan would be refused, because it goes beyond `max_actions` or `max_percent`. What comes after is told as if
    /// the caps had been raised.
    pub refused: Vec<RefusedDay>,
    /// The images that are blocked on the last day by something that could not be read.
    pub blocked: u64,
}

/// What would be done to one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForecastEvent {
    /// When.
    pub at: Moment,
    /// It would not be done before this, however often amictl ran.
    pub not_before: Moment,
    /// Index into `Inventory::scopes`.
    pub scope: u32,
    /// Index into that scope's `images`.
    pub image: u32,
    /// The family that the image belongs to.
    pub family: Option<Arc<str>>,
    /// What would be reached: marked as unused, or a stage.
    pub reached: Reached,
    /// What a scan reads only of the images that would go, and that may still speak against it.
    pub depends_on: Vec<Source>,
}

/// A day whose plan would go beyond the caps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedDay {
    /// When.
    pub at: Moment,
    /// Images that it would retire.
    pub retired: u64,
    /// Images that there are then.
    pub images: u64,
}

/// Forecasts the days from `from` on. A day on which no window opens is passed over.
#[must_use]
pub fn forecast(policy: &Policy, inventory: &Inventory, from: Moment, days: u32) -> Forecast {
    let mut forecast = Forecast { from, days, events: Vec::new(), refused: Vec::new(), blocked: 0 };
    let mut world = inventory.clone();
    for day in 0..days {
        let begin = from.plus_secs(i64::from(day) * DAY_SECS);
        let opening = policy.windows.next_opening(begin).filter(|at| *at < begin.plus_secs(DAY_SECS));
        if let Some(at) = opening {
            // What is not done on one day and is done on the next may have been due at any time between.
            let earliest = if day == 0 { begin } else { begin.plus_secs(-DAY_SECS) };
            forecast.day(policy, &mut world, earliest, at);
        }
    }
    forecast
}

impl Forecast {
    fn day(&mut self, policy: &Policy, world: &mut Inventory, earliest: Moment, at: Moment) {
        let verdicts = judge(policy, world, at);
        let first = self.events.len();
        self.events.extend(verdicts.iter().filter_map(|verdict| event(policy, world, verdict, earliest, at)));
        let of_day = &self.events[first..];
        let staged = |event: &&ForecastEvent| matches!(event.reached, Reached::Stage(_));
        let retired = of_day.iter().filter(staged).count() as u64;
        let is_there = |image: &&Image| image.state != ImageState::Deregistered;
        let images = world.scopes.iter().flat_map(|scope| &scope.images).filter(is_there).count() as u64;
        let limits = policy.limits;
        if retired > limits.max_actions || retired as f64 * 100.0 > limits.max_percent * images as f64 {
            self.refused.push(RefusedDay { at, retired, images });
        }
        let would_go = of_day.iter().filter(|event| !event.depends_on.is_empty()).count();
        let blocked = verdicts.iter().filter(|verdict| verdict.decision == Decision::Blocked).count();
        self.blocked = blocked.saturating_sub(would_go) as u64;
        for event in of_day {
            let scope = &mut world.scopes[event.scope as usize];
            carry_out(policy, &scope.scope, &mut scope.images[event.image as usize], event);
        }
    }
}

/// What is done to an image by its verdict.
fn event(policy: &Policy, world: &Inventory, verdict: &Verdict, earliest: Moment, at: Moment) -> Option<ForecastEvent> {
    let (reached, depends_on) = match verdict.decision {
        Decision::Retire(stage) => (Reached::Stage(stage), Vec::new()),
        Decision::Keep if verdict.reasons.iter().all(|reason| reason.code == ReasonCode::Waiting) => {
            match next(policy, world, verdict, at)? {
                NextStage::Mark { .. } => (Reached::Marked, Vec::new()),
                _ => return None,
            }
        }
        Decision::Keep => return None,
        Decision::Blocked => {
            let sources: Option<Vec<Source>> =
                verdict.reasons.iter().map(|reason| reason.source.filter(|source| is_asked_later(*source))).collect();
            match next(policy, world, verdict, at)? {
                NextStage::Go(stage) => (Reached::Stage(stage), sources?),
                NextStage::Mark { .. } => (Reached::Marked, sources?),
                _ => return None,
            }
        }
    };
    let not_before = not_before(policy, world, verdict, earliest, at);
    let family = verdict.family.clone();
    Some(ForecastEvent { at, not_before, scope: verdict.scope, image: verdict.image, family, reached, depends_on })
}

/// The first moment of those from `earliest` to `at` at which it may be done.
fn not_before(policy: &Policy, world: &Inventory, verdict: &Verdict, earliest: Moment, at: Moment) -> Moment {
    let due = of_family(policy, world, verdict, at).and_then(|(family, image)| wait_ends(family, image));
    let from = due.map_or(earliest, |due| due.max(earliest)).min(at);
    policy.windows.next_opening(from).map_or(at, |opening| opening.min(at))
}

/// Whether a scan asks this only of images that would go.
fn is_asked_later(source: Source) -> bool {
    source.is_read_on_demand() && source != Source::Files
}

fn next(policy: &Policy, world: &Inventory, verdict: &Verdict, now: Moment) -> Option<NextStage> {
    of_family(policy, world, verdict, now).map(|(family, image)| next_stage(family, image, now))
}

/// The image of a verdict and its family.
fn of_family<'a>(
    policy: &'a Policy,
    world: &'a Inventory,
    verdict: &Verdict,
    now: Moment,
) -> Option<(&'a Family, &'a Image)> {
    let scope = world.scopes.get(verdict.scope as usize)?;
    let image = scope.images.get(verdict.image as usize)?;
    let family = policy.family_of(&Subject { image, scope: &scope.scope, now })?;
    Some((family, image))
}

/// Changes the image as `apply` would. One that is gone stays in its list, so that the indices keep their meaning.
fn carry_out(policy: &Policy, scope: &Scope, image: &mut Image, event: &ForecastEvent) {
    // The event may name a group; the tag names the family.
    let family = policy.family_of(&Subject { image, scope, now: event.at }).map(|family| family.name.clone());
    match event.reached {
        Reached::Marked | Reached::Stage(Stage::ArchiveSnapshots) => {}
        Reached::Stage(Stage::Deprecate) => image.deprecation_at = Some(event.at),
        Reached::Stage(Stage::Disable) => image.state = ImageState::Disabled,
        Reached::Stage(Stage::Deregister) => {
            image.state = ImageState::Deregistered;
            // What is gone keeps nothing that it was made from.
            image.source_image = None;
            return;
        }
    }
    let (since, family) = (event.at.to_string(), family.unwrap_or_default());
    let staged = [(STAGE_TAG, event.reached.as_str()), (SINCE_TAG, since.as_str()), (POLICY_TAG, &*family)];
    image.tags = image.tags.iter().chain(staged).collect();
}
