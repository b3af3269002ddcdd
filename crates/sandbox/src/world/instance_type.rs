//! Common instance types as they truly are, and the architecture that any type's name tells.

/// An instance type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InstanceType {
    /// `InstanceType`.
    pub(crate) name: &'static str,
    /// `VCpuInfo.DefaultVCpus`.
    pub(crate) vcpus: u32,
    /// `MemoryInfo.SizeInMiB`.
    pub(crate) memory_mib: u32,
    /// `NetworkInfo.NetworkPerformance`.
    pub(crate) network: &'static str,
    /// `InstanceStorageInfo.TotalSizeInGB`; zero is none.
    pub(crate) storage_gb: u32,
}

const fn kind(name: &'static str, vcpus: u32, memory_mib: u32, network: &'static str) -> InstanceType {
    InstanceType { name, vcpus, memory_mib, network, storage_gb: 0 }
}

const LOW: &str = "Low to Moderate";
const UP_TO_5: &str = "Up to 5 Gigabit";
const UP_TO_10: &str = "Up to 10 Gigabit";
const UP_TO_12: &str = "Up to 12.5 Gigabit";

/// The types that `DescribeInstanceTypes` knows, in the order of their names.
pub(crate) static INSTANCE_TYPES: &[InstanceType] = &[
    kind("a1.large", 2, 4096, UP_TO_10),
    kind("a1.medium", 1, 2048, UP_TO_10),
    kind("c5.2xlarge", 8, 16_384, UP_TO_10),
    kind("c5.4xlarge", 16, 32_768, UP_TO_10),
    kind("c5.large", 2, 4096, UP_TO_10),
    kind("c5.xlarge", 4, 8192, UP_TO_10),
    kind("c6g.large", 2, 4096, UP_TO_10),
    kind("c6g.xlarge", 4, 8192, UP_TO_10),
    kind("c6i.2xlarge", 8, 16_384, UP_TO_12),
    kind("c6i.large", 2, 4096, UP_TO_12),
    kind("c6i.xlarge", 4, 8192, UP_TO_12),
    kind("c7g.large", 2, 4096, UP_TO_12),
    kind("c7g.xlarge", 4, 8192, UP_TO_12),
    InstanceType { storage_gb: 125, ..kind("g4dn.xlarge", 4, 16_384, "Up to 25 Gigabit") },
    InstanceType { storage_gb: 250, ..kind("g5.xlarge", 4, 16_384, UP_TO_10) },
    InstanceType { storage_gb: 468, ..kind("i4i.large", 2, 16_384, UP_TO_10) },
    kind("m1.small", 1, 1740, "Low"),
    kind("m4.large", 2, 8192, "Moderate"),
    kind("m5.2xlarge", 8, 32_768, UP_TO_10),
    kind("m5.4xlarge", 16, 65_536, UP_TO_10),
    kind("m5.large", 2, 8192, UP_TO_10),
    kind("m5.xlarge", 4, 16_384, UP_TO_10),
    kind("m6a.large", 2, 8192, UP_TO_12),
    kind("m6a.xlarge", 4, 16_384, UP_TO_12),
    kind("m6g.large", 2, 8192, UP_TO_10),
    kind("m6g.medium", 1, 4096, UP_TO_10),
    kind("m6g.xlarge", 4, 16_384, UP_TO_10),
    kind("m6i.2xlarge", 8, 32_768, UP_TO_12),
    kind("m6i.4xlarge", 16, 65_536, UP_TO_12),
    kind("m6i.large", 2, 8192, UP_TO_12),
    kind("m6i.xlarge", 4, 16_384, UP_TO_12),
    kind("m7g.large", 2, 8192, UP_TO_12),
    kind("m7g.medium", 1, 4096, UP_TO_12),
    kind("m7g.xlarge", 4, 16_384, UP_TO_12),
    kind("m7i.2xlarge", 8, 32_768, UP_TO_12),
    kind("m7i.large", 2, 8192, UP_TO_12),
    kind("m7i.xlarge", 4, 16_384, UP_TO_12),
    kind("r5.large", 2, 16_384, UP_TO_10),
    kind("r5.xlarge", 4, 32_768, UP_TO_10),
    kind("r6g.large", 2, 16_384, UP_TO_10),
    kind("r6i.large", 2, 16_384, UP_TO_12),
    kind("r6i.xlarge", 4, 32_768, UP_TO_12),
    kind("t2.large", 2, 8192, LOW),
    kind("t2.medium", 2, 4096, LOW),
    kind("t2.micro", 1, 1024, LOW),
    kind("t2.nano", 1, 512, LOW),
    kind("t2.small", 1, 2048, LOW),
    kind("t3.2xlarge", 8, 32_768, UP_TO_5),
    kind("t3.large", 2, 8192, UP_TO_5),
    kind("t3.medium", 2, 4096, UP_TO_5),
    kind("t3.micro", 2, 1024, UP_TO_5),
    kind("t3.nano", 2, 512, UP_TO_5),
    kind("t3.small", 2, 2048, UP_TO_5),
    kind("t3.xlarge", 4, 16_384, UP_TO_5),
    kind("t3a.large", 2, 8192, UP_TO_5),
    kind("t3a.medium", 2, 4096, UP_TO_5),
    kind("t3a.micro", 2, 1024, UP_TO_5),
    kind("t3a.small", 2, 2048, UP_TO_5),
    kind("t4g.large", 2, 8192, UP_TO_5),
    kind("t4g.medium", 2, 4096, UP_TO_5),
    kind("t4g.micro", 2, 1024, UP_TO_5),
    kind("t4g.nano", 2, 512, UP_TO_5),
    kind("t4g.small", 2, 2048, UP_TO_5),
];

