//! `amictl policy test`.

use std::path::{Path, PathBuf};

use amictl_policy::{Policy, PolicyTests, TestWorld};
use amictl_state::load_inventory_file;

use crate::args::TestArgs;
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::pipeline::{load_policy, parse_policy, policy_errors, read_policy_text};

/// Runs the tests of a file; fails if an expectation is not met.
pub(super) fn run(args: &TestArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let text = read_policy_text(&args.file)?;
    let tests = PolicyTests::parse(&text, &args.file.display().to_string());
    let tests = tests.map_err(|errors| policy_errors(&errors, terminal))?;
    let policy = policy(args, &tests, terminal)?;
    let mut outcomes = Vec::new();
    for test in &tests.tests {
        outcomes.extend(match &test.world {
            TestWorld::Images(inventory) => tests.run(test, &policy, inventory),
            TestWorld::File(name) => tests.run(test, &policy, &load_inventory_file(&beside(&args.file, name))?),
        });
    }
    terminal.report(|out, output| amictl_report::policy_tests(out, &outcomes, output))?;
    Ok(if outcomes.iter().all(|outcome| outcome.passed) { Exit::Done } else { Exit::Error })
}

/// The policy that was named, the one that the tests name, or what a plan would take.
fn policy(args: &TestArgs, tests: &PolicyTests, terminal: &Terminal) -> Result<Policy, Failure> {
    match (&args.policy, &tests.policy) {
        (None, Some(name)) => parse_policy(&beside(&args.file, name), terminal),
        (named, _) => load_policy(named.as_deref(), terminal),
    }
}

/// A path as a test file means it: from the folder that the file is in.
fn beside(tests: &Path, name: &str) -> PathBuf {
    tests.parent().map_or_else(|| PathBuf::from(name), |folder| folder.join(name))
}
