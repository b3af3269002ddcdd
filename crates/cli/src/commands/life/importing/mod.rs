//! `amictl import`.

mod format;
mod image;

use std::path::Path;

use amictl_apply::{DiskContent, DiskFile};
use amictl_plan::{
    Added, CONTENT_TAG, Change, CommandInput, DiskFormat, Importing, KEY_TAG, Via, add_steps, build_command,
};
use amictl_report::escape;

use self::image::Image;
use super::carry_out::carry_out_built;
use super::store::require_region;
use crate::args::{BucketPlace, Global, ImportArgs, ViaArg, is_key_arn};
use crate::clock::{new_id, wall_clock};
use crate::exit::{Exit, Failure};
use crate::output::Terminal;
use crate::progress::DiskProgress;
use crate::session::Session;

const GIB: u64 = 1 << 30;
/// What EBS takes at most (EBS API Reference, `StartSnapshot`, `VolumeSize`).
const SIZE_GIB_MAX: u64 = 65_536;

/// Makes a snapshot of a disk in a file, and an image of that where it has a name.
pub(crate) async fn import(global: &Global, args: &ImportArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    for key in [CONTENT_TAG, KEY_TAG] {
        if args.then.tag.iter().any(|(own, _)| own == key) {
            return Err(Failure::usage(format!("--tag: {key} says what was imported, and is set by amictl")));
        }
    }
    let wanted = image::wanted(args)?;
    let name = escape::terminal(&args.disk.display().to_string()).into_owned();
    let unusable = |why: String| Failure::error(format!("{name}: {why}"));
    let path =
        std::fs::canonicalize(&args.disk).map_err(|error| unusable(error.to_string()).hint("nothing was changed"))?;
    let Some(shown) = path.to_str() else {
        return Err(unusable("its path is not UTF-8".to_owned()).hint("rename it; nothing was changed"));
    };
    let disk = DiskFile::open(&path).map_err(|error| unusable(error.to_string()).hint("nothing was changed"))?;
    let format =
        format::format(&path, &disk, args.format.map(Into::into)).map_err(|(why, hint)| unusable(why).hint(hint))?;
    let by_s3 = by_s3(args, format).map_err(|why| Failure::usage(format!("{name}: {why}")))?;
    let size_gib = match by_s3 {
        Some(_) if format != DiskFormat::Raw => 0,
        _ => size_gib(disk.bytes(), args.size_gib).map_err(|why| unusable(why).hint("nothing was changed"))?,
    };
    let session = Session::open(global, terminal).await?;
    let [region] = &session.regions[..] else {
        let hint = "name it with --region; --copy-to takes an image on; nothing was changed";
        return Err(Failure::usage("a disk is imported into one Region").hint(hint));
    };
    if let Some(place) = by_s3 {
        require_region(&session, &place.bucket, session.account, region).await?;
    }
    let image = match &wanted {
        Some(wanted) => Some(Image::of(&session, args, wanted, terminal).await?),
        None => None,
    };
    let found = read(&disk, format, size_gib, terminal)
        .await
        .map_err(|error| unusable(format!("it cannot be read: {error}")).hint("nothing was changed"))?;
    if found.blocks == 0 {
        return Err(unusable("it holds nothing but zeros".to_owned()).hint("nothing was changed"));
    }
    let via = match by_s3 {
        None => Via::Ebs,
        Some(place) => Via::S3 { bucket: place.bucket.as_str().into(), key: key(place, &found.content, format).into() },
    };
    let description = args.description.clone().unwrap_or_else(|| described(&path));
    let importing = Importing {
        disk: shown.into(),
        format,
        via,
        bytes: disk.bytes(),
        modified_at: disk.modified_at(),
        content: found.content.into(),
        blocks: found.blocks,
        checksum: found.checksum.into(),
        size_gib,
        description: Some(description.as_str().into()),
        tags: args.then.tag.iter().cloned().collect(),
        encrypted: args.encrypted,
        kms_key: args.kms_key.as_deref().map(Into::into),
        client_token: Box::default(),
        wait_seconds: args.then.timeout.as_secs().max(1),
    };
    let clock = wall_clock();
    let nothing = CommandInput { steps: Vec::new(), created_at: clock.now(), plan_id: new_id(&clock) };
    let mut plan = build_command(nothing);
    let change = Change::Import(Box::new(importing));
    let (account, region) = (session.account, region.clone());
    let made_by = add_steps(&mut plan, [Added { account, region: region.clone(), change, after: Vec::new() }]);
    if let (Some(image), Some(made_by)) = (image, made_by.first()) {
        image.add_to(&mut plan, account, &region, made_by, &description);
    }
    carry_out_built(global, &args.change, &plan, None, terminal).await
}

