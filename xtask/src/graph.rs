//! Which crate may depend on which: the pipeline's shape, held by a test.
//!
//! A new crate, or a new arrow between two, is written down here first, and in ARCHITECTURE.md.

/// A crate and the crates of the workspace that it may depend on.
pub(crate) struct Allowed {
    pub(crate) name: &'static str,
    pub(crate) on: &'static [&'static str],
}

/// Every crate, each after those it may depend on.
pub(crate) const ALLOWED: &[Allowed] = &[
    Allowed { name: "model", on: &[] },
    Allowed { name: "policy", on: &["model"] },
    Allowed { name: "plan", on: &["model", "policy"] },
    Allowed { name: "cloud", on: &["model"] },
    Allowed { name: "collect", on: &["model", "cloud"] },
    Allowed { name: "apply", on: &["model", "policy", "plan", "cloud", "collect"] },
    Allowed { name: "state", on: &["model", "policy", "plan", "cloud", "collect", "apply"] },
    Allowed { name: "aws", on: &["model", "cloud"] },
    Allowed { name: "sandbox", on: &["model", "cloud"] },
    Allowed { name: "report", on: &["model", "policy", "plan", "cloud", "collect", "apply", "state"] },
    Allowed {
        name: "server",
        on: &["model", "policy", "plan", "cloud", "collect", "apply", "state", "aws", "sandbox", "report"],
    },
    Allowed {
        name: "cli",
        on: &["model", "policy", "plan", "cloud", "collect", "apply", "state", "aws", "sandbox", "report", "server"],
    },
    Allowed {
        name: "testkit",
        on: &["model", "policy", "plan", "cloud", "collect", "apply", "state", "sandbox", "report"],
    },
];

/// Crates that any crate but these may use in its tests.
const FOR_TESTS: [&str; 2] = ["sandbox", "testkit"];

/// What some crates may use in their tests besides: the matrix of reference sources judges what it has collected, and the simulation runs
/// over the SDK as well.
const FOR_TESTS_OF: [(&str, &str); 5] =
    [("collect", "policy"), ("aws", "apply"), ("aws", "collect"), ("aws", "plan"), ("aws", "policy")];

/// The one crate that imports the AWS SDK.
const SDK_OWNER: &str = "aws";

/// What belongs to the AWS SDK.
fn is_sdk(package: &str) -> bool {
    ["aws-sdk-", "aws-config", "aws-credential-types", "aws-smithy-", "aws-types", "aws-sigv4"]
        .iter()
        .any(|prefix| package.starts_with(prefix))
}

/// One dependency as a manifest has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrow {
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) for_tests: bool,
}

/// What is wrong with the arrows, a line each.
fn violations(arrows: &[Arrow]) -> Vec<String> {
    let mut violations = Vec::new();
    for Arrow { from, to, for_tests } in arrows {
        let Some(allowed) = ALLOWED.iter().find(|allowed| allowed.name == from) else {
            violations.push(format!("`{from}` is not in the table of crates"));
            continue;
        };
        if is_sdk(to) && from != SDK_OWNER {
            violations.push(format!("`{from}` imports `{to}`: only `{SDK_OWNER}` speaks to the SDK"));
        }
        let Some(to) = to.strip_prefix("amictl-") else { continue };
        let for_its_tests = FOR_TESTS.contains(&to) || FOR_TESTS_OF.contains(&(from.as_str(), to));
        let fine = allowed.on.contains(&to) || (*for_tests && for_its_tests);
        if !fine {
            let kind = if *for_tests { " in its tests" } else { "" };
            violations.push(format!("`{from}` depends on `{to}`{kind}"));
        }
    }
    violations
}

mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use serde_json::Value;

    use super::*;
    use crate::workspace;

    fn text<'a>(value: &'a Value, key: &str) -> &'a str {
        value[key].as_str().unwrap_or_default()
    }

    /// Every crate under `crates/`, by its folder's name, and its dependencies of every kind.
    fn read() -> (BTreeSet<String>, Vec<Arrow>) {
        let metadata = workspace::metadata().unwrap();
        let (mut crates, mut arrows) = (BTreeSet::new(), Vec::new());
        for package in metadata["packages"].as_array().unwrap() {
            let manifest = text(package, "manifest_path").replace('\\', "/");
            let Some((_, rest)) = manifest.rsplit_once("/crates/") else { continue };
            let from = rest.trim_end_matches("/Cargo.toml").to_owned();
            for dependency in package["dependencies"].as_array().unwrap() {
                let for_tests = text(dependency, "kind") == "dev";
                arrows.push(Arrow { from: from.clone(), to: text(dependency, "name").to_owned(), for_tests });
            }
            crates.insert(from);
        }
        (crates, arrows)
    }

    #[test]
    fn crates_depend_only_on_what_the_pipeline_allows() {
        let (crates, arrows) = read();
        assert!(crates.len() >= 12 && arrows.len() > crates.len(), "the graph was not read: {crates:?}");
        assert_eq!(violations(&arrows), Vec::<String>::new());
        for name in &crates {
            assert!(ALLOWED.iter().any(|allowed| allowed.name == name), "`{name}` is not in the table of crates");
        }
    }

    #[test]
    fn arrows_that_break_the_pipeline_are_found() {
        let arrow = |from: &str, to: &str, for_tests| Arrow { from: from.to_owned(), to: to.to_owned(), for_tests };
        for (broken, part) in [
            (arrow("apply", "amictl-aws", false), "`apply` depends on `aws`"),
            (arrow("collect", "amictl-aws", true), "`collect` depends on `aws` in its tests"),
            (arrow("collect", "amictl-sandbox", false), "`collect` depends on `sandbox`"),
            (arrow("plan", "amictl-cloud", false), "`plan` depends on `cloud`"),
            (arrow("cli", "aws-sdk-ec2", false), "only `aws` speaks to the SDK"),
            (arrow("sandbox", "aws-smithy-types", true), "only `aws` speaks to the SDK"),
            (arrow("helpers", "amictl-model", false), "`helpers` is not in the table"),
        ] {
            let found = violations(std::slice::from_ref(&broken));
            assert!(found.len() == 1 && found[0].contains(part), "{broken:?}: {found:?}");
        }
        for fine in [
            arrow("aws", "aws-sdk-ec2", false),
            arrow("collect", "amictl-sandbox", true),
            arrow("cli", "amictl-aws", false),
            arrow("plan", "serde", false),
        ] {
            assert_eq!(violations(&[fine]), Vec::<String>::new());
        }
    }

    #[test]
    fn the_table_has_no_circle() {
        for (index, allowed) in ALLOWED.iter().enumerate() {
            for on in allowed.on {
                assert!(ALLOWED[..index].iter().any(|earlier| earlier.name == *on), "{} → {on}", allowed.name);
            }
        }
    }

    /// Whether the document names the crate: `crates/name`, or the name as code, or at the beginning of a line.
    fn names(document: &str, name: &str) -> bool {
        let at_line_start = document.lines().any(|line| line.split_whitespace().next() == Some(name));
        at_line_start || [format!("crates/{name}"), format!("`{name}`")].iter().any(|form| document.contains(form))
    }

    #[test]
    fn the_architecture_names_every_crate_and_no_other() {
        let path = workspace::root().join("ARCHITECTURE.md");
        let document = fs::read_to_string(path).expect("ARCHITECTURE.md shows the pipeline");
        let (crates, _) = read();
        for name in &crates {
            assert!(names(&document, name), "ARCHITECTURE.md does not name the crate `{name}`");
        }
        let named = document.match_indices("crates/").map(|(at, prefix)| {
            let rest = &document[at + prefix.len()..];
            rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_').next().unwrap_or_default()
        });
        for name in named.filter(|name| !name.is_empty()) {
            assert!(crates.contains(name), "ARCHITECTURE.md names crates/{name}, which does not exist");
        }
    }
}
