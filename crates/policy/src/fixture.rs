//! A user's own tests of a policy: images in, expected verdicts out. Pure; whoever runs them reads the files.

use std::fmt;

use amictl_model::{Inventory, Moment};

use crate::error::SourceFile;
use crate::{Decision, Policy, ReasonCode, Spot, Stage, Verdict, judge};

/// The tests of one file.
#[derive(Debug, Clone)]
pub struct PolicyTests {
    /// The policy file that they are of, as written, if they name one.
    pub policy: Option<String>,
    /// The tests.
    pub tests: Vec<PolicyTest>,
    pub(crate) file: SourceFile,
}

/// One test.
#[derive(Debug, Clone)]
pub struct PolicyTest {
    /// Its name.
    pub name: String,
    /// The moment that is judged for; `None` for the moment at which the inventory was read.
    pub now: Option<Moment>,
    /// What is judged.
    pub world: TestWorld,
    /// What must come out.
    pub expected: Vec<Expected>,
}

/// What a test judges.
#[derive(Debug, Clone)]
pub enum TestWorld {
    /// The inventory of this file, as written.
    File(String),
    /// The images that the test lists.
    Images(Box<Inventory>),
}

/// What a test expects of one image.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The image's id or name.
    pub image: String,
    /// What must become of it.
    pub verdict: ExpectedVerdict,
    /// A kind of reason that must be told, if any.
    pub because: Option<ReasonCode>,
    /// The family that it must belong to, if any.
    pub family: Option<String>,
    /// Where the test expects it.
    pub spot: Spot,
}

/// What must become of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpectedVerdict {
    /// It stays.
    Keep,
    /// It goes to any stage.
    Retire,
    /// It goes to this stage.
    Stage(Stage),
    /// It is blocked.
    Blocked,
}

impl ExpectedVerdict {
    fn is_met_by(self, decision: Decision) -> bool {
        match (self, decision) {
            (Self::Keep, Decision::Keep) | (Self::Blocked, Decision::Blocked) | (Self::Retire, Decision::Retire(_)) => {
                true
            }
            (Self::Stage(wanted), Decision::Retire(stage)) => wanted == stage,
            _ => false,
        }
    }
}

impl fmt::Display for ExpectedVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keep => "keep",
            Self::Retire => "retire",
            Self::Stage(stage) => stage.as_str(),
            Self::Blocked => "blocked",
        })
    }
}

/// What came of one expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestOutcome {
    /// The test.
    pub test: String,
    /// The image as the test names it. Attacker-controlled text where the inventory is a real one.
    pub image: String,
    /// What was expected.
    pub expected: String,
    /// What came out: the verdict, and why. Attacker-controlled text.
    pub got: String,
    /// Whether that is what was expected.
    pub passed: bool,
    /// `file:line` of the expectation.
    pub place: String,
}

impl PolicyTests {
    /// Runs one of the tests on its inventory.
    #[must_use]
    pub fn run(&self, test: &PolicyTest, policy: &Policy, inventory: &Inventory) -> Vec<TestOutcome> {
        let verdicts = judge(policy, inventory, test.now.unwrap_or(inventory.created_at));
        test.expected.iter().map(|expected| self.check(test, expected, inventory, &verdicts)).collect()
    }

    fn check(
        &self,
        test: &PolicyTest,
        expected: &Expected,
        inventory: &Inventory,
        verdicts: &[Verdict],
    ) -> TestOutcome {
        let is_it = |verdict: &&Verdict| {
            let scope = inventory.scopes.get(verdict.scope as usize);
            let image = scope.and_then(|scope| scope.images.get(verdict.image as usize));
            image.is_some_and(|image| image.id.as_str() == expected.image || *image.name == *expected.image)
        };
        let mut found = verdicts.iter().filter(is_it);
        let (got, passed) = match (found.next(), found.next()) {
            (None, _) => ("no such image".to_owned(), false),
            (Some(_), Some(_)) => ("several images of this name: give an id".to_owned(), false),
            (Some(verdict), None) => (told(verdict), expected.is_met_by(verdict)),
        };
        TestOutcome {
            test: test.name.clone(),
            image: expected.image.clone(),
            expected: expected.to_string(),
            got,
            passed,
            place: format!("{}:{}", self.file.name(), expected.spot.line),
        }
    }
}

impl Expected {
    fn is_met_by(&self, verdict: &Verdict) -> bool {
        self.verdict.is_met_by(verdict.decision)
            && self.because.is_none_or(|code| verdict.reasons.iter().any(|reason| reason.code == code))
            && self.family.as_deref().is_none_or(|family| verdict.family.as_deref() == Some(family))
    }
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.verdict)?;
        if let Some(code) = self.because {
            write!(f, " because {}", code.as_str())?;
        }
        match &self.family {
            Some(family) => write!(f, " in {family}"),
            None => Ok(()),
        }
    }
}

/// The verdict and its reasons in one line.
fn told(verdict: &Verdict) -> String {
    let decision = match verdict.decision {
        Decision::Retire(stage) => stage.as_str(),
        other => other.as_str(),
    };
    let family = verdict.family.as_ref().map(|family| format!(" in {family}")).unwrap_or_default();
    let reasons: Vec<String> =
        verdict.reasons.iter().map(|reason| format!("{} ({reason})", reason.code.as_str())).collect();
    format!("{decision}{family}: {}", reasons.join("; "))
}
