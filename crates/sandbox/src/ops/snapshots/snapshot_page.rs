//! Where a page of snapshots starts.

use amictl_model::SnapshotId;

use crate::Fault;
use crate::ops::Ctx;
use crate::ops::input::snapshot_id;
use crate::page;

/// The snapshot after which the page of this token starts.
pub(super) fn page_start(ctx: &Ctx, operation: &str, token: Option<&str>) -> Result<Option<SnapshotId>, Fault> {
    token.map(|token| snapshot_id(&page::key_of_token(ctx, operation, token)?)).transpose()
}
