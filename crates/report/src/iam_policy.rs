//! An IAM policy: the document itself, or what each of its actions is for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use amictl_cloud::{IAM_POLICY_CHARS_MAX, IamPolicy, Partition, Statement, Task, needs_of};

use crate::doc::{Doc, Tone};
use crate::grid::{Grid, Kind};
use crate::number::{count, len};
use crate::{Format, Output, ReportError, markdown, sink, terminal};

/// The policy for some tasks.
#[derive(Debug)]
pub struct IamReport<'a> {
    /// What the policy is for.
    pub tasks: &'a [Task],
    /// Where its ARNs are.
    pub partition: Partition,
    /// The policy.
    pub policy: IamPolicy,
}

impl<'a> IamReport<'a> {
    /// The least that these tasks need.
    #[must_use]
    pub fn of(tasks: &'a [Task], partition: Partition) -> Self {
        Self { tasks, partition, policy: IamPolicy::of_tasks(tasks, partition) }
    }

    /// A warning when the policy is too large for one managed policy, which counts no white space.
    #[must_use]
    pub fn size_warning(&self) -> Option<String> {
        let chars = serde_json::to_string(&self.policy).map_or(0, |text| text.chars().count());
        (chars > IAM_POLICY_CHARS_MAX).then(|| {
            format!(
                "the policy has {} characters without white space and a managed policy takes {}: attach it as two \
                 policies, or inline to a role, which takes 10,240",
                count(len(chars)),
                count(len(IAM_POLICY_CHARS_MAX))
            )
        })
    }
}

/// Writes the policy: as JSON the document that IAM takes, otherwise a table of its actions and what each is for.
///
/// # Errors
/// [`ReportError`] when `out` takes no more.
pub fn iam_policy(out: &mut dyn fmt::Write, report: &IamReport<'_>, output: Output) -> Result<(), ReportError> {
    match output.format {
        Format::Table => Ok(terminal::draw(out, &document(report), output.style)?),
        Format::Markdown => Ok(markdown::draw(out, &document(report))?),
        Format::Json => sink::write_json(out, &report.policy),
        Format::Ndjson => report.policy.statements.iter().try_for_each(|row| sink::write_json_line(out, row)),
        Format::Csv => sink::write_csv(out, ["action", "resource", "condition", "for"], rows(report)),
    }
}

fn rows(report: &IamReport<'_>) -> Vec<[String; 4]> {
    let purposes = purposes(report.tasks);
    let of_statement = |statement: &Statement| {
        let row = |action: &String| {
            let purpose = match statement.sid {
                "AmictlAssume" => "work in other accounts".to_owned(),
                "AmictlState" | "AmictlStateBucket" => "keep the state".to_owned(),
                _ => purposes.get(action).into_iter().flatten().copied().collect::<Vec<_>>().join("; "),
            };
            [action.clone(), statement.resource.clone(), condition(statement), purpose]
        };
        statement.actions.iter().map(row).collect::<Vec<_>>()
    };
    report.policy.statements.iter().flat_map(of_statement).collect()
}

/// What each action is for.
fn purposes(tasks: &[Task]) -> BTreeMap<String, BTreeSet<&'static str>> {
    let mut purposes: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    for row in needs_of(tasks) {
        for action in row.iam_actions() {
            purposes.entry(action).or_default().insert(row.purpose);
        }
    }
    purposes
}

fn condition(statement: &Statement) -> String {
    let tests = statement
        .condition
        .iter()
        .flatten()
        .flat_map(|(operator, tests)| tests.iter().map(move |(key, value)| format!("{key} {operator} {value}")));
    tests.collect::<Vec<_>>().join(", ")
}

fn document(report: &IamReport<'_>) -> Doc {
    let mut doc = Doc::default();
    doc.title("What amictl needs to be allowed");
    let mut grid = Grid::new(&[("Action", Kind::Id), ("Resource", Kind::Id), ("For", Kind::Note)]);
    for [action, resource, condition, purpose] in rows(report) {
        let resource = if condition.is_empty() { resource } else { format!("{resource} (own)") };
        grid.row(vec![action, resource, purpose]);
    }
    doc.grid(grid);
    if report.policy.statements.iter().any(|statement| statement.condition.is_some()) {
        doc.line(Tone::Plain, "(own): only what the account itself owns, by the condition ec2:Owner.");
    }
    if let Some(warning) = report.size_warning() {
        doc.line(Tone::Warn, warning);
    }
    doc
}
