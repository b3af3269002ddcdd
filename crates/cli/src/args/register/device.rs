//! Devices of an image that is registered.

use amictl_model::NewDevice;
use compact_str::CompactString;

/// `DEVICE=SNAPSHOT|GIB|ephemeralN[:TYPE]`.
pub(super) fn parse_device(text: &str) -> Result<NewDevice, String> {
    let wrong = || format!("`{text}` is not DEVICE=SNAPSHOT, DEVICE=GIB or DEVICE=ephemeralN, with :TYPE where wanted");
    let (name, what) = text.split_once('=').ok_or_else(wrong)?;
    let name = parse_device_name(name)?.into();
    let (what, volume_type) = match what.split_once(':') {
        Some((what, volume_type)) => (what, Some(parse_volume_type(volume_type)?)),
        None => (what, None),
    };
    let plain = NewDevice { name, volume_type, ..NewDevice::default() };
    if let Some(number) = what.strip_prefix("ephemeral") {
        let is_number = number.len() <= 2 && number.parse::<u8>().is_ok_and(|number| number < 24);
        return if is_number && plain.volume_type.is_none() {
            Ok(NewDevice { virtual_name: Some(what.into()), ..plain })
        } else {
            Err(wrong())
        };
    }
    if what.starts_with("snap-") {
        let snapshot = what.parse().map_err(|error| format!("{error}"))?;
        return Ok(NewDevice { snapshot: Some(snapshot), ..plain });
    }
    let size = what.parse().ok().filter(|size| (1..=65_536).contains(size)).ok_or_else(wrong)?;
    Ok(NewDevice { size_gib: Some(size), ..plain })
}

pub(super) fn parse_device_name(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '/';
    if text.len() >= 3 && text.len() <= 32 && text.chars().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err(format!("`{text}` is no device such as /dev/sdf"))
    }
}

pub(super) fn parse_volume_type(text: &str) -> Result<CompactString, String> {
    // EC2 API Reference, `EbsBlockDevice`, `VolumeType`.
    const TYPES: [&str; 7] = ["gp3", "gp2", "io2", "io1", "st1", "sc1", "standard"];
    if TYPES.contains(&text) { Ok(text.into()) } else { Err(format!("`{text}` is none of {}", TYPES.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_snapshots_empty_volumes_or_disks_of_the_instance() {
        let device = parse_device("/dev/sdb=snap-0123456789abcdef0:gp3").unwrap();
        assert_eq!((&*device.name, device.volume_type.as_deref()), ("/dev/sdb", Some("gp3")));
        assert_eq!(device.snapshot.unwrap().as_str(), "snap-0123456789abcdef0");
        assert_eq!(parse_device("/dev/sdc=100").unwrap().size_gib, Some(100));
        assert_eq!(parse_device("/dev/sdd=ephemeral0").unwrap().virtual_name.as_deref(), Some("ephemeral0"));
        for text in [
            "/dev/sdb",
            "/dev/sdb=",
            "=snap-0123456789abcdef0",
            "/dev/sdb=snap-",
            "/dev/sdb=0",
            "/dev/sdb=70000",
            "/dev/sdb=ephemeral0:gp3",
            "/dev/sdb=ephemeral99",
            "/dev/sdb=8:gp9",
            "/dev/s b=8",
        ] {
            assert!(parse_device(text).is_err(), "{text}");
        }
    }
}
