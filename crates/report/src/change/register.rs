//! What is registered, and as what, in words.

use amictl_model::{NewDevice, NewImageTraits, SnapshotId};
use amictl_plan::{RegisteredOf, Registration, RootSnapshot};

use super::then;

/// In one line. Names in it are text from outside.
pub(super) fn words(registration: &Registration) -> String {
    let of = match &registration.of {
        RegisteredOf::Snapshot { root, device, .. } => {
            let snapshot = match root {
                RootSnapshot::Id(snapshot) => snapshot.to_string(),
                RootSnapshot::OfStep(step) => format!("the snapshot that {step} makes"),
            };
            format!("{snapshot} on {}", volume(device))
        }
        RegisteredOf::Manifest { bucket, key } => format!("the bundle of s3://{bucket}/{key}"),
    };
    let mut text = format!("registered of {of}, as {}", registration.name);
    for said in traits(&registration.traits) {
        text.push_str(&format!(", {said}"));
    }
    for device in &registration.devices {
        text.push_str(&format!(", with {}", disk(device)));
    }
    text + &then(&registration.then)
}

fn traits(traits: &NewImageTraits) -> Vec<String> {
    let named = [&traits.architecture, &traits.virtualization, &traits.boot_mode];
    let flags = [
        (traits.imds_v2, "IMDSv2 only"),
        (traits.tpm, "with a TPM"),
        (traits.uefi_data.is_some(), "with UEFI data"),
        (traits.ena, "ENA"),
        (traits.sriov, "SR-IOV"),
    ];
    let own = [("kernel", &traits.kernel), ("RAM disk", &traits.ramdisk)];
    let named = named.into_iter().flatten().map(ToString::to_string);
    let flags = flags.into_iter().filter(|(is_so, _)| *is_so).map(|(_, words)| words.to_owned());
    named
        .chain(flags)
        .chain(own.into_iter().filter_map(|(what, id)| Some(format!("{what} {}", id.as_ref()?))))
        .collect()
}

fn disk(device: &NewDevice) -> String {
    let what = match (&device.virtual_name, &device.snapshot) {
        (Some(name), _) => name.to_string(),
        (None, Some(snapshot)) => SnapshotId::to_string(snapshot),
        (None, None) => "an empty volume".to_owned(),
    };
    format!("{what} on {}", volume(device))
}

fn volume(device: &NewDevice) -> String {
    let mut said: Vec<String> = Vec::new();
    said.extend(device.volume_type.as_ref().map(ToString::to_string));
    said.extend(device.size_gib.map(|size| format!("{size} GiB")));
    said.extend(device.iops.map(|iops| format!("{iops} IOPS")));
    said.extend(device.throughput.map(|throughput| format!("{throughput} MiB/s")));
    if device.outlives {
        said.push("outlives its instance".to_owned());
    }
    if said.is_empty() { device.name.to_string() } else { format!("{} ({})", device.name, said.join(", ")) }
}

#[cfg(test)]
mod tests {
    use amictl_plan::Then;

    use super::*;

    #[test]
    fn what_is_registered_is_said_whole() {
        let root = NewDevice {
            name: "/dev/xvda".into(),
            volume_type: Some("gp3".into()),
            size_gib: Some(20),
            iops: Some(4000),
            throughput: Some(250),
            outlives: true,
            ..NewDevice::default()
        };
        let snapshot = "snap-0123456789abcdef0".parse().unwrap();
        let plain = |name: &str| NewDevice { name: name.into(), ..NewDevice::default() };
        let mut registration = Registration {
            of: RegisteredOf::Snapshot { root: RootSnapshot::Id(snapshot), device: Box::new(root), wait_seconds: 0 },
            name: "web-1".into(),
            description: None,
            traits: NewImageTraits {
                architecture: Some("arm64".into()),
                virtualization: Some("hvm".into()),
                boot_mode: Some("uefi".into()),
                tpm: true,
                imds_v2: true,
                uefi_data: Some("QQ==".into()),
                ena: true,
                sriov: true,
                kernel: None,
                ramdisk: None,
            },
            platform: None,
            devices: vec![
                NewDevice { snapshot: Some("snap-00000000000000001".parse().unwrap()), ..plain("/dev/sdb") },
                NewDevice { size_gib: Some(100), ..plain("/dev/sdc") },
                NewDevice { virtual_name: Some("ephemeral0".into()), ..plain("/dev/sdd") },
            ],
            then: Then { protect: true, ..Then::default() },
        };
        assert_eq!(
            words(&registration),
            "registered of snap-0123456789abcdef0 on /dev/xvda (gp3, 20 GiB, 4000 IOPS, 250 MiB/s, outlives its instance), as web-1, \
             arm64, hvm, uefi, IMDSv2 only, with a TPM, with UEFI data, ENA, SR-IOV, with snap-00000000000000001 on /dev/sdb, \
             with an empty volume on /dev/sdc (100 GiB), with ephemeral0 on /dev/sdd, protected"
        );
        registration.of = RegisteredOf::Manifest { bucket: "b".into(), key: "web.manifest.xml".into() };
        (registration.traits, registration.devices, registration.then) = Default::default();
        registration.traits.kernel = Some("aki-12345678".into());
        assert_eq!(
            words(&registration),
            "registered of the bundle of s3://b/web.manifest.xml, as web-1, kernel aki-12345678"
        );
    }
}
