//! What the state promises, in a folder and in a bucket alike.

mod ambiguous;
mod bench;
mod damaged;
mod journals;
mod kept;
mod locks;
mod run_locks;
mod unsteady;
