//! The disk image that an import reads from S3.

use amictl_model::Moment;

use crate::ops::Ctx;
use crate::ops::ebs::block_data::checksum;
use crate::world::s3::Blob;
use crate::world::{BLOCK_BYTES, DiskPlace, Lineage, PutBlock, fingerprint};
use crate::{Fault, World};

/// Bytes of a disk image that nothing is known of.
const UNKNOWN_BYTES: u64 = 1 << 30;

/// What is known of a disk image.
pub(crate) struct DiskImage {
    /// Its bytes.
    pub(crate) bytes: u64,
    /// What it contains, if that is the disk as it is.
    pub(crate) raw: Option<Blob>,
    /// Why the import fails when it reads it.
    pub(crate) failure: Option<Box<str>>,
}

/// The disk image of a request; refused when its bucket is not there or not in this Region.
pub(crate) fn disk_image(
    world: &World,
    ctx: &Ctx,
    place: &DiskPlace,
    format: &str,
    upload_bytes: Option<u64>,
) -> Result<DiskImage, Fault> {
    let unread = DiskImage { bytes: upload_bytes.unwrap_or(UNKNOWN_BYTES), raw: None, failure: None };
    let place = match place {
        DiskPlace::Bucket { bucket, key } => Some((&**bucket, &**key)),
        DiskPlace::Url(url) => url.strip_prefix("s3://").and_then(|path| path.split_once('/')),
    };
    // Whatever is elsewhere is believed to be there.
    let Some((name, key)) = place else { return Ok(unread) };
    let refused = |message: String| Err(Fault::new("InvalidParameter", message));
    let bucket = match world.s3.bucket(name) {
        None => return refused(format!("The given S3 bucket ({name}) does not exist.")),
        Some(bucket) if bucket.region != ctx.region => {
            return refused(format!("The given S3 bucket ({name}) is not local to the region."));
        }
        Some(bucket) => bucket,
    };
    match bucket.object(key) {
        None => {
            let message = "ClientError: We do not have access to the given resource. Reason 404 Not Found";
            Ok(DiskImage { failure: Some(message.into()), ..unread })
        }
        Some(object) => {
            let raw = (format == "RAW").then(|| object.body.clone());
            Ok(DiskImage { bytes: (object.body.len() as u64).max(1), raw, failure: None })
        }
    }
}

/// The blocks of a raw disk image that are not all zeros.
pub(super) fn written_raw(disk: &[u8], id: &str, size_gib: u32, at: Moment) -> Lineage {
    let mut lineage = Lineage::to_put(fingerprint(id), size_gib, None, at);
    let block_bytes = usize::try_from(BLOCK_BYTES).unwrap_or(usize::MAX);
    for (index, chunk) in (0_u64..).zip(disk.chunks(block_bytes)) {
        if chunk.iter().any(|byte| *byte != 0) {
            let mut data = chunk.to_vec();
            data.resize(block_bytes, 0);
            let checksum = checksum(&data).into_boxed_str();
            lineage.put(index, PutBlock { data: data.into(), checksum });
        }
    }
    lineage
}
