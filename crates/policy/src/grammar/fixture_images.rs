//! The images that a test lists: nothing is odd about them until the test says so.

use std::collections::{BTreeMap, HashSet};

use amictl_model::{
    AccountId, BlockDevice, Coverage, CoverageStatus, DeregistrationProtection, Grantee, Image, ImageId, ImageState,
    Inventory, LaunchPermissions, Moment, Platform, Reference, Region, RootDeviceType, Scope, ScopeInventory, Source,
    Tags, Usage,
};

use compact_str::CompactString;

use super::keys;
use super::reader::{Fields, Reader};
use super::selector::STATES;
use crate::node::{Node, Value};

/// Where the images of a test are unless it says so.
const ACCOUNT: &str = "111111111111";
const REGION: &str = "us-east-1";
const ID_ALLOWED: &str = "an image id such as `ami-0123456789abcdef0`";

/// The inventory of these images, as if it had been read at `now`; `unread` are sources that could not be.
pub(super) fn inventory(reader: &mut Reader, node: &Node, unread: Option<&Node>, now: Moment) -> Inventory {
    let unread = unread.map_or_else(Vec::new, |node| sources(reader, node));
    let is_unread = |source| unread.contains(&source);
    let mut scopes: BTreeMap<Scope, ScopeInventory> = BTreeMap::new();
    let mut ids: HashSet<ImageId> = HashSet::new();
    for (number, item) in reader.list(node, "images").iter().enumerate() {
        let Some((scope, mut image, references)) = image(reader, item, number, now) else { continue };
        if is_unread(Source::LaunchPermissions) {
            image.launch_permissions = LaunchPermissions::Unread;
        }
        if !ids.insert(image.id.clone()) {
            reader.error(
                item.spot,
                format!("an image `{}` stands in the list already", image.id),
                "an id for each image",
            );
            continue;
        }
        let scope = scopes.entry(scope).or_insert_with_key(|scope| ScopeInventory {
            coverage: coverage(&unread, now),
            ..ScopeInventory::empty(scope.clone())
        });
        scope.references.extend(references);
        scope.images.push(image);
    }
    let mut scopes: Vec<ScopeInventory> = scopes.into_values().collect();
    scopes.iter_mut().for_each(ScopeInventory::sort);
    Inventory {
        format_version: amictl_model::INVENTORY_FORMAT_VERSION.into(),
        id: "test".into(),
        created_at: now,
        scopes,
        files: None,
    }
}

fn sources(reader: &mut Reader, node: &Node) -> Vec<Source> {
    let names: Vec<&str> = read_sources().map(Source::as_str).collect();
    let items = reader.one_or_more(node, "unread").iter();
    items.filter_map(|item| reader.word(item, "unread", &names).and_then(|name| name.parse().ok())).collect()
}

/// What a test's world has, or has not, read.
fn read_sources() -> impl Iterator<Item = Source> {
    let sources = Source::ALL.iter().copied();
    sources.filter(|source| !source.is_read_on_demand() || *source == Source::LaunchPermissions)
}

fn coverage(unread: &[Source], now: Moment) -> Vec<Coverage> {
    let coverage = read_sources().map(|source| Coverage {
        source,
        status: if unread.contains(&source) { CoverageStatus::Denied } else { CoverageStatus::Complete },
        detail: "".into(),
        items: 0,
        calls: 0,
        read_at: now,
    });
    coverage.collect()
}

