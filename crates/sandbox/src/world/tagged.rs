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
            "import" => self.snapshot_shelves.imports.get_mut(id).map(|task| &mut Arc::make_mut(task).tags),
            _ => None,
        }
    }

    /// Every EC2 resource that has tags: its id, its type and its tags.
    pub(crate) fn tagged(&self) -> impl Iterator<Item = (&str, &'static str, &Tags)> {
        let images = self.images.values().map(|image| (image.id.as_str(), "image", &image.tags));
        let snapshots = self.snapshots.values().map(|snapshot| (snapshot.id.as_str(), "snapshot", &snapshot.tags));
        let instances = self.instances.values().map(|instance| (instance.id.as_str(), "instance", &instance.tags));
        let volumes = self.volumes.values().map(|volume| (volume.id.as_str(), "volume", &volume.tags));
        let templates =
            self.templates.values().map(|template| (template.id.as_str(), "launch-template", &template.tags));
        let reports =
            self.usage_reports.values().map(|report| (report.id.as_str(), "image-usage-report", &report.tags));
        let binned = self.binned_images.values().map(|binned| (binned.image.id.as_str(), "image", &binned.image.tags));
        images.chain(binned).chain(reports).chain(instances).chain(templates).chain(snapshots).chain(volumes)
    }
}
