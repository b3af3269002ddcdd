//! Images as an AWS client meets them: requests and replies on the wire's bytes, under a clock that the test sets.

mod aws;
mod bin;
mod deleted;
mod lineage;
mod settings;
mod sharing;
mod states;
mod storing;
