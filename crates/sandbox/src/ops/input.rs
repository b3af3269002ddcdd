//! Parameters that many operations share: ids, tags, names, block devices.

use amictl_model::{AccountId, ImageId, SnapshotId, Tags};
use compact_str::CompactString;

use crate::Fault;
use crate::wire::Params;
use crate::world::{MappedEbs, Mapping};

/// Tags that a resource may have.
const TAGS_MAX: usize = 50;

/// An image id.
pub(crate) fn image_id(text: &str) -> Result<ImageId, Fault> {
    text.parse().ok().filter(|_| has_digits(text, "ami-")).ok_or_else(|| {
        Fault::new("InvalidAMIID.Malformed", format!("Invalid id: \"{}\" (expecting \"ami-...\")", short(text)))
    })
}

/// A snapshot id.
pub(crate) fn snapshot_id(text: &str) -> Result<SnapshotId, Fault> {
    text.parse().ok().filter(|_| has_digits(text, "snap-")).ok_or_else(|| {
        Fault::new("InvalidSnapshotID.Malformed", format!("Invalid id: \"{}\" (expecting \"snap-...\")", short(text)))
    })
}

/// An account by its id.
pub(crate) fn user_id(text: &str) -> Result<AccountId, Fault> {
    text.parse().map_err(|_| Fault::new("InvalidUserID.Malformed", format!("Invalid user id: \"{}\"", short(text))))
}

/// Another resource's id, such as an instance's.
pub(crate) fn resource_id(text: &str, prefix: &str, code: &'static str) -> Result<CompactString, Fault> {
    if has_digits(text, prefix) { Ok(text.into()) } else { Err(malformed(text, prefix, code)) }
}

/// An id with something else than eight or seventeen hexadecimal digits, such as a Spot request's.
pub(crate) fn other_id(text: &str, prefix: &str, code: &'static str) -> Result<CompactString, Fault> {
    let is_id = text
        .strip_prefix(prefix)
        .is_some_and(|rest| (1..=64).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if is_id { Ok(text.into()) } else { Err(malformed(text, prefix, code)) }
}

fn malformed(text: &str, prefix: &str, code: &'static str) -> Fault {
    Fault::new(code, format!("Invalid id: \"{}\" (expecting \"{prefix}...\")", short(text)))
}

/// Whether an id has this prefix and the eight hexadecimal digits of old or the seventeen of today.
fn has_digits(text: &str, prefix: &str) -> bool {
    text.strip_prefix(prefix)
        .is_some_and(|rest| matches!(rest.len(), 8 | 17) && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn short(text: &str) -> String {
    text.chars().take(100).collect()
}

/// An image's name, as AWS restricts it.
pub(crate) fn image_name(params: &Params) -> Result<String, Fault> {
    let name = params.required("Name")?;
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || "()[] ./-'@_".contains(character);
    if (3..=128).contains(&name.len()) && name.chars().all(is_allowed) {
        Ok(name.to_owned())
    } else {
        Err(Fault::new(
            "InvalidAMIName.Malformed",
            "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', \
             '/', '_', '[', ']', ' ', ''' and '@'",
        ))
    }
}

/// `TagSpecification.N` for one type of resource, such as `image`.
pub(crate) fn tag_specification(params: &Params, resource_type: &str) -> Result<Tags, Fault> {
    let mut tags = Vec::new();
    for specification in params.structures("TagSpecification")? {
        if specification.required("ResourceType")? == resource_type {
            tags.extend(tag_list(specification)?.into_iter().map(|(key, value)| (key, value.unwrap_or_default())));
        }
    }
    tags_of(tags)
}

/// `Tag.N.{Key, Value}`, checked.
pub(crate) fn tag_list(params: &Params) -> Result<Vec<(String, Option<String>)>, Fault> {
    params
        .structures("Tag")?
        .into_iter()
        .map(|tag| {
            let key = tag.required("Key")?;
            let value = tag.text("Value");
            if key.starts_with("aws:") {
                let message = "Tag keys starting with 'aws:' are reserved for internal use";
                return Err(Fault::new("InvalidParameterValue", message));
            }
            if key.chars().count() > 128 || value.is_some_and(|value| value.chars().count() > 256) {
                let message = "Tag keys are at most 128 characters long and tag values at most 256";
                return Err(Fault::new("InvalidParameterValue", message));
            }
            Ok((key.to_owned(), value.map(str::to_owned)))
        })
        .collect()
}

/// Tags out of pairs, within their limit.
pub(crate) fn tags_of(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Tags, Fault> {
    let tags: Tags = pairs.into_iter().collect();
    let user_defined = tags.iter().filter(|(key, _)| !key.starts_with("aws:")).count();
    if user_defined > TAGS_MAX {
        return Err(Fault::new("TagLimitExceeded", format!("More than {TAGS_MAX} tags specified")));
    }
    Ok(tags)
}

/// `BlockDeviceMapping.N`.
pub(crate) fn mappings(params: &Params) -> Result<Vec<Mapping>, Fault> {
    params.structures("BlockDeviceMapping")?.into_iter().map(mapping).collect()
}

fn mapping(params: &Params) -> Result<Mapping, Fault> {
    let compact = |params: &Params, name: &str| params.string(name).map(CompactString::from);
    Ok(Mapping {
        device_name: params.required("DeviceName")?.into(),
        ebs: params.structure("Ebs").map(mapped_ebs).transpose()?,
        virtual_name: compact(params, "VirtualName"),
        no_device: params.text("NoDevice").is_some(),
    })
}

fn mapped_ebs(params: &Params) -> Result<MappedEbs, Fault> {
    Ok(MappedEbs {
        snapshot: params.string("SnapshotId").map(|id| snapshot_id(&id)).transpose()?,
        size_gib: params.unsigned("VolumeSize")?,
        volume_type: params.string("VolumeType").map(CompactString::from),
        encrypted: params.flag("Encrypted")?,
        delete_on_termination: params.boolean("DeleteOnTermination")?,
        iops: params.unsigned("Iops")?,
        throughput: params.unsigned("Throughput")?,
        kms_key: params.string("KmsKeyId").map(String::into_boxed_str),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_eight_or_seventeen_hexadecimal_digits() {
        for digits in ["12345678", "0123456789abcdef0"] {
            assert_eq!(image_id(&format!("ami-{digits}")).unwrap().as_str(), format!("ami-{digits}"));
            assert_eq!(snapshot_id(&format!("snap-{digits}")).unwrap().as_str(), format!("snap-{digits}"));
            assert_eq!(resource_id(&format!("i-{digits}"), "i-", "x").unwrap(), format!("i-{digits}"));
        }
        for id in ["", "web", "ami-", "ami-xyz", "ami-1234567", "ami-123456789", "ami-1234567g", "snap-12345678"] {
            assert_eq!(image_id(id).unwrap_err().code, "InvalidAMIID.Malformed", "{id}");
        }
        assert_eq!(snapshot_id("snap-1").unwrap_err().code, "InvalidSnapshotID.Malformed");
        assert_eq!(resource_id("i-web", "i-", "InvalidInstanceID.Malformed").unwrap_err().status, 400);
        assert_eq!(other_id("sir-0abcdefg", "sir-", "x").unwrap(), "sir-0abcdefg");
        assert_eq!(user_id("somebody").unwrap_err().code, "InvalidUserID.Malformed");
    }
}
