//! What a file with a disk holds, by its name and by its bytes.

use std::path::Path;

use amictl_apply::DiskFile;
use amictl_plan::DiskFormat;

/// Bytes at the beginning that tell formats apart.
const HEAD: usize = 512;

/// What the bytes of a file say that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Seen {
    /// One of the formats that AWS takes.
    Format(DiskFormat),
    /// Something that AWS does not take as a disk, in words.
    Other(&'static str),
    /// The description of a VMDK without its data.
    Descriptor,
    /// None that is known: the disk itself, for all one can tell.
    Plain,
}

/// The format: what was asked for, or what the name and the bytes say alike. The error is a sentence and a hint.
pub(super) fn format(
    path: &Path,
    disk: &DiskFile,
    asked: Option<DiskFormat>,
) -> Result<DiskFormat, (String, &'static str)> {
    let read = |place, length| {
        disk.bytes_at(place, length).map_err(|error| (format!("it cannot be read: {error}"), "nothing was changed"))
    };
    let head = read(0, HEAD)?;
    let foot = read(disk.bytes().saturating_sub(HEAD as u64), HEAD)?;
    decide(by_name(path), seen(&head, &foot), asked)
}

fn decide(
    named: Option<DiskFormat>,
    seen: Seen,
    asked: Option<DiskFormat>,
) -> Result<DiskFormat, (String, &'static str)> {
    const SAY: &str = "--format says what it is; nothing was changed";
    match (asked, seen) {
        // Any bytes may be a disk, if somebody says so.
        (Some(DiskFormat::Raw), _) => Ok(DiskFormat::Raw),
        (Some(asked), Seen::Format(seen)) if asked == seen => Ok(asked),
        (_, Seen::Descriptor) => Err((
            "it is only the description of a VMDK, whose data are in other files".to_owned(),
            "`qemu-img convert -O raw` makes one file of them; nothing was changed",
        )),
        (_, Seen::Other(what)) => Err((
            format!("it is {what}, which is no disk that AWS takes"),
            "`qemu-img convert -O raw`, or unpacking it, makes one; nothing was changed",
        )),
        (Some(asked), _) => Err((format!("its bytes are not those of a {} disk", asked.as_str()), SAY)),
        (None, seen) => {
            let seen = if let Seen::Format(seen) = seen { seen } else { DiskFormat::Raw };
            match named {
                None => Err((
                    format!(
                        "what it is cannot be told by its name; its bytes may be those of a {} disk",
                        seen.as_str()
                    ),
                    SAY,
                )),
                Some(named) if named == seen => Ok(seen),
                Some(named) => Err((
                    format!(
                        "its name is that of a {} disk, and its bytes those of a {} disk",
                        named.as_str(),
                        seen.as_str()
                    ),
                    SAY,
                )),
            }
        }
    }
}

fn by_name(path: &Path) -> Option<DiskFormat> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "raw" | "img" | "dd" | "bin" => Some(DiskFormat::Raw),
        "vmdk" => Some(DiskFormat::Vmdk),
        "vhd" | "vpc" => Some(DiskFormat::Vhd),
        "vhdx" => Some(DiskFormat::Vhdx),
        _ => None,
    }
}

/// What the first and the last bytes say.
fn seen(head: &[u8], foot: &[u8]) -> Seen {
    let begins = |magic: &[u8]| head.starts_with(magic);
    match () {
        // VMware, "Virtual Disk Format 5.0": the sparse header.
        () if begins(b"KDMV") => Seen::Format(DiskFormat::Vmdk),
        () if begins(b"# Disk DescriptorFile") => Seen::Descriptor,
        // Microsoft, "Virtual Hard Disk Image Format": the footer, of which a growing disk has a copy in front.
        () if foot.starts_with(b"conectix") => Seen::Format(DiskFormat::Vhd),
        // Microsoft, "MS-VHDX", file type identifier.
        () if begins(b"vhdxfile") => Seen::Format(DiskFormat::Vhdx),
        () if begins(b"QFI\xfb") => Seen::Other("a disk of QEMU (qcow)"),
        () if begins(b"<<< ") && head.get(64..68) == Some(&[0x7f, 0x10, 0xda, 0xbe]) => {
            Seen::Other("a disk of VirtualBox (VDI)")
        }
        () if begins(&[0x1f, 0x8b]) => Seen::Other("packed by gzip"),
        () if begins(b"\xfd7zXZ\0") => Seen::Other("packed by xz"),
        () if begins(&[0x28, 0xb5, 0x2f, 0xfd]) => Seen::Other("packed by zstd"),
        () if begins(b"BZh") => Seen::Other("packed by bzip2"),
        () if begins(b"PK\x03\x04") => Seen::Other("a ZIP archive"),
        () if head.get(257..262) == Some(b"ustar") => Seen::Other("a tar archive, such as an OVA"),
        () => Seen::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_what_the_name_and_the_bytes_say_alike() {
        use DiskFormat::{Raw, Vhd, Vhdx, Vmdk};
        for (name, expected) in [
            ("a.RAW", Some(Raw)),
            ("a.img", Some(Raw)),
            ("a.vmdk", Some(Vmdk)),
            ("a.vhd", Some(Vhd)),
            ("a.vhdx", Some(Vhdx)),
            ("a", None),
            ("a.qcow2", None),
        ] {
            assert_eq!(by_name(Path::new(name)), expected, "{name}");
        }
        assert_eq!(decide(Some(Raw), Seen::Plain, None), Ok(Raw));
        assert_eq!(decide(None, Seen::Plain, Some(Raw)), Ok(Raw));
        assert_eq!(decide(Some(Raw), Seen::Format(Vmdk), Some(Vmdk)), Ok(Vmdk));
        assert_eq!(decide(None, Seen::Other("x"), Some(Raw)), Ok(Raw));
        for (named, seen, asked) in [
            (Some(Raw), Seen::Format(Vmdk), None),
            (Some(Vmdk), Seen::Plain, None),
            (None, Seen::Plain, None),
            (Some(Raw), Seen::Other("x"), None),
            (Some(Vmdk), Seen::Plain, Some(Vmdk)),
            (Some(Vmdk), Seen::Descriptor, None),
            (Some(Vhd), Seen::Format(Vhd), Some(Vhdx)),
        ] {
            assert!(decide(named, seen, asked).is_err(), "{named:?} {seen:?} {asked:?}");
        }
    }

    #[test]
    fn bytes_tell_formats_apart() {
        let plain = [0; HEAD];
        assert_eq!(seen(&plain, &plain), Seen::Plain);
        assert_eq!(seen(&plain, b"conectix\0"), Seen::Format(DiskFormat::Vhd));
        for (head, expected) in [
            (&b"KDMV\x01"[..], Seen::Format(DiskFormat::Vmdk)),
            (b"vhdxfile", Seen::Format(DiskFormat::Vhdx)),
            (b"# Disk DescriptorFile\n", Seen::Descriptor),
        ] {
            assert_eq!(seen(head, &plain), expected);
        }
        for head in [&b"QFI\xfb"[..], &[0x1f, 0x8b, 8], b"\xfd7zXZ\0", b"PK\x03\x04"] {
            assert!(matches!(seen(head, &plain), Seen::Other(_)), "{head:?}");
        }
        let mut tar = plain;
        tar[257..262].copy_from_slice(b"ustar");
        assert!(matches!(seen(&tar, &plain), Seen::Other(_)));
    }
}
