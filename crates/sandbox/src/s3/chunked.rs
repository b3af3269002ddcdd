//! `aws-chunked` bodies: chunks with their sizes and signatures, and trailers after the last one.
//!
//! Signatures are not checked anywhere in the sandbox, so those of chunks are skipped as well.

use hyper::HeaderMap;
use hyper::body::Bytes;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderName, HeaderValue};

use crate::Fault;

/// Replaces an `aws-chunked` body by its content, and puts its trailers among the headers.
pub(super) fn unchunk(headers: &mut HeaderMap, body: Bytes) -> Result<Bytes, Fault> {
    let is_chunked = headers.get("x-amz-content-sha256").is_some_and(|hash| hash.as_bytes().starts_with(b"STREAMING-"));
    if !is_chunked {
        return Ok(body);
    }
    let (content, trailers) = decode(&body).ok_or_else(incomplete)?;
    let stated = headers.get("x-amz-decoded-content-length").and_then(|length| length.to_str().ok()?.parse().ok());
    if stated.is_some_and(|stated: usize| stated != content.len()) {
        return Err(incomplete());
    }
    for (name, value) in trailers {
        headers.insert(name, value);
    }
    headers.insert("x-amz-content-sha256", HeaderValue::from_static("UNSIGNED-PAYLOAD"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(content.len()));
    for name in ["x-amz-decoded-content-length", "x-amz-trailer"] {
        headers.remove(name);
    }
    drop_encoding(headers);
    Ok(content.into())
}

/// The coding `aws-chunked` goes, others stay with the object.
fn drop_encoding(headers: &mut HeaderMap) {
    let Some(text) = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok()) else { return };
    let kept: Vec<&str> =
        text.split(',').map(str::trim).filter(|coding| !coding.is_empty() && *coding != "aws-chunked").collect();
    match HeaderValue::from_str(&kept.join(",")) {
        Ok(value) if !value.is_empty() => {
            headers.insert(CONTENT_ENCODING, value);
        }
        _ => {
            headers.remove(CONTENT_ENCODING);
        }
    }
}

type Trailers = Vec<(HeaderName, HeaderValue)>;

fn decode(mut rest: &[u8]) -> Option<(Vec<u8>, Trailers)> {
    let mut content = Vec::with_capacity(rest.len());
    loop {
        let head = line(&mut rest)?;
        let size = std::str::from_utf8(head.split(|byte| *byte == b';').next()?).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok()?;
        if size == 0 {
            return Some((content, trailers(rest)?));
        }
        content.extend_from_slice(rest.get(..size)?);
        rest = rest.get(size..)?.strip_prefix(b"\r\n")?;
    }
}

/// The next line without its end; the rest begins after it.
fn line<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let end = rest.windows(2).position(|pair| pair == b"\r\n")?;
    let line = &rest[..end];
    *rest = &rest[end + 2..];
    Some(line)
}

fn trailers(mut rest: &[u8]) -> Option<Trailers> {
    let mut trailers = Trailers::new();
    while !rest.is_empty() {
        // The last line may lack its end.
        let text = line(&mut rest).unwrap_or_else(|| std::mem::take(&mut rest));
        if text.is_empty() {
            continue;
        }
        let at = text.iter().position(|byte| *byte == b':')?;
        let name = HeaderName::from_bytes(&text[..at]).ok()?;
        // Only what an upload may say at its end: nothing that was said at its beginning is replaced.
        if name.as_str().starts_with("x-amz-checksum-") {
            trailers.push((name, HeaderValue::from_bytes(text[at + 1..].trim_ascii()).ok()?));
        }
    }
    Some(trailers)
}

fn incomplete() -> Fault {
    let message = "You did not provide the number of bytes specified by the Content-Length HTTP header";
    Fault { code: "IncompleteBody".into(), message: message.to_owned(), status: 400 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(length: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-content-sha256", HeaderValue::from_static("STREAMING-UNSIGNED-PAYLOAD-TRAILER"));
        headers.insert("x-amz-decoded-content-length", HeaderValue::from_str(length).unwrap());
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip,aws-chunked"));
        headers
    }

    #[test]
    fn chunks_are_joined_and_trailers_become_headers() {
        let mut headers = headers("11");
        let body =
            "5;chunk-signature=ab\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\nhost:evil\r\n\r\n";
        assert_eq!(unchunk(&mut headers, Bytes::from(body)).unwrap(), "hello world");
        assert_eq!(headers["x-amz-checksum-crc32"], "AAAAAA==");
        assert_eq!(
            (&headers[CONTENT_ENCODING], &headers[CONTENT_LENGTH]),
            (&"gzip".parse().unwrap(), &"11".parse().unwrap())
        );
        assert!(!headers.contains_key("host"));
    }

    #[test]
    fn bodies_that_are_cut_off_or_lie_are_refused() {
        for body in
            ["", "5\r\nhel", "5\r\nhelloX", "zz\r\n", "ffffffffffffffff\r\nx", "5\r\nhello\r\n", "-1\r\n", "0\r\nx\r\n"]
        {
            assert!(unchunk(&mut headers("5"), Bytes::from(body)).is_err(), "{body}");
        }
        assert!(unchunk(&mut headers("4"), Bytes::from("5\r\nhello\r\n0\r\n\r\n")).is_err());
    }

    #[test]
    fn other_bodies_stay_as_they_are() {
        assert_eq!(unchunk(&mut HeaderMap::new(), Bytes::from("5\r\n")).unwrap(), "5\r\n");
    }
}
