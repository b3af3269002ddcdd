//! `application/x-www-form-urlencoded`, strictly: a malformed escape is an error and never a guess.

use super::Params;
use crate::Fault;

/// Reads a query string or a form body into a tree of parameters.
pub(crate) fn decode_form(form: &[u8]) -> Result<Params, Fault> {
    let mut params = Params::default();
    for pair in form.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let (key, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &pair[pair.len()..]),
        };
        params.insert(&unescape(key)?, unescape(value)?)?;
    }
    Ok(params)
}

/// Text without its percent-encoding, where `+` is a blank.
pub(crate) fn unescape(text: &[u8]) -> Result<String, Fault> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter().copied();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(rest.next())? << 4 | hex(rest.next())?,
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| malformed())
}

fn hex(digit: Option<u8>) -> Result<u8, Fault> {
    digit
        .and_then(|digit| char::from(digit).to_digit(16))
        .and_then(|digit| u8::try_from(digit).ok())
        .ok_or_else(malformed)
}

fn malformed() -> Fault {
    Fault::new("MalformedQueryString", "The query string contains a syntax error.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_plus_and_empty_values_are_read() {
        let params =
            decode_form(b"Action=DescribeImages&Name=a+b%2Bc&Empty=&Bare&&Filter.1.Value.2=%E2%82%AC").unwrap();
        assert_eq!(params.text("Action"), Some("DescribeImages"));
        assert_eq!(params.text("Name"), Some("a b+c"));
        assert_eq!(params.text("Empty"), Some(""));
        assert_eq!(params.text("Bare"), Some(""));
        assert_eq!(params.structures("Filter").unwrap()[0].texts("Value").unwrap(), ["€"]);
    }

    #[test]
    fn what_is_malformed_is_refused() {
        for form in ["a=%", "a=%4", "a=%zz", "a=%FF", "%=a", "a.=1", ".a=1", "=1"] {
            assert_eq!(decode_form(form.as_bytes()).unwrap_err().code, "MalformedQueryString", "{form}");
        }
        let deep = format!("{}a=1", "a.".repeat(100));
        assert_eq!(decode_form(deep.as_bytes()).unwrap_err().code, "MalformedQueryString");
    }
}
