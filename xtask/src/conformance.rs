//! `cargo xtask conformance`: pytest over `conformance/`, with the binary that `cargo build` made, or the one that `AMICTL_BIN` names.

use anyhow::{Result, ensure};

use crate::workspace::Profile;
use crate::{python, workspace};

/// Runs pytest with these further arguments.
pub(crate) fn run(args: &[&str]) -> Result<()> {
    run_with(Profile::Dev, args, &[])
}

/// The same with this build of the binary and these environment variables.
pub(crate) fn run_with(profile: Profile, args: &[&str], env: &[(&str, &str)]) -> Result<()> {
    let python = python::TESTS.python()?;
    let peers = python::PEERS.python()?;
    let binary = workspace::chosen_binary().map_or_else(|| workspace::binary(profile), Ok)?;
    ensure!(
        binary.is_file(),
        "there is no binary at {}: `cargo build --workspace --all-targets` makes it (`cargo xtask check` does all of it)",
        binary.display()
    );
    let mut command = workspace::command(python, &["-m", "pytest", "-c", "conformance/pytest.ini"]);
    // A path among the arguments takes the place of the whole folder.
    if !args.iter().any(|arg| arg.starts_with("conformance")) {
        // Each file on one of three workers: many tests wait more than they compute.
        command.args(["conformance", "-n", "3", "--dist", "loadfile"]);
    }
    command
        .args(args)
        .env("AMICTL_BIN", &binary)
        .env("PEERS_PYTHON", &peers)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .envs(env.iter().copied());
    println!("$ {}", workspace::show(&command));
    workspace::run(&mut command)
}