/// The bucket, where the disk goes by way of S3; the error is a sentence.
fn by_s3(args: &ImportArgs, format: DiskFormat) -> Result<Option<&BucketPlace>, String> {
    let via = args.via.unwrap_or(if format == DiskFormat::Raw { ViaArg::Ebs } else { ViaArg::S3 });
    match (via, &args.bucket) {
        (ViaArg::Ebs, _) if format != DiskFormat::Raw => Err(format!(
            "--via ebs: EBS takes the blocks of a raw disk, and it is a {} disk; `qemu-img convert -O raw` makes one of it",
            format.as_str()
        )),
        (ViaArg::Ebs, Some(_)) => Err("--bucket: a raw disk goes to EBS itself, without --via s3".to_owned()),
        (ViaArg::Ebs, None) if args.kms_key.as_deref().is_some_and(|key| !is_key_arn(key)) => {
            // EBS API Reference, `StartSnapshot`, `KmsKeyArn`.
            Err("--kms-key: EBS takes the ARN of a key: arn:aws:kms:REGION:ACCOUNT:key/ID".to_owned())
        }
        (ViaArg::Ebs, None) => Ok(None),
        (ViaArg::S3, None) => Err("--bucket: by way of which bucket, in the Region of the snapshot?".to_owned()),
        (ViaArg::S3, Some(_)) if args.size_gib.is_some() => {
            Err("--size-gib: by way of S3 a snapshot is as large as its disk".to_owned())
        }
        (ViaArg::S3, Some(place)) => Ok(Some(place)),
    }
}

/// The key of the object: the same for the same disk.
fn key(place: &BucketPlace, content: &str, format: DiskFormat) -> String {
    let digest = content.rsplit(':').next().unwrap_or_default();
    format!("{}{digest}.{}", place.prefix, format.as_str())
}

/// The size of the snapshot's volumes; the error is a sentence.
fn size_gib(bytes: u64, asked: Option<u32>) -> Result<u32, String> {
    let least = bytes.div_ceil(GIB);
    match asked {
        _ if bytes == 0 => Err("it is empty".to_owned()),
        _ if least > SIZE_GIB_MAX => Err(format!("a snapshot has {SIZE_GIB_MAX} GiB at most, and it has {least}")),
        Some(asked) if u64::from(asked) < least => {
            Err(format!("it has {least} GiB, which --size-gib {asked} does not hold"))
        }
        Some(asked) => Ok(asked),
        None => Ok(u32::try_from(least).unwrap_or(u32::MAX)),
    }
}

/// The name of the file, as far as a description holds it.
fn described(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!("Imported by amictl from {name}").chars().take(255).collect()
}

/// Reads the disk once.
async fn read(
    disk: &DiskFile,
    format: DiskFormat,
    size_gib: u32,
    terminal: &Terminal,
) -> Result<DiskContent, std::io::Error> {
    let progress = DiskProgress::new(terminal, disk.bytes());
    let disk = disk.clone();
    tokio::task::spawn_blocking(move || disk.content(format, size_gib, |read| progress.read(read)))
        .await
        .unwrap_or_else(|error| Err(std::io::Error::other(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_holds_the_disk() {
        assert_eq!(size_gib(1, None), Ok(1));
        assert_eq!(size_gib(GIB, None), Ok(1));
        assert_eq!(size_gib(GIB + 1, None), Ok(2));
        assert_eq!(size_gib(GIB, Some(8)), Ok(8));
        for (bytes, asked) in [(0, None), (2 * GIB, Some(1)), (SIZE_GIB_MAX * GIB + 1, None)] {
            assert!(size_gib(bytes, asked).is_err(), "{bytes} {asked:?}");
        }
    }

    #[test]
    fn a_description_holds_what_ebs_takes() {
        assert_eq!(described(Path::new("/disks/web.raw")), "Imported by amictl from web.raw");
        assert_eq!(described(Path::new(&format!("/{}", "x".repeat(300)))).chars().count(), 255);
    }
}
