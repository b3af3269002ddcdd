//! EC2 `DescribeFastSnapshotRestores`.

use std::ops::Bound;
use std::sync::Arc;

use amictl_cloud::{OperationSpec, Service};
use amictl_model::Tags;
use compact_str::CompactString;

use super::fast_restores::write_fast_restore;
use crate::filter::Filters;
use crate::ops::{Ctx, Op, paged};
use crate::page;
use crate::wire::{Encode, Params, Xml};
use crate::world::FastRestore;
use crate::world::zone_id;
use crate::{Fault, World};

pub(crate) struct DescribeFastSnapshotRestores;

pub(crate) struct DescribeFastSnapshotRestoresInput {
    filters: Filters,
    limit: Option<usize>,
    token: Option<String>,
}

pub(crate) struct DescribeFastSnapshotRestoresOutput {
    restores: Vec<Arc<FastRestore>>,
    ctx: Ctx,
    next_token: Option<String>,
}

impl Op for DescribeFastSnapshotRestores {
    const SPEC: OperationSpec = OperationSpec::read(Service::Ec2, "DescribeFastSnapshotRestores");
    type Input = DescribeFastSnapshotRestoresInput;
    type Output = DescribeFastSnapshotRestoresOutput;
    paged!();

    fn decode(params: &Params) -> Result<Self::Input, Fault> {
        let names = ["availability-zone", "availability-zone-id", "owner-id", "snapshot-id", "state"];
        // Zero asks for as many as there are, as none does.
        let limit = page::limit("maxResults", params.integer("MaxResults")?, 0..=200)?.filter(|limit| *limit > 0);
        let token = params.string("NextToken");
        Ok(DescribeFastSnapshotRestoresInput { filters: Filters::decode(params, &names)?, limit, token })
    }

    fn run(world: &mut World, ctx: &Ctx, input: Self::Input) -> Result<Self::Output, Fault> {
        let after = input.token.as_deref().map(|token| page::key_of_token(ctx, Self::SPEC.name, token)).transpose()?;
        let start = after.map_or(Bound::Unbounded, |key| Bound::Excluded(CompactString::from(key)));
        let scope = world.scope_mut(ctx.account, &ctx.region);
        let restores = scope.snapshot_shelves.fast_restores.range((start, Bound::Unbounded));
        let page = page::fill(restores, input.limit, |_, restore| {
            let takes = input.filters.matches(&Tags::default(), |name, filter| match name {
                "availability-zone" => filter.takes(&restore.zone),
                "availability-zone-id" => filter.takes(&zone_id(&ctx.region, &restore.zone)),
                "owner-id" => filter.takes_value(ctx.account),
                "snapshot-id" => filter.takes(restore.snapshot.as_str()),
                _ => filter.takes(restore.state(ctx.now)),
            });
            takes.then(|| Arc::clone(restore))
        });
        let next_token = page.next.map(|key| page::token_after(ctx, Self::SPEC.name, key));
        Ok(DescribeFastSnapshotRestoresOutput { restores: page.items, ctx: ctx.clone(), next_token })
    }
}

impl Encode for DescribeFastSnapshotRestoresOutput {
    fn encode(&self, xml: &mut Xml) {
        xml.list("fastSnapshotRestoreSet", "item", &self.restores, |xml, restore| {
            write_fast_restore(xml, restore, &self.ctx);
        });
        xml.optional("nextToken", self.next_token.as_ref());
    }
}
