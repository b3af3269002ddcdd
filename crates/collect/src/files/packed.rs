//! Files whose content is packed: they are opened, archives within archives too, and what is in them is searched.

use std::cell::Cell;
use std::io::{self, Cursor, Read};

use amictl_model::ImageId;

use super::mentions;

/// What one file may unpack to; more is told as not read, so that a bomb ends soon.
const UNPACKED_BYTES_MAX: u64 = 4 << 30;
/// An archive that can be read from its end only (`.zip`) is held in memory.
const HELD_BYTES_MAX: u64 = 256 << 20;
/// How deep archives may lie in one another.
const DEPTH_MAX: usize = 8;
/// What a format is told by: the magic of tar stands at 257.
const HEAD_BYTES: usize = 512;

/// How a file is packed, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Plain,
    Gzip,
    Zstd,
    Bzip2,
    Xz,
    Tar,
    Zip,
    /// One that cannot be opened here.
    Closed(&'static str),
}

impl Format {
    fn of(head: &[u8]) -> Self {
        let is_tar = head.get(257..262) == Some(b"ustar");
        match head {
            [0x1f, 0x8b, 8, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => Self::Bzip2,
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Self::Xz,
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Self::Zip,
            [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Self::Closed("7z"),
            [b'R', b'a', b'r', b'!', 0x1a, 7, ..] => Self::Closed("rar"),
            _ if is_tar => Self::Tar,
            _ => Self::Plain,
        }
    }
}

/// What was found in a file, and in what it holds.
#[derive(Debug)]
pub(super) struct Search {
    /// Image, and `PLACE:LINE`; what lies in an archive has the place `ARCHIVE!NAME`. Names are attacker-controlled text.
    pub(super) mentions: Vec<(ImageId, String)>,
    /// What could not be read, and why.
    pub(super) failures: Vec<String>,
    /// Bytes that may still be unpacked.
    left: Cell<u64>,
}

impl Search {
    /// Searches a file, whatever it is packed with.
    pub(super) fn file(content: impl Read, place: &str) -> Self {
        Self::within(content, place, UNPACKED_BYTES_MAX)
    }

    fn within(mut content: impl Read, place: &str, bytes_max: u64) -> Self {
        let mut search = Self { mentions: Vec::new(), failures: Vec::new(), left: Cell::new(bytes_max) };
        search.search(&mut content, place, 0);
        search
    }

    fn search(&mut self, content: &mut dyn Read, place: &str, depth: usize) {
        if let Err(error) = self.try_search(content, place, depth) {
            self.failures.push(format!("{place}: {error}"));
        }
    }

    fn try_search(&mut self, content: &mut dyn Read, place: &str, depth: usize) -> io::Result<()> {
        let mut head = Vec::with_capacity(HEAD_BYTES);
        (&mut *content).take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        let format = Format::of(&head);
        let mut content = Cursor::new(head).chain(content);
        if depth > DEPTH_MAX && format != Format::Plain {
            return Err(io::Error::other("too many archives within one another: unpack it beside"));
        }
        match format {
            Format::Plain => {
                mentions(content, |mention| self.mentions.push((mention.image, format!("{place}:{}", mention.line))))
            }
            Format::Gzip => self.unpacked(flate2::read::MultiGzDecoder::new(content), place, depth),
            Format::Zstd => self.unpacked(zstd::Decoder::new(content)?, place, depth),
            Format::Bzip2 => self.unpacked(bzip2::read::MultiBzDecoder::new(content), place, depth),
            Format::Xz => self.unpacked(lzma_rust2::XzReader::new(content, true), place, depth),
            Format::Tar => self.tar(&mut content, place, depth),
            Format::Zip => self.zip(&mut content, place, depth),
            Format::Closed(name) => Err(io::Error::other(format!(
                "what a {name} file holds cannot be read: unpack it beside, or leave it out"
            ))),
        }
    }

    fn unpacked(&mut self, content: impl Read, place: &str, depth: usize) -> io::Result<()> {
        let left = Cell::new(self.left.get());
        let result = self.try_search(&mut Counted { content, left: &left }, place, depth + 1);
        self.left.set(left.get().min(self.left.get()));
        result
    }

    fn tar(&mut self, content: &mut dyn Read, place: &str, depth: usize) -> io::Result<()> {
        for entry in tar::Archive::new(content).entries()? {
            let mut entry = entry?;
            let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            self.search(&mut entry, &format!("{place}!{name}"), depth + 1);
        }
        Ok(())
    }

    fn zip(&mut self, content: &mut dyn Read, place: &str, depth: usize) -> io::Result<()> {
        let mut held = Vec::new();
        content.take(HELD_BYTES_MAX + 1).read_to_end(&mut held)?;
        if held.len() as u64 > HELD_BYTES_MAX {
            let message =
                format!("it has more than {HELD_BYTES_MAX} bytes, and a zip file is held in memory: unpack it beside");
            return Err(io::Error::other(message));
        }
        let mut archive = zip::ZipArchive::new(Cursor::new(held))?;
        for index in 0..archive.len() {
            match archive.by_index(index) {
                Ok(mut entry) => {
                    let name = entry.name().map_or_else(|_| index.to_string(), std::borrow::Cow::into_owned);
                    let place = format!("{place}!{name}");
                    if let Err(error) = self.unpacked(&mut entry, &place, depth) {
                        self.failures.push(format!("{place}: {error}"));
                    }
                }
                // Such as one with a password.
                Err(error) => self.failures.push(format!("{place}!{index}: {error}")),
            }
        }
        Ok(())
    }
}

/// A reader that fails once it has given more than it may.
struct Counted<'a, R> {
    content: R,
    left: &'a Cell<u64>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.content.read(buffer)?;
        let left = self.left.get().checked_sub(count as u64);
        let left = left.ok_or_else(|| io::Error::other("it unpacks to more than is read: unpack it beside"))?;
        self.left.set(left);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const TEXT: &[u8] = b"x\nimage: ami-0123456789abcdef0\n";

    /// `TEXT`, packed by XZ Utils' library: the crate's own packer is not built.
    const XZ: &[u8] =
        b"\xfd7zXZ\x00\x00\x04\xe6\xd6\xb4F\x02\x00!\x01\x10\x00\x00\x00\xa8p\x8e\x86\x01\x00\x1ex\x0aimage: a\
        mi-0123456789abcdef0\x0a\x00\x00\x1c\xb4\xcaY\xc0\xe0\x80\xa1\x00\x017\x1f\xea\x18\x89=\x1f\xb6\xf3}\
        \x01\x00\x00\x00\x00\x04YZ";

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(content).unwrap();
        packer.finish().unwrap()
    }

