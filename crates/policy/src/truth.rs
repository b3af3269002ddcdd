//! An answer that may be unknown: unknown is not no.

/// Whether something holds, as far as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does not hold.
    No,
    /// The inventory does not say.
    Unknown,
    /// It holds.
    Yes,
}

impl Truth {
    /// Whether it holds for sure.
    #[must_use]
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }

    /// All of them: no if one is no, unknown if one is unknown.
    pub(crate) fn all(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut least = Self::Yes;
        for answer in answers {
            least = least.min(answer);
            if least == Self::No {
                break;
            }
        }
        least
    }

    /// Any of them: yes if one is yes, unknown if one is unknown.
    pub(crate) fn any(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut most = Self::No;
        for answer in answers {
            most = most.max(answer);
            if most == Self::Yes {
                break;
            }
        }
        most
    }
}

impl std::ops::Not for Truth {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

impl From<Option<bool>> for Truth {
    fn from(holds: Option<bool>) -> Self {
        holds.map_or(Self::Unknown, Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{No, Unknown, Yes};
    use super::*;

    #[test]
    fn the_unknown_stays_unknown_unless_the_rest_decides() {
        for (answers, all, any) in [
            (&[][..], Yes, No),
            (&[Yes, Unknown], Unknown, Yes),
            (&[No, Unknown], No, Unknown),
            (&[Unknown, Yes, No], No, Yes),
            (&[Unknown], Unknown, Unknown),
        ] {
            assert_eq!(Truth::all(answers.iter().copied()), all, "{answers:?}");
            assert_eq!(Truth::any(answers.iter().copied()), any, "{answers:?}");
        }
        assert_eq!([!No, !Unknown, !Yes], [Yes, Unknown, No]);
    }
}
