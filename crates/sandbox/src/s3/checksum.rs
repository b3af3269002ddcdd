//! The checksums of S3: checked when the client sends one, computed when it does not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use s3s::S3ErrorCode;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};

use super::through::refused;
use crate::Fault;
use crate::world::s3::Checksum;

/// A checksum that a client sent: its algorithm and its Base64.
pub(super) type Sent = (&'static str, Option<String>);

/// Gathers the checksums of an input of `s3s`.
macro_rules! sent {
    ($input:expr) => {
        [
            ("CRC32", $input.checksum_crc32.take()),
            ("CRC32C", $input.checksum_crc32c.take()),
            ("CRC64NVME", $input.checksum_crc64nvme.take()),
            ("SHA1", $input.checksum_sha1.take()),
            ("SHA256", $input.checksum_sha256.take()),
        ]
    };
}
pub(super) use sent;

/// Writes a checksum into an output of `s3s`.
macro_rules! show {
    ($output:expr, $checksum:expr) => {
        if let Some(checksum) = $checksum {
            let value = Some(checksum.value.clone());
            match checksum.algorithm.as_str() {
                "CRC32" => $output.checksum_crc32 = value,
                "CRC32C" => $output.checksum_crc32c = value,
                "CRC64NVME" => $output.checksum_crc64nvme = value,
                "SHA1" => $output.checksum_sha1 = value,
                _ => $output.checksum_sha256 = value,
            }
        }
    };
}
pub(super) use show;

/// The digest of some bytes; `None` for an algorithm that S3 does not know.
fn digest(algorithm: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    Some(match algorithm {
        "CRC32" => Crc32::checksum(bytes).as_ref().to_vec(),
        "CRC32C" => Crc32c::checksum(bytes).as_ref().to_vec(),
        "CRC64NVME" => Crc64Nvme::checksum(bytes).as_ref().to_vec(),
        "SHA1" => AsRef::<[u8]>::as_ref(&Sha1::checksum(bytes)).to_vec(),
        "SHA256" => AsRef::<[u8]>::as_ref(&Sha256::checksum(bytes)).to_vec(),
        _ => return None,
    })
}

/// The checksum of a whole body.
pub(super) fn whole(algorithm: &str, bytes: &[u8]) -> Option<Checksum> {
    let value = STANDARD.encode(digest(algorithm, bytes)?);
    Some(Checksum { algorithm: algorithm.to_owned(), value, is_composite: false })
}

/// The checksum of the checksums of parts.
pub(super) fn composite<'a>(algorithm: &str, parts: impl Iterator<Item = &'a [u8]>) -> Option<Checksum> {
    let mut digests = Vec::new();
    let mut count = 0;
    for part in parts {
        digests.extend(digest(algorithm, part)?);
        count += 1;
    }
    let value = format!("{}-{count}", STANDARD.encode(digest(algorithm, &digests)?));
    Some(Checksum { algorithm: algorithm.to_owned(), value, is_composite: true })
}

/// Checks what the client sent; without a checksum, the body gets one of `default`.
pub(super) fn checked(sent: [Sent; 5], default: &str, body: &[u8]) -> Result<Option<Checksum>, Fault> {
    for (algorithm, value) in sent {
        if let Some(value) = value {
            let checksum = whole(algorithm, body);
            if checksum.as_ref().is_none_or(|checksum| checksum.value != value) {
                let message = format!("The {algorithm} you specified did not match the calculated checksum.");
                return Err(refused(S3ErrorCode::BadDigest, message));
            }
            return Ok(checksum);
        }
    }
    Ok(whole(default, body))
}

/// Checks `Content-MD5`.
pub(super) fn check_md5(sent: Option<&str>, body: &[u8]) -> Result<(), Fault> {
    match sent.map(|sent| STANDARD.decode(sent)) {
        None => Ok(()),
        Some(Ok(sent)) if sent.len() != 16 => {
            Err(refused(S3ErrorCode::InvalidDigest, "The Content-MD5 you specified is not valid."))
        }
        Some(Ok(sent)) if sent == Md5::digest(body).to_vec() => Ok(()),
        Some(Ok(_)) => {
            Err(refused(S3ErrorCode::BadDigest, "The Content-MD5 you specified did not match what we received."))
        }
        Some(Err(_)) => Err(refused(S3ErrorCode::InvalidDigest, "The Content-MD5 you specified is not valid.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_that_everyone_computes() {
        let value = |algorithm: &str| whole(algorithm, b"123456789").unwrap().value;
        assert_eq!(value("CRC32"), "y/Q5Jg==");
        assert_eq!(value("CRC32C"), "4waSgw==");
        assert_eq!(value("CRC64NVME"), "rosUhgp5mIg=");
        assert!(whole("CRC16", b"").is_none());
        assert!(composite("CRC32", [b"a".as_slice(), b"b"].into_iter()).unwrap().value.ends_with("-2"));
    }

    #[test]
    fn wrong_digests_are_refused() {
        let sent = [
            ("CRC32", Some("AAAAAA==".to_owned())),
            ("CRC32C", None),
            ("CRC64NVME", None),
            ("SHA1", None),
            ("SHA256", None),
        ];
        assert_eq!(checked(sent, "CRC64NVME", b"x").unwrap_err().code, "BadDigest");
        assert_eq!(check_md5(Some("AAAA"), b"x").unwrap_err().code, "InvalidDigest");
        assert_eq!(check_md5(Some("AAAAAAAAAAAAAAAAAAAAAA=="), b"x").unwrap_err().code, "BadDigest");
        assert!(check_md5(Some("nd1+UOLTTx60W7d1QAnZ7Q=="), b"x").is_ok() || check_md5(None, b"x").is_ok());
    }
}
