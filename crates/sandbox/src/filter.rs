//! `Filters`: names with values, where a value may hold the wildcards `*` and `?`.

use amictl_model::Tags;

use crate::Fault;
use crate::wire::Params;

/// Values that one call may filter by.
const VALUES_MAX: usize = 200;

/// The filters of one call: all must match, each by one of its values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filters(Vec<Filter>);

/// One filter.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    name: String,
    values: Vec<String>,
}

impl Filters {
    /// Reads `Filter.N.{Name, Value.M}` (or the query protocol's `Filters.member.N.{Name, Values.member.M}`); `names` are
    /// the names that this operation knows beside `tag:<key>`.
    pub(crate) fn decode(params: &Params, names: &[&str]) -> Result<Self, Fault> {
        let mut filters = Vec::new();
        let lists = params.structures("Filter")?.into_iter().chain(params.structures("Filters")?);
        for filter in lists {
            let name = filter.required("Name")?.to_owned();
            let is_tag = name.starts_with("tag:") && names.contains(&"tag-key");
            if !is_tag && !names.contains(&name.as_str()) {
                return Err(Fault::new("InvalidParameterValue", format!("The filter '{name}' is invalid")));
            }
            let values = [filter.texts("Value")?, filter.texts("Values")?].concat();
            if values.is_empty() {
                return Err(Fault::new("InvalidParameterValue", format!("The filter '{name}' has no value")));
            }
            filters.push(Filter { name, values });
        }
        let values: usize = filters.iter().map(|filter| filter.values.len()).sum();
        if values > VALUES_MAX {
            return Err(Fault::new(
                "FilterLimitExceeded",
                format!("The maximum number of filter values specified on a single call is {VALUES_MAX}"),
            ));
        }
        Ok(Self(filters))
    }

    /// A single filter, for calls in process.
    pub(crate) fn one(name: &str, values: Vec<String>) -> Self {
        Self(vec![Filter { name: name.to_owned(), values }])
    }

    /// Several filters, for calls in process; those without values are left out.
    pub(crate) fn all<const N: usize>(filters: [(&str, Vec<String>); N]) -> Self {
        let given = filters.into_iter().filter(|(_, values)| !values.is_empty());
        Self(given.map(|(name, values)| Filter { name: name.to_owned(), values }).collect())
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The values of a filter that names whole ids, so that only these need to be looked at.
    pub(crate) fn exact(&self, name: &str) -> Option<&[String]> {
        self.0
            .iter()
            .find(|filter| filter.name == name && filter.values.iter().all(|value| !has_wildcard(value)))
            .map(|filter| filter.values.as_slice())
    }

    /// Whether all filters match; `field` tests the values of a field other than tags.
    pub(crate) fn matches(&self, tags: &Tags, field: impl Fn(&str, &Filter) -> bool) -> bool {
        self.0.iter().all(|filter| match filter.name.as_str() {
            "tag-key" => tags.iter().any(|(key, _)| filter.takes(key)),
            name => match name.strip_prefix("tag:") {
                Some(key) => tags.get(key).is_some_and(|value| filter.takes(value)),
                None => field(name, filter),
            },
        })
    }
}

impl Filter {
    /// Whether one of the values takes this text.
    pub(crate) fn takes(&self, text: &str) -> bool {
        self.values.iter().any(|value| is_match(value, text))
    }

    /// Whether one of the values takes this text, if there is any.
    pub(crate) fn takes_some(&self, text: Option<impl AsRef<str>>) -> bool {
        text.is_some_and(|text| self.takes(text.as_ref()))
    }

    /// Whether one of the values is such, as it was written.
    pub(crate) fn any(&self, is_such: impl Fn(&str) -> bool) -> bool {
        self.values.iter().any(|value| is_such(value))
    }

    /// Whether one of the values takes this boolean or number.
    pub(crate) fn takes_value(&self, value: impl std::fmt::Display) -> bool {
        self.takes(&value.to_string())
    }
}

fn has_wildcard(value: &str) -> bool {
    value.contains(['*', '?', '\\'])
}

/// Whether the pattern takes the whole text: `*` any characters, `?` exactly one, `\` makes the next one literal.
pub(crate) fn is_match(pattern: &str, text: &str) -> bool {
    if !has_wildcard(pattern) {
        return pattern == text;
    }
    let pattern = tokens(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut at_pattern, mut at_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while at_text < text.len() {
        match pattern.get(at_pattern) {
            Some(Token::Any) => {
                star = Some((at_pattern, at_text));
                at_pattern += 1;
            }
            Some(token) if token.takes(text[at_text]) => {
                at_pattern += 1;
                at_text += 1;
            }
            _ => match &mut star {
                Some((star_pattern, star_text)) => {
                    *star_text += 1;
                    at_pattern = *star_pattern + 1;
                    at_text = *star_text;
                }
                None => return false,
            },
        }
    }
    pattern[at_pattern..].iter().all(|token| *token == Token::Any)
}

#[derive(Debug, PartialEq)]
enum Token {
    Any,
    One,
    Literal(char),
}

impl Token {
    fn takes(&self, character: char) -> bool {
        match self {
            Self::One => true,
            Self::Literal(literal) => *literal == character,
            Self::Any => false,
        }
    }
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut characters = pattern.chars();
    let mut tokens = Vec::new();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Literal(characters.next().unwrap_or('\\')),
            other => Token::Literal(other),
        });
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_take_what_aws_takes() {
        for (pattern, text, expected) in [
            ("web", "web", true),
            ("web", "web-1", false),
            ("web*", "web-1", true),
            ("*-1", "web-1", true),
            ("*e*-?", "web-1", true),
            ("*e*-?", "web-12", false),
            ("", "", true),
            ("*", "", true),
            ("?", "", false),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("2026-11-*", "2026-11-21T00:00:00.000Z", true),
            ("WEB*", "web", false),
        ] {
            assert_eq!(is_match(pattern, text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn unknown_filters_are_refused() {
        let decode =
            |form: &str| Filters::decode(&crate::wire::decode_form(form.as_bytes()).unwrap(), &["name", "tag-key"]);
        assert!(decode("Filter.1.Name=name&Filter.1.Value.1=x").is_ok());
        assert!(decode("Filter.1.Name=tag:app&Filter.1.Value.1=x").is_ok());
        assert!(decode("Filters.member.1.Name=name&Filters.member.1.Values.member.1=x").is_ok());
        for form in ["Filter.1.Name=nam&Filter.1.Value.1=x", "Filter.1.Name=name", "Filter.1.Value.1=x", "Filter.x=1"] {
            assert!(decode(form).is_err(), "{form}");
        }
        let many: String = (1..=201).map(|n| format!("&Filter.1.Value.{n}=x")).collect();
        assert_eq!(decode(&format!("Filter.1.Name=name{many}")).unwrap_err().code, "FilterLimitExceeded");
    }
}