impl InstanceType {
    /// `ProcessorInfo.SupportedArchitectures`.
    pub(crate) fn architectures(&self) -> &'static [&'static str] {
        match architecture_of_type(self.name) {
            Some("arm64") => &["arm64"],
            _ if self.is_xen() => &["i386", "x86_64"],
            _ => &["x86_64"],
        }
    }

    /// Whether its hypervisor is Xen and not Nitro.
    pub(crate) fn is_xen(&self) -> bool {
        ["m1.", "m4.", "t2."].iter().any(|family| self.name.starts_with(family))
    }

    /// `BurstablePerformanceSupported`.
    pub(crate) fn is_burstable(&self) -> bool {
        self.name.starts_with('t')
    }

    /// `CurrentGeneration`.
    pub(crate) fn is_current(&self) -> bool {
        !["a1.", "m1."].iter().any(|family| self.name.starts_with(family))
    }

    /// `VCpuInfo.DefaultThreadsPerCore`.
    pub(crate) fn threads_per_core(&self) -> u32 {
        let is_smt = self.architectures().contains(&"x86_64") && self.vcpus > 1 && !self.name.starts_with("t2.");
        if is_smt { 2 } else { 1 }
    }
}

/// The architecture of a type that is named as AWS names them, such as `m7g.2xlarge`; `None` for other names.
pub(crate) fn architecture_of_type(name: &str) -> Option<&'static str> {
    let (family, size) = name.split_once('.')?;
    if !is_size(size) {
        return None;
    }
    let letters_end = family.find(|character: char| character.is_ascii_digit())?;
    let (letters, rest) = family.split_at(letters_end);
    let attributes = rest.trim_start_matches(|character: char| character.is_ascii_digit());
    let is_plain =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if letters.is_empty() || !is_plain(letters) || !is_plain(attributes) {
        return None;
    }
    Some(match letters {
        "mac" if rest.starts_with('1') => "x86_64_mac",
        "mac" => "arm64_mac",
        "a" => "arm64",
        _ if attributes.split('-').next().is_some_and(|attributes| attributes.contains('g')) => "arm64",
        _ => "x86_64",
    })
}

fn is_size(size: &str) -> bool {
    if ["nano", "micro", "small", "medium", "large", "xlarge", "metal"].contains(&size) {
        return true;
    }
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let count = |text: &str| text.strip_suffix("xlarge").is_some_and(number);
    count(size) || size.strip_prefix("metal-").is_some_and(|size| count(&size.replace("xl", "xlarge")) || count(size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_architecture() {
        for (name, architecture) in [
            ("t3.micro", Some("x86_64")),
            ("m7g.2xlarge", Some("arm64")),
            ("c7gn.16xlarge", Some("arm64")),
            ("g5.xlarge", Some("x86_64")),
            ("g5g.xlarge", Some("arm64")),
            ("p4d.24xlarge", Some("x86_64")),
            ("a1.medium", Some("arm64")),
            ("mac2.metal", Some("arm64_mac")),
            ("m7i.metal-24xl", Some("x86_64")),
            ("u-6tb1.metal", Some("x86_64")),
            ("micro", None),
            ("t3.tiny", None),
            ("t3.", None),
            ("3.micro", None),
        ] {
            assert_eq!(architecture_of_type(name), architecture, "{name}");
        }
    }

    #[test]
    fn the_table_is_in_order_and_knows_each_architecture() {
        assert!(INSTANCE_TYPES.is_sorted_by_key(|kind| kind.name));
        assert!(INSTANCE_TYPES.iter().all(|kind| architecture_of_type(kind.name).is_some()));
    }
}
