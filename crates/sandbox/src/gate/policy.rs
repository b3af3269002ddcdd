//! An IAM policy document, as far as the sandbox looks at it: effects and actions.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::filter::is_match;

/// A policy document: `{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["ec2:Describe*"], "Resource": "*"}]}`.
///
/// Its statements are about all resources, without conditions: a policy that says more is refused, so that none is taken for
/// what it is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Policy {
    statements: Vec<Statement>,
    /// As it was written.
    document: Value,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Statement {
    allows: bool,
    /// Whether it is about the actions that none of the patterns takes: `NotAction`.
    is_inverted: bool,
    /// In lower case: IAM does not tell cases apart.
    patterns: Vec<String>,
}

/// What a policy says of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    /// A statement allows it and none denies it.
    Allowed,
    /// No statement is about it.
    Nothing,
    /// A statement denies it.
    Denied,
}

/// Why a text is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PolicyError(String);

impl PolicyError {
    pub(super) fn new(message: String) -> Self {
        Self(message)
    }
}

impl Policy {
    /// What it says of an action such as `ec2:DescribeImages`.
    pub(crate) fn word(&self, action: &str) -> Word {
        let action = action.to_ascii_lowercase();
        let about = self.statements.iter().filter(|statement| statement.is_about(&action));
        about.fold(Word::Nothing, |word, statement| match (word, statement.allows) {
            (Word::Denied, _) | (_, false) => Word::Denied,
            (_, true) => Word::Allowed,
        })
    }
}

impl Statement {
    fn is_about(&self, action: &str) -> bool {
        self.patterns.iter().any(|pattern| is_match(pattern, action)) != self.is_inverted
    }

    fn read(value: &Value) -> Result<Self, String> {
        let members = value.as_object().ok_or("it is not an object")?;
        let known = ["Sid", "Effect", "Action", "NotAction", "Resource"];
        if let Some(other) = members.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(format!("`{other}` is not known here; known are {}", known.join(", ")));
        }
        let allows = match members.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err("`Effect` is neither `Allow` nor `Deny`".to_owned()),
        };
        if texts(members, "Resource")?.is_none_or(|resources| resources != ["*"]) {
            return Err("`Resource` is not `*`, and the sandbox looks at actions only".to_owned());
        }
        let (is_inverted, patterns) = match (texts(members, "Action")?, texts(members, "NotAction")?) {
            (Some(patterns), None) => (false, patterns),
            (None, Some(patterns)) => (true, patterns),
            _ => return Err("it has to have either `Action` or `NotAction`".to_owned()),
        };
        let is_action = |pattern: &&&str| {
            **pattern == "*"
                || pattern.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty())
        };
        if let Some(other) = patterns.iter().find(|pattern| !is_action(pattern)) {
            return Err(format!("`{other}` is not an action such as `ec2:DescribeImages`, `ec2:Describe*` or `*`"));
        }
        let patterns = patterns.iter().map(|pattern| pattern.to_ascii_lowercase()).collect();
        Ok(Self { allows, is_inverted, patterns })
    }
}

/// A text or a list of them.
fn texts<'a>(members: &'a Map<String, Value>, name: &str) -> Result<Option<Vec<&'a str>>, String> {
    let Some(value) = members.get(name) else { return Ok(None) };
    let texts = match value {
        Value::String(text) => Some(vec![text.as_str()]),
        Value::Array(list) if !list.is_empty() => list.iter().map(Value::as_str).collect(),
        _ => None,
    };
    texts.map(Some).ok_or_else(|| format!("`{name}` is neither a text nor a list of texts"))
}

impl TryFrom<Value> for Policy {
    type Error = PolicyError;

    fn try_from(document: Value) -> Result<Self, PolicyError> {
        let members = document.as_object().ok_or_else(|| PolicyError("a policy is an object".to_owned()))?;
        if let Some(other) = members.keys().find(|name| !["Version", "Id", "Statement"].contains(&name.as_str())) {
            return Err(PolicyError(format!("`{other}` is not a member of a policy")));
        }
        let statements = match members.get("Statement") {
            Some(Value::Array(list)) => list.as_slice(),
            Some(one @ Value::Object(_)) => std::slice::from_ref(one),
            _ => return Err(PolicyError("the policy has no `Statement`".to_owned())),
        };
        let read = |(number, value): (usize, &Value)| {
            Statement::read(value).map_err(|why| PolicyError(format!("statement {number}: {why}")))
        };
        let statements = (1..).zip(statements).map(read).collect::<Result<_, _>>()?;
        Ok(Self { statements, document })
    }
}

impl From<Policy> for Value {
    fn from(policy: Policy) -> Self {
        policy.document
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(statements: &Value) -> Result<Policy, PolicyError> {
        Policy::try_from(json!({"Version": "2012-10-17", "Statement": statements}))
    }

    #[test]
    fn denying_wins_over_allowing_and_silence_allows_nothing() {
        let policy = policy(&json!([
            {"Sid": "Read", "Effect": "Allow", "Action": ["ec2:Describe*", "SSM:GetParameter?"], "Resource": "*"},
            {"Effect": "Deny", "Action": "ec2:DescribeTags", "Resource": ["*"]},
            {"Effect": "Deny", "NotAction": ["ec2:*", "ssm:*", "sts:*"], "Resource": "*"},
        ]))
        .unwrap();
        for (action, word) in [
            ("ec2:DescribeImages", Word::Allowed),
            ("ssm:GetParameters", Word::Allowed),
            ("ssm:GetParameter", Word::Nothing),
            ("ec2:DescribeTags", Word::Denied),
            ("ec2:RunInstances", Word::Nothing),
            ("s3:GetObject", Word::Denied),
        ] {
            assert_eq!(policy.word(action), word, "{action}");
        }
        let text = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&text).unwrap(), policy);
    }

    #[test]
    fn what_is_not_looked_at_is_refused() {
        let one = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
        assert!(policy(&one).is_ok() && policy(&json!([])).is_ok());
        for (name, value, why) in [
            ("Effect", json!("allow"), "statement 1: `Effect` is neither `Allow` nor `Deny`"),
            (
                "Resource",
                json!("arn:aws:s3:::b"),
                "statement 1: `Resource` is not `*`, and the sandbox looks at actions only",
            ),
            ("Action", json!([1]), "statement 1: `Action` is neither a text nor a list of texts"),
            ("NotAction", json!("ec2:*"), "statement 1: it has to have either `Action` or `NotAction`"),
            ("Action", json!("DescribeImages"), "statement 1: `DescribeImages` is not an action such as"),
            ("Condition", json!({}), "statement 1: `Condition` is not known here"),
        ] {
            let mut statement = one.clone();
            statement[name] = value;
            let error = policy(&json!([statement])).unwrap_err().to_string();
            assert!(error.starts_with(why), "{error}");
        }
        assert!(Policy::try_from(json!({"Version": "2012-10-17"})).is_err());
        assert!(Policy::try_from(json!({"Statement": [], "Statements": []})).is_err());
    }
}
