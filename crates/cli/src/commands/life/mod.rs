//! The commands of the life cycle: each makes a plan of what was asked for and carries it out like any other.

mod bin;
mod bundles;
mod carry_out;
mod change;
mod copy;
mod create;
mod deregister;
mod gone;
mod named;
mod publish;
mod share;
mod store;
mod targets;
mod terminate;
mod there;
mod wait;

pub(crate) use bin::bin;
pub(crate) use bundles::bundles;
pub(crate) use carry_out::{Wanted, carry_out, confirm};
pub(crate) use change::{deprecate, disable, enable, protect, undeprecate, unprotect};
pub(crate) use copy::copy;
pub(crate) use create::{create, origin, unknown_image};
pub(crate) use deregister::deregister;
pub(crate) use gone::by_runs;
pub(crate) use publish::{promote, publish, rollback};
pub(crate) use share::{share, unshare};
pub(crate) use store::{restore_from_s3, store};
pub(crate) use terminate::terminate;
pub(crate) use wait::wait;
