//! Buckets: making, finding, removing, and whether they keep versions.

use std::time::{Duration, SystemTime};

use amictl_model::{AccountId, Moment, Region};
use s3s::S3ErrorCode;
use s3s::dto;

use super::through::{own, own_mut, refused};
use crate::ops::Ctx;
use crate::world::s3::Versioning;
use crate::{Fault, World};

/// A time as `s3s` takes it; S3 knows whole seconds only.
pub(super) fn timestamp(moment: Moment) -> dto::Timestamp {
    let secs = u64::try_from(moment.as_millis().div_euclid(1000)).unwrap_or(0);
    (SystemTime::UNIX_EPOCH + Duration::from_secs(secs)).into()
}

/// An account as S3 names owners: a canonical user id.
pub(super) fn owner(account: AccountId) -> dto::Owner {
    dto::Owner { display_name: None, id: Some(format!("{account}{account:0>52}")) }
}

pub(super) fn create(
    world: &mut World,
    ctx: &Ctx,
    input: dto::CreateBucketInput,
) -> Result<dto::CreateBucketOutput, Fault> {
    let name = input.bucket;
    let constraint = input
        .create_bucket_configuration
        .and_then(|configuration| configuration.location_constraint)
        .map(|constraint| constraint.as_str().to_owned())
        .filter(|constraint| !constraint.is_empty());
    let region = region_of(ctx, constraint.as_deref())?;
    match world.s3.bucket(&name) {
        None => {
            world.s3.create_bucket(&name, ctx.account, region, ctx.now);
        }
        // What the oldest Region does to this day.
        Some(bucket) if bucket.owner == ctx.account && ctx.region.as_str() == "us-east-1" => {}
        Some(bucket) if bucket.owner == ctx.account => {
            let message = "Your previous request to create the named bucket succeeded and you already own it.";
            return Err(refused(S3ErrorCode::BucketAlreadyOwnedByYou, message));
        }
        Some(_) => {
            let message = "The requested bucket name is not available. The bucket namespace is shared by all users of the \
                           system. Please select a different name and try again.";
            return Err(refused(S3ErrorCode::BucketAlreadyExists, message));
        }
    }
    Ok(dto::CreateBucketOutput { location: Some(format!("/{name}")) })
}

/// The Region of a new bucket.
fn region_of(ctx: &Ctx, constraint: Option<&str>) -> Result<Region, Fault> {
    let incompatible = |what: &str| {
        let message = format!(
            "The {what} location constraint is incompatible for the region specific endpoint this request was sent to."
        );
        Err(refused(S3ErrorCode::IllegalLocationConstraintException, message))
    };
    let at_home = ctx.region.as_str() == "us-east-1";
    match constraint {
        None if at_home => Ok(ctx.region.clone()),
        None => incompatible("unspecified"),
        Some("EU") if at_home => Ok("eu-west-1".parse().unwrap_or_else(|_| ctx.region.clone())),
        Some(name) if name == ctx.region.as_str() && !at_home => Ok(ctx.region.clone()),
        Some(name) if at_home && name != "us-east-1" => name.parse().map_err(|_| invalid_constraint()),
        Some(_) if at_home => Err(invalid_constraint()),
        Some(name) => incompatible(name),
    }
}

fn invalid_constraint() -> Fault {
    refused(S3ErrorCode::InvalidLocationConstraint, "The specified location-constraint is not valid")
}

pub(super) fn head(world: &World, ctx: &Ctx, name: &str) -> Result<dto::HeadBucketOutput, Fault> {
    let bucket = own(world, ctx, name)?;
    Ok(dto::HeadBucketOutput { bucket_region: Some(bucket.region.as_str().to_owned()), ..Default::default() })
}

pub(super) fn location(world: &World, ctx: &Ctx, name: &str) -> Result<dto::GetBucketLocationOutput, Fault> {
    let region = own(world, ctx, name)?.region.as_str();
    let constraint = (region != "us-east-1").then(|| dto::BucketLocationConstraint::from(region.to_owned()));
    Ok(dto::GetBucketLocationOutput { location_constraint: constraint })
}

pub(super) fn delete(world: &mut World, ctx: &Ctx, name: &str) -> Result<dto::DeleteBucketOutput, Fault> {
    if !own(world, ctx, name)?.is_empty() {
        return Err(refused(S3ErrorCode::BucketNotEmpty, "The bucket you tried to delete is not empty"));
    }
    world.s3.buckets.remove(name);
    Ok(dto::DeleteBucketOutput::default())
}

pub(super) fn list(world: &World, ctx: &Ctx, input: dto::ListBucketsInput) -> Result<dto::ListBucketsOutput, Fault> {
    let limit = usize::try_from(input.max_buckets.unwrap_or(10_000)).unwrap_or(0).clamp(1, 10_000);
    let after = input.continuation_token.unwrap_or_default();
    let prefix = input.prefix.clone().unwrap_or_default();
    let region = input.bucket_region;
    let mut buckets: Vec<dto::Bucket> = world
        .s3
        .buckets
        .iter()
        .filter(|(name, bucket)| {
            bucket.owner == ctx.account
                && **name > after
                && name.starts_with(&prefix)
                && region.as_ref().is_none_or(|region| bucket.region.as_str() == region)
        })
        .take(limit + 1)
        .map(|(name, bucket)| dto::Bucket {
            bucket_region: Some(bucket.region.as_str().to_owned()),
            creation_date: Some(timestamp(bucket.created_at)),
            name: Some(name.clone()),
        })
        .collect();
    let is_cut = buckets.len() > limit;
    buckets.truncate(limit);
    let continuation_token = buckets.last().filter(|_| is_cut).and_then(|bucket| bucket.name.clone());
    Ok(dto::ListBucketsOutput {
        buckets: Some(buckets),
        continuation_token,
        owner: Some(owner(ctx.account)),
        prefix: input.prefix,
    })
}

pub(super) fn versioning(world: &World, ctx: &Ctx, name: &str) -> Result<dto::GetBucketVersioningOutput, Fault> {
    let status = match own(world, ctx, name)?.versioning {
        Versioning::Off => None,
        Versioning::Enabled => Some("Enabled"),
        Versioning::Suspended => Some("Suspended"),
    };
    let status = status.map(dto::BucketVersioningStatus::from_static);
    Ok(dto::GetBucketVersioningOutput { status, ..Default::default() })
}

pub(super) fn set_versioning(
    world: &mut World,
    ctx: &Ctx,
    input: &dto::PutBucketVersioningInput,
) -> Result<dto::PutBucketVersioningOutput, Fault> {
    let status = input.versioning_configuration.status.as_ref().map(|status| status.as_str().to_owned());
    let versioning = match status.as_deref() {
        Some("Enabled") => Versioning::Enabled,
        Some("Suspended") => Versioning::Suspended,
        _ => {
            let message = "The Versioning element must be specified";
            return Err(refused(S3ErrorCode::IllegalVersioningConfigurationException, message));
        }
    };
    own_mut(world, ctx, &input.bucket)?.versioning = versioning;
    Ok(dto::PutBucketVersioningOutput::default())
}
