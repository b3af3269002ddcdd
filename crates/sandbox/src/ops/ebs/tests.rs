//! Blocks as clients read and write them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::list_blocks::{ListChangedBlocks, ListSnapshotBlocks};
use super::read_block::GetSnapshotBlock;
use super::write_snapshot::{CompleteSnapshot, PutSnapshotBlock, StartSnapshot};
use crate::ops::snapshots::create_snapshot::CreateSnapshot;
use crate::ops::snapshots::tests::{Talk, element};
use crate::ops::volumes::create_volume::CreateVolume;
use crate::ops::{Ctx, Op};
use crate::wire::Params;

/// All blocks of all pages of a listing.
fn all<O: Op>(talk: &mut Talk, request: Value, name: &str) -> Vec<Value> {
    let (mut blocks, mut request) = (Vec::new(), request);
    request["maxResults"] = 500.into();
    loop {
        let reply = talk.json::<O>(&request).unwrap();
        blocks.extend(reply[name].as_array().unwrap().clone());
        assert_eq!((&reply["BlockSize"], &reply["VolumeSize"]), (&json!(524_288), &json!(1)));
        match reply["NextToken"].as_str() {
            Some(token) => request["pageToken"] = token.into(),
            None => return blocks,
        }
    }
}

#[test]
fn blocks_are_listed_and_changes_between_the_snapshots_of_a_volume() {
    let mut talk = Talk::new();
    let volume = element(&talk.ask::<CreateVolume>("AvailabilityZone=us-east-1a&Size=1").unwrap(), "volumeId");
    let snapshot = |talk: &mut Talk| {
        talk.wait(86_400);
        element(&talk.ask::<CreateSnapshot>(&format!("VolumeId={volume}")).unwrap(), "snapshotId")
    };
    let (first, second) = (snapshot(&mut talk), snapshot(&mut talk));
    let blocks = all::<ListSnapshotBlocks>(&mut talk, json!({"snapshotId": first}), "Blocks");
    assert_eq!(blocks.len(), 1024);
    assert!(blocks.windows(2).all(|pair| pair[0]["BlockIndex"].as_u64() < pair[1]["BlockIndex"].as_u64()));
    // Tokens of two calls are never equal.
    let again = all::<ListSnapshotBlocks>(&mut talk, json!({"snapshotId": first}), "Blocks");
    assert!(blocks.iter().zip(&again).all(|(one, other)| one["BlockToken"] != other["BlockToken"]));
    let between = json!({"firstSnapshotId": first, "secondSnapshotId": second});
    let changed = all::<ListChangedBlocks>(&mut talk, between, "ChangedBlocks");
    assert!((20..200).contains(&changed.len()), "{}", changed.len());
    assert!(changed.iter().all(|block| block["FirstBlockToken"].is_string() && block["SecondBlockToken"].is_string()));
    let since_ever = all::<ListChangedBlocks>(&mut talk, json!({"secondSnapshotId": second}), "ChangedBlocks");
    assert_eq!(since_ever.len(), 1024);
    assert!(since_ever.iter().all(|block| block["FirstBlockToken"].is_null()));
    let other = talk.snapshot();
    let unrelated = json!({"firstSnapshotId": other, "secondSnapshotId": second});
    assert_eq!(talk.json::<ListChangedBlocks>(&unrelated).unwrap_err().code, "ValidationException");
    let index = &blocks[7]["BlockIndex"];
    let get = json!({"snapshotId": first, "blockIndex": index, "blockToken": blocks[7]["BlockToken"]});
    let reply = talk.ask::<GetSnapshotBlock>(&query(&get)).unwrap();
    assert!(reply.contains("524288") && reply.contains("SHA256"), "{reply}");
    let wrong = json!({"snapshotId": first, "blockIndex": index, "blockToken": blocks[8]["BlockToken"]});
    assert_eq!(talk.code::<GetSnapshotBlock>(&query(&wrong)), "ValidationException");
    for (request, code) in [
        (json!({"snapshotId": "snap-0"}), "ResourceNotFoundException"),
        (json!({"snapshotId": "nonsense"}), "ValidationException"),
        (json!({"snapshotId": first, "pageToken": "abc"}), "ValidationException"),
    ] {
        assert_eq!(talk.json::<ListSnapshotBlocks>(&request).unwrap_err().code, code, "{request}");
    }
}

