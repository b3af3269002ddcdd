//! The reader of plan files, for fuzzing: it takes anything and must not panic. No part of the interface.

use crate::{Plan, PlanFileError};

/// A plan file. One that was only edited is read as if its digest were right: what checks a plan must not rely on nobody making one.
///
/// # Panics
/// When a plan that is read is not the same once it is written.
pub fn plan(bytes: &[u8]) {
    let edited;
    let mut result = Plan::read(bytes);
    if let Err(PlanFileError::Digest { actual, stated }) = &result {
        edited = String::from_utf8_lossy(bytes).replacen(stated.as_str(), actual, 1);
        result = Plan::read(edited.as_bytes());
    }
    let plan = match result {
        Ok(plan) => plan,
        Err(error) => {
            return assert!(!error.to_string().contains('\u{1b}'), "what is told of a file cannot steer a terminal");
        }
    };
    let mut written = Vec::new();
    assert!(plan.write_to(&mut written).is_ok(), "a plan that was read can be written");
    // Fields that a newer minor wrote are not, so the digest is another.
    let mut again = plan.clone();
    again.digest = again.digest_now();
    written.clear();
    assert!(again.write_to(&mut written).is_ok(), "a plan that was read can be written");
    assert_eq!(Plan::read(&written).as_ref(), Ok(&again), "what was written is read");
}
