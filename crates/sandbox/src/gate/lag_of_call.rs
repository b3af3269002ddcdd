//! How a call sees the world, and how what it changes is seen, while changes take their time.

use std::time::Duration;

use amictl_cloud::{Effect, OperationSpec};
use amictl_model::Moment;

use super::Lag;
use crate::World;
use crate::world::Delay;

/// What lag means for one call.
pub(crate) enum LagOfCall {
    /// There is none.
    None,
    /// It sees what is so old.
    Reads(Option<Duration>),
    /// What it changes is seen with a delay.
    Changes(Delay),
}

impl LagOfCall {
    pub(crate) fn of(lag: &Lag, spec: &OperationSpec) -> Self {
        if lag.is_none() {
            return Self::None;
        }
        match spec.effect {
            Effect::Read => Self::Reads(lag.of_sight(spec.name)),
            Effect::Mutating => Self::Changes(Delay { usual: lag.of_changes(spec.name), longest: lag.longest() }),
        }
    }

    pub(crate) fn carry_out<T>(&self, world: &mut World, now: Moment, act: impl FnOnce(&mut World) -> T) -> T {
        match self {
            Self::None => act(world),
            Self::Reads(behind) => world.as_seen(now, *behind, act),
            Self::Changes(delay) => {
                world.begin_change(now, *delay);
                act(world)
            }
        }
    }

    /// What a hook changes is seen at once.
    pub(crate) fn of_hook(&self, world: &mut World, now: Moment) {
        if !matches!(self, Self::None) {
            world.begin_change(now, Delay { usual: Duration::ZERO, longest: Duration::ZERO });
        }
    }
}
