//! More seeds of the simulated runs, and more cuts, than a check makes.

use anyhow::{Context, Result, ensure};

use crate::workspace::Profile;
use crate::{conformance, workspace};

/// Seeds unless told otherwise.
const SEEDS: &str = "10000";

/// Runs the simulation with so many seeds, without and with the SDK between; cuts a run of 200 images off at each line of its journal and in
/// each call, in process; then kills the real process (SIGKILL) at each of them. What fails is named, with how to replay it.
pub(crate) fn run(seeds: Option<&str>) -> Result<()> {
    let seeds = seeds.unwrap_or(SEEDS);
    ensure!(seeds.parse::<u64>().is_ok(), "`{seeds}` is no number of seeds");
    const TEST: [&str; 5] = ["test", "--workspace", "--release", "--locked", "--test"];
    let simulation = [&TEST[..], &["simulation"]].concat();
    workspace::run(workspace::cargo(&simulation).env("AMICTL_SIMULATION_SEEDS", seeds))
        .context("a seed fails: it is named above, and AMICTL_SIMULATION_SEED=… replays it exactly")?;
    let cuts = [&TEST[..], &["suite", "cuts::"]].concat();
    workspace::run(workspace::cargo(&cuts).env("AMICTL_CUTS", "all"))
        .context("a cut in process fails: it is named above, and the same test replays it")?;
    kills()?;
    println!("{seeds} seeds, every cut in process and every killed process passed");
    Ok(())
}

/// The binary killed at every line of the journal and in every call of a run, and in every call of each command of the life cycle, then
/// resumed or run again.
fn kills() -> Result<()> {
    workspace::run(&mut workspace::cargo(&["build", "--release", "--locked", "-p", "amictl", "--bin", "amictl"]))?;
    // The files side by side: most of the time goes to starting processes and waiting for them.
    let files = ["conformance/test_cuts.py", "conformance/test_life_cuts.py", "-n", "2", "--dist", "worksteal"];
    conformance::run_with(Profile::Release, &files, &[("AMICTL_CUTS", "all")])
        .context("a killed run fails: it is named above with its cut, and AMICTL_CUT=… replays that one alone")
}
