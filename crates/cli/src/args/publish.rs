//! The command lines of channels: SSM parameters that name images.

use clap::Args;

use super::life::{ChangeArgs, TargetArgs};

pub(crate) const EXAMPLES: &str = "\
Examples:
  amictl publish ami-0123456789abcdef0 --parameter /images/web/beta
  amictl publish ami-0123456789abcdef0 ami-0fedcba9876543210 --parameter /images/web/beta --region us-east-1,eu-west-1 --allow-overwrite
  amictl promote /images/web/beta /images/web/prod --region us-east-1,eu-west-1 --allow-overwrite
  amictl rollback /images/web/prod --region us-east-1,eu-west-1

A channel is an SSM parameter of data type aws:ec2:image, of the same name in each Region, which launch templates and others resolve. One image a Region
is published; all of them must be available before the first parameter is changed. `rollback` lets each name the image again that it named before, once.";

/// `publish`.
#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    #[command(flatten)]
    pub(crate) targets: TargetArgs,
    /// The parameter that is to name the image of its Region
    #[arg(long, value_name = "NAME", value_parser = parse_parameter)]
    pub(crate) parameter: String,
    /// The parameter may name another image by now
    #[arg(long)]
    pub(crate) allow_overwrite: bool,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// `promote`.
#[derive(Debug, Args)]
pub(crate) struct PromoteArgs {
    /// The parameter that names the image
    #[arg(value_name = "FROM", value_parser = parse_parameter)]
    pub(crate) from: String,
    /// The parameter that is to name it too
    #[arg(value_name = "TO", value_parser = parse_parameter)]
    pub(crate) to: String,
    /// It may name another image by now
    #[arg(long)]
    pub(crate) allow_overwrite: bool,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// `rollback`.
#[derive(Debug, Args)]
pub(crate) struct RollbackArgs {
    /// The parameter
    #[arg(value_name = "NAME", value_parser = parse_parameter)]
    pub(crate) parameter: String,
    #[command(flatten)]
    pub(crate) change: ChangeArgs,
}

/// SSM API Reference, `PutParameter`, `Name`.
fn parse_parameter(text: &str) -> Result<String, String> {
    if text.is_empty() || text.len() > 1011 {
        return Err("a parameter's name has 1 to 1011 characters".to_owned());
    }
    if let Some(other) = text.chars().find(|c| !c.is_ascii_alphanumeric() && !"._-/".contains(*c)) {
        return Err(format!("a parameter's name has letters, digits and . _ - /, and not {other:?}"));
    }
    let root = text.trim_start_matches('/').split('/').next().unwrap_or_default().to_ascii_lowercase();
    if root.starts_with("aws") || root.starts_with("ssm") {
        return Err("names that begin with `aws` or `ssm` are AWS's own".to_owned());
    }
    if text.contains('/') && !text.starts_with('/') {
        return Err("a name with a path begins with `/`".to_owned());
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_held_to_what_ssm_takes() {
        for name in ["/images/web/prod", "web-prod", "/a.b_c-d"] {
            assert_eq!(parse_parameter(name).as_deref(), Ok(name));
        }
        for name in ["", "web/prod", "/aws/service/x", "ssm-x", "/web prod", "/web*", &"x".repeat(1012)] {
            assert!(parse_parameter(name).is_err(), "{name}");
        }
    }
}
