//! The Python environment of the conformance tests: `target/python`, made once and kept until the requirements change.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// What the environment is made from.
const REQUIREMENTS: [&str; 2] = ["conformance/requirements.txt", "conformance/constraints.txt"];

/// The environment's Python, installed first where it is missing or out of date.
pub(crate) fn environment() -> Result<PathBuf> {
    let folder = workspace::target()?.join("python");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let wanted = requirements()?;
    let stamp = folder.join("requirements-installed.txt");
    let installed = fs::read_to_string(&stamp).is_ok_and(|text| text == wanted);
    if installed && workspace::is_there(&mut workspace::command(&python, &["-c", "import boto3, moto, pytest"])) {
        println!("the environment in {} is up to date", shown(&folder));
        return Ok(python);
    }
    println!("installing the pinned requirements into {}", shown(&folder));
    create(&folder)?;
    let [requirements, constraints] = REQUIREMENTS;
    let mut install = workspace::command(
        &python,
        &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements, "-c", constraints],
    );
    workspace::run(&mut install).context("the conformance tests need packages that pip could not install")?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}

fn requirements() -> Result<String> {
    let mut text = String::new();
    for name in REQUIREMENTS {
        let path = workspace::root().join(name);
        text += &fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    }
    Ok(text)
}

/// Makes an empty environment, in place of whatever was there.
fn create(folder: &Path) -> Result<()> {
    let system = env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let folder = folder.to_str().context("the target folder's path is not text")?;
    let make = || workspace::run(&mut workspace::command(&system, &["-m", "venv", "--clear", folder]));
    let Err(first) = make() else { return Ok(()) };
    // Debian leaves `ensurepip` out of python3, and some images leave out python3 itself.
    if is_root() && workspace::is_there(&mut workspace::command("apt-get", &["--version"])) {
        println!("{first:#}; installing python3-venv");
        apt_get(&["update", "-qq"])?;
        apt_get(&["install", "-y", "-qq", "--no-install-recommends", "python3", "python3-venv"])?;
        return make();
    }
    bail!(
        "{first:#}\nthe conformance tests need Python 3.10 or newer with venv (Debian, Ubuntu: `apt-get install python3-venv`); \
         `cargo xtask check --fast` does without"
    )
}

fn apt_get(args: &[&str]) -> Result<()> {
    workspace::run(workspace::command("apt-get", args).env("DEBIAN_FRONTEND", "noninteractive"))
}

fn is_root() -> bool {
    workspace::output(&mut workspace::command("id", &["-u"])).is_ok_and(|id| id.trim() == "0")
}

/// The path as seen from the workspace's root.
fn shown(path: &Path) -> String {
    path.strip_prefix(workspace::root()).unwrap_or(path).display().to_string()
}
