//! EBS `GetSnapshotBlock`.

use amictl_cloud::{OperationSpec, Service};
use amictl_model::SnapshotId;

use super::block_data::{bytes, checksum};
use super::block_token::check;
use super::readable::{invalid, readable, snapshot_id};
use crate::ops::{Ctx, Op, Route};
use crate::wire::{Blob, Params};
use crate::{Fault, World};

pub(crate) struct GetSnapshotBlock;

pub(crate) struct GetSnapshotBlockInput {
    snapshot: SnapshotId,
    index: u64,
    token: String,
}

impl Op for GetSnapshotBlock {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ebs, "GetSnapshotBlock");
    const ROUTE: Option<Route> = Some(Route { method: "GET", path: "/snapshots/{snapshotId}/blocks/{blockIndex}" });
    type Input = GetSnapshotBlockInput;
    type Output = Blob;

    fn decode(params: &Params) -> Result<GetSnapshotBlockInput, Fault> {
        Ok(GetSnapshotBlockInput {
            snapshot: snapshot_id(params.required("snapshotId")?)?,
            index: params.unsigned("blockIndex")?.ok_or_else(|| Fault::missing("blockIndex"))?.into(),
            token: params.required("blockToken")?.to_owned(),
        })
    }

    fn run(world: &mut World, ctx: &Ctx, input: GetSnapshotBlockInput) -> Result<Blob, Fault> {
        let snapshot = readable(world, ctx, &input.snapshot)?;
        check(&input.token, &input.snapshot, input.index, ctx.now)?;
        let content = snapshot.lineage().content(input.index);
        let content = content.ok_or_else(|| invalid(format!("The snapshot has no block {}.", input.index)))?;
        let bytes = bytes(&content);
        let headers = vec![
            ("x-amz-data-length", bytes.len().to_string()),
            ("x-amz-checksum", checksum(&bytes)),
            ("x-amz-checksum-algorithm", "SHA256".to_owned()),
        ];
        Ok(Blob { status: 200, headers, bytes })
    }
}