fn image(reader: &mut Reader, node: &Node, number: usize, now: Moment) -> Option<(Scope, Image, Vec<Reference>)> {
    let fields = reader.fields(node, "an image", keys::TEST_IMAGE)?;
    // Every part is read before one that is wrong ends it, so that all errors are seen.
    let id: Option<ImageId> = match fields.get("id") {
        Some(node) => reader.id(node, "id", ID_ALLOWED),
        None => format!("ami-{:017x}", number + 1).parse().ok(),
    };
    let account: Option<AccountId> = match fields.get("account") {
        Some(node) => reader.id(node, "account", "an account id of twelve digits, in quotes"),
        None => ACCOUNT.parse().ok(),
    };
    let region: Option<Region> = match fields.get("region") {
        Some(node) => reader.id(node, "region", "a Region such as us-east-1"),
        None => REGION.parse().ok(),
    };
    let name = match reader.required(&fields, "name") {
        Some(node) => reader.text(node, "name", "the name of an image"),
        None => None,
    };
    let mut ago = |name| {
        let age = fields.get(name).and_then(|node| reader.duration(node, name));
        age.map(|age| now.plus_secs(-age.as_secs()))
    };
    let (created_at, last_launched_at, deprecation_at) = (ago("age"), ago("launched"), ago("deprecated"));
    let mut flag = |name| fields.get(name).and_then(|node| reader.yes_or_no(node, name)).unwrap_or_default();
    let (public, protected, encrypted) = (flag("public"), flag("protected"), flag("encrypted"));
    let (state, size_gib) = (state(reader, &fields), size_gib(reader, &fields));
    let (architecture, source) = (text(reader, &fields, "architecture"), text(reader, &fields, "source"));
    let platform = text(reader, &fields, "platform");
    let tags = fields.get("tags").map(|node| tags(reader, node)).unwrap_or_default();
    let launch_permissions = launch_permissions(reader, &fields);
    let users = names(reader, &fields, "used_by");
    let parameters = names(reader, &fields, "parameters");
    let (id, account, region, name) = (id?, account?, region?, name?);
    let of_instance = |name| {
        let usage = Usage::Instance { state: "running".into() };
        Reference { image: id.clone(), source: Source::Instances, resource: CompactString::from(name), usage }
    };
    let of_parameter = |name| {
        let usage = Usage::Other { what: "SSM parameter".into() };
        Reference { image: id.clone(), source: Source::SsmParameters, resource: CompactString::from(name), usage }
    };
    let references = users.into_iter().map(of_instance).chain(parameters.into_iter().map(of_parameter)).collect();
    let image = Image {
        name: name.into(),
        owner: account,
        state,
        public,
        root_device_type: RootDeviceType::Ebs,
        created_at,
        deprecation_at,
        last_launched_at,
        protection: if protected { DeregistrationProtection::Enabled } else { DeregistrationProtection::Disabled },
        description: None,
        location: None,
        architecture: architecture.unwrap_or("x86_64").into(),
        platform_details: Platform::from_wire(platform.unwrap_or("Linux/UNIX")),
        source_image: source.map(Into::into),
        block_devices: [BlockDevice {
            device_name: "/dev/xvda".into(),
            snapshot: id.as_str().replace("ami-", "snap-").parse().ok(),
            size_gib: Some(size_gib),
            encrypted,
        }]
        .into(),
        tags,
        launch_permissions,
        id,
    };
    Some((Scope { account, region }, image, references))
}

fn text<'n>(reader: &mut Reader, fields: &Fields<'n>, what: &str) -> Option<&'n str> {
    fields.get(what).and_then(|node| reader.text(node, what, "text"))
}

fn state(reader: &mut Reader, fields: &Fields<'_>) -> ImageState {
    let word = fields.get("state").and_then(|node| reader.word(node, "state", STATES));
    word.map_or(ImageState::Available, ImageState::from_wire)
}

fn size_gib(reader: &mut Reader, fields: &Fields<'_>) -> u32 {
    let size = fields.get("size_gib").and_then(|node| reader.whole_number(node, "size_gib", 1..=65_536));
    size.and_then(|size| u32::try_from(size).ok()).unwrap_or(8)
}

fn launch_permissions(reader: &mut Reader, fields: &Fields<'_>) -> LaunchPermissions {
    let accounts = fields
        .get("shared_with")
        .and_then(|node| reader.ids(node, "shared_with", "account ids of twelve digits, in quotes"));
    LaunchPermissions::read(accounts.unwrap_or_default().into_iter().map(Grantee::Account))
}

/// Tags as they stand on an image: keys and values, which are no patterns.
fn tags(reader: &mut Reader, node: &Node) -> Tags {
    const ALLOWED: &str = "a mapping of tag keys to values, such as {app: web}";
    let Value::Map(entries) = &node.value else {
        reader.error(node.spot, format!("`tags` cannot be {}", node.value.kind()), ALLOWED);
        return Tags::default();
    };
    let tags =
        entries.iter().filter_map(|(key, node)| Some((key.name.as_str(), reader.text(node, &key.name, "text")?)));
    tags.collect()
}

/// The names in a list or of a single value.
fn names<'n>(reader: &mut Reader, fields: &Fields<'n>, what: &str) -> Vec<&'n str> {
    let Some(node) = fields.get(what) else { return Vec::new() };
    reader.one_or_more(node, what).iter().filter_map(|item| reader.text(item, what, "text")).collect()
}
