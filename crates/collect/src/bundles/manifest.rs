//! Reads the manifest of a bundle: XML that anybody may have put there.
//!
//! Source: the manifest format of the EC2 AMI tools, version 2007-10-10.

use amictl_model::BundlePlace;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use sha2::{Digest, Sha256};

/// The most that is read of a manifest: a bundle of 10 GiB, the largest there can be, has some 200 KiB.
pub const MANIFEST_BYTES_MAX: u64 = 4 << 20;
/// How deep its elements lie at most.
const DEPTH_MAX: usize = 16;
/// The longest text of an element that is of use here.
const TEXT_CHARS_MAX: usize = 4096;

/// What a manifest says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// `sha256:` and the hash of its text.
    pub digest: String,
    /// `image/name`. Text from outside.
    pub name: String,
    /// `machine_configuration/architecture`. Text from outside.
    pub architecture: String,
    /// `image/size`: the size of the file system in bytes.
    pub size_bytes: Option<u64>,
    /// `image/bundled_size`: the size of all parts in bytes.
    pub bundled_bytes: Option<u64>,
    /// The keys of its parts, in its order, each once: beside the manifest, with its name and a number.
    pub parts: Vec<String>,
}

/// Why a text is no manifest that can be gone by.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// It is larger than any.
    #[error("it has more than {MANIFEST_BYTES_MAX} bytes")]
    TooLarge,
    /// Manifests of old times may be encrypted.
    #[error("it is not UTF-8, so it may be encrypted")]
    NotText,
    /// It is no XML, or XML that no manifest has use for.
    #[error("it is no XML of a manifest: {0}")]
    NotXml(String),
    /// Something that every manifest says.
    #[error("it does not say {0}")]
    Lacks(&'static str),
    /// A part whose name is not that of a part of this bundle. The name is text from outside.
    #[error("it names a part that is not NAME.part.NUMBER beside it: {0:?}")]
    Part(String),
    /// Parts twice, or another number of parts than it says itself.
    #[error("it says that there are {said} parts and names {named}")]
    Count {
        /// `parts@count`.
        said: u64,
        /// Different parts.
        named: u64,
    },
}

/// What is read of it, by the path of the element.
#[derive(Default)]
struct Said {
    root: bool,
    version: String,
    name: String,
    architecture: String,
    size: String,
    bundled_size: String,
    count: Option<String>,
    filenames: Vec<String>,
}

impl Manifest {
    /// Reads the text of the manifest at this place.
    ///
    /// # Errors
    /// [`ManifestError`] where anything is not as in a manifest: nothing is deleted by one that is doubtful.
    pub fn parse(place: &BundlePlace, text: &[u8]) -> Result<Self, ManifestError> {
        if text.len() as u64 > MANIFEST_BYTES_MAX {
            return Err(ManifestError::TooLarge);
        }
        let xml = std::str::from_utf8(text).map_err(|_| ManifestError::NotText)?;
        let said = read(xml)?;
        if !said.root {
            return Err(ManifestError::Lacks("`manifest`"));
        }
        for (what, text) in [("`version`", &said.version), ("`image/name`", &said.name)] {
            if text.is_empty() {
                return Err(ManifestError::Lacks(what));
            }
        }
        let mut parts = Vec::with_capacity(said.filenames.len());
        for filename in said.filenames {
            let key = place.part_key(&filename);
            parts.push(key.ok_or_else(|| ManifestError::Part(filename.chars().take(100).collect()))?);
        }
        let named = parts.len();
        let mut unique = parts.clone();
        unique.sort_unstable();
        unique.dedup();
        let count = said.count.ok_or(ManifestError::Lacks("`image/parts@count`"))?;
        let count: u64 = count.trim().parse().map_err(|_| ManifestError::Lacks("how many parts there are"))?;
        if unique.len() as u64 != count || named as u64 != count || count == 0 {
            return Err(ManifestError::Count { said: count, named: unique.len() as u64 });
        }
        Ok(Self {
            digest: digest(text),
            name: said.name,
            architecture: said.architecture,
            size_bytes: said.size.parse().ok(),
            bundled_bytes: said.bundled_size.parse().ok(),
            parts,
        })
    }
}

