//! UEFI variables, as EC2 takes them.

use std::path::Path;

/// How many characters EC2 takes (service model of EC2, `ImageUefiDataRequest`).
const UEFI_DATA_MAX: usize = 64_000;

/// A file with the variables, as they are or in base64, or the base64 itself.
pub(super) fn parse_uefi_data(text: &str) -> Result<Box<str>, String> {
    let path = Path::new(text);
    let said = if path.is_file() {
        let size = path.metadata().map_or(0, |metadata| metadata.len());
        if size > 2 * UEFI_DATA_MAX as u64 {
            return Err(format!("{text} has {size} bytes, and EC2 takes {UEFI_DATA_MAX} characters of base64"));
        }
        std::fs::read(path).map_err(|error| format!("{text} cannot be read: {error}"))?
    } else {
        text.as_bytes().to_vec()
    };
    let packed: Vec<u8> = said.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let encoded = match String::from_utf8(packed) {
        Ok(encoded) if is_base64(&encoded) => encoded,
        _ if path.is_file() => amictl_aws::base64(&said),
        _ => return Err("it is neither a file nor base64".to_owned()),
    };
    match encoded.len() {
        0 => Err("there is nothing in it".to_owned()),
        length if length > UEFI_DATA_MAX => {
            Err(format!("it has {length} characters of base64, and EC2 takes {UEFI_DATA_MAX}"))
        }
        _ => Ok(encoded.into()),
    }
}

fn is_base64(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    text.len().is_multiple_of(4)
        && text.len() - digits.len() <= 2
        && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uefi_data_is_base64_or_a_file() {
        assert_eq!(&*parse_uefi_data("QU1aTlVFRkk=").unwrap(), "QU1aTlVFRkk=");
        for text in ["", "no base64!", "QUI", "QU=I"] {
            assert!(parse_uefi_data(text).is_err(), "{text}");
        }
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("vars");
        let of_file = |bytes: &[u8]| {
            std::fs::write(&file, bytes).unwrap();
            parse_uefi_data(file.to_str().unwrap())
        };
        assert_eq!(&*of_file(b"AMZNUEFI\xff").unwrap(), "QU1aTlVFRkn/");
        assert_eq!(&*of_file(b"QU1aTlVFRkk=\n").unwrap(), "QU1aTlVFRkk=");
        assert!(of_file(b"").is_err() && of_file(&[1; 50_000]).is_err());
    }
}
