//! The parameters that AWS publishes in every Region, and the images that they name.

use amictl_model::{ImageId, Moment, Region};

/// Amazon's account for Amazon Linux images.
pub(crate) const AMAZON: &str = "137112412989";

/// A parameter of AWS and the image that it names: its name, the image's name and architecture.
const PARAMETERS: &[(&str, &str, &str)] = &[
    (
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64",
        "al2023-ami-2023.9.20261027.0-kernel-6.1-arm64",
        "arm64",
    ),
    (
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64",
        "al2023-ami-2023.9.20261027.0-kernel-6.1-x86_64",
        "x86_64",
    ),
    (
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64",
        "al2023-ami-2023.9.20261027.0-kernel-6.1-arm64",
        "arm64",
    ),
    (
        "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64",
        "al2023-ami-2023.9.20261027.0-kernel-6.1-x86_64",
        "x86_64",
    ),
    (
        "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-arm64",
        "al2023-ami-minimal-2023.9.20261027.0-kernel-6.1-arm64",
        "arm64",
    ),
    (
        "/aws/service/ami-amazon-linux-latest/al2023-ami-minimal-kernel-default-x86_64",
        "al2023-ami-minimal-2023.9.20261027.0-kernel-6.1-x86_64",
        "x86_64",
    ),
    ("/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-arm64-gp2", "amzn2-ami-hvm-2.0.20261020.0-arm64-gp2", "arm64"),
    (
        "/aws/service/ami-amazon-linux-latest/amzn2-ami-hvm-x86_64-gp2",
        "amzn2-ami-hvm-2.0.20261020.0-x86_64-gp2",
        "x86_64",
    ),
    (
        "/aws/service/ami-amazon-linux-latest/amzn2-ami-kernel-5.10-hvm-x86_64-gp2",
        "amzn2-ami-kernel-5.10-hvm-2.0.20261020.0-x86_64-gp2",
        "x86_64",
    ),
    (
        "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base",
        "Windows_Server-2022-English-Full-Base-2026.10.14",
        "x86_64",
    ),
    (
        "/aws/service/ami-windows-latest/Windows_Server-2025-English-Full-Base",
        "Windows_Server-2025-English-Full-Base-2026.10.14",
        "x86_64",
    ),
    (
        "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id",
        "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261015",
        "x86_64",
    ),
    (
        "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
        "al2023-ami-ecs-hvm-2023.0.20261020-kernel-6.1-x86_64",
        "x86_64",
    ),
    (
        "/aws/service/eks/optimized-ami/1.34/amazon-linux-2023/x86_64/standard/recommended/image_id",
        "amazon-eks-node-al2023-x86_64-standard-1.34-v20261020",
        "x86_64",
    ),
    (
        "/aws/service/bottlerocket/aws-k8s-1.34/x86_64/latest/image_id",
        "bottlerocket-aws-k8s-1.34-x86_64-v1.50.0-6a1b2c3d",
        "x86_64",
    ),
];

/// A parameter that AWS publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicParameter {
    /// Its name, which begins with `/aws/service/`.
    pub(crate) name: &'static str,
    /// The image that it names.
    pub(crate) image: ImageId,
}

/// The parameters that AWS publishes in a Region, in the order of their names.
pub(crate) fn public_parameters(region: &Region) -> Vec<PublicParameter> {
    let mut parameters: Vec<PublicParameter> = PARAMETERS
        .iter()
        .map(|(name, image, _)| PublicParameter { name, image: public_image(image, region) })
        .collect();
    parameters.sort_by_key(|parameter| parameter.name);
    parameters
}

/// The image id that a parameter of AWS has in a Region.
pub(crate) fn public_parameter(name: &str, region: &Region) -> Option<ImageId> {
    PARAMETERS.iter().find(|parameter| parameter.0 == name).map(|parameter| public_image(parameter.1, region))
}

/// When the newest version of AWS's parameters was published.
pub(crate) fn published_at() -> Moment {
    // 2026-10-28T18:04:11Z
    Moment::from_secs(1_793_210_651)
}

/// The id of an image of Amazon: it depends on its name and the Region only.
fn public_image(name: &str, region: &Region) -> ImageId {
    let hash = name
        .bytes()
        .chain(region.as_str().bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("ami-0a{:015x}", hash >> 4).parse().expect("seventeen hexadecimal digits make an id")
}

/// The names and architectures of the images that AWS's parameters name, each once, with their ids in a Region.
pub(crate) fn public_images(region: &Region) -> Vec<(&'static str, &'static str, ImageId)> {
    let mut images: Vec<_> =
        PARAMETERS.iter().map(|(_, name, architecture)| (*name, *architecture, public_image(name, region))).collect();
    images.sort_unstable();
    images.dedup();
    images
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_names_an_image_of_its_region() {
        let (one, other): (Region, Region) = ("us-east-1".parse().unwrap(), "eu-west-1".parse().unwrap());
        let name = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
        let image = public_parameter(name, &one).unwrap();
        assert_ne!(public_parameter(name, &other).unwrap(), image);
        assert!(public_images(&one).iter().any(|(_, _, id)| *id == image));
        assert!(public_parameter("/aws/service/none", &one).is_none());
        let names: Vec<_> = public_parameters(&one).into_iter().map(|parameter| parameter.name).collect();
        assert!(names.is_sorted() && names.len() == PARAMETERS.len());
    }
}
