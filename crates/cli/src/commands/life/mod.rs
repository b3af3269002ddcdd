//! The commands of the life cycle: each makes a plan of what was asked for and carries it out like any other.

mod carry_out;
mod change;
mod copy;
mod create;
mod find;
mod launch;
mod publish;
mod resolve;
mod rollout;
mod share;
mod targets;
mod templates;
mod version;
mod wait;

pub(crate) use carry_out::confirm;
pub(crate) use change::{deprecate, disable, enable, protect, undeprecate, unprotect};
pub(crate) use copy::copy;
pub(crate) use create::{create, origin};
pub(crate) use find::find;
pub(crate) use launch::launch;
pub(crate) use publish::{promote, publish, rollback};
pub(crate) use rollout::rollout;
pub(crate) use share::{share, unshare};
pub(crate) use version::version;
pub(crate) use wait::wait;
