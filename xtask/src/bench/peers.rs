//! amictl, Cloud Custodian and aws-amicleaner side by side: one account, the same question to each, and who is right.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::http::{Connection, free_address};
use super::process::{Sandbox, Used, measured};
use super::{Row, aligned, built_binary};
use crate::{python, workspace};

const COMMAND: &str = "cargo xtask bench peers";
const LATENCY: &str = "20ms";

/// Retires every image that nothing uses.
const AMICTL_POLICY: &str = "\
version: 1
limits: { max_actions: 1000000, max_percent: 100, min_images: 1 }
families:
  - name: everything
    match: { tags: { app: \"*\" } }
    group_by: [\"tag:app\"]
    keep: { newest: 0 }
    retire:
      - deregister: { snapshots: delete }
";

/// Tells what it would do.
const CUSTODIAN: [&str; 9] =
    ["-m", "c7n.cli", "run", "--dryrun", "--region", "us-east-1", "--output-dir", "custodian", "policy.json"];

/// Run as its users run it: the same groups, no image kept for its age; `n` answers whether to delete.
const AMICLEANER: [&str; 9] = [
    "-c",
    "import amicleaner.cli; amicleaner.cli.main()",
    "--full-report",
    "--keep-previous",
    "0",
    "--mapping-key",
    "tags",
    "--mapping-values",
    "app",
];

/// What is true of the world, as the program that made it has noted.
struct Truth {
    images: u64,
    in_use: BTreeMap<String, String>,
}

/// What one tool did and said.
struct Answer {
    tool: &'static str,
    used: Used,
    /// Calls by operation.
    calls: BTreeMap<String, u64>,
    /// The images that it would delete.
    doomed: BTreeSet<String>,
}

pub(super) fn rows() -> Result<Vec<Row>> {
    let binary = built_binary()?;
    let folder = workspace::target()?.join("bench").join("peers");
    let made = folder.join("made");
    println!("making the world");
    make_world(&binary, &made)?;
    let truth = Truth::read(&made.join("truth.json"))?;
    let admin = free_address()?;
    let world = made.join("world.json");
    let world = world.to_str().context("the target folder's path is not text")?;
    let options = ["--world", world, "--latency", LATENCY, "--admin", &admin];
    let sandbox = Sandbox::start(&binary, &folder.join("run"), &options)?;
    let answers = [amictl(&sandbox, &admin)?, custodian(&sandbox, &admin)?, amicleaner(&sandbox, &admin)?];
    println!("\n{}", aligned(&side_by_side(&truth, &answers)));
    let wrong = truth.deleted(&answers[0]).count() + truth.left_behind(&answers[0]);
    Ok(vec![Row::promised(
        &format!("amictl's wrong verdicts of {} images", truth.images),
        wrong.to_string(),
        "0",
        wrong == 0,
        COMMAND,
    )])
}

/// Has `conformance/peers_world.py` make the world and say what is true of it.
fn make_world(binary: &Path, folder: &Path) -> Result<()> {
    let mut command = workspace::command(python::TESTS.python()?, &["-B", "conformance/peers_world.py"]);
    workspace::run(without_aws(command.arg(folder).env("AMICTL_BIN", binary)))
}

/// Hides the profile, credentials and endpoints of whoever runs this.
fn without_aws(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_")) {
        command.env_remove(name);
    }
    command
}

impl Truth {
    fn read(path: &Path) -> Result<Self> {
        let json: Value = serde_json::from_str(&fs::read_to_string(path)?)?;
        let uses = json["in_use"].as_object().context("the truth has no `in_use`")?;
        let in_use = uses.iter().map(|(image, by)| (image.clone(), by.as_str().unwrap_or_default().to_owned()));
        Ok(Self { images: json["images"].as_u64().context("the truth has no `images`")?, in_use: in_use.collect() })
    }

    /// What uses the images that a tool would delete though they are in use.
    fn deleted<'a>(&'a self, answer: &'a Answer) -> impl Iterator<Item = &'a str> {
        answer.doomed.iter().filter_map(|image| self.in_use.get(image)).map(String::as_str)
    }

    /// How many unused images a tool would leave behind.
    fn left_behind(&self, answer: &Answer) -> usize {
        let unused = usize::try_from(self.images).unwrap_or(usize::MAX) - self.in_use.len();
        unused - answer.doomed.iter().filter(|image| !self.in_use.contains_key(*image)).count()
    }
}

/// Counts the calls from here on.
fn reset(admin: &str) -> Result<()> {
    Connection::open(admin)?.ask("DELETE", "/counts").map(drop)
}

/// The calls since then, as the sandbox has counted them.
fn counted(admin: &str) -> Result<BTreeMap<String, u64>> {
    let counts: Value = serde_json::from_str(&Connection::open(admin)?.ask("GET", "/counts")?)?;
    let counts = counts.as_object().context("the counts are no object")?;
    let calls = counts.iter().map(|(name, count)| (name.clone(), count["calls"].as_u64().unwrap_or_default()));
    Ok(calls.filter(|(_, calls)| *calls > 0).collect())
}

fn amictl(sandbox: &Sandbox, admin: &str) -> Result<Answer> {
    fs::write(sandbox.file("policy.yaml"), AMICTL_POLICY)?;
    reset(admin)?;
    let run = sandbox.run(&["plan", "-f", "policy.yaml"])?;
    let steps = run.json["steps"].as_array().context("the plan has no `steps`")?;
    let doomed = steps.iter().filter_map(|step| step["target"].as_str()).map(str::to_owned).collect();
    let used = Used { took: run.took, peak_bytes: run.peak_bytes };
    Ok(Answer { tool: "amictl", used, calls: counted(admin)?, doomed })
}

fn custodian(sandbox: &Sandbox, admin: &str) -> Result<Answer> {
    let filters = json!([{"type": "unused", "value": true}, {"tag:app": "present"}]);
    let actions = json!([{"type": "deregister", "delete-snapshots": true}]);
    let policy = json!({"name": "unused", "resource": "aws.ami", "filters": filters, "actions": actions});
    fs::write(sandbox.file("policy.json"), json!({ "policies": [policy] }).to_string())?;
    reset(admin)?;
    let (used, _) = peer(sandbox, &CUSTODIAN)?;
    let matched: Value = serde_json::from_str(&fs::read_to_string(sandbox.file("custodian/unused/resources.json"))?)?;
    let images = matched.as_array().context("Cloud Custodian wrote no list of resources")?;
    let doomed = images.iter().filter_map(|image| image["ImageId"].as_str()).map(str::to_owned).collect();
    Ok(Answer { tool: "Cloud Custodian", used, calls: counted(admin)?, doomed })
}

fn amicleaner(sandbox: &Sandbox, admin: &str) -> Result<Answer> {
    reset(admin)?;
    let (used, printed) = peer(sandbox, &AMICLEANER)?;
    let doomed = printed.split(|letter: char| letter.is_whitespace() || letter == '|');
    let doomed = doomed.filter(|word| word.starts_with("ami-")).map(str::to_owned).collect();
    Ok(Answer { tool: "aws-amicleaner", used, calls: counted(admin)?, doomed })
}

/// Runs a tool of others with an empty home, kept on this machine, and returns what it printed.
fn peer(sandbox: &Sandbox, args: &[&str]) -> Result<(Used, String)> {
    let home = sandbox.file("home");
    fs::create_dir_all(&home)?;
    let (answers, stdout, stderr) =
        (sandbox.file("answers.txt"), sandbox.file("peer-out.txt"), sandbox.file("peer-err.txt"));
    fs::write(&answers, "n\n")?;
    let mut command = Command::new(python::PEERS.python()?);
    without_aws(&mut command)
        .args(args)
        .current_dir(sandbox.file(""))
        .envs(sandbox.credentials())
        .env("HOME", &home)
        .env("AWS_CONFIG_FILE", home.join("aws-config"))
        .env("AWS_SHARED_CREDENTIALS_FILE", home.join("aws-credentials"))
        .env("PYTHONPATH", workspace::root().join("conformance/loopback"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONWARNINGS", "ignore")
        .stdin(Stdio::from(File::open(&answers)?))
        .stdout(File::create(&stdout)?)
        .stderr(File::create(&stderr)?);
    let (status, used) = measured(&mut command)?;
    let said = fs::read_to_string(&stderr)?;
    if !status.success() || said.contains("Traceback") {
        bail!("`{}` failed ({status}): {}", workspace::show(&command), said.trim_end());
    }
    let printed = fs::read_to_string(&stdout)?;
    ensure!(!said.contains("this would leave the machine"), "{said}");
    Ok((used, printed))
}

/// A column for each tool: calls by name, the most frequent first, then what it all took, and how often each is wrong.
fn side_by_side(truth: &Truth, answers: &[Answer; 3]) -> Vec<[String; 4]> {
    let line = |what: &str, of: &dyn Fn(&Answer) -> String| {
        let [first, second, third] = answers;
        [what.to_owned(), of(first), of(second), of(third)]
    };
    let mut names: Vec<&String> =
        answers.iter().flat_map(|answer| answer.calls.keys()).collect::<BTreeSet<_>>().into_iter().collect();
    let most = |name: &String| answers.iter().filter_map(|answer| answer.calls.get(name)).max().copied();
    names.sort_by_key(|name| std::cmp::Reverse(most(name)));
    let mut lines = vec![line("", &|answer| answer.tool.to_owned())];
    lines.extend(names.into_iter().map(|name| {
        line(&format!("calls of {name}"), &|answer| answer.calls.get(name).map_or_else(String::new, u64::to_string))
    }));
    let uses: BTreeSet<&str> = truth.in_use.values().map(String::as_str).collect();
    lines.push(line("calls, all", &|answer| answer.calls.values().sum::<u64>().to_string()));
    lines.push(line("wall time", &|answer| format!("{:.1} s", answer.used.took.as_secs_f64())));
    lines.push(line("peak memory", &|answer| format!("{} MB", answer.used.peak_bytes / 1_000_000)));
    lines.push(line(&format!("would delete, of {} in use", truth.in_use.len()), &|answer| {
        truth.deleted(answer).count().to_string()
    }));
    lines.extend(uses.into_iter().map(|kind| {
        line(&format!("  by {kind}"), &|answer| truth.deleted(answer).filter(|by| *by == kind).count().to_string())
    }));
    let unused = truth.images - truth.in_use.len() as u64;
    lines.push(line(&format!("would leave behind, of {unused} unused"), &|answer| {
        truth.left_behind(answer).to_string()
    }));
    lines
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn answer(tool: &'static str, doomed: &[&str]) -> Answer {
        let used = Used { took: Duration::from_secs(1), peak_bytes: 2_000_000 };
        let calls = [("DescribeImages".to_owned(), 3)].into();
        Answer { tool, used, calls, doomed: doomed.iter().map(|image| (*image).to_owned()).collect() }
    }

    #[test]
    fn a_tool_is_wrong_in_both_directions() {
        let in_use = [("ami-1".to_owned(), "instance".to_owned()), ("ami-2".to_owned(), "SSM parameter".to_owned())];
        let truth = Truth { images: 4, in_use: in_use.into() };
        let answers = [
            answer("right", &["ami-3", "ami-4"]),
            answer("deletes", &["ami-2", "ami-3", "ami-4"]),
            answer("leaves", &["ami-4"]),
        ];
        let lines = side_by_side(&truth, &answers);
        let line = |what: &str| lines.iter().find(|line| line[0] == what).map(|line| line[1..].join(" "));
        assert_eq!(line("would delete, of 2 in use").as_deref(), Some("0 1 0"));
        assert_eq!(line("  by SSM parameter").as_deref(), Some("0 1 0"));
        assert_eq!(line("would leave behind, of 2 unused").as_deref(), Some("0 0 1"));
        assert_eq!(line("calls of DescribeImages").as_deref(), Some("3 3 3"));
    }
}
