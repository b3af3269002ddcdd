//! Calls by operation.

use std::collections::BTreeMap;

/// The calls of every operation.
pub type CallCounts = BTreeMap<&'static str, OperationCount>;

/// The calls of one operation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct OperationCount {
    /// Calls that came in.
    pub calls: u64,
    /// How many of them were throttled.
    pub throttled: u64,
    /// How many of them a fault rule spoiled otherwise.
    pub spoiled: u64,
}
