//! What the grammar accepts and this version does not carry out.

use crate::error::Located;
use crate::{Policy, Selector, Stage};

impl Policy {
    /// What this version does not carry out, each with its place; a policy with any of it must not be planned with.
    ///
    /// Carried out are families with the one stage `disable` or the one stage `deregister`, without `after` and `require_recycle_bin`, at any
    /// time, chosen by what inventories hold. [`judge`](crate::judge) keeps the images of families with other stages.
    #[must_use]
    pub fn unsupported(&self) -> Vec<Located> {
        const ALLOWED: &str = "`retire: [disable]` or `retire: [deregister]`";
        let mut found = Vec::new();
        if let Some(spot) = self.windows_spot.filter(|_| !self.windows.is_empty()) {
            let message = "this version does not hold `apply` to `windows` yet";
            found.push(Located::error(&self.file, spot, message).allowed("a policy without `windows`"));
        }
        let is_platform = |selector: &Selector| matches!(selector, Selector::Platform(_));
        for (_, spot) in self.selectors().filter(|(selector, _)| selector.has(&is_platform)) {
            let message = "inventories of this version do not hold the platform of an image";
            found.push(Located::error(&self.file, spot, message).allowed("a selector without `platform`"));
        }
        for family in &self.families {
            let mut tell = |spot, what: String| {
                let message = format!("family `{}`: this version does not carry out {what} yet", family.name);
                found.push(Located::error(&self.file, spot, message).allowed(ALLOWED));
            };
            for (at, retirement) in family.retire.iter().enumerate() {
                if retirement.stage == Stage::Deprecate {
                    tell(retirement.spot, "the stage `deprecate`".into());
                } else if at > 0 {
                    tell(retirement.spot, "several stages".into());
                }
                if retirement.after.is_some() {
                    tell(retirement.spot, format!("`after` of the stage `{}`", retirement.stage.as_str()));
                }
                if retirement.require_recycle_bin.is_some() {
                    tell(retirement.spot, "`require_recycle_bin`".into());
                }
            }
        }
        found
    }
}
