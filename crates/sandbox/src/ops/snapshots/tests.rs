//! Snapshots as time goes by.
