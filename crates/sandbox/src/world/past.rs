//! Changes of the world that take time to be seen.

use std::time::Duration;

use amictl_model::Moment;

use super::shelf::{Change, Lagging, Sight};
use super::{Scope, World};

/// How long a change takes to be seen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delay {
    /// By those that do not say otherwise.
    pub(crate) usual: Duration,
    /// By whoever takes longest.
    pub(crate) longest: Duration,
}

impl World {
    /// From now on, what changes is a call's doing, and is seen with a delay.
    pub(crate) fn begin_change(&mut self, now: Moment, delay: Delay) {
        self.changes += 1;
        let seen_at = later(now, delay.usual);
        let known_at = later(now, delay.longest).max(seen_at);
        self.change = Some(Change { serial: self.changes, made_at: now, seen_at, known_at });
    }

    /// From now on, what changes is seen at once.
    pub(crate) fn end_change(&mut self) {
        self.change = None;
    }

    /// Carries something out on the world as a reading call sees it: changes in sight, and none of the others.
    ///
    /// `behind` is how old changes must be for this call to see them; by default each has its own delay.
    pub(crate) fn as_seen<T>(&mut self, now: Moment, behind: Option<Duration>, read: impl FnOnce(&mut Self) -> T) -> T {
        if self.changes == 0 {
            return read(self);
        }
        let sight = behind.map_or(Sight::At(now), |behind| Sight::MadeUntil(earlier(now, behind)));
        for scope in self.all_scopes_mut() {
            scope.shelves().into_iter().for_each(|shelf| shelf.look_back(sight, now));
        }
        self.change = None;
        let result = read(self);
        for scope in self.all_scopes_mut() {
            scope.shelves().into_iter().for_each(Lagging::look_ahead);
        }
        result
    }
}

impl Scope {
    /// From now on, notes changes as made by this call.
    pub(super) fn note(&mut self, change: Option<Change>) {
        self.shelves().into_iter().for_each(|shelf| shelf.note(change));
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

fn later(now: Moment, by: Duration) -> Moment {
    Moment::from_millis(now.as_millis().saturating_add(millis(by)))
}

fn earlier(now: Moment, by: Duration) -> Moment {
    Moment::from_millis(now.as_millis().saturating_sub(millis(by)))
}
