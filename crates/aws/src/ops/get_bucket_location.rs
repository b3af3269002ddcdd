use aws_sdk_s3::types::BucketLocationConstraint;

use crate::convert::required;

super::over_sdk!(
    GetBucketLocation,
    |clients, request| clients.s3().get_bucket_location().bucket(&request.bucket),
    |output| {
        // S3 API Reference, GetBucketLocation: nothing for us-east-1, and `EU` for buckets of old times.
        let region = match output.location_constraint.as_ref().map(BucketLocationConstraint::as_str) {
            None | Some("") => "us-east-1",
            Some("EU") => "eu-west-1",
            Some(region) => region,
        };
        required(OPERATION, "LocationConstraint", Some(region))
    }
);
