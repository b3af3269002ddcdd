//! The project's chores: `cargo xtask check`, `conformance`, `sim` and `bench`.

mod bench;
mod check;
mod conformance;
#[cfg(test)]
mod graph;
mod python;
mod simulation;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask check [--fast]                         everything that a change has to pass; --fast leaves out the conformance tests
cargo xtask conformance [PYTEST ARGUMENTS]         the conformance tests alone, with the binary that `cargo build` made
cargo xtask sim [SEEDS]                            simulated runs with faults, races and deaths (10,000 seeds unless told otherwise), and a run cut off at every place
cargo xtask bench [all|judge|version|scan|apply|copy|import|sandbox|peers]   the speeds that amictl promises, as a table, with the command of each row";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["check"] => check::run(check::Extent::Whole),
        ["check", "--fast"] => check::run(check::Extent::Fast),
        ["conformance", ref more @ ..] => conformance::run(more),
        ["sim"] => simulation::run(None),
        ["sim", seeds] => simulation::run(Some(seeds)),
        ["bench"] => bench::run("all"),
        ["bench", which] => bench::run(which),
        ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(())
        }
        [] => bail!("a chore is missing\n\n{USAGE}"),
        _ => bail!("this is not a chore: `{}`\n\n{USAGE}", args.join(" ")),
    }
}
