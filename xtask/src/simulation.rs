//! More seeds of the simulated runs, and more cuts, than a check makes.

use anyhow::{Result, ensure};

use crate::workspace;

/// Seeds unless told otherwise.
const SEEDS: &str = "10000";

/// Runs the simulation with so many seeds, without and with the SDK between (one that fails is named, and `AMICTL_SIMULATION_SEED` replays it), and cuts a run of 200 images
/// off at each line of its journal and in each call.
pub(crate) fn run(seeds: Option<&str>) -> Result<()> {
    let seeds = seeds.unwrap_or(SEEDS);
    ensure!(seeds.parse::<u64>().is_ok(), "`{seeds}` is no number of seeds");
    const TEST: [&str; 5] = ["test", "--workspace", "--release", "--locked", "--test"];
    let simulation = [&TEST[..], &["simulation"]].concat();
    workspace::run(workspace::cargo(&simulation).env("AMICTL_SIMULATION_SEEDS", seeds))?;
    let cuts = [&TEST[..], &["suite", "cuts::"]].concat();
    workspace::run(workspace::cargo(&cuts).env("AMICTL_CUTS", "all"))?;
    println!("{seeds} seeds and every cut passed");
    Ok(())
}
