//! The Python environments of the conformance tests, below `target`: each is made once and kept until its requirements change.

use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail};

use crate::workspace;

/// An environment, and what it is made from.
pub(crate) struct Environment {
    folder: &'static str,
    requirements: &'static str,
    constraints: &'static str,
    /// Imported to see whether the environment still works.
    probe: &'static str,
}

/// The environment that runs the tests.
pub(crate) const TESTS: Environment = Environment {
    folder: "python",
    requirements: "conformance/requirements.txt",
    constraints: "conformance/constraints.txt",
    probe: "import boto3, moto, pytest, xdist",
};

/// The tools of others, which demand versions of their own.
pub(crate) const PEERS: Environment = Environment {
    folder: "python-peers",
    requirements: "conformance/requirements-peers.txt",
    constraints: "conformance/constraints-peers.txt",
    probe: "import c7n, amicleaner",
};

impl Environment {
    /// The environment's Python, installed first where it is missing or out of date.
    pub(crate) fn python(&self) -> Result<PathBuf> {
        let folder = workspace::target()?.join(self.folder);
        let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        let wanted = self.wanted()?;
        let stamp = folder.join("requirements-installed.txt");
        let installed = fs::read_to_string(&stamp).is_ok_and(|text| text == wanted);
        if installed && workspace::is_there(&mut workspace::command(&python, &["-c", self.probe])) {
            println!("the environment in {} is up to date", shown(&folder));
            return Ok(python);
        }
        println!("installing the pinned requirements into {}", shown(&folder));
        create(&folder)?;
        let mut install =
            workspace::command(&python, &["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        install.args(["-r", self.requirements, "-c", self.constraints]);
        workspace::run(&mut install).context("the conformance tests need packages that pip could not install")?;
        fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
        Ok(python)
    }

    fn wanted(&self) -> Result<String> {
        let mut text = String::new();
        for name in [self.requirements, self.constraints] {
            let path = workspace::root().join(name);
            text += &fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        }
        Ok(text)
    }
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
