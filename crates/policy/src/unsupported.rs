//! What the grammar accepts and this version does not carry out.

use crate::error::Located;
use crate::{Policy, Selector};

impl Policy {
    /// What this version does not carry out, each with its place; a policy with any of it must not be planned with.
    #[must_use]
    pub fn unsupported(&self) -> Vec<Located> {
        let mut found = Vec::new();
        let is_platform = |selector: &Selector| matches!(selector, Selector::Platform(_));
        for (_, spot) in self.selectors().filter(|(selector, _)| selector.has(&is_platform)) {
            let message = "inventories of this version do not hold the platform of an image";
            found.push(Located::error(&self.file, spot, message).allowed("a selector without `platform`"));
        }
        found
    }
}
