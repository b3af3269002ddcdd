//! Instances.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use amictl_model::{ImageId, ScopeInventory, Source, Usage};
use compact_str::CompactString;

use super::Making;
use crate::ops::Ctx;
use crate::ops::instances::launch::{Launch, launch};
use crate::world::{Image, InstanceState};

impl Making<'_> {
    /// Starts the instances under the ids that they have; their images need not be in the world.
    pub(super) fn instances(&mut self, scope: &ScopeInventory) {
        let mut images: HashMap<ImageId, Image> = HashMap::new();
        let mut started: HashSet<&str> = HashSet::new();
        for source in [Source::Instances, Source::InstanceImageMetadata] {
            for reference in self.references.iter().filter(|reference| reference.source == source) {
                let state = match &reference.usage {
                    Usage::Instance { state } => state.as_str(),
                    // Seen by what EC2 keeps of its image.
                    Usage::Other { what } => what.strip_prefix("instance, ").unwrap_or_default(),
                    _ => continue,
                };
                if !started.insert(&reference.resource) {
                    continue;
                }
                let known = scope.images.binary_search_by(|image| image.id.cmp(&reference.image)).ok();
                let image = images.entry(reference.image.clone()).or_insert_with(|| match known {
                    Some(at) => self.image(&scope.images[at]),
                    None => self.unknown_image(&reference.image),
                });
                let image = image.clone();
                self.instance(&image, &reference.resource, state);
            }
        }
    }

    fn instance(&mut self, image: &Image, id: &CompactString, state: &str) {
        let started_at = image.launches.shown(self.scanned_at).unwrap_or(image.created_at);
        let ctx = Ctx::at(self.account, self.region.clone(), started_at);
        let one = Launch { instance_type: "m6i.large".into(), count: 1, ..Launch::default() };
        let started = launch(self.world, &ctx, image, &one);
        let Some(made) = started.first().map(|instance| instance.id.clone()) else { return };
        drop(started);
        let scope = self.world.scope_mut(self.account, self.region);
        let Some(instance) = scope.instances.remove(&made) else { return };
        let mut instance = Arc::unwrap_or_clone(instance);
        instance.id.clone_from(id);
        instance.state = match state {
            "stopped" | "stopping" => InstanceState::Stopped,
            _ => InstanceState::Running,
        };
        for device in &instance.devices {
            if let Some(volume) = scope.volumes.get_mut(&device.volume)
                && let Some((owner, _)) = &mut Arc::make_mut(volume).attachment
            {
                owner.clone_from(id);
            }
        }
        scope.put_instance(instance);
    }
}
