//! Volumes as time goes by.
