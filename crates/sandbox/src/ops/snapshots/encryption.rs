//! What there is of KMS in this world: ARNs of keys, and which of them can be right.

use amictl_model::{AccountId, Region};

use crate::Fault;
use crate::ops::Ctx;
use crate::world::{COPY_VOLUME, fingerprint};

/// The ARN of the key `aws/ebs` of an account in a Region.
pub(crate) fn default_key(account: AccountId, region: &Region) -> Box<str> {
    let id = uuid(fingerprint(&format!("aws/ebs {account} {region}")), fingerprint(&format!("{region} {account}")));
    format!("arn:aws:kms:{region}:{account}:key/{id}").into_boxed_str()
}

/// The data key of what was snapshotted: one for all snapshots of a volume.
pub(super) fn data_key(volume: &str, snapshot: &str) -> String {
    let lineage = if volume == COPY_VOLUME { snapshot } else { volume };
    uuid(fingerprint(lineage), fingerprint(&format!("data {lineage}")))
}

fn uuid(high: u64, low: u64) -> String {
    let text = format!("{high:016x}{low:016x}");
    format!("{}-{}-4{}-8{}-{}", &text[..8], &text[8..12], &text[13..16], &text[17..20], &text[20..])
}

/// What `Encrypted` and `KmsKeyId` ask for: the ARN of the key of what is encrypted.
pub(crate) fn wanted_key(ctx: &Ctx, encrypted: bool, key: Option<&str>) -> Result<Option<Box<str>>, Fault> {
    match (encrypted, key) {
        (false, None) => Ok(None),
        (false, Some(_)) => Err(Fault::new(
            "InvalidParameterDependency",
            "The parameter KmsKeyId requires the parameter Encrypted to be set.",
        )),
        (true, None) => Ok(Some(default_key(ctx.account, &ctx.region))),
        (true, Some(key)) if key.starts_with("arn:") => Ok(Some(key.into())),
        (true, Some("alias/aws/ebs")) => Ok(Some(default_key(ctx.account, &ctx.region))),
        (true, Some(key)) => {
            // The key behind an alias: the same for the same one.
            let id = match key.strip_prefix("alias/") {
                Some(alias) => uuid(fingerprint(alias), fingerprint(&format!("{alias} {}", ctx.account))),
                None => key.to_owned(),
            };
            Ok(Some(format!("arn:aws:kms:{}:{}:key/{id}", ctx.region, ctx.account).into_boxed_str()))
        }
    }
}

/// Whether a key can be one: AWS looks a key up when the request was already answered, and what was to be encrypted fails.
pub(crate) fn is_key_accessible(ctx: &Ctx, arn: &str) -> bool {
    let Some((region, rest)) = arn.strip_prefix("arn:aws:kms:").and_then(|rest| rest.split_once(':')) else {
        return false;
    };
    let Some((account, name)) = rest.split_once(':') else { return false };
    let is_id = |id: &str| {
        let is_uuid = id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        is_uuid || id.strip_prefix("mrk-").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    region == ctx.region.as_str()
        && account.parse::<AccountId>().is_ok()
        && (name.strip_prefix("key/").is_some_and(is_id) || name.starts_with("alias/"))
}

/// The message of what fails because of its key.
pub(crate) const KEY_NOT_ACCESSIBLE: &str = "Given key ID is not accessible";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_become_arns_and_only_those_of_the_region_are_accessible() {
        let ctx =
            Ctx::at("123456789012".parse().unwrap(), "us-east-1".parse().unwrap(), amictl_model::Moment::from_secs(1));
        let default = wanted_key(&ctx, true, None).unwrap().unwrap();
        assert!(default.starts_with("arn:aws:kms:us-east-1:123456789012:key/"), "{default}");
        for (key, is_accessible) in [
            (&*default, true),
            ("alias/mine", true),
            ("1234abcd-12ab-34cd-56ef-1234567890ab", true),
            ("mrk-1234abcd12ab34cd56ef1234567890ab", true),
            ("arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", false),
            ("nonsense", false),
            ("arn:aws:kms", false),
        ] {
            let arn = wanted_key(&ctx, true, Some(key)).unwrap().unwrap();
            assert_eq!(is_key_accessible(&ctx, &arn), is_accessible, "{key}");
        }
        assert_eq!(wanted_key(&ctx, false, Some("x")).unwrap_err().code, "InvalidParameterDependency");
    }
}
