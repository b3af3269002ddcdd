//! SSM parameters, as far as launch templates resolve them.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

/// A parameter with all its versions, the first one first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Parameter {
    /// The values by version, from 1 on.
    pub values: Vec<CompactString>,
    /// Labels with the version that they stand at.
    pub labels: Vec<(CompactString, usize)>,
}

impl Parameter {
    /// The value of a version's number or label; of the newest one without a selector.
    #[must_use]
    pub fn value(&self, selector: Option<&str>) -> Option<&str> {
        let version = match selector {
            None => self.values.len(),
            Some(selector) => match selector.parse::<usize>() {
                Ok(number) => number,
                Err(_) => self.labels.iter().find(|(label, _)| label == selector)?.1,
            },
        };
        self.values.get(version.checked_sub(1)?).map(CompactString::as_str)
    }
}
