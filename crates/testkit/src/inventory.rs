//! Inventories of any size: realistic names, ages, tags and references, the same for the same seed.

use std::sync::Arc;

use amictl_model::{
    AccountId, BlockDevice, Coverage, CoverageStatus, DeregistrationProtection, Grantee, Image, ImageId, ImageState,
    Inventory, LaunchPermissions, Moment, Platform, Reference, Region, RootDeviceType, Scope, ScopeInventory, Snapshot,
    SnapshotId, SnapshotState, Source, StorageTier, Tags, Usage,
};
use compact_str::{CompactString, format_compact};

use crate::Random;
use crate::parts::READ_IN_A_SWEEP;

/// What to generate.
#[derive(Debug, Clone, Copy)]
pub struct InventorySpec {
    /// Images in all scopes together.
    pub images: usize,
    /// Two equal seeds give equal inventories.
    pub seed: u64,
    /// The moment of the scan; images are up to three years old then.
    pub now: Moment,
}

/// AWS's quota of AMIs in an account and Region, so the images of one scope.
const SCOPE_IMAGES_MAX: usize = 50_000;
/// Images of one family.
const FAMILY_IMAGES: usize = 50;
const AGE_SECS_MAX: u64 = 3 * 365 * 86_400;

const TEAMS: [&str; 36] = [
    "atlas", "apollo", "billing", "bifrost", "catalog", "cobalt", "delta", "dune", "echo", "ember", "falcon", "fjord",
    "gamma", "helix", "iris", "juno", "krypton", "lumen", "media", "nova", "orbit", "payments", "quartz", "raven",
    "search", "sierra", "titan", "umbra", "vega", "willow", "xenon", "zephyr", "yard", "zulu", "moss", "pine",
];
const ROLES: [&str; 28] = [
    "api", "auth", "batch", "broker", "build", "cache", "cron", "db", "edge", "etl", "gateway", "index", "ingest",
    "jobs", "kafka", "mail", "ml", "node", "proxy", "queue", "render", "report", "runner", "stream", "sync", "vpn",
    "web", "worker",
];
const VARIANTS: [&str; 25] = [
    "amber", "base", "blue", "canary", "core", "dev", "eu", "fips", "gold", "gpu", "green", "hardened", "int", "lts",
    "main", "mini", "next", "ops", "prod", "qa", "red", "stage", "test", "us", "white",
];
const REGIONS: [&str; 10] = [
    "ap-northeast-1",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-west-1",
    "us-east-1",
    "us-east-2",
    "us-west-2",
];

/// Generates an inventory of `spec.images` images with two snapshots each, half as many references, and every source read whole.
#[must_use]
pub fn inventory(spec: InventorySpec) -> Inventory {
    let mut random = Random::new(spec.seed);
    let shared = SharedTexts::new();
    let scope_count = spec.images.div_ceil(SCOPE_IMAGES_MAX).max(1);
    let mut scopes = Vec::with_capacity(scope_count);
    for number in 0..scope_count {
        let account = 111_111_111_111 + (number / REGIONS.len()) as u64;
        let (Ok(account), Ok(region)) = (format!("{account:012}").parse(), REGIONS[number % REGIONS.len()].parse())
        else {
            continue;
        };
        let images = spec.images / scope_count + usize::from(number < spec.images % scope_count);
        let families = (spec.images / FAMILY_IMAGES / scope_count).max(1);
        let tags = (0..families).map(|family| shared.tags(words(family + number * families))).collect();
        let generator = ScopeGenerator { tags, spec, account, region, images, families, number, shared: &shared };
        scopes.push(generator.scope(&mut random));
    }
    Inventory {
        format_version: amictl_model::INVENTORY_FORMAT_VERSION.into(),
        id: format!("generated-{}-{}", spec.images, spec.seed),
        created_at: spec.now,
        scopes,
        files: None,
    }
}

/// Texts that every image has.
struct SharedTexts {
    root_device: Arc<str>,
    data_device: Arc<str>,
    tag_keys: [Arc<str>; 3],
    /// An account that is not among the scanned ones.
    friend: Option<AccountId>,
}

impl SharedTexts {
    fn new() -> Self {
        Self {
            root_device: "/dev/xvda".into(),
            data_device: "/dev/sdf".into(),
            tag_keys: ["app".into(), "env".into(), "team".into()],
            friend: "999999999999".parse().ok(),
        }
    }

