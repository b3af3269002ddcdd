//! Names of parameters: how they may look, and the ARNs that they have.

use amictl_model::{AccountId, Region};

use crate::Fault;
use crate::ops::Ctx;

/// Levels that a name may have.
const LEVELS_MAX: usize = 15;

/// Characters that a name and its ARN's beginning may have together.
const NAME_MAX: usize = 1011;

/// `ValidationException`.
pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new("ValidationException", message)
}

/// Checks the name of a parameter that is to be made.
pub(super) fn check_new(name: &str) -> Result<(), Fault> {
    let plain = name.trim_start_matches('/').to_ascii_lowercase();
    let first = plain.split('/').next().unwrap_or_default();
    if name.starts_with('/') && ["aws", "ssm"].contains(&first) {
        return Err(Fault::new(
            "AccessDeniedException",
            format!("No access to reserved parameter name: {}.", short(name)),
        ));
    }
    let rules = "If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a \
                 mix of letters, numbers and the following 3 symbols .-_";
    if plain.starts_with("aws") || plain.starts_with("ssm") {
        let prefix = &plain[..3];
        return Err(invalid(format!(
            "Parameter name: can't be prefixed with \"{prefix}\" (case-insensitive). {rules}"
        )));
    }
    let is_part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
    };
    let path = name.strip_prefix('/').unwrap_or(name);
    if name.contains('/') && !name.starts_with('/') {
        return Err(invalid("Parameter name must be a fully qualified name."));
    }
    if !path.split('/').all(is_part) || name.len() > NAME_MAX {
        return Err(invalid(format!("Parameter name: {}. {rules}", short(name))));
    }
    if path.split('/').count() > LEVELS_MAX {
        let message =
            format!("Hierarchies can have a maximum of {LEVELS_MAX} levels. Parameter {} exceeds that.", short(name));
        return Err(Fault::new("HierarchyLevelLimitExceededException", message));
    }
    Ok(())
}

/// The beginning of a text that goes into a message.
pub(super) fn short(text: &str) -> String {
    text.chars().take(200).collect()
}

/// A parameter's ARN.
pub(super) fn arn(account: Option<AccountId>, region: &Region, name: &str) -> String {
    let account = account.map(|account| account.to_string()).unwrap_or_default();
    format!("arn:aws:ssm:{region}:{account}:parameter/{}", name.strip_prefix('/').unwrap_or(name))
}

/// What a request means by a name: whose parameter, its name, and `:version` or `:label` if there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named<'a> {
    /// The account of an ARN.
    pub(super) owner: Option<AccountId>,
    /// The name; of an ARN, with a slash before it.
    pub(super) name: &'a str,
    /// The version or the label.
    pub(super) selector: Option<&'a str>,
}

impl<'a> Named<'a> {
    /// Reads a name or an ARN; `None` when it is neither, or an ARN of another Region.
    pub(super) fn read(ctx: &Ctx, text: &'a str) -> Option<Self> {
        let (owner, path) = match text.strip_prefix("arn:aws:ssm:") {
            None => (None, text),
            Some(rest) => {
                let (region, rest) = rest.split_once(':')?;
                let (account, path) = rest.split_once(":parameter")?;
                if region != ctx.region.as_str() || !path.starts_with('/') {
                    return None;
                }
                let account = if account.is_empty() { None } else { Some(account.parse().ok()?) };
                (account, path)
            }
        };
        let (name, selector) = match path.split_once(':') {
            Some((name, selector)) => (name, Some(selector)),
            None => (path, None),
        };
        Some(Self { owner, name, selector })
    }
}

#[cfg(test)]
mod tests {
    use amictl_model::Moment;

    use super::*;

    #[test]
    fn names_are_checked_as_aws_does() {
        let deep = "/a".repeat(16);
        for (name, code) in [
            ("golden", None),
            ("/golden/base-1.0_x", None),
            ("golden/base", Some("ValidationException")),
            ("/golden//base", Some("ValidationException")),
            ("/golden/", Some("ValidationException")),
            ("go lden", Some("ValidationException")),
            ("awsome", Some("ValidationException")),
            ("SSM-x", Some("ValidationException")),
            ("/aws/x", Some("AccessDeniedException")),
            (deep.as_str(), Some("HierarchyLevelLimitExceededException")),
        ] {
            assert_eq!(check_new(name).err().map(|fault| fault.code.into_owned()).as_deref(), code, "{name}");
        }
    }

    #[test]
    fn arns_name_parameters_of_other_accounts() {
        let ctx = Ctx::at("111111111111".parse().unwrap(), "us-east-1".parse().unwrap(), Moment::from_secs(1));
        let arn = "arn:aws:ssm:us-east-1:222222222222:parameter/golden/base:3";
        let named = Named::read(&ctx, arn).unwrap();
        assert_eq!((named.name, named.selector), ("/golden/base", Some("3")));
        assert_eq!(named.owner, Some("222222222222".parse().unwrap()));
        assert_eq!(Named::read(&ctx, "golden:x").unwrap(), Named { owner: None, name: "golden", selector: Some("x") });
        assert!(Named::read(&ctx, "arn:aws:ssm:eu-west-1:222222222222:parameter/x").is_none());
        assert!(Named::read(&ctx, "arn:aws:ssm:us-east-1:x:parameter/x").is_none());
    }
}
