//! Comma lists of `name=value`, as options of the command line have them.

use std::fmt::Display;
use std::str::FromStr;

/// Why a list of settings cannot be used: the message is for the one who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(String);

impl SettingsError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

/// Reads `name=value,…`, each of `names` at most once, and gives each to `set`.
pub(crate) fn read(
    text: &str,
    names: &[&str],
    mut set: impl FnMut(&str, &str) -> Result<(), SettingsError>,
) -> Result<(), SettingsError> {
    let known = || format!("known are {}", names.join(", "));
    let mut seen: Vec<&str> = Vec::new();
    for setting in text.split(',').map(str::trim).filter(|setting| !setting.is_empty()) {
        let shown: String = setting.chars().take(60).collect();
        let Some((name, value)) = setting.split_once('=') else {
            return Err(SettingsError(format!("`{shown}` is not NAME=VALUE; {}", known())));
        };
        let (name, value) = (name.trim(), value.trim());
        if !names.contains(&name) {
            return Err(SettingsError(format!("`{shown}`: there is no such setting; {}", known())));
        }
        if seen.contains(&name) {
            return Err(SettingsError(format!("`{name}` is set twice")));
        }
        seen.push(name);
        set(name, value)?;
    }
    Ok(())
}

/// A value of a setting, between bounds.
pub(crate) fn value<T: FromStr + PartialOrd + Display>(
    name: &str,
    text: &str,
    bounds: std::ops::RangeInclusive<T>,
) -> Result<T, SettingsError> {
    let number = text.parse().ok().filter(|number| bounds.contains(number));
    number.ok_or_else(|| {
        let text: String = text.chars().take(40).collect();
        SettingsError(format!("{name}: `{text}` is not a number from {} to {}", bounds.start(), bounds.end()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_told_by_name() {
        let read = |text: &str| {
            let mut sum = 0_u32;
            read(text, &["a", "b"], |name, text| {
                sum += value(name, text, 1..=9_u32)?;
                Ok(())
            })
            .map(|()| sum)
            .map_err(|error| error.to_string())
        };
        assert_eq!(read("a=1, b=2,"), Ok(3));
        for (text, expected) in [
            ("a", "`a` is not NAME=VALUE; known are a, b"),
            ("c=1", "`c=1`: there is no such setting; known are a, b"),
            ("a=1,a=2", "`a` is set twice"),
            ("a=10", "a: `10` is not a number from 1 to 9"),
            ("b=x", "b: `x` is not a number from 1 to 9"),
        ] {
            assert_eq!(read(text), Err(expected.to_owned()));
        }
    }
}
