//! AWS Backup: its vaults, and the recovery points that are images.
//!
//! Nothing here makes a backup. The images that AWS Backup has made are the ones with its tag, and all of an account and
//! Region are in the vault `Default`, which is there as soon as one of them is.

mod recovery_points;
mod vaults;

use super::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] =
    &[Entry::of::<vaults::ListBackupVaults>(), Entry::of::<recovery_points::ListRecoveryPointsByBackupVault>()];
