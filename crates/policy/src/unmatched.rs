//! Families that no image of an inventory belongs to: most often a pattern with a slip in it.

use amictl_model::{Image, Inventory, Moment};

use crate::error::Located;
use crate::{Policy, Subject, Truth};

/// Names that are compared for a suggestion, at most.
const NAMES_COMPARED_MAX: usize = 20_000;

/// A warning for each family that no image belongs to, with the nearest name of an image.
///
/// An image belongs to the first family that matches it, so a family behind a wider one is told as well.
#[must_use]
pub fn unmatched_families(policy: &Policy, inventory: &Inventory, now: Moment) -> Vec<Located> {
    let images = || inventory.scopes.iter().flat_map(|scope| &scope.images);
    let mut taken: Vec<bool> = vec![false; policy.families.len()];
    let mut matched = taken.clone();
    let subjects = inventory
        .scopes
        .iter()
        .flat_map(|scope| scope.images.iter().map(move |image| Subject { image, scope: &scope.scope, now }));
    for subject in subjects {
        let mut first = true;
        for (at, family) in policy.families.iter().enumerate() {
            if (first || !matched[at]) && family.matcher.truth(&subject) != Truth::No {
                matched[at] = true;
                taken[at] |= first;
                first = false;
            }
        }
    }
    let mut warnings = Vec::new();
    for (at, family) in policy.families.iter().enumerate().filter(|(at, _)| !taken[*at]) {
        let warning = if matched[at] {
            let message = format!("every image that family `{}` matches belongs to a family before it", family.name);
            Located::warning(&policy.file, family.match_spot, message)
        } else {
            let pattern = family.matcher.name.as_ref();
            let message = match pattern {
                Some(pattern) => format!("the pattern `{}` matches no image of the inventory", pattern.as_str()),
                None => format!("what family `{}` matches is no image of the inventory", family.name),
            };
            let nearest = pattern.and_then(|pattern| nearest_name(pattern.prefix(), pattern.as_str(), images()));
            let warning = Located::warning(&policy.file, family.match_spot, message);
            match nearest {
                Some(name) => warning.allowed(format!("the nearest image name is `{name}`")),
                None => warning,
            }
        };
        warnings.push(warning);
    }
    warnings
}

/// The image name that is most like the pattern.
fn nearest_name<'a>(prefix: &str, pattern: &str, images: impl Iterator<Item = &'a Image>) -> Option<String> {
    let wanted = if prefix.is_empty() { pattern } else { prefix };
    let mut seen = std::collections::HashSet::new();
    images
        .map(|image| &*image.name)
        .filter(|name| !name.is_empty() && seen.insert(crate::name_family(name)))
        .take(NAMES_COMPARED_MAX)
        .map(|name| {
            let beginning: String = name.chars().take(wanted.chars().count()).collect();
            (strsim::jaro_winkler(wanted, &beginning), name)
        })
        .filter(|(likeness, _)| *likeness > 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.chars().take(128).flat_map(char::escape_debug).collect())
}
