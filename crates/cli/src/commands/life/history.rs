//! What a parameter named before it named what it names now.

/// Where rolling a parameter back leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Back<'a> {
    /// To what it named before.
    To(&'a str),
    /// It went back there already, from this.
    Already {
        /// What it names.
        now: &'a str,
        /// What it named before it went back.
        from: &'a str,
    },
    /// It has named nothing else.
    Nowhere,
}

/// Where rolling back leads, by everything that the parameter has named, the oldest first.
///
/// A value that follows another and was there right before that one is a way back, whoever went it. The same command again must not go further,
/// nor forward: it may have been cut off between two Regions.
pub(super) fn back<'a>(values: &[&'a str]) -> Back<'a> {
    let mut way: Vec<&str> = Vec::new();
    let mut left = None;
    for value in values {
        match way.as_slice() {
            [.., now] if now == value => {}
            [.., before, _] if before == value => left = way.pop(),
            _ => {
                way.push(value);
                left = None;
            }
        }
    }
    match (way.as_slice(), left) {
        ([.., now], Some(from)) => Back::Already { now, from },
        ([.., before, _], None) => Back::To(before),
        _ => Back::Nowhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_back_once_and_again_only_after_something_new() {
        for (values, expected) in [
            (&[][..], Back::Nowhere),
            (&["a"], Back::Nowhere),
            (&["a", "a"], Back::Nowhere),
            (&["a", "b"], Back::To("a")),
            (&["a", "b", "b"], Back::To("a")),
            (&["a", "b", "a"], Back::Already { now: "a", from: "b" }),
            (&["a", "b", "a", "a"], Back::Already { now: "a", from: "b" }),
            // Published again, or its way back was undone.
            (&["a", "b", "a", "b"], Back::To("a")),
            (&["a", "b", "a", "c"], Back::To("a")),
            (&["a", "b", "c", "b"], Back::Already { now: "b", from: "c" }),
            // Not the one right before: somebody published an old one.
            (&["a", "b", "c", "a"], Back::To("c")),
        ] {
            assert_eq!(back(values), expected, "{values:?}");
        }
    }
}
