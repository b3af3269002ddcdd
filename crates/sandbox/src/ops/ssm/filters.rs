//! `ParameterFilters`.

use amictl_model::Tags;

use super::names::invalid;
use crate::Fault;
use crate::wire::Params;
use crate::world::{ParameterType, ParameterVersion};

/// Which parameters a call lists.
#[derive(Debug, Clone, Default)]
pub(super) struct ParameterFilters(Vec<Filter>);

#[derive(Debug, Clone)]
struct Filter {
    key: String,
    option: Match,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Match {
    Equals,
    BeginsWith,
    Contains,
    Recursive,
    OneLevel,
}

/// A parameter as filters look at it.
pub(super) struct Filtered<'a> {
    pub(super) name: &'a str,
    pub(super) newest: &'a ParameterVersion,
    pub(super) labels: &'a [&'a str],
    pub(super) tags: &'a Tags,
}

impl ParameterFilters {
    /// Reads `ParameterFilters`, of which the operation knows these keys beside tags.
    pub(super) fn decode(params: &Params, keys: &[&str], takes_tags: bool) -> Result<Self, Fault> {
        let mut filters: Vec<Filter> = Vec::new();
        for given in params.structures("ParameterFilters")? {
            let key = given.required("Key")?.to_owned();
            let is_known = keys.contains(&key.as_str())
                || takes_tags && key.strip_prefix("tag:").is_some_and(|key| !key.is_empty());
            if !is_known {
                let key: String = key.chars().take(132).collect();
                return Err(Fault::new(
                    "InvalidFilterKey",
                    format!(
                        "The following filter key is not valid: {key}. Valid filter keys include: [{}].",
                        keys.join(", ")
                    ),
                ));
            }
            if filters.iter().any(|filter| filter.key == key) {
                return Err(invalid(
                    "The following filters are duplicated in the request: ".to_owned()
                        + &key
                        + ". A request can contain only one instance of a specific filter.",
                ));
            }
            let option = option(&key, given.text("Option"))?;
            let values = given.texts("Values")?;
            check(&key, &values)?;
            filters.push(Filter { key, option, values });
        }
        Ok(Self(filters))
    }

    /// Reads the older `Filters`, whose names match beginnings.
    pub(super) fn decode_old(params: &Params) -> Result<Self, Fault> {
        let mut filters = Vec::new();
        for given in params.structures("Filters")? {
            let key = given.required("Key")?.to_owned();
            if !["Name", "Type", "KeyId"].contains(&key.as_str()) {
                return Err(Fault::new("InvalidFilterKey", "Valid filter keys include: [Name, Type, KeyId]."));
            }
            let option = if key == "Name" { Match::BeginsWith } else { Match::Equals };
            let values = given.texts("Values")?;
            check(&key, &values)?;
            filters.push(Filter { key, option, values });
        }
        Ok(Self(filters))
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether all filters take a parameter.
    pub(super) fn take(&self, parameter: &Filtered<'_>) -> bool {
        self.0.iter().all(|filter| filter.takes(parameter))
    }
}

fn option(key: &str, text: Option<&str>) -> Result<Match, Fault> {
    let (valid, default): (&[(&str, Match)], Match) = match key {
        "Path" => (&[("Recursive", Match::Recursive), ("OneLevel", Match::OneLevel)], Match::OneLevel),
        "Name" => (
            &[("BeginsWith", Match::BeginsWith), ("Equals", Match::Equals), ("Contains", Match::Contains)],
            Match::Equals,
        ),
        _ => (&[("BeginsWith", Match::BeginsWith), ("Equals", Match::Equals)], Match::Equals),
    };
    let Some(text) = text else { return Ok(default) };
    valid.iter().find(|(name, _)| *name == text).map(|(_, option)| *option).ok_or_else(|| {
        let text: String = text.chars().take(20).collect();
        let names: Vec<&str> = valid.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let message = format!("The following filter option is not valid: {text}. Valid options include: [{names}].");
        Fault::new("InvalidFilterOption", message)
    })
}

fn check(key: &str, values: &[String]) -> Result<(), Fault> {
    let refused = |message: String| Err(Fault::new("InvalidFilterValue", message));
    if values.is_empty() && !key.starts_with("tag:") {
        return refused("The following filter values are missing : null for filter key ".to_owned() + key);
    }
    if values.len() > 50 {
        return invalid_count();
    }
    for value in values {
        let shown: String = value.chars().take(100).collect();
        match key {
            "Type" if !ParameterType::ALL.iter().any(|kind| kind.as_str() == value) => {
                return refused(format!(
                    "The following filter value is not valid: {shown}. Valid values include: [String, SecureString, \
                     StringList]"
                ));
            }
            "Path" if !value.starts_with('/') => {
                return Err(invalid(format!(
                    "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a \
                     forward slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use \
                     only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special \
                     characters are not allowed. All sub-paths, if specified, must use the forward slash symbol \"/\". \
                     Valid example: /get/parameters2-/by1./path0_. ({shown})"
                )));
            }
            "Tier" if !["Standard", "Advanced", "Intelligent-Tiering"].contains(&value.as_str()) => {
                return refused(format!("The following filter value is not valid: {shown}."));
            }
            _ => {}
        }
    }
    Ok(())
}

fn invalid_count() -> Result<(), Fault> {
    Err(invalid("1 validation error detected: values must have length less than or equal to 50"))
}

/// Whether a name is below a path, on its next level or on any.
pub(super) fn is_below(name: &str, path: &str, recursive: bool) -> bool {
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() && !name.starts_with('/') {
        return true;
    }
    match name.strip_prefix(path).and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) => recursive || !rest.contains('/'),
        None => false,
    }
}

