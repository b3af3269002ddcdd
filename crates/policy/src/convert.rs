//! Policies of other tools as policies of amictl, with a list of what could not be carried over. Pure.
//!
//! What narrows the choice of images and cannot be expressed leaves the whole rule out: without it more images would go than before.

mod custodian;
mod dlm;
mod draft;
mod image_builder;
mod look;

use std::sync::Arc;

use crate::error::{Located, PolicyErrors, SourceFile};
use crate::node::{self, Node};
use crate::{Policy, Spot};
use draft::Draft;

/// What another tool's policy became.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// The policy as YAML, which parses; empty if nothing could be carried over.
    pub text: String,
    /// What could not be carried over, or only in part, in the order of the file.
    pub left_out: Vec<LeftOut>,
}

/// Something that could not be carried over as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The line that it stands on.
    pub line: u32,
    /// What it is. Text of the file, in one line.
    pub what: String,
    /// Why, or what became of it.
    pub why: String,
}

/// What kind of policy a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConvertFrom {
    /// Policies of Cloud Custodian on the resource `ami` (YAML).
    Custodian,
    /// A policy of Data Lifecycle Manager, as `get-lifecycle-policy` prints it (JSON).
    Dlm,
    /// A lifecycle policy of EC2 Image Builder, as `get-lifecycle-policy` prints it (JSON).
    ImageBuilder,
}

impl ConvertFrom {
    fn detect(root: &Node) -> Option<Self> {
        if root.get("policies").is_some() {
            Some(Self::Custodian)
        } else if ["Policy", "PolicyDetails", "Schedules"].iter().any(|key| root.get(key).is_some()) {
            Some(Self::Dlm)
        } else if ["lifecyclePolicy", "policyDetails"].iter().any(|key| root.get(key).is_some()) {
            Some(Self::ImageBuilder)
        } else {
            None
        }
    }
}

impl Conversion {
    /// The policy with what could not be carried over as comments at its head.
    #[must_use]
    pub fn with_notes(&self) -> String {
        let mut text = String::new();
        if !self.left_out.is_empty() {
            text.push_str("# Not carried over, or not as it was:\n");
        }
        for left in &self.left_out {
            text.push_str(&format!("#   line {}: {}: {}\n", left.line, left.what, left.why));
        }
        if self.text.is_empty() {
            text.push_str("# Nothing could be carried over.\n");
        }
        text + &self.text
    }
}

/// Converts the text of another tool's policy file; `from` is found out where it is not given. `file_name` is shown in errors.
///
/// # Errors
/// Text that is no YAML or JSON, or of none of these tools.
pub fn convert(text: &str, file_name: &str, from: Option<ConvertFrom>) -> Result<Conversion, PolicyErrors> {
    let file = SourceFile::new(file_name, text);
    let root = node::parse(&file).map_err(PolicyErrors::one)?;
    let Some(from) = from.or_else(|| ConvertFrom::detect(&root)) else {
        let spot = Spot { line: 1, column: 1, offset: 0, len: 1 };
        let error = Located::error(&file, spot, "this is no policy of a tool that amictl knows");
        let allowed = "policies of Cloud Custodian, or what `aws dlm get-lifecycle-policy` or `aws imagebuilder get-lifecycle-policy` prints";
        return Err(PolicyErrors::one(error.allowed(allowed)));
    };
    let mut draft = Draft::of(Arc::clone(file.text()));
    match from {
        ConvertFrom::Custodian => custodian::convert(&root, &mut draft),
        ConvertFrom::Dlm => dlm::convert(&root, &mut draft),
        ConvertFrom::ImageBuilder => image_builder::convert(&root, &mut draft),
    }
    let conversion = draft.finish();
    if !conversion.text.is_empty() {
        // What comes out is a policy, whatever went in.
        Policy::parse(&conversion.text, "the converted policy")?;
    }
    Ok(conversion)
}
