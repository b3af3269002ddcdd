//! The readers of what lies in the state, for fuzzing: each takes anything and must not panic. No part of the interface.

use amictl_apply::Replay;

use crate::inventories::decode;
use crate::journal::whole_records;

/// A journal: what is read back is a run or is refused with its line.
pub fn journal(bytes: &[u8]) {
    let Ok((records, _)) = whole_records(bytes) else { return };
    if let Ok(replay) = Replay::of(&records) {
        assert_eq!(replay.last_seq, records.len() as u64, "every line counts");
    }
}

/// An inventory, compressed or not: what is read can be written and read again.
///
/// # Panics
/// When it cannot.
pub fn inventory(bytes: &[u8]) {
    let Ok(inventory) = decode(bytes) else { return };
    let written = serde_json::to_vec(&inventory);
    let again = written.map_err(|error| error.to_string()).and_then(|bytes| decode(&bytes));
    assert_eq!(again.as_ref(), Ok(&inventory), "what was written is read");
}
