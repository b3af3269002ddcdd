//! A disk in a file becomes an object of S3, in parts of which each is sent once.

use std::collections::HashMap;

use amictl_cloud::ops::{
    CompleteMultipartUpload, CompleteMultipartUploadRequest, CreateMultipartUpload, CreateMultipartUploadRequest,
    ListObjectsV2, ListObjectsV2Request, ListParts, ListPartsRequest, UploadPart, UploadPartRequest, UploadedPart,
};
use amictl_cloud::{Call, CloudError, ErrorClass, PageError, for_each_page};
use amictl_plan::{Importing, Step};
use bytes::Bytes;
use futures::{StreamExt, stream};

use super::putting::{Broken, Put, changed, retried, still};
use crate::context::{Halt, RegionWork, halt_on_credentials};
use crate::disk::{DiskDigest, DiskFile, DiskPart};
use crate::event::{CallOutcome, Event, JournalCall, RunEvent};
use crate::mutate::{Sent, send, send_by_token};
use crate::replay::StepState;
use crate::returning;

const MIB: u64 = 1 << 20;
/// The parts of a disk that is not too large for them.
const PART_BYTES: u64 = 8 * MIB;
/// S3 User Guide, "Amazon S3 multipart upload limits".
const PARTS_MAX: u64 = 10_000;

/// An object that is to be.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
}

/// Brings the disk there unless it is; an upload that was begun is gone on with.
pub(super) async fn upload(
    work: &RegionWork<'_>,
    step: &Step,
    importing: &Importing,
    place: Place<'_>,
    disk: &DiskFile,
    state: &StepState,
) -> Result<Put, Halt> {
    work.check_stop()?;
    match is_there(work, importing, place).await {
        Ok(true) => return Ok(Put::All),
        Ok(false) => {}
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(Put::Not(format!("what is in {} could not be looked at: {error}", place.bucket)));
        }
    }
    let begun = match &state.produced.upload {
        Some(id) => listed(work, place, id).await.map(|parts| parts.map(|parts| (id.to_string(), parts))),
        None => Ok(None),
    };
    let (id, parts) = match begun {
        Ok(Some(begun)) => begun,
        Ok(None) => match begin(work, step, place).await? {
            Ok(id) => (id, HashMap::new()),
            Err(why) => return Ok(Put::Not(why)),
        },
        Err(error) => {
            halt_on_credentials(&error)?;
            return Ok(Put::Not(error.to_string()));
        }
    };
    match put_parts(work, step, importing, place, &id, disk, &parts).await? {
        Ok(parts) => complete(work, step, importing, place, id, parts).await,
        Err(why) => Ok(Put::Not(why)),
    }
}

/// Whether the object is there, whole.
async fn is_there(work: &RegionWork<'_>, importing: &Importing, place: Place<'_>) -> Result<bool, CloudError> {
    let request =
        ListObjectsV2Request { bucket: place.bucket.to_owned(), prefix: place.key.to_owned(), next_token: None };
    let listed = Call::<ListObjectsV2>::call(work.cloud, work.region, request).await?;
    Ok(listed.objects.iter().any(|object| object.key == place.key && object.bytes == importing.bytes))
}

/// The parts of an upload so far; `None` where there is no such upload any more.
async fn listed(
    work: &RegionWork<'_>,
    place: Place<'_>,
    id: &str,
) -> Result<Option<HashMap<u16, UploadedPart>>, CloudError> {
    let (bucket, key) = (place.bucket.to_owned(), place.key.to_owned());
    let request = ListPartsRequest { bucket, key, upload: id.to_owned(), next_token: None };
    let mut parts = HashMap::new();
    let (_, result) = for_each_page::<ListParts>(work.cloud, work.region, request, |page| {
        parts.extend(page.parts.into_iter().map(|part| (part.number, part)));
    })
    .await;
    match result {
        Ok(()) => Ok(Some(parts)),
        Err(PageError::Call(error)) if error.class == ErrorClass::NotFound => Ok(None),
        Err(PageError::Call(error)) => Err(error),
        Err(other) => Err(CloudError {
            class: ErrorClass::Other,
            operation: "ListParts",
            code: None,
            message: other.to_string(),
            request_id: None,
        }),
    }
}

/// Begins an upload; the inner error is why not. One that was begun and whose answer was lost has no parts and costs nothing.
async fn begin(work: &RegionWork<'_>, step: &Step, place: Place<'_>) -> Result<Result<String, String>, Halt> {
    work.intend(&step.id, JournalCall::BeginUpload).await?;
    let request = CreateMultipartUploadRequest { bucket: place.bucket.to_owned(), key: place.key.to_owned() };
    let sent = send_by_token(|| Call::<CreateMultipartUpload>::call(work.cloud, work.region, request.clone())).await;
    let (outcome, begun) = match sent {
        Sent::Done(Some(id)) => (CallOutcome::Upload(id.as_str().into()), Ok(id)),
        Sent::Done(None) => (CallOutcome::Unknown(String::new()), Err("the answer was lost".to_owned())),
        Sent::Refused(error) => {
            halt_on_credentials(&error)?;
            (CallOutcome::Failed(error.to_string()), Err(error.to_string()))
        }
        Sent::Unknown(error) => (CallOutcome::Unknown(error.to_string()), Err(error.to_string())),
    };
    work.journal(Event::Outcome { step: step.id.to_string(), call: JournalCall::BeginUpload, outcome }).await?;
    Ok(begun)
}

