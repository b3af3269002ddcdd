//! `cargo xtask check`: everything that a change has to pass, in the order in which failures are cheapest.

use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

use crate::{conformance, python, workspace};

/// How much is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Everything.
    Whole,
    /// Without the conformance tests.
    Fast,
}

/// What came of a step that did not fail.
enum Outcome {
    Done,
    Skipped(&'static str),
}

type Step = (&'static str, Box<dyn FnOnce() -> Result<Outcome>>);

/// The steps in their order.
fn steps(extent: Extent) -> Vec<Step> {
    let mut steps: Vec<Step> = vec![
        ("formatting", Box::new(formatting)),
        ("lints", Box::new(lints)),
        ("dependencies", Box::new(dependencies)),
        ("build", Box::new(build)),
        ("tests", Box::new(tests)),
    ];
    if extent == Extent::Whole {
        // Waits for the network while the rest compiles.
        let environments = thread::spawn(python_environments);
        steps.push(("Python environments", Box::new(|| joined(environments))));
        steps.push(("conformance tests", Box::new(conformance_tests)));
    }
    steps
}

/// Runs the steps and stops at the first that fails.
pub(crate) fn run(extent: Extent) -> Result<()> {
    let steps = steps(extent);
    let count = steps.len();
    let began = Instant::now();
    let mut notes = Vec::new();
    for (index, (name, run)) in steps.into_iter().enumerate() {
        println!("\n=== {}/{count} {name}", index + 1);
        let step_began = Instant::now();
        let outcome = run().with_context(|| format!("check stopped at step {}: {name}", index + 1))?;
        let note = match outcome {
            Outcome::Done => format!("{name}: passed in {}", seconds(step_began.elapsed())),
            Outcome::Skipped(why) => format!("{name}: skipped: {why}"),
        };
        println!("--- {note}");
        notes.push(note);
    }
    println!("\n=== summary");
    for note in notes {
        println!("{note}");
    }
    if extent == Extent::Fast {
        println!("conformance tests: skipped: --fast");
    }
    println!("check passed in {}", seconds(began.elapsed()));
    Ok(())
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

fn cargo_step(args: &[&str]) -> Result<Outcome> {
    let mut command = workspace::cargo(args);
    println!("$ {}", workspace::show(&command));
    workspace::run(&mut command)?;
    Ok(Outcome::Done)
}

/// Adds rustfmt and clippy where rustup's minimal profile has left them out.
fn rust_component(subcommand: &str, component: &str) -> Result<()> {
    if workspace::is_there(&mut workspace::cargo(&[subcommand, "--version"])) {
        return Ok(());
    }
    println!("{component} is not installed");
    workspace::run(&mut workspace::command("rustup", &["component", "add", component]))
        .with_context(|| format!("{component} is needed: `rustup component add {component}`"))
}

fn formatting() -> Result<Outcome> {
    rust_component("fmt", "rustfmt")?;
    cargo_step(&["fmt", "--all", "--check"])
}

fn lints() -> Result<Outcome> {
    rust_component("clippy", "clippy")?;
    cargo_step(&["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])
}

fn dependencies() -> Result<Outcome> {
    if !workspace::is_there(&mut workspace::cargo(&["deny", "--version"])) {
        return Ok(Outcome::Skipped("cargo-deny is not installed"));
    }
    // The advisories lie in a database on the network.
    cargo_step(&["deny", "check", "licenses", "bans", "sources"])
}

/// One profile and one set of features for the build and the tests, so that the SDK is compiled once; without optimising, which would
/// take longer than the slower tests do.
fn build() -> Result<Outcome> {
    cargo_step(&["build", "--workspace", "--all-targets", "--locked"])
}

fn tests() -> Result<Outcome> {
    cargo_step(&["test", "--workspace", "--locked"])
}

fn python_environments() -> Result<()> {
    python::TESTS.python()?;
    python::PEERS.python()?;
    Ok(())
}

fn joined(environments: JoinHandle<Result<()>>) -> Result<Outcome> {
    environments.join().map_err(|_| anyhow!("making the Python environments panicked"))??;
    Ok(Outcome::Done)
}

fn conformance_tests() -> Result<Outcome> {
    conformance::run(&[])?;
    Ok(Outcome::Done)
}
