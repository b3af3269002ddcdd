//! How a command line names an image: by its id, by an SSM parameter, or by its owner and name.

use std::fmt;
use std::str::FromStr;

use amictl_model::ImageId;

/// An image as a command line names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ImageRef {
    /// `ami-…`.
    Id(ImageId),
    /// `ssm:NAME[:VERSION|:LABEL]`: what an SSM parameter names, in each Region its own.
    Parameter(String),
    /// `find:OWNER/NAME[:ARCHITECTURE]`: the newest one, in each Region its own.
    Newest(ImageQuery),
}

/// Which images are looked for: the newest of them is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ImageQuery {
    /// An account, or `self`, `amazon`, `aws-marketplace`, `aws-backup-vault`.
    pub(crate) owner: String,
    /// `Name`, in which `*` and `?` stand for any characters and for one.
    pub(crate) name: String,
    /// Such as `arm64`.
    pub(crate) architecture: Option<String>,
}

/// What `Architecture` of an image can be (EC2 API Reference, `Image`).
const ARCHITECTURES: [&str; 5] = ["x86_64", "arm64", "i386", "x86_64_mac", "arm64_mac"];
/// Who owns images, beside accounts (EC2 API Reference, `DescribeImages`, `Owners`).
const OWNERS: [&str; 4] = ["self", "amazon", "aws-marketplace", "aws-backup-vault"];

impl FromStr for ImageRef {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(parameter) = text.strip_prefix("ssm:") {
            return match parameter {
                "" => Err("`ssm:` is followed by the name of a parameter".to_owned()),
                name => Ok(Self::Parameter(name.to_owned())),
            };
        }
        if let Some(query) = text.strip_prefix("find:") {
            return query.parse().map(Self::Newest);
        }
        text.parse()
            .map(Self::Id)
            .map_err(|error| format!("{error}; also `ssm:PARAMETER` and `find:OWNER/NAME[:ARCHITECTURE]` are taken"))
    }
}

impl FromStr for ImageQuery {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (owner, rest) = text.split_once('/').ok_or("an image is looked for as OWNER/NAME[:ARCHITECTURE]")?;
        // No name has a colon.
        let (name, architecture) = match rest.rsplit_once(':') {
            Some((name, architecture)) => (name, Some(architecture)),
            None => (rest, None),
        };
        if name.is_empty() || name.contains(':') {
            return Err("an image's name is not empty and has no colon".to_owned());
        }
        let is_account = owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit());
        if !is_account && !OWNERS.contains(&owner) {
            return Err(format!("an owner is an account or one of {}, and not {owner:?}", OWNERS.join(", ")));
        }
        if let Some(other) = architecture.filter(|architecture| !ARCHITECTURES.contains(architecture)) {
            return Err(format!("an architecture is one of {}, and not {other:?}", ARCHITECTURES.join(", ")));
        }
        Ok(Self { owner: owner.to_owned(), name: name.to_owned(), architecture: architecture.map(str::to_owned) })
    }
}

impl fmt::Display for ImageQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "find:{}/{}", self.owner, self.name)?;
        match &self.architecture {
            Some(architecture) => write!(f, ":{architecture}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ImageRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Parameter(name) => write!(f, "ssm:{name}"),
            Self::Newest(query) => query.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_named_by_id_parameter_or_query_and_shown_so() {
        for text in [
            "ami-0123456789abcdef0",
            "ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
            "ssm:/images/web/prod:3",
            "find:amazon/al2023-ami-2023.*",
            "find:self/web-*:arm64",
            "find:099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*:x86_64",
        ] {
            assert_eq!(text.parse::<ImageRef>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "web",
            "ssm:",
            "find:",
            "find:amazon",
            "find:amazon/",
            "find:me/x",
            "find:self/a:vax",
            "find:self/a:b:arm64",
        ] {
            assert!(text.parse::<ImageRef>().is_err(), "{text}");
        }
    }
}
