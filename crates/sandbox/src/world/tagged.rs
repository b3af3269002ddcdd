//! Whatever carries tags, by its id.

use std::sync::Arc;

use amictl_model::Tags;

use super::Scope;

impl Scope {
    /// The tags of a resource, to change them; `None` when there is no such resource.
    pub(crate) fn tags_mut(&mut self, id: &str) -> Option<&mut Tags> {
        if let Ok(id) = id.parse() {
            return match self.images.get_mut(&id) {
                Some(image) => Some(&mut Arc::make_mut(image).tags),
                None => {
                    let binned = Arc::make_mut(self.binned_images.get_mut(&id)?);
                    Some(&mut Arc::make_mut(&mut binned.image).tags)
                }
            };
        }
        if let Ok(id) = id.parse() {
            return match self.snapshots.get_mut(&id) {
                Some(snapshot) => Some(&mut Arc::make_mut(snapshot).tags),
                None => {
                    let binned = Arc::make_mut(self.snapshot_shelves.bin.get_mut(&id)?);
                    Some(&mut Arc::make_mut(&mut binned.snapshot).tags)
                }
            };
        }
        match id.split_once('-')?.0 {
            "i" => self.instances.get_mut(id).map(|instance| &mut Arc::make_mut(instance).tags),
            "vol" => self.volumes.get_mut(id).map(|volume| &mut Arc::make_mut(volume).tags),
            "amiur" => self.usage_reports.get_mut(id).map(|report| &mut Arc::make_mut(report).tags),
            "lt" => self.templates.get_mut(id).map(|template| &mut Arc::make_mut(template).tags),
            "export" => self.image_exports.get_mut(id).map(|task| &mut Arc::make_mut(task).tags),
            "import" if id.starts_with("import-ami-") => {
                self.image_imports.get_mut(id).map(|task| &mut Arc::make_mut(task).tags)
            }
            "import" => self.snapshot_shelves.imports.get_mut(id).map(|task| &mut Arc::make_mut(task).tags),
            "sg" => self.security_groups.get_mut(id).map(|group| &mut Arc::make_mut(group).tags),
            "sir" => self.spot_requests.get_mut(id).map(|request| &mut Arc::make_mut(request).tags),
            "replacevol" => self.root_tasks.get_mut(id).map(|task| &mut Arc::make_mut(task).tags),
            "fleet" | "sfr" => self.fleets.get_mut(id).map(|fleet| &mut Arc::make_mut(fleet).tags),
            "key" => {
                let name = self.key_pairs.values().find(|key| key.id == id)?.name.clone();
                self.key_pairs.get_mut(&name).map(|key| &mut Arc::make_mut(key).tags)
            }
            _ => None,
        }
    }

    /// The type and the tags of a resource.
    pub(crate) fn tags_of(&self, id: &str) -> Option<(&'static str, &Tags)> {
        if let Ok(id) = id.parse() {
            let binned = || self.binned_images.get(&id).map(|binned| &binned.image.tags);
            return Some(("image", self.images.get(&id).map(|image| &image.tags).or_else(binned)?));
        }
        if let Ok(id) = id.parse() {
            let binned = || self.snapshot_shelves.bin.get(&id).map(|binned| &binned.snapshot.tags);
            return Some(("snapshot", self.snapshots.get(&id).map(|snapshot| &snapshot.tags).or_else(binned)?));
        }
        Some(match id.split_once('-')?.0 {
            "i" => ("instance", &self.instances.get(id)?.tags),
            "vol" => ("volume", &self.volumes.get(id)?.tags),
            "amiur" => ("image-usage-report", &self.usage_reports.get(id)?.tags),
            "lt" => ("launch-template", &self.templates.get(id)?.tags),
            "sg" => ("security-group", &self.security_groups.get(id)?.tags),
            "sir" => ("spot-instances-request", &self.spot_requests.get(id)?.tags),
            "replacevol" => ("replace-root-volume-task", &self.root_tasks.get(id)?.tags),
            "fleet" => ("fleet", &self.fleets.get(id)?.tags),
            "sfr" => ("spot-fleet-request", &self.fleets.get(id)?.tags),
            "export" => ("export-image-task", &self.image_exports.get(id)?.tags),
            "import" if id.starts_with("import-ami-") => ("import-image-task", &self.image_imports.get(id)?.tags),
            "import" => ("import-snapshot-task", &self.snapshot_shelves.imports.get(id)?.tags),
            "key" => ("key-pair", &self.key_pairs.values().find(|key| key.id == id)?.tags),
            _ => return None,
        })
    }

    /// Every EC2 resource that has tags: its id, its type and its tags, in the order of types and ids.
    pub(crate) fn tagged(&self) -> impl Iterator<Item = (&str, &'static str, &Tags)> {
        let fleets = |is_spot: bool| {
            let of_kind = self.fleets.values().filter(move |fleet| fleet.is_spot_fleet() == is_spot);
            of_kind.map(move |fleet| {
                (fleet.id.as_str(), if is_spot { "spot-fleet-request" } else { "fleet" }, &fleet.tags)
            })
        };
        let images = self.images.values().map(|image| (image.id.as_str(), "image", &image.tags));
        let binned = self.binned_images.values().map(|binned| (binned.image.id.as_str(), "image", &binned.image.tags));
        let reports =
            self.usage_reports.values().map(|report| (report.id.as_str(), "image-usage-report", &report.tags));
        let exports = self.image_exports.values().map(|task| (task.id.as_str(), "export-image-task", &task.tags));
        let image_imports = self.image_imports.values();
        let image_imports = image_imports.map(|task| (task.id.as_str(), "import-image-task", &task.tags));
        let imports = self.snapshot_shelves.imports.values();
        let imports = imports.map(|task| (task.id.as_str(), "import-snapshot-task", &task.tags));
        let instances = self.instances.values().map(|instance| (instance.id.as_str(), "instance", &instance.tags));
        let mut keys: Vec<_> = self.key_pairs.values().map(|key| (key.id.as_str(), "key-pair", &key.tags)).collect();
        keys.sort_unstable_by_key(|(id, ..)| *id);
        let templates =
            self.templates.values().map(|template| (template.id.as_str(), "launch-template", &template.tags));
        let tasks = self.root_tasks.values().map(|task| (task.id.as_str(), "replace-root-volume-task", &task.tags));
        let groups = self.security_groups.values().map(|group| (group.id.as_str(), "security-group", &group.tags));
        let snapshots = self.snapshots.values().map(|snapshot| (snapshot.id.as_str(), "snapshot", &snapshot.tags));
        let spot = self.spot_requests.values();
        let spot = spot.map(|request| (request.id.as_str(), "spot-instances-request", &request.tags));
        let volumes = self.volumes.values().map(|volume| (volume.id.as_str(), "volume", &volume.tags));
        exports
            .chain(fleets(false))
            .chain(merged(images, binned))
            .chain(reports)
            .chain(image_imports)
            .chain(imports)
            .chain(instances)
            .chain(keys)
            .chain(templates)
            .chain(tasks)
            .chain(groups)
            .chain(snapshots)
            .chain(fleets(true))
            .chain(spot)
            .chain(volumes)
    }
}

type Tagged<'a> = (&'a str, &'static str, &'a Tags);

/// Two lists in the order of their ids as one.
fn merged<'a>(
    one: impl Iterator<Item = Tagged<'a>>,
    other: impl Iterator<Item = Tagged<'a>>,
) -> impl Iterator<Item = Tagged<'a>> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some((left, ..)), Some((right, ..))) if right < left => other.next(),
        (Some(_), _) => one.next(),
        (None, _) => other.next(),
    })
}
