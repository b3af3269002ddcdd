//! What snapshots and bundles cost: the one table, with its date.

use amictl_model::{Snapshot, StorageTier};

/// When the prices were looked up (us-east-1; they vary by Region).
pub const PRICES_AS_OF: &str = "2026-11";

/// US dollars for a GiB and month in the standard tier.
const STANDARD_USD_PER_GIB_MONTH: f64 = 0.05;
/// US dollars for a GiB and month in the archive tier.
const ARCHIVE_USD_PER_GIB_MONTH: f64 = 0.0125;
/// US dollars for a GB and month of S3 Standard, the first 50 TB.
const S3_USD_PER_GIB_MONTH: f64 = 0.023;
const GIB_BYTES: f64 = (1_u64 << 30) as f64;

/// What deleting this snapshot saves a month at most: blocks that a neighbour shares stay, so it may be less.
#[must_use]
pub fn monthly_usd_upper_bound(snapshot: &Snapshot) -> f64 {
    let gib = snapshot.full_size_bytes.map_or(f64::from(snapshot.size_gib), |bytes| bytes as f64 / GIB_BYTES);
    gib * match snapshot.tier {
        StorageTier::Standard => STANDARD_USD_PER_GIB_MONTH,
        StorageTier::Archive => ARCHIVE_USD_PER_GIB_MONTH,
    }
}

/// What objects of so many bytes in all cost a month in S3 Standard.
#[must_use]
pub fn monthly_usd_of_objects(bytes: u64) -> f64 {
    bytes as f64 / GIB_BYTES * S3_USD_PER_GIB_MONTH
}

/// What archiving this snapshot saves a month at most: in the archive it is stored whole, and what a neighbour shares stays, so it may even
/// cost more.
pub(crate) fn monthly_usd_archiving_upper_bound(snapshot: &Snapshot) -> f64 {
    monthly_usd_upper_bound(snapshot) * (1.0 - ARCHIVE_USD_PER_GIB_MONTH / STANDARD_USD_PER_GIB_MONTH)
}

/// Rounded to four decimals, which every JSON reader reads back as the same number.
pub(crate) fn four_decimals(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}
