//! The manifest of an instance-store image in S3.

use compact_str::CompactString;

use crate::ops::Ctx;
use crate::{Fault, World};

/// What a manifest says about the image.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// `machine_configuration/architecture`.
    pub(crate) architecture: Option<CompactString>,
    /// `machine_configuration/kernel_id`.
    pub(crate) kernel: Option<CompactString>,
    /// `machine_configuration/ramdisk_id`.
    pub(crate) ramdisk: Option<CompactString>,
}

/// The manifest at `bucket/key`, which must be in the caller's bucket in this Region.
pub(crate) fn manifest_of(world: &World, ctx: &Ctx, location: &str) -> Result<Manifest, Fault> {
    let short: String = location.chars().take(200).collect();
    let refuse = |why: &str| Fault::new("InvalidManifest", format!("The manifest at '{short}' {why}"));
    let (bucket, key) = location.trim_start_matches('/').split_once('/').ok_or_else(|| refuse("has no bucket"))?;
    if !key.ends_with(".manifest.xml") {
        return Err(refuse("must have the ending '.manifest.xml'"));
    }
    let found = world.s3.bucket(bucket).ok_or_else(|| refuse("could not be read: HTTP 404 (Not Found)"))?;
    if found.owner != ctx.account {
        return Err(refuse("could not be read: HTTP 403 (Forbidden)"));
    }
    if found.region != ctx.region {
        return Err(refuse("is in another Region"));
    }
    let object = found.object(key).ok_or_else(|| refuse("could not be read: HTTP 404 (Not Found)"))?;
    std::str::from_utf8(&object.body).ok().and_then(parse).ok_or_else(|| refuse("is not a valid manifest"))
}

/// Reads a manifest; none when it is not one, or names no parts.
fn parse(text: &str) -> Option<Manifest> {
    let manifest = element(text, "manifest")?;
    element(manifest, "version")?;
    let image = element(manifest, "image")?;
    let parts = element(image, "parts")?;
    element(parts, "filename")?;
    let machine = element(manifest, "machine_configuration")?;
    let text = |name: &str| element(machine, name).map(str::trim).filter(|text| !text.is_empty()).map(Into::into);
    Some(Manifest { architecture: text("architecture"), kernel: text("kernel_id"), ramdisk: text("ramdisk_id") })
}

/// What is between the first start tag of this name, with or without attributes, and its end tag.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = text;
    loop {
        let start = rest.find(&format!("<{name}"))?;
        rest = &rest[start + 1 + name.len()..];
        if !rest.starts_with(['>', ' ', '\t', '\r', '\n']) {
            continue;
        }
        let content = &rest[rest.find('>')? + 1..];
        return Some(&content[..content.find(&format!("</{name}>"))?]);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A manifest as `ec2-bundle-vol` writes it.
    pub(crate) const MANIFEST: &str = "<?xml version=\"1.0\"?><manifest><version>2007-10-10</version><bundler>\
        <name>ec2-ami-tools</name></bundler><machine_configuration><architecture>x86_64</architecture>\
        <kernel_id>aki-12345678</kernel_id></machine_configuration><image><name>image</name><type>machine</type>\
        <parts count=\"1\"><part index=\"0\"><filename>image.part.0</filename></part></parts></image></manifest>";

    #[test]
    fn manifests_are_read_or_refused() {
        let manifest = parse(MANIFEST).unwrap();
        assert_eq!(manifest.architecture.as_deref(), Some("x86_64"));
        assert_eq!((manifest.kernel.as_deref(), manifest.ramdisk), (Some("aki-12345678"), None));
        for text in [
            "",
            "<manifest>",
            "<manifest></manifest>",
            "not xml",
            &MANIFEST[..MANIFEST.len() - 12],
            &MANIFEST.replace("filename", "file"),
            &MANIFEST.replace("<manifest", "<manifesto"),
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
