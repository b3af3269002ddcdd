//! Block tokens: made anew by every call, bound to a snapshot and a block, and good for a week.

use amictl_model::{Moment, SnapshotId};

use super::readable::invalid;
use crate::Fault;
use crate::world::fingerprint;

/// Seconds for which a token is good.
const GOOD_SECS: i64 = 7 * 86_400;

/// The tokens of one call.
pub(super) struct Tokens {
    nonce: u64,
    expires_at: Moment,
}

impl Tokens {
    /// Tokens of a call at this moment; the nonce must not have been one before.
    pub(super) fn new(nonce: u64, now: Moment) -> Self {
        Self { nonce, expires_at: now.plus_secs(GOOD_SECS) }
    }

    /// `ExpiryTime`.
    pub(super) fn expires_at(&self) -> Moment {
        self.expires_at
    }

    /// The token of a block.
    pub(super) fn token(&self, snapshot: &SnapshotId, index: u64) -> String {
        let expiry = self.expires_at.as_millis();
        format!("{:016x}{expiry:016x}{:016x}", self.nonce, seal(self.nonce, expiry, snapshot, index))
    }
}

fn seal(nonce: u64, expiry: i64, snapshot: &SnapshotId, index: u64) -> u64 {
    fingerprint(&format!("{nonce} {expiry} {snapshot} {index}"))
}

/// Refuses a token that is not one of this block, or no longer good.
pub(super) fn check(token: &str, snapshot: &SnapshotId, index: u64, now: Moment) -> Result<(), Fault> {
    let part = |at: usize| u64::from_str_radix(token.get(at..at + 16)?, 16).ok();
    let parts = (token.len() == 48).then(|| Some((part(0)?, part(16)?, part(32)?))).flatten();
    let Some((nonce, expiry, have)) = parts else { return Err(invalid("The block token is not valid.")) };
    let expiry = i64::try_from(expiry).unwrap_or(0);
    if have != seal(nonce, expiry, snapshot, index) {
        return Err(invalid("The block token is not one of this snapshot and block index."));
    }
    if now.as_millis() >= expiry {
        return Err(invalid("The block token has expired."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_of_a_call_a_snapshot_and_a_block_and_expire() {
        let now = Moment::from_secs(1_800_000_000);
        let (snapshot, other): (SnapshotId, SnapshotId) = ("snap-1".parse().unwrap(), "snap-2".parse().unwrap());
        let token = Tokens::new(1, now).token(&snapshot, 5);
        assert_ne!(token, Tokens::new(2, now).token(&snapshot, 5));
        assert!(check(&token, &snapshot, 5, now).is_ok());
        assert!(check(&token, &snapshot, 6, now).is_err());
        assert!(check(&token, &other, 5, now).is_err());
        assert!(check(&token, &snapshot, 5, now.plus_secs(GOOD_SECS)).is_err());
        for text in ["", "00", "é", &token[1..], &format!("{token}0"), &token.replace('0', "g")] {
            assert!(check(text, &snapshot, 5, now).is_err(), "{text}");
        }
    }
}
