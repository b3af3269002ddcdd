//! The readers of what people write about policies, for fuzzing: each takes anything and must not panic. No part of the interface.

use amictl_model::Inventory;

use crate::{
    ConvertFrom, Glob, Policy, PolicyErrors, PolicyTests, TestWorld, convert, forecast, judge, unmatched_families,
};

/// Days that are looked ahead.
const DAYS: u32 = 10;

/// A policy file: what is read judges this inventory.
///
/// # Panics
/// When a policy that is read gives an image no verdict, or one that is not read tells no error.
pub fn policy(text: &str, inventory: &Inventory) {
    let policy = match Policy::parse(text, "policy.yaml") {
        Ok(policy) => policy,
        Err(errors) => return errors_are_told(&errors),
    };
    let verdicts = judge(&policy, inventory, inventory.created_at);
    assert_eq!(verdicts.len(), inventory.image_count(), "each image has a verdict");
    assert!(verdicts.iter().all(|verdict| !verdict.reasons.is_empty()), "each verdict has a reason");
    let _ = unmatched_families(&policy, inventory, inventory.created_at);
    let _ = forecast(&policy, inventory, inventory.created_at, DAYS);
}

/// A file of tests of a policy: what is read is run.
///
/// # Panics
/// When a file that is not read tells no error.
pub fn tests(text: &str) {
    let tests = match PolicyTests::parse(text, "tests.yaml") {
        Ok(tests) => tests,
        Err(errors) => return errors_are_told(&errors),
    };
    let policy = Policy::built_in();
    for test in &tests.tests {
        if let TestWorld::Images(inventory) = &test.world {
            let _ = tests.run(test, &policy, inventory);
        }
    }
}

/// A policy of another tool: what it becomes is a policy or nothing.
///
/// # Panics
/// When it becomes something else.
pub fn conversion(text: &str) {
    for from in [None, Some(ConvertFrom::Custodian), Some(ConvertFrom::Dlm), Some(ConvertFrom::ImageBuilder)] {
        match convert(text, "theirs", from) {
            Ok(conversion) if conversion.text.is_empty() => {}
            Ok(conversion) => {
                assert!(Policy::parse(&conversion.with_notes(), "ours").is_ok(), "what was converted is a policy");
            }
            Err(errors) => errors_are_told(&errors),
        }
    }
}

/// A glob, and a text that it may match.
pub fn glob(pattern: &str, text: &str) {
    if let Ok(glob) = Glob::parse(pattern) {
        let _ = glob.is_match(text);
    }
}

fn errors_are_told(errors: &PolicyErrors) {
    assert!(!errors.errors().is_empty(), "what is refused is refused for a reason");
    let _ = errors.render(false);
}
