//! Page tokens: opaque to the client, bound to the operation, the account and the Region that they were made for.

use std::fmt::Write;

use crate::Fault;
use crate::dialect::bad_page_token;
use crate::ops::Ctx;

/// Makes the token that stands for "after this key".
pub(crate) fn token_after(ctx: &Ctx, operation: &str, key: &str) -> String {
    let mut token = format!("{:016x}", checksum(ctx, operation, key.as_bytes()));
    for byte in key.bytes() {
        // Writing to a String cannot fail.
        let _ = write!(token, "{byte:02x}");
    }
    token
}

/// The key that a token stands for.
pub(crate) fn key_of_token(ctx: &Ctx, operation: &str, token: &str) -> Result<String, Fault> {
    let invalid = || bad_page_token(ctx.service, operation);
    let is_made = token.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !is_made || token.len() < 16 || !token.len().is_multiple_of(2) {
        return Err(invalid());
    }
    let (sum, key) = token.split_at(16);
    let sum = u64::from_str_radix(sum, 16).map_err(|_| invalid())?;
    let key: Vec<u8> = (0..key.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&key[at..at + 2], 16).map_err(|_| invalid()))
        .collect::<Result<_, _>>()?;
    if sum != checksum(ctx, operation, &key) {
        return Err(invalid());
    }
    String::from_utf8(key).map_err(|_| invalid())
}

/// FNV-1a over everything that the token is bound to.
fn checksum(ctx: &Ctx, operation: &str, key: &[u8]) -> u64 {
    let account = ctx.account.to_string();
    [operation.as_bytes(), account.as_bytes(), ctx.region.as_str().as_bytes(), key]
        .iter()
        .flat_map(|part| part.iter().chain(&[0]))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// `MaxResults` within its bounds.
pub(crate) fn limit(
    name: &str,
    wanted: Option<i64>,
    bounds: std::ops::RangeInclusive<i64>,
) -> Result<Option<usize>, Fault> {
    match wanted {
        None => Ok(None),
        Some(number) if bounds.contains(&number) => Ok(usize::try_from(number).ok()),
        Some(number) => Err(Fault::new(
            "InvalidParameterValue",
            format!(
                "Value ( {number} ) for parameter {name} is invalid. Expecting a value between {} and {}.",
                bounds.start(),
                bounds.end()
            ),
        )),
    }
}

/// A page out of entries in the order of their keys, all of them later than the token's.
pub(crate) struct Page<K, T> {
    /// What is on it.
    pub(crate) items: Vec<T>,
    /// The key to go on after, if there is more.
    pub(crate) next: Option<K>,
}

/// Entries looked at for one page when most of them do not match.
const EXAMINED_MAX: usize = 20_000;

/// Fills a page with what `pick` makes of the entries; a page may be short, even empty, and still have a next one.
pub(crate) fn fill<K, V, T>(
    entries: impl Iterator<Item = (K, V)>,
    limit: Option<usize>,
    mut pick: impl FnMut(&K, V) -> Option<T>,
) -> Page<K, T> {
    let mut items = Vec::new();
    let mut last: Option<K> = None;
    for (examined, (key, value)) in entries.enumerate() {
        if limit.is_some_and(|limit| items.len() >= limit || examined >= EXAMINED_MAX.max(limit)) {
            return Page { items, next: last };
        }
        if let Some(item) = pick(&key, value) {
            items.push(item);
        }
        last = Some(key);
    }
    Page { items, next: None }
}