    fn tags(&self, [team, role, variant]: [&'static str; 3]) -> Tags {
        let [app, env, team_key] = &self.tag_keys;
        Tags::from_iter([(app.clone(), role), (env.clone(), variant), (team_key.clone(), team)])
    }
}

/// The team, role and variant of a family.
fn words(family: usize) -> [&'static str; 3] {
    [TEAMS[family % TEAMS.len()], ROLES[family / TEAMS.len() % ROLES.len()], VARIANTS[family % VARIANTS.len()]]
}

struct ScopeGenerator<'a> {
    /// The tags of each family, which its images share, as one pipeline builds them.
    tags: Vec<Tags>,
    spec: InventorySpec,
    account: AccountId,
    region: Region,
    images: usize,
    families: usize,
    number: usize,
    shared: &'a SharedTexts,
}

impl ScopeGenerator<'_> {
    fn scope(self, random: &mut Random) -> ScopeInventory {
        let ids: Vec<ImageId> = (0..self.images).filter_map(|at| self.id("ami", at, random).parse().ok()).collect();
        let snapshot_ids: Vec<SnapshotId> =
            (0..self.images * 2).filter_map(|at| self.id("snap", at, random).parse().ok()).collect();
        let mut images = Vec::with_capacity(ids.len());
        for (at, id) in ids.iter().enumerate() {
            images.push(self.image(at, id.clone(), &snapshot_ids, random));
        }
        let mut snapshots = Vec::with_capacity(snapshot_ids.len());
        snapshots.extend(snapshot_ids.into_iter().map(|id| self.snapshot(id, random)));
        let references = self.references(&ids, random);
        let coverage = READ_IN_A_SWEEP.iter().chain(Source::REFERENCES).map(|source| Coverage {
            source: *source,
            status: CoverageStatus::Complete,
            detail: "".into(),
            items: self.images as u64,
            calls: 1 + self.images as u64 / 1000,
            read_at: self.spec.now,
        });
        let scope = Scope { account: self.account, region: self.region };
        ScopeInventory { images, snapshots, references, coverage: coverage.collect(), ..ScopeInventory::empty(scope) }
    }

    /// Ids in ascending order with gaps of random size, as if drawn and sorted.
    fn id(&self, prefix: &str, at: usize, random: &mut Random) -> CompactString {
        const GAP: u64 = 1 << 36;
        let number = (at as u64 + 1) * GAP + random.below(GAP);
        format_compact!("{prefix}-{:01x}{number:016x}", self.number % 16)
    }

    fn secs_ago(&self, secs: u64) -> Moment {
        self.spec.now.plus_secs(-i64::try_from(secs).unwrap_or(i64::MAX))
    }

    fn image(&self, at: usize, id: ImageId, snapshot_ids: &[SnapshotId], random: &mut Random) -> Image {
        let family = usize::try_from(random.below(self.families as u64)).unwrap_or(0) + self.number * self.families;
        let [team, role, _] = words(family);
        let age_secs = random.below(AGE_SECS_MAX);
        let created_at = self.secs_ago(age_secs);
        let time = created_at.to_timestamp().strftime("%Y%m%d%H").to_string();
        let name = format!("{team}-{role}-{time}");
        let device = |device_name: &Arc<str>, number: usize, size_gib| BlockDevice {
            device_name: device_name.clone(),
            snapshot: snapshot_ids.get(spread(at * 2 + number, snapshot_ids.len())).cloned(),
            size_gib: Some(size_gib),
            encrypted: true,
        };
        let mut grantees = Vec::new();
        if random.percent(2) {
            grantees.extend(self.shared.friend.map(Grantee::Account));
        }
        Image {
            id,
            name: name.into(),
            owner: self.account,
            state: match random.below(200) {
                0 => ImageState::Failed,
                1..4 => ImageState::Disabled,
                _ => ImageState::Available,
            },
            public: false,
            root_device_type: RootDeviceType::Ebs,
            created_at: Some(created_at),
            deprecation_at: random.percent(20).then(|| self.secs_ago(random.below(age_secs + 1))),
            last_launched_at: random.percent(80).then(|| self.secs_ago(random.below(age_secs + 1))),
            protection: if random.percent(1) {
                DeregistrationProtection::Enabled
            } else {
                DeregistrationProtection::Disabled
            },
            description: None,
            location: None,
            platform_details: Platform::from_wire("Linux/UNIX"),
            architecture: CompactString::const_new(if random.percent(30) { "arm64" } else { "x86_64" }),
            source_image: None,
            block_devices: Arc::new([device(&self.shared.root_device, 0, 8), device(&self.shared.data_device, 1, 100)]),
            tags: self.tags[family % self.families].clone(),
            launch_permissions: LaunchPermissions::read(grantees),
        }
    }

    fn snapshot(&self, id: SnapshotId, random: &mut Random) -> Snapshot {
        let size_gib = if random.percent(50) { 8 } else { 100 };
        Snapshot {
            id,
            owner: self.account,
            state: SnapshotState::Completed,
            tier: StorageTier::Standard,
            encrypted: true,
            size_gib,
            full_size_bytes: Some((1 + random.below(u64::from(size_gib))) << 30),
            started_at: Some(self.secs_ago(random.below(AGE_SECS_MAX))),
            volume: Some(format_compact!("vol-{:017x}", random.bits() >> 4)),
            description: None,
            tags: Tags::default(),
        }
    }

    /// Half as many references as images, of mixed kinds, some images used more than once.
    fn references(&self, ids: &[ImageId], random: &mut Random) -> Vec<Reference> {
        let mut used: Vec<usize> = (0..ids.len() / 2).map(|at| spread(at, ids.len())).collect();
        for at in (0..used.len()).step_by(10) {
            used[at] = usize::try_from(random.below(ids.len() as u64)).unwrap_or(0);
        }
        used.sort_unstable();
        let mut references = Vec::with_capacity(used.len());
        for image in used.into_iter().filter_map(|at| ids.get(at)) {
            let number = random.bits() >> 8;
            let (source, resource, usage) = match random.below(100) {
                0..55 => {
                    let state = CompactString::const_new(if random.percent(80) { "running" } else { "stopped" });
                    (Source::Instances, format_compact!("i-{number:017x}"), Usage::Instance { state })
                }
                55..80 => {
                    let (version, age_rank) = (random.below(40) + 1, u32::try_from(random.below(40)).unwrap_or(0));
                    let usage =
                        Usage::LaunchTemplateVersion { version, age_rank, default: age_rank == 0, alias: false };
                    (Source::LaunchTemplates, format_compact!("lt-{number:017x}:{version}"), usage)
                }
                80..88 => {
                    let resource = format_compact!("lc-{}", number % 100_000);
                    (Source::LaunchConfigurations, resource, Usage::LaunchConfiguration)
                }
                _ => {
                    let via = CompactString::const_new("mixed instances override");
                    let resource = format_compact!("asg-{}", number % 100_000);
                    (Source::AutoScalingGroups, resource, Usage::AutoScalingGroup { via })
                }
            };
            references.push(Reference { image: image.clone(), source, resource, usage });
        }
        references.sort_by(|a, b| (&a.image, a.source, &a.resource).cmp(&(&b.image, b.source, &b.resource)));
        references
    }
}