    fn bzip2(content: &[u8]) -> Vec<u8> {
        let mut packer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        packer.write_all(content).unwrap();
        packer.finish().unwrap()
    }

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, content) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            archive.append_data(&mut header, name, *content).unwrap();
        }
        archive.into_inner().unwrap()
    }

    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(content).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    fn places(content: &[u8]) -> (Vec<String>, Vec<String>) {
        let search = Search::file(content, "f");
        (search.mentions.into_iter().map(|(_, place)| place).collect(), search.failures)
    }

    #[test]
    fn what_is_packed_is_searched_whatever_it_is_packed_with() {
        let twice = [gzip(b"none\n"), gzip(TEXT)].concat();
        for (packed, line) in
            [(gzip(TEXT), 2), (zstd::encode_all(TEXT, 1).unwrap(), 2), (bzip2(TEXT), 2), (XZ.to_vec(), 2), (twice, 3)]
        {
            assert_eq!(places(&packed), (vec![format!("f:{line}")], vec![]));
        }
        let files = [("a.tf", &b"nothing"[..]), ("b/c.tf", TEXT)];
        for packed in [tar(&files), gzip(&tar(&files)), zip(&files), zip(&[("in.zip", &zip(&files))])] {
            let (places, failures) = places(&packed);
            assert_eq!((places.len(), failures.len()), (1, 0), "{places:?} {failures:?}");
            assert!(places[0].ends_with("b/c.tf:2"), "{places:?}");
        }
    }

    #[test]
    fn what_cannot_be_opened_is_told_and_the_rest_is_searched() {
        let cut = &gzip(TEXT)[..20];
        assert_eq!(places(cut).1.len(), 1);
        let (found, failures) = places(&tar(&[("a.gz", cut), ("b.rar", b"Rar!\x1a\x07\x00"), ("c", TEXT)]));
        assert_eq!(found, ["f!c:2"]);
        assert_eq!(failures.len(), 2);
        assert!(failures[0].starts_with("f!a.gz: ") && failures[1].starts_with("f!b.rar: what a rar"), "{failures:?}");
        assert_eq!(places(b"PK\x03\x04 and no more").1.len(), 1);
    }

    #[test]
    fn bombs_end_soon() {
        let mut bomb = gzip(&vec![b'x'; 1 << 20]);
        let search = Search::within(&bomb[..], "f", 1 << 19);
        assert!(search.failures[0].contains("unpacks to more"), "{:?}", search.failures);
        for _ in 0..=DEPTH_MAX {
            bomb = gzip(&bomb);
        }
        assert!(places(&bomb).1[0].contains("within one another"));
    }
}
