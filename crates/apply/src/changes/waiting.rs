//! Waits until an image or a snapshot that is being made can be used.
//!
//! All of a Region are looked at together: the looks of all who wait fall on the same ticks, and one `DescribeImages` serves them.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use amictl_cloud::ops::{DescribeImages, DescribeImagesRequest};
use amictl_cloud::{Call, Clock, Cloud, CloudError};
use amictl_model::{ImageId, ImageState, Region, SnapshotId, SnapshotState};
use tokio::time::{Instant, sleep_until};

use crate::context::{Halt, halt_on_credentials};
use crate::looker::Looker;
use crate::stop::Stop;

/// How often it must be seen ready, one time after the other: a change is not seen everywhere at once.
const SIGHTINGS: u32 = 3;
/// Between two such looks.
const BETWEEN_SIGHTINGS: Duration = Duration::from_secs(1);
/// The pauses between ticks, the last of which goes on.
const PAUSES_MS: [u64; 5] = [1_000, 2_000, 4_000, 8_000, 15_000];
/// By how much pauses differ between Regions and runs, at most, in percent: so that not all of them ask at the same moments.
const JITTER_PERCENT: u64 = 20;
/// How long what was made need not be seen at all.
const UNSEEN_MAX: Duration = Duration::from_secs(600);

/// What waiting came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// It can be used.
    Ready,
    /// It never will be.
    Bad {
        /// Its state, such as `failed`.
        state: &'static str,
        /// What EC2 says of that. Text from outside.
        why: String,
    },
    /// It is not yet, and how it was seen last.
    TimedOut(String),
}

/// What is waited for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Awaited {
    /// Until it is `available`.
    Image(ImageId),
    /// Until it is `completed`.
    Snapshot(SnapshotId),
}

/// Where it is waited for.
pub(crate) struct Watch<'a> {
    pub(crate) cloud: &'a dyn Cloud,
    pub(crate) region: &'a Region,
    pub(crate) looker: &'a Looker<'a>,
    pub(crate) clock: &'a Clock,
    pub(crate) stop: &'a Stop,
}