/// A permutation of 0..len that keeps neighbours apart.
fn spread(at: usize, len: usize) -> usize {
    // A prime greater than any scope has snapshots shares no factor with the length.
    const PRIME: u128 = 1_000_003;
    if len == 0 { 0 } else { usize::try_from(at as u128 * PRIME % len as u128).unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(images: usize, seed: u64) -> InventorySpec {
        InventorySpec { images, seed, now: Moment::from_secs(1_795_000_000) }
    }

    #[test]
    fn a_generated_inventory_is_valid_and_has_what_was_asked_for() {
        let inventory = inventory(spec(120_000, 7));
        inventory.validate().unwrap();
        assert_eq!(inventory.image_count(), 120_000);
        assert_eq!(inventory.scopes.len(), 3);
        assert_eq!(inventory.scopes.iter().map(|scope| scope.snapshots.len()).sum::<usize>(), 240_000);
        assert_eq!(inventory.scopes.iter().map(|scope| scope.references.len()).sum::<usize>(), 60_000);
        for scope in &inventory.scopes {
            let mut used: Vec<_> = scope.images.iter().flat_map(Image::snapshots).collect();
            used.sort_unstable();
            used.dedup();
            assert_eq!(used.len(), scope.snapshots.len());
        }
    }

    #[test]
    fn the_seed_alone_decides() {
        assert_eq!(inventory(spec(500, 1)), inventory(spec(500, 1)));
        assert_ne!(inventory(spec(500, 1)), inventory(spec(500, 2)));
    }
}
