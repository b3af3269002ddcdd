//! Images that Image Builder built, named by ARN: `…:image/NAME/1.2.x`, where an `x` stands for the newest there is.

use std::collections::HashMap;
use std::fmt;

use amictl_cloud::for_each_page;
use amictl_cloud::ops::{
    ListImageBuildVersions, ListImageBuildVersionsReply, ListImageBuildVersionsRequest, ListImages, ListImagesReply,
    ListImagesRequest,
};

use crate::Reader;
use crate::reader::Tally;

/// The ARN of an image, of a version of it, or of a build of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ImageArn {
    /// Up to the account, such as `arn:aws:imagebuilder:us-east-1`.
    place: String,
    account: String,
    name: String,
    /// Major, minor and patch; none for the newest there is.
    version: [Option<u64>; 3],
    build: Option<u64>,
}

impl ImageArn {
    /// Reads an ARN; nothing if it is not one of an image.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let mut part = || parts.next();
        let (arn, partition, service, region, account, path) = (part()?, part()?, part()?, part()?, part()?, part()?);
        if arn != "arn" || service != "imagebuilder" {
            return None;
        }
        let mut path = path.split('/');
        if path.next() != Some("image") {
            return None;
        }
        let name = path.next().filter(|name| !name.is_empty())?.to_owned();
        let mut version = [None; 3];
        if let Some(text) = path.next() {
            let mut nodes = text.split('.');
            for node in &mut version {
                *node = match nodes.next()? {
                    "x" => None,
                    number => Some(number.parse().ok()?),
                };
            }
            if nodes.next().is_some() {
                return None;
            }
        }
        let build = path.next().map(str::parse).transpose().ok()?;
        if path.next().is_some() {
            return None;
        }
        let place = format!("{arn}:{partition}:{service}:{region}");
        Some(Self { place, account: account.to_owned(), name, version, build })
    }

    /// Whether it is kept by AWS or by a seller, not by an account.
    pub(super) fn is_public(&self) -> bool {
        self.account == "third-party" || self.account == "aws" || self.account.starts_with("aws-")
    }

    /// Whether this means that version of an image.
    fn takes(&self, version: &Self) -> bool {
        let is_same = (&self.place, &self.account, &self.name) == (&version.place, &version.account, &version.name);
        let nodes = self.version.iter().zip(&version.version);
        is_same && nodes.into_iter().all(|(wanted, node)| wanted.is_none() || wanted == node)
    }
}

impl fmt::Display for ImageArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:image/{}", self.place, self.account, self.name)?;
        for (at, node) in self.version.iter().enumerate() {
            f.write_str(if at == 0 { "/" } else { "." })?;
            match node {
                Some(number) => write!(f, "{number}")?,
                None => f.write_str("x")?,
            }
        }
        self.build.map_or(Ok(()), |build| write!(f, "/{build}"))
    }
}

/// The versions that there are, the newest first, and the builds of those that were asked for.
pub(super) struct BuiltImages {
    versions: Vec<ImageArn>,
    builds: HashMap<String, Vec<Build>>,
}

/// A build that can be based on: its number, and its image in the Region.
type Build = (u64, String);

impl BuiltImages {
    /// Lists the versions of the account's own images, and of those that are shared with it if one of `wanted` is.
    pub(super) async fn list(reader: Reader<'_>, tally: &mut Tally, wanted: &[&ImageArn]) -> Self {
        let own = reader.scope.account.to_string();
        let mut versions = Vec::new();
        let mut each =
            |reply: ListImagesReply| versions.extend(reply.arns.iter().filter_map(|arn| ImageArn::parse(arn)));
        for shared in [false, true] {
            if wanted.iter().any(|arn| (arn.account != own) == shared) {
                let request = ListImagesRequest { shared, next_token: None };
                reader.pages::<ListImages>(tally, request, &mut each).await;
            }
        }
        versions.sort_unstable_by_key(|arn| std::cmp::Reverse(arn.version));
        Self { versions, builds: HashMap::new() }
    }

    /// The image of the newest build that an ARN means; nothing if there is none.
    pub(super) async fn newest(&mut self, reader: Reader<'_>, tally: &mut Tally, wanted: &ImageArn) -> Option<String> {
        let versions: Vec<String> =
            self.versions.iter().filter(|version| wanted.takes(version)).map(ToString::to_string).collect();
        for version in versions {
            if !self.builds.contains_key(&version) {
                let builds = read_builds(reader, tally, &version).await;
                self.builds.insert(version.clone(), builds);
            }
            let builds = self.builds.get(&version).into_iter().flatten();
            let newest = builds.filter(|(number, _)| wanted.build.is_none_or(|build| build == *number)).max();
            if let Some((_, image)) = newest {
                return Some(image.clone());
            }
        }
        None
    }
}

/// The builds of a version that are available and have an image in the Region.
async fn read_builds(reader: Reader<'_>, tally: &mut Tally, version_arn: &str) -> Vec<Build> {
    let mut builds = Vec::new();
    let request = ListImageBuildVersionsRequest { version_arn: version_arn.to_owned(), next_token: None };
    let each = |reply: ListImageBuildVersionsReply| builds.extend(reply.builds);
    tally.paged(for_each_page::<ListImageBuildVersions>(reader.cloud, &reader.scope.region, request, each).await);
    let available = builds.into_iter().filter(|build| build.status == "AVAILABLE");
    let here = available.filter_map(|build| {
        let number = build.arn.rsplit('/').next()?.parse().ok()?;
        let mut images = build.amis.into_iter().filter(|(region, _)| region == reader.scope.region.as_str());
        Some((number, images.next()?.1))
    });
    here.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(path: &str) -> Option<ImageArn> {
        ImageArn::parse(&format!("arn:aws:imagebuilder:us-east-1:123456789012:image/{path}"))
    }

    #[test]
    fn an_x_stands_for_any_number_and_a_missing_version_for_any_version() {
        let version = arn("web/1.2.3").unwrap();
        for (wanted, expected) in [
            ("web/1.2.3", true),
            ("web/1.2.3/7", true),
            ("web/1.x.x", true),
            ("web/x.x.x", true),
            ("web", true),
            ("web/1.3.x", false),
            ("web/2.x.x", false),
            ("webs/x.x.x", false),
        ] {
            assert_eq!(arn(wanted).unwrap().takes(&version), expected, "{wanted}");
        }
        assert_eq!(
            arn("web/1.x.x/7").unwrap().to_string(),
            "arn:aws:imagebuilder:us-east-1:123456789012:image/web/1.x.x/7"
        );
    }

    #[test]
    fn what_is_no_arn_of_an_image_is_not_read() {
        for path in ["", "web/1.2", "web/1.2.3.4", "web/1.2.y", "web/1.2.3/b", "web/1.2.3/4/5"] {
            assert_eq!(arn(path), None, "{path}");
        }
        assert_eq!(ImageArn::parse("arn:aws:ec2:us-east-1::image/web/1.2.3"), None);
    }
}
