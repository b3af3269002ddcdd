//! What callers may do, by IAM policies.

use std::collections::BTreeMap;
use std::path::Path;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::AccountId;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::policy::{Policy, PolicyError, Word};
use crate::{Caller, Fault, dialect};

/// Which actions callers may call. Who has no policy may call all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Value", into = "Value")]
pub struct Permissions {
    /// By account.
    pub accounts: BTreeMap<AccountId, Policy>,
    /// Of all other accounts.
    pub others: Option<Policy>,
}

/// Why a file says nothing about permissions.
#[derive(Debug, thiserror::Error)]
pub enum PermissionsError {
    /// It cannot be read.
    #[error("cannot read the IAM policy {path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// It is neither a policy nor policies by account.
    #[error("{path} is not an IAM policy that the sandbox can use: {source}")]
    Parse {
        /// The file.
        path: String,
        /// Why.
        source: serde_json::Error,
    },
}

impl Permissions {
    /// Reads a JSON file: a policy document for all callers, or `{"accounts": {"123456789012": {…}, "*": {…}}}`.
    ///
    /// # Errors
    /// When the file cannot be read or is not of this form.
    pub fn load(path: &Path) -> Result<Self, PermissionsError> {
        let shown = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|source| PermissionsError::Read { path: shown.clone(), source })?;
        serde_json::from_str(&text).map_err(|source| PermissionsError::Parse { path: shown, source })
    }

    /// Whether a caller may call an operation that needs further actions in this case.
    pub(crate) fn check(&self, spec: &OperationSpec, caller: &Caller, further: &[&str]) -> Result<(), Fault> {
        let Some(policy) = self.accounts.get(&caller.account).or(self.others.as_ref()) else { return Ok(()) };
        let own = action_of(spec);
        let needed = own.iter().map(String::as_str).chain(further.iter().copied());
        for action in needed {
            let word = policy.word(action);
            if word != Word::Allowed {
                return Err(dialect::denied_action(spec.service, caller, action, word == Word::Denied));
            }
        }
        Ok(())
    }
}

/// The action that allows an operation. It has the operation's name nearly everywhere.
fn action_of(spec: &OperationSpec) -> Option<String> {
    let name = match (spec.service, spec.name) {
        // Everybody may ask who they are.
        (Service::Sts, "GetCallerIdentity") => return None,
        (Service::Sns, "PublishBatch") => "Publish",
        (Service::S3, "HeadBucket" | "ListObjects" | "ListObjectsV2") => "ListBucket",
        (Service::S3, "ListBuckets") => "ListAllMyBuckets",
        (Service::S3, "ListObjectVersions") => "ListBucketVersions",
        (Service::S3, "ListMultipartUploads") => "ListBucketMultipartUploads",
        (Service::S3, "ListParts") => "ListMultipartUploadParts",
        (Service::S3, "HeadObject") => "GetObject",
        (Service::S3, "DeleteObjects") => "DeleteObject",
        (
            Service::S3,
            "CompleteMultipartUpload" | "CopyObject" | "CreateMultipartUpload" | "UploadPart" | "UploadPartCopy",
        ) => "PutObject",
        _ => return Some(spec.iam_action()),
    };
    Some(format!("{}:{name}", spec.service.iam_prefix()))
}

impl TryFrom<Value> for Permissions {
    type Error = PolicyError;

    fn try_from(mut value: Value) -> Result<Self, PolicyError> {
        let is_by_account = value.as_object().is_some_and(|members| members.len() == 1);
        let Some(Value::Object(accounts)) = value.get_mut("accounts").filter(|_| is_by_account).map(Value::take) else {
            return Ok(Self { accounts: BTreeMap::new(), others: Some(Policy::try_from(value)?) });
        };
        let mut permissions = Self::default();
        for (name, document) in accounts {
            let policy =
                Policy::try_from(document).map_err(|error| PolicyError::new(format!("account {name}: {error}")))?;
            if name == "*" {
                permissions.others = Some(policy);
            } else {
                let account =
                    name.parse().map_err(|_| PolicyError::new(format!("`{name}` is neither an account id nor `*`")))?;
                permissions.accounts.insert(account, policy);
            }
        }
        Ok(permissions)
    }
}

impl From<Permissions> for Value {
    fn from(permissions: Permissions) -> Self {
        let Permissions { accounts, others } = permissions;
        let accounts = accounts.into_iter().map(|(account, policy)| (account.to_string(), policy));
        let others = others.map(|policy| ("*".to_owned(), policy));
        let all = accounts.chain(others).map(|(name, policy)| (name, Value::from(policy)));
        serde_json::json!({ "accounts": all.collect::<serde_json::Map<_, _>>() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_account_without_a_policy_may_do_everything() {
        let policy = |action: &str| json!({"Statement": {"Effect": "Allow", "Action": action, "Resource": "*"}});
        let caller = |account: &str| Caller {
            account: account.parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            access_key: "".into(),
        };
        let images = OperationSpec::read(Service::Ec2, "DescribeImages");
        let permissions = |value: Value| Permissions::try_from(value).unwrap();
        let may = |permissions: &Permissions, account: &str| permissions.check(&images, &caller(account), &[]).is_ok();
        let some = permissions(json!({"accounts": {"111111111111": policy("ec2:RunInstances")}}));
        assert!(!may(&some, "111111111111") && may(&some, "222222222222"));
        let all = permissions(json!({"accounts": {"111111111111": policy("*"), "*": policy("ssm:*")}}));
        assert!(may(&all, "111111111111") && !may(&all, "222222222222"));
        let everybody = permissions(policy("ec2:Describe*"));
        assert!(may(&everybody, "111111111111"));
        assert!(everybody.check(&images, &caller("111111111111"), &["ec2:CreateTags"]).is_err());
        for permissions in [some, all, everybody] {
            assert_eq!(Permissions::try_from(Value::from(permissions.clone())).unwrap(), permissions);
        }
        for value in
            [json!([]), json!({"accounts": {"x": policy("*")}}), json!({"accounts": {"*": {}}}), json!({"accounts": 1})]
        {
            assert!(Permissions::try_from(value.clone()).is_err(), "{value}");
        }
    }

    #[test]
    fn what_is_documented_is_read() {
        let (_, text) = include_str!("../../FAULTS.md").split_once("# IAM policies").unwrap();
        let example = text.split("```").nth(1).unwrap();
        let permissions: Permissions = serde_json::from_str(example).unwrap();
        assert_eq!(permissions.others.unwrap().word("ec2:DescribeTags"), Word::Denied);
    }

    #[test]
    fn every_operation_has_an_action_and_nobody_is_kept_from_asking_who_they_are() {
        for entry in crate::ops::all() {
            let action = action_of(&entry.spec);
            assert_eq!(action.is_none(), entry.spec.name == "GetCallerIdentity");
            assert!(action.is_none_or(|action| action.starts_with(entry.spec.service.iam_prefix())));
        }
    }
}
