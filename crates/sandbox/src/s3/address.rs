//! Which bucket a host's name stands for, in AWS's virtual-host style.

use s3s::S3Result;
use s3s::host::{S3Host, VirtualHost};

/// Reads `bucket.s3.<region>.amazonaws.com`, `bucket.s3.localhost`, `bucket.localhost` and the like.
pub(super) struct Hosts;

impl S3Host for Hosts {
    fn parse_host_header<'a>(&'a self, host: &'a str) -> S3Result<VirtualHost<'a>> {
        let host = host.rsplit_once(':').map_or(host, |(name, _)| name);
        Ok(match bucket_of(host) {
            Some(bucket) => VirtualHost::new(&host[bucket.len() + 1..]).with_bucket(bucket),
            None => VirtualHost::new(host),
        })
    }
}

fn bucket_of(host: &str) -> Option<&str> {
    if let Some(at) = host.find(".s3.").or_else(|| host.find(".s3-")) {
        return Some(&host[..at]);
    }
    let bucket = host.strip_suffix(".localhost").or_else(|| host.strip_suffix(".localhost.localdomain"))?;
    (bucket != "s3" && !bucket.starts_with("s3.") && !bucket.starts_with("s3-")).then_some(bucket)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_names_a_bucket_or_none() {
        for (host, bucket) in [
            ("localhost:4599", None),
            ("s3.localhost:4599", None),
            ("s3.eu-west-1.amazonaws.com", None),
            ("images.s3.eu-west-1.amazonaws.com", Some("images")),
            ("my.images.s3.localhost:4599", Some("my.images")),
            ("images.localhost:4599", Some("images")),
        ] {
            assert_eq!(Hosts.parse_host_header(host).unwrap().bucket(), bucket, "{host}");
        }
    }
}
