//! Where `--state` leads: a folder, or a bucket with the credentials themselves.

use amictl_aws::{Connection, ConnectionSettings};
use amictl_cloud::ops::{GetBucketLocation, GetBucketLocationRequest};
use amictl_cloud::{Call, CloudError, ErrorClass};
use amictl_collect::files::BucketPath;
use amictl_model::Region;
use amictl_state::{BucketProblem, StateError, Store};

use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::session::{of_cloud, of_connect, settings};

/// The bucket that the options name, its prefix without a `/` at its end; nothing for a folder.
pub(crate) fn bucket(global: &Global) -> Result<Option<BucketPath>, Failure> {
    if !global.state.starts_with("s3://") {
        return Ok(None);
    }
    let path: BucketPath = global.state.parse().map_err(|error| Failure::usage(format!("--state: {error}")))?;
    Ok(Some(BucketPath { prefix: path.prefix.trim_end_matches('/').to_owned(), ..path }))
}

/// The state that the options name.
pub(crate) async fn open(global: &Global) -> Result<Store, Failure> {
    let Some(BucketPath { bucket, prefix }) = bucket(global)? else { return Ok(Store::folder(&global.state)?) };
    // One state serves many roles, so it is reached with the credentials that assume them.
    let settings = ConnectionSettings { role_arn: None, ..settings(global) };
    let connection = Connection::open(settings).await.map_err(|error| of_connect(&error))?;
    let region = region_of(&connection, &bucket).await?;
    let objects = connection.bucket(&bucket, &region).await.map_err(|error| Failure::error(error.to_string()))?;
    Ok(Store::bucket(objects, &format!("s3://{bucket}"), &prefix)?)
}

/// The bucket's Region; where that may not be asked for, the default one.
async fn region_of(connection: &Connection, bucket: &str) -> Result<Region, Failure> {
    let home = connection.home_region(None).ok_or_else(|| Failure::usage("no Region").hint("set AWS_REGION"))?;
    let request = GetBucketLocationRequest { bucket: bucket.to_owned() };
    match Call::<GetBucketLocation>::call(&connection.cloud(), &home, request).await {
        Ok(region) => Ok(region),
        Err(error) if error.class == ErrorClass::Denied => Ok(home),
        Err(error) => Err(of_location(&error, bucket, &home, connection.s3_endpoint_url().as_deref())),
    }
}

fn of_location(error: &CloudError, bucket: &str, home: &Region, endpoint: Option<&str>) -> Failure {
    let failure = of_cloud(error, home, None);
    let hint = match endpoint {
        _ if error.code.as_deref() == Some("NoSuchBucket") => Some(hint_of(BucketProblem::NoBucket).to_owned()),
        Some(url) if error.class == ErrorClass::Connect => {
            Some(format!("is {url} up? it is set by --endpoint-url, AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_S3"))
        }
        _ => failure.hint,
    };
    Failure { message: format!("cannot use the state in s3://{bucket}: {}", failure.message), hint, ..failure }
}

/// What to do about a bucket.
fn hint_of(problem: BucketProblem) -> &'static str {
    match problem {
        BucketProblem::NoBucket => "make the bucket first, or choose another one with --state",
        BucketProblem::Denied => {
            "the state needs s3:GetObject, s3:PutObject and s3:ListBucket, and s3:GetBucketLocation to find the bucket's Region"
        }
        BucketProblem::Credentials => "the credentials are wrong or have expired: renew them and run it again",
        BucketProblem::OtherRegion => {
            "allow s3:GetBucketLocation, which tells the bucket's Region, or set AWS_REGION to it"
        }
        BucketProblem::Unreachable => {
            "check the network; --endpoint-url, AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_S3 set where S3 is"
        }
        BucketProblem::Other => "choose another place with --state",
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        let failure = Self::error(error.to_string());
        match &error {
            StateError::Locked { .. } => Self::refused(error.to_string())
                .hint("wait for that run, or look at it with `amictl runs show`; nothing was changed"),
            StateError::Name(_) | StateError::Scheme(_) => Self::usage(error.to_string()),
            StateError::Io { .. } => failure.hint("choose another folder with --state"),
            StateError::Bucket { problem, .. } => failure.hint(hint_of(*problem)),
            StateError::Lost { .. } => Self::new(Exit::Partial, error.to_string()),
            StateError::Broken { .. } | StateError::Missing { .. } => failure,
        }
    }
}