fn digest(text: &[u8]) -> String {
    let mut digest = "sha256:".to_owned();
    for byte in Sha256::digest(text) {
        digest.push_str(&format!("{byte:02x}"));
    }
    digest
}

fn read(xml: &str) -> Result<Said, ManifestError> {
    let refuse = |why: &str| ManifestError::NotXml(why.to_owned());
    let mut reader = Reader::from_str(xml);
    let mut said = Said::default();
    let mut path: Vec<String> = Vec::new();
    let mut text = String::new();
    loop {
        let event = reader.read_event().map_err(|error| ManifestError::NotXml(error.to_string()))?;
        match event {
            Event::Start(start) => {
                if path.len() >= DEPTH_MAX {
                    return Err(refuse("its elements lie too deep"));
                }
                path.push(start.name().as_ref().to_owned());
                text.clear();
                said.begin(&path, &start)?;
            }
            Event::Empty(start) => {
                path.push(start.name().as_ref().to_owned());
                said.begin(&path, &start)?;
                said.take(&path, "");
                path.pop();
            }
            Event::Text(part) => add(&mut text, &part),
            Event::CData(part) => add(&mut text, &part),
            Event::GeneralRef(reference) => {
                let escaped = format!("&{};", &*reference);
                let character =
                    quick_xml::escape::unescape(&escaped).map_err(|_| refuse("it has an entity of its own"))?;
                add(&mut text, &character);
            }
            Event::End(_) => {
                said.take(&path, text.trim());
                path.pop();
                text.clear();
            }
            // Entities are declared there, which no manifest needs.
            Event::DocType(_) => return Err(refuse("it has a document type")),
            Event::Eof if path.is_empty() => return Ok(said),
            Event::Eof => return Err(refuse("it ends in the middle")),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
}

/// Longer texts are cut: keys and signatures are of no use here, and a name that long is none.
fn add(text: &mut String, more: &str) {
    let room = TEXT_CHARS_MAX.saturating_sub(text.len());
    text.extend(more.chars().take(room));
}

impl Said {
    fn begin(&mut self, path: &[String], start: &BytesStart<'_>) -> Result<(), ManifestError> {
        match at(path).as_slice() {
            ["manifest"] => self.root = true,
            ["manifest", "image", "parts"] => {
                for attribute in start.attributes() {
                    let attribute = attribute.map_err(|error| ManifestError::NotXml(error.to_string()))?;
                    if attribute.key.as_ref() == "count" {
                        self.count = Some(attribute.value.chars().take(20).collect());
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn take(&mut self, path: &[String], text: &str) {
        let place = match at(path).as_slice() {
            ["manifest", "version"] => &mut self.version,
            ["manifest", "image", "name"] => &mut self.name,
            ["manifest", "image", "size"] => &mut self.size,
            ["manifest", "image", "bundled_size"] => &mut self.bundled_size,
            ["manifest", "machine_configuration", "architecture"] => &mut self.architecture,
            ["manifest", "image", "parts", "part", "filename"] => return self.filenames.push(text.to_owned()),
            _ => return,
        };
        text.clone_into(place);
    }
}

fn at(path: &[String]) -> Vec<&str> {
    path.iter().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: &str = "<?xml version=\"1.0\"?><manifest><version>2007-10-10</version><bundler><name>ec2-ami-tools</name>\
        </bundler><machine_configuration><architecture>x86_64</architecture></machine_configuration><image><name>image</name>\
        <type>machine</type><digest algorithm=\"SHA1\">0</digest><size>10485760</size><bundled_size>20971520</bundled_size>\
        <parts count=\"2\"><part index=\"0\"><filename>image.part.0</filename><digest algorithm=\"SHA1\">1</digest></part>\
        <part index=\"1\"><filename>image.part.1</filename></part></parts></image><signature>0</signature></manifest>";

    fn parse(text: &str) -> Result<Manifest, ManifestError> {
        Manifest::parse(&"bundles/web/image.manifest.xml".parse().unwrap(), text.as_bytes())
    }

    #[test]
    fn a_manifest_is_read() {
        let manifest = parse(WHOLE).unwrap();
        assert_eq!((manifest.name.as_str(), manifest.architecture.as_str()), ("image", "x86_64"));
        assert_eq!((manifest.size_bytes, manifest.bundled_bytes), (Some(10_485_760), Some(20_971_520)));
        assert_eq!(manifest.parts, ["web/image.part.0", "web/image.part.1"]);
        assert!(manifest.digest.starts_with("sha256:") && manifest.digest.len() == 71);
    }

    #[test]
    fn whatever_is_not_as_in_a_manifest_is_refused() {
        let with = |from: &str, to: &str| parse(&WHOLE.replace(from, to));
        for (what, found) in [
            ("empty", parse("")),
            ("no XML", parse("not xml")),
            ("cut off", parse(&WHOLE[..WHOLE.len() - 12])),
            ("wrongly nested", with("</image>", "")),
            ("another root", with("manifest>", "manifesto>")),
            ("no version", with("<version>2007-10-10</version>", "")),
            ("no name", with("<name>image</name>", "")),
            ("no count", with(" count=\"2\"", "")),
            ("a count that is no number", with("count=\"2\"", "count=\"two\"")),
            ("more parts than it names", with("count=\"2\"", "count=\"3\"")),
            ("fewer parts than it names", with("count=\"2\"", "count=\"1\"")),
            ("a part twice", with("image.part.1", "image.part.0")),
            (
                "no part at all",
                parse("<manifest><version>1</version><image><name>a</name><parts count=\"0\"/></image></manifest>"),
            ),
            ("a part above", with("image.part.1", "../image.part.1")),
            ("a part elsewhere", with("image.part.1", "db/image.part.1")),
            ("a part of an absolute path", with("image.part.1", "/image.part.1")),
            ("a part of another bundle", with("image.part.1", "other.part.1")),
            ("another object", with("image.part.1", "image.manifest.xml")),
            ("another object beside it", with("image.part.1", "customers.db")),
            ("a path hidden by an entity", with("image.part.1", "..&#47;image.part.1")),
            ("a document type", with("<manifest>", "<!DOCTYPE m [<!ENTITY a \"image.part.1\">]><manifest>")),
            ("an entity of its own", with("image.part.1", "&a;")),
        ] {
            assert!(found.is_err(), "{what}: {found:?}");
        }
        let deep = format!("<manifest>{}", "<a>".repeat(1_000_000));
        assert!(matches!(parse(&deep), Err(ManifestError::NotXml(_))));
        let place = "bundles/web/image.manifest.xml".parse().unwrap();
        assert_eq!(Manifest::parse(&place, &[0xff, 0xfe]), Err(ManifestError::NotText));
        let huge = vec![b' '; usize::try_from(MANIFEST_BYTES_MAX).unwrap() + 1];
        assert_eq!(Manifest::parse(&place, &huge), Err(ManifestError::TooLarge));
    }

    #[test]
    fn long_texts_are_cut_and_a_cut_name_is_no_part() {
        let manifest = parse(&WHOLE.replace("<signature>0", &format!("<signature>{}", "0".repeat(1 << 20)))).unwrap();
        assert_eq!(manifest.parts.len(), 2);
        let long = format!("image.part.{}", "1".repeat(1 << 16));
        assert!(parse(&WHOLE.replace("image.part.1", &long)).is_err());
    }

    /// The plain twin of the fuzz target `manifest`: every slip of one byte, and every end that is cut off.
    #[test]
    fn slips_are_read_or_refused() {
        let whole = WHOLE.as_bytes();
        for at in 0..whole.len() {
            crate::fuzzing::manifest(&whole[..at]);
            for byte in [0, b'<', b'>', b'/', b'.', b'&', b'"', b'9', 0xff] {
                let mut slipped = whole.to_vec();
                slipped[at] = byte;
                crate::fuzzing::manifest(&slipped);
            }
            let doubled = [&whole[..at], &whole[at / 2..]].concat();
            crate::fuzzing::manifest(&doubled);
        }
    }
}
