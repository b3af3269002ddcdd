//! The `retire` stages of a family.

use super::keys;
use super::reader::{Reader, nearest, shown};
use crate::error::Located;
use crate::node::{Node, Value};
use crate::policy::{Retirement, SnapshotRule};
use crate::{Spot, Stage};

const ALLOWED: &str = "`deprecate`, `disable`, `archive_snapshots`, `deregister`, or one of them with conditions, such as {deregister: {snapshots: keep}}";

/// Reads the stages; they must come in the order deprecate, disable, archive_snapshots, deregister, each at most once.
pub(super) fn stages(reader: &mut Reader, node: &Node) -> Vec<Retirement> {
    let mut stages: Vec<Retirement> = Vec::new();
    if matches!(&node.value, Value::List(items) if items.is_empty()) {
        reader.error(node.spot, "`retire` is empty (images that are never to go belong in `protect`)", ALLOWED);
    }
    for item in reader.list(node, "retire") {
        let Some(stage) = stage(reader, item) else { continue };
        if let Some(before) = stages.iter().find(|before| before.stage >= stage.stage) {
            let message = if before.stage == stage.stage {
                format!("the stage `{}` stands in the list twice", stage.stage.as_str())
            } else {
                format!("the stage `{}` cannot come after `{}`", stage.stage.as_str(), before.stage.as_str())
            };
            reader.error(
                stage.spot,
                message,
                "deprecate, disable, archive_snapshots, deregister in this order, each at most once",
            );
        } else if stage.stage == Stage::ArchiveSnapshots && stages.iter().all(|before| before.stage != Stage::Disable) {
            let message = "snapshots are archived of disabled images only";
            reader.error(stage.spot, message, "`disable` ahead of `archive_snapshots`");
        } else if let (Some(before), Some(after)) = (stages.iter().rev().find_map(|stage| stage.after), stage.after)
            && after < before
        {
            let message = format!("`{}` would come before the stage ahead of it", stage.stage.as_str());
            reader.error(stage.spot, message, format!("`after` of {before} or more"));
        }
        stages.push(stage);
    }
    stages
}

fn stage(reader: &mut Reader, node: &Node) -> Option<Retirement> {
    match &node.value {
        Value::Text(text) => stage_named(reader, text, node.spot).map(|stage| plain(stage, node.spot)),
        Value::Map(entries) => {
            let [(key, value)] = entries.as_slice() else {
                let spot = entries.get(1).map_or(node.spot, |(key, _)| key.spot);
                reader.error(spot, format!("a stage has {} keys", entries.len()), ALLOWED);
                return None;
            };
            let stage = stage_named(reader, &key.name, key.spot)?;
            Some(conditions(reader, value, plain(stage, key.spot)))
        }
        _ => {
            reader.error(node.spot, format!("a stage cannot be {}", node.value.kind()), ALLOWED);
            None
        }
    }
}

fn plain(stage: Stage, spot: Spot) -> Retirement {
    Retirement { stage, after: None, snapshots: SnapshotRule::default(), require_recycle_bin: None, spot }
}

fn stage_named(reader: &mut Reader, name: &str, spot: Spot) -> Option<Stage> {
    let stage = Stage::ALL.into_iter().find(|stage| stage.as_str() == name);
    if stage.is_none() {
        let suggestion = nearest(name, keys::STAGES.iter().copied());
        let message = format!("unknown stage `{}`", shown(name));
        reader.push(Located::error(reader.file(), spot, message).allowed(ALLOWED).suggestion(suggestion));
    }
    stage
}

fn conditions(reader: &mut Reader, node: &Node, mut retirement: Retirement) -> Retirement {
    let (what, allowed) = match retirement.stage {
        Stage::Deprecate => ("`deprecate`", keys::DEPRECATE),
        Stage::Disable => ("`disable`", keys::DISABLE),
        Stage::ArchiveSnapshots => ("`archive_snapshots`", keys::ARCHIVE_SNAPSHOTS),
        Stage::Deregister => ("`deregister`", keys::DEREGISTER),
    };
    let Some(fields) = reader.fields(node, what, allowed) else { return retirement };
    if let Some(node) = fields.get("after").filter(|_| allowed.contains(&"after")) {
        retirement.after = reader.duration(node, "after");
    }
    if let Some(node) = fields.get("snapshots").filter(|_| allowed.contains(&"snapshots"))
        && reader.word(node, "snapshots", &["delete", "keep"]) == Some("keep")
    {
        retirement.snapshots = SnapshotRule::Keep;
    }
    if let Some(node) = fields.get("require_recycle_bin").filter(|_| allowed.contains(&"require_recycle_bin")) {
        retirement.require_recycle_bin = reader.duration(node, "require_recycle_bin");
    }
    retirement
}
