//! Images that EC2 Image Builder made, by the tag that it sets on them.

use amictl_model::Tags;

use crate::Glob;

/// The tag whose value is the ARN of the image build version: `arn:aws:imagebuilder:REGION:ACCOUNT:image/NAME/1.0.0/7`.
pub(crate) const ARN_TAG: &str = "Ec2ImageBuilderArn";

/// What Image Builder made an image of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Built<'a> {
    /// The recipe's name, as it stands in ARNs: in lower case, with hyphens.
    pub(crate) recipe: &'a str,
    /// The recipe's version, `1.0.0`.
    pub(crate) version: &'a str,
}

/// The recipe that made the image with these tags.
pub(crate) fn built_by(tags: &Tags) -> Option<Built<'_>> {
    let (_, resource) = tags.get(ARN_TAG)?.split_once(":image/")?;
    let mut parts = resource.split('/');
    let (recipe, version) = (parts.next()?, parts.next()?);
    (!recipe.is_empty() && !version.is_empty()).then_some(Built { recipe, version })
}

/// Images of a recipe: `web`, `web-*` or, with a version whose numbers may be `x`, `web/1.2.x`.
#[derive(Debug, Clone, PartialEq)]
pub struct RecipePattern {
    name: Glob,
    version: Option<Box<str>>,
}

/// What may stand as a recipe, for messages.
pub(crate) const ALLOWED: &str =
    "the name of a recipe, with globs if need be, and perhaps a version such as `web/1.x.x`";

impl RecipePattern {
    /// The pattern of this text; the error is a fragment for a person.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (name, version) = match text.split_once('/') {
            Some((name, version)) => (name, Some(version)),
            None => (text, None),
        };
        if name.is_empty() {
            return Err("a recipe has a name".into());
        }
        if version.is_some_and(|version| !is_version(version)) {
            return Err("a version has three numbers, each of which may be `x`".into());
        }
        // Names are kept in ARNs in lower case, with hyphens for blanks and underscores.
        let name: String =
            name.chars().map(|c| if matches!(c, ' ' | '_') { '-' } else { c.to_ascii_lowercase() }).collect();
        Ok(Self { name: Glob::parse(&name)?, version: version.map(Into::into) })
    }

    /// Whether a recipe of this pattern made the image with these tags.
    #[must_use]
    pub fn is_match(&self, tags: &Tags) -> bool {
        built_by(tags).is_some_and(|built| {
            self.name.is_match(built.recipe)
                && self.version.as_ref().is_none_or(|wanted| version_matches(wanted, built.version))
        })
    }
}

fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let is_part = |part: &&str| *part == "x" || (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    parts.len() == 3 && parts.iter().all(is_part)
}

fn version_matches(wanted: &str, version: &str) -> bool {
    let (mut wanted, mut have) = (wanted.split('.'), version.split('.'));
    loop {
        match (wanted.next(), have.next()) {
            (None, None) => return true,
            (Some(wanted), Some(have)) if wanted == "x" || wanted == have => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recipes_match_by_name_and_version() {
        let tags = |arn: &str| Tags::from_iter([(ARN_TAG, arn)]);
        let web = tags("arn:aws:imagebuilder:us-east-1:111111111111:image/web-server/1.4.0/7");
        for (pattern, expected) in [
            ("web-server", true),
            ("Web_Server", true),
            ("web-*", true),
            ("web", false),
            ("web-server/1.x.x", true),
            ("web-server/1.4.0", true),
            ("web-server/2.x.x", false),
        ] {
            assert_eq!(RecipePattern::parse(pattern).unwrap().is_match(&web), expected, "{pattern}");
        }
        assert!(
            !RecipePattern::parse("*").unwrap().is_match(&tags("arn:aws:imagebuilder:us-east-1:1:component/x/1.0.0"))
        );
        assert!(!RecipePattern::parse("*").unwrap().is_match(&Tags::default()));
        for pattern in ["", "/1.0.0", "web/1", "web/1.0.0.0", "web/1.y.0"] {
            assert!(RecipePattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