fn query(request: &Value) -> String {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let pairs: Vec<String> =
        request.as_object().unwrap().iter().map(|(name, value)| format!("{name}={}", text(value))).collect();
    pairs.join("&")
}

fn put(talk: &mut Talk, snapshot: &str, index: u32, data: &[u8], checksum: &str) -> Result<(), crate::Fault> {
    let mut params = Params::default();
    params.set("snapshotId", snapshot);
    params.set("blockIndex", &index.to_string());
    params.set("x-amz-data-length", &data.len().to_string());
    params.set("x-amz-checksum", checksum);
    params.set("x-amz-checksum-algorithm", "SHA256");
    params.set_bytes("BlockData", data);
    let ctx: Ctx = talk.ctx.clone();
    PutSnapshotBlock::run(&mut talk.world, &ctx, PutSnapshotBlock::decode(&params)?).map(|_| ())
}

#[test]
fn a_snapshot_is_written_block_by_block_and_checked() {
    let mut talk = Talk::new();
    let parent = talk.snapshot();
    let started = talk.json::<StartSnapshot>(&json!({"VolumeSize": 1, "ParentSnapshotId": parent})).unwrap();
    let id = started["SnapshotId"].as_str().unwrap().to_owned();
    assert_eq!(started["Status"], "pending");
    let data = vec![7; 1 << 19];
    let digest = Sha256::digest(&data);
    let checksum = STANDARD.encode(digest);
    assert_eq!(put(&mut talk, &id, 0, &data, "wrong").unwrap_err().code, "ValidationException");
    assert_eq!(put(&mut talk, &id, 0, &data[1..], &checksum).unwrap_err().code, "ValidationException");
    assert_eq!(put(&mut talk, &id, 2048, &data, &checksum).unwrap_err().code, "ValidationException");
    assert_eq!(put(&mut talk, &parent, 0, &data, &checksum).unwrap_err().code, "ValidationException");
    put(&mut talk, &id, 3, &data, &checksum).unwrap();
    put(&mut talk, &id, 2047, &data, &checksum).unwrap();
    let linear = STANDARD.encode(Sha256::digest([digest, digest].concat()));
    let complete = |count: u32, checksum: &str| {
        json!({"snapshotId": id, "x-amz-changedblockscount": count, "x-amz-checksum": checksum,
               "x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-aggregation-method": "LINEAR"})
    };
    assert_eq!(talk.json::<ListSnapshotBlocks>(&json!({"snapshotId": id})).unwrap_err().code, "ValidationException");
    assert_eq!(talk.json::<CompleteSnapshot>(&complete(1, &linear)).unwrap_err().code, "ValidationException");
    assert_eq!(talk.json::<CompleteSnapshot>(&complete(2, &checksum)).unwrap_err().code, "ValidationException");
    assert_eq!(talk.json::<CompleteSnapshot>(&complete(2, &linear)).unwrap()["Status"], "completed");
    let between = json!({"firstSnapshotId": parent, "secondSnapshotId": id});
    let changed = all::<ListChangedBlocks>(&mut talk, between, "ChangedBlocks");
    assert_eq!(changed.iter().map(|block| block["BlockIndex"].as_u64().unwrap()).collect::<Vec<_>>(), [3, 2047]);
}

#[test]
fn a_snapshot_that_nobody_writes_to_fails() {
    let mut talk = Talk::new();
    let started = talk.json::<StartSnapshot>(&json!({"VolumeSize": 1, "Timeout": 10})).unwrap();
    let id = started["SnapshotId"].as_str().unwrap().to_owned();
    talk.wait(600);
    let data = vec![7; 1 << 19];
    let checksum = STANDARD.encode(Sha256::digest(&data));
    assert_eq!(put(&mut talk, &id, 0, &data, &checksum).unwrap_err().code, "ValidationException");
}
