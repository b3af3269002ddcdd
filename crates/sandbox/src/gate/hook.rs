//! Changes of the world that happen right before or after a certain call.

use std::fmt;

use amictl_model::Moment;
use serde::{Deserialize, Serialize};

use crate::{Caller, World};

/// When a hook acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HookPoint {
    /// Before the call takes effect.
    Before,
    /// After it took effect, before it is answered.
    After,
}

pub(crate) type Act = Box<dyn FnOnce(&mut World, &Caller, Moment) + Send>;

/// A hook that has not acted yet.
pub(crate) struct Hook {
    pub(crate) point: HookPoint,
    pub(crate) operation: String,
    pub(crate) calls_left: u64,
    pub(crate) act: Act,
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {} in {} calls", self.point, self.operation, self.calls_left)
    }
}

/// The hooks of one call.
#[derive(Default)]
pub(crate) struct DueHooks {
    pub(crate) before: Vec<Act>,
    pub(crate) after: Vec<Act>,
}