impl Filter {
    fn takes(&self, parameter: &Filtered<'_>) -> bool {
        let newest = parameter.newest;
        match self.key.as_str() {
            "Name" => self.takes_name(parameter.name),
            "Path" => self.values.iter().any(|path| is_below(parameter.name, path, self.option == Match::Recursive)),
            "Type" => self.takes_text(newest.kind.as_str()),
            "KeyId" => newest.key.as_deref().is_some_and(|key| self.takes_text(key)),
            "DataType" => self.takes_text(&newest.data_type),
            "Tier" => self.takes_text(newest.tier()),
            "Label" => parameter.labels.iter().any(|label| self.takes_text(label)),
            key => {
                let value = key.strip_prefix("tag:").and_then(|key| parameter.tags.get(key));
                value.is_some_and(|value| self.values.is_empty() || self.takes_text(value))
            }
        }
    }

    /// A slash at the beginning of a name does not matter.
    fn takes_name(&self, name: &str) -> bool {
        let bare = name.strip_prefix('/').unwrap_or(name);
        self.takes_text(name)
            || self.option != Match::Contains
                && self.values.iter().any(|value| {
                    let value = value.strip_prefix('/').unwrap_or(value);
                    if self.option == Match::BeginsWith { bare.starts_with(value) } else { bare == value }
                })
    }

    fn takes_text(&self, text: &str) -> bool {
        self.values.iter().any(|value| match self.option {
            Match::BeginsWith => text.starts_with(value.as_str()),
            Match::Contains => text.contains(value.as_str()),
            _ => text == value,
        })
    }
}

#[cfg(test)]
mod tests {
    use amictl_model::Moment;

    use super::*;
    use crate::wire::decode_json;

    fn takes(filter: &str) -> Result<bool, Fault> {
        let params = decode_json(format!("{{\"ParameterFilters\": [{filter}]}}").as_bytes()).unwrap();
        let keys = ["Name", "Path", "Type", "DataType", "Tier", "KeyId"];
        let filters = ParameterFilters::decode(&params, &keys, true)?;
        let newest = ParameterVersion::text(1, "x", Moment::from_secs(1));
        let tags = [("app", "web")].into_iter().collect();
        Ok(filters.take(&Filtered { name: "/golden/web/base", newest: &newest, labels: &[], tags: &tags }))
    }

    #[test]
    fn filters_take_what_aws_takes() {
        for (filter, expected) in [
            (r#"{"Key": "Name", "Values": ["/golden/web/base"]}"#, true),
            (r#"{"Key": "Name", "Option": "BeginsWith", "Values": ["golden"]}"#, true),
            (r#"{"Key": "Name", "Option": "Contains", "Values": ["web"]}"#, true),
            (r#"{"Key": "Name", "Values": ["web"]}"#, false),
            (r#"{"Key": "Path", "Values": ["/golden"]}"#, false),
            (r#"{"Key": "Path", "Option": "Recursive", "Values": ["/golden"]}"#, true),
            (r#"{"Key": "Path", "Values": ["/golden/web/"]}"#, true),
            (r#"{"Key": "DataType", "Values": ["aws:ec2:image", "text"]}"#, true),
            (r#"{"Key": "Type", "Values": ["SecureString"]}"#, false),
            (r#"{"Key": "tag:app", "Values": ["web"]}"#, true),
            (r#"{"Key": "tag:app"}"#, true),
            (r#"{"Key": "tag:other", "Values": ["web"]}"#, false),
        ] {
            assert_eq!(takes(filter).unwrap(), expected, "{filter}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused() {
        for (filter, code) in [
            (r#"{"Key": "Label", "Values": ["x"]}"#, "InvalidFilterKey"),
            (r#"{"Key": "Name", "Option": "Recursive", "Values": ["x"]}"#, "InvalidFilterOption"),
            (r#"{"Key": "Type", "Values": ["Text"]}"#, "InvalidFilterValue"),
            (r#"{"Key": "Name"}"#, "InvalidFilterValue"),
            (r#"{"Key": "Path", "Values": ["x"]}"#, "ValidationException"),
        ] {
            assert_eq!(takes(filter).unwrap_err().code, code, "{filter}");
        }
    }
}
