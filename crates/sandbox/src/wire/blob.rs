//! Bytes as they are: the payload of a request or a reply that is neither JSON nor XML.

use super::{Body, Params, Reply};

/// A reply of bytes, with members in headers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Blob {
    /// The HTTP status.
    pub(crate) status: u16,
    /// Members that stand in headers.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The payload.
    pub(crate) bytes: Vec<u8>,
}

impl Reply for Blob {
    fn into_body(self) -> Body {
        Body::Blob(self)
    }
}

impl Params {
    /// Puts bytes directly below this level: each as the character of its number, as parameters are text.
    pub(crate) fn set_bytes(&mut self, name: &str, bytes: &[u8]) {
        let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        self.set(name, &text);
    }

    /// The bytes of this name.
    pub(crate) fn bytes(&self, name: &str) -> Option<Vec<u8>> {
        self.text(name)?.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_kept_whole() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut params = Params::default();
        params.set_bytes("Data", &bytes);
        assert_eq!(params.bytes("Data"), Some(bytes));
        params.set("Data", "€");
        assert_eq!((params.bytes("Data"), params.bytes("Absent")), (None, None));
    }
}