/// How something was seen.
enum Sighting {
    Ready,
    NotYet(&'static str),
    Bad(&'static str),
    Nowhere,
}

/// Waits until it can be used, for so long at most.
pub(crate) async fn wait(watch: &Watch<'_>, awaited: &Awaited, limit: Duration) -> Result<Waited, Halt> {
    let ticks = Ticks::of(watch);
    let began = Instant::now();
    let deadline = began + limit;
    let (mut sightings, mut was_seen, mut last) = (0, false, "it was not seen yet".to_owned());
    loop {
        match look(watch, awaited).await {
            Ok(Sighting::Ready) => {
                (sightings, was_seen) = (sightings + 1, true);
                "ready, and not seen so often enough".clone_into(&mut last);
            }
            Ok(Sighting::NotYet(state)) => {
                (sightings, was_seen) = (0, true);
                state.clone_into(&mut last);
            }
            Ok(Sighting::Bad(state)) => {
                let why = reason(watch, awaited).await.unwrap_or_else(|| "EC2 does not say why".to_owned());
                return Ok(Waited::Bad { state, why });
            }
            Ok(Sighting::Nowhere) => {
                sightings = 0;
                // One look that does not show it says nothing: changes are seen late, and not everywhere at once.
                if (was_seen || began.elapsed() > UNSEEN_MAX) && is_gone(watch, awaited).await? {
                    return Ok(Waited::Bad { state: "gone", why: "it is not there".to_owned() });
                }
            }
            Err(error) => {
                halt_on_credentials(&error)?;
                sightings = 0;
                last = error.to_string();
            }
        }
        if sightings >= SIGHTINGS {
            return Ok(Waited::Ready);
        }
        let now = Instant::now();
        if now >= deadline {
            return Ok(Waited::TimedOut(last));
        }
        let next = if sightings > 0 { now + BETWEEN_SIGHTINGS } else { ticks.after(now) };
        tokio::select! {
            () = sleep_until(next.min(deadline)) => {}
            () = watch.stop.requested() => return Err(Halt::Interrupted),
        }
    }
}

async fn look(watch: &Watch<'_>, awaited: &Awaited) -> Result<Sighting, CloudError> {
    Ok(match awaited {
        Awaited::Image(id) => match watch.looker.look(id).await?.map(|image| image.state) {
            None => Sighting::Nowhere,
            Some(ImageState::Available) => Sighting::Ready,
            Some(state @ (ImageState::Pending | ImageState::Transient | ImageState::Unknown)) => {
                Sighting::NotYet(state.as_str())
            }
            Some(state) => Sighting::Bad(state.as_str()),
        },
        Awaited::Snapshot(id) => match watch.looker.look_at_snapshots(vec![id.clone()]).await?.pop() {
            None => Sighting::Nowhere,
            Some(snapshot) => match snapshot.state {
                SnapshotState::Completed => Sighting::Ready,
                SnapshotState::Error => Sighting::Bad("error"),
                SnapshotState::Recoverable => Sighting::Bad("recoverable"),
                SnapshotState::Pending | SnapshotState::Recovering | SnapshotState::Unknown => {
                    Sighting::NotYet("pending")
                }
            },
        },
    })
}

/// Whether several looks in a row do not show it.
async fn is_gone(watch: &Watch<'_>, awaited: &Awaited) -> Result<bool, Halt> {
    for _ in 1..SIGHTINGS {
        tokio::time::sleep(BETWEEN_SIGHTINGS).await;
        match look(watch, awaited).await {
            Ok(Sighting::Nowhere) => {}
            Ok(_) => return Ok(false),
            Err(error) => {
                halt_on_credentials(&error)?;
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// `StateReason` of an image.
async fn reason(watch: &Watch<'_>, awaited: &Awaited) -> Option<String> {
    let Awaited::Image(image) = awaited else { return None };
    let request = DescribeImagesRequest { images: vec![image.clone()], ..DescribeImagesRequest::default() };
    let reply = Call::<DescribeImages>::call(watch.cloud, watch.region, request).await.ok()?;
    reply.reasons.get(image).cloned()
}

/// The moments at which a Region is looked at.
pub(super) struct Ticks {
    began: Instant,
    /// What each pause is multiplied with, in percent.
    percent: u64,
}

impl Ticks {
    pub(super) fn of(watch: &Watch<'_>) -> Self {
        let mut hasher = DefaultHasher::new();
        (watch.region.as_str(), watch.clock.now().as_millis() / 3_600_000).hash(&mut hasher);
        Self { began: watch.looker.began(), percent: 100 + hasher.finish() % (JITTER_PERCENT + 1) }
    }

    /// The first one after this moment.
    pub(super) fn after(&self, now: Instant) -> Instant {
        let mut tick = self.began;
        for pause in PAUSES_MS {
            tick += Duration::from_millis(pause * self.percent / 100);
            if tick > now {
                return tick;
            }
        }
        let pause = Duration::from_millis(PAUSES_MS[PAUSES_MS.len() - 1] * self.percent / 100);
        let missed = (now - tick).as_millis() / pause.as_millis().max(1);
        tick + pause * u32::try_from(missed + 1).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_the_same_for_whoever_begins_later_and_grow_apart() {
        let began = Instant::now();
        let ticks = Ticks { began, percent: 100 };
        let at = |seconds: f64| (ticks.after(began + Duration::from_secs_f64(seconds)) - began).as_secs();
        assert_eq!([0.0, 0.9, 1.0, 2.5, 3.0, 8.0, 15.0, 29.9].map(at), [1, 1, 3, 3, 7, 15, 30, 30]);
        assert_eq!([30.0, 44.0, 3_600.0, 3_601.0].map(at), [45, 45, 3_615, 3_615]);
    }
}