/// How large the parts of a disk are: the same in every process that goes on with it.
fn part_bytes(bytes: u64) -> u64 {
    PART_BYTES.max(bytes.div_ceil(PARTS_MAX).div_ceil(MIB) * MIB)
}

/// Sends the parts that are not there; all parts, or why not.
async fn put_parts(
    work: &RegionWork<'_>,
    step: &Step,
    importing: &Importing,
    place: Place<'_>,
    id: &str,
    disk: &DiskFile,
    there: &HashMap<u16, UploadedPart>,
) -> Result<Result<Vec<UploadedPart>, String>, Halt> {
    work.intend(&step.id, JournalCall::UploadParts).await?;
    let size = part_bytes(importing.bytes);
    let count = u16::try_from(importing.bytes.div_ceil(size)).unwrap_or(u16::MAX);
    let mut digest = DiskDigest::new(importing.format, importing.size_gib);
    let mut stream = stream::iter(1..=count)
        .map(|number| put_part(work, place, id, disk, size, number, there.get(&number)))
        .buffered(work.permits.at_once);
    let mut parts = Vec::with_capacity(count.into());
    let result = loop {
        let next = tokio::select! {
            next = stream.next() => next,
            () = work.tools.stop.requested() => return Err(Halt::Interrupted),
        };
        match next {
            None => break None,
            Some(Ok((part, blocks))) => {
                blocks.iter().for_each(|(index, block)| digest.add(*index, block));
                parts.push(part);
                let sent = (parts.len() as u64 * size).min(importing.bytes);
                work.tell(&RunEvent::Sending { step: step.id.to_string(), sent, of: importing.bytes });
            }
            Some(Err(Broken::Read(error))) => break Some(format!("{} cannot be read: {error}", importing.disk)),
            Some(Err(Broken::Call(error))) => {
                halt_on_credentials(&error)?;
                if error.class.is_retryable() {
                    return Err(Halt::TimedOut(format!("{} into {}: {error}", importing.disk, place.bucket)));
                }
                break Some(error.to_string());
            }
        }
    };
    let is_same = || digest.finish().content == *importing.content && still(disk, importing);
    let why = result.or_else(|| (!is_same()).then(|| changed(importing)));
    let outcome = why.clone().map_or(CallOutcome::Done, CallOutcome::Failed);
    work.journal(Event::Outcome { step: step.id.to_string(), call: JournalCall::UploadParts, outcome }).await?;
    Ok(why.map_or(Ok(parts), Err))
}

/// Reads a part and sends it unless it is there; with the digests of its blocks.
async fn put_part(
    work: &RegionWork<'_>,
    place: Place<'_>,
    id: &str,
    disk: &DiskFile,
    size: u64,
    number: u16,
    there: Option<&UploadedPart>,
) -> Result<(UploadedPart, Vec<(u32, [u8; 32])>), Broken> {
    let reading = disk.clone();
    let read = tokio::task::spawn_blocking(move || reading.part(u64::from(number - 1) * size, size)).await;
    let DiskPart { data, checksum, blocks } =
        read.map_err(|error| Broken::Read(std::io::Error::other(error)))?.map_err(Broken::Read)?;
    if let Some(there) = there.filter(|there| there.checksum == checksum) {
        return Ok((there.clone(), blocks));
    }
    let request = UploadPartRequest {
        bucket: place.bucket.to_owned(),
        key: place.key.to_owned(),
        upload: id.to_owned(),
        number,
        data: Bytes::from(data),
        checksum: checksum.clone(),
    };
    let etag = retried(work, || Call::<UploadPart>::call(work.cloud, work.region, request.clone())).await;
    Ok((UploadedPart { number, etag: etag.map_err(Broken::Call)?, checksum }, blocks))
}

/// Makes the object of its parts.
async fn complete(
    work: &RegionWork<'_>,
    step: &Step,
    importing: &Importing,
    place: Place<'_>,
    upload: String,
    parts: Vec<UploadedPart>,
) -> Result<Put, Halt> {
    work.check_stop()?;
    work.intend(&step.id, JournalCall::CompleteUpload).await?;
    let (bucket, key) = (place.bucket.to_owned(), place.key.to_owned());
    let request = CompleteMultipartUploadRequest { bucket, key, upload, parts };
    let sent = send(
        || Call::<CompleteMultipartUpload>::call(work.cloud, work.region, request.clone()),
        || is_there(work, importing, place),
    )
    .await;
    let why = returning::conclude(work, &step.id, JournalCall::CompleteUpload, sent).await?;
    Ok(why.map_or(Put::All, Put::Not))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_no_more_than_s3_takes() {
        for (bytes, expected) in [(1, 8 * MIB), (PARTS_MAX * 8 * MIB, 8 * MIB), (PARTS_MAX * 8 * MIB + 1, 9 * MIB)] {
            let size = part_bytes(bytes);
            assert!(size == expected && bytes.div_ceil(size) <= PARTS_MAX, "{bytes}: {size}");
        }
    }
}
