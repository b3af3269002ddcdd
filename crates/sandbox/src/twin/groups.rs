//! Auto Scaling groups, out of what they lead to and by which way.

use std::collections::BTreeMap;

use amictl_model::{ImageId, Usage};
use compact_str::{CompactString, format_compact};

use super::Making;
use super::templates::Templates;
use crate::world::{Group, GroupInstance, GroupTemplate, MixedInstances, TemplateOverride};

impl Making<'_> {
    pub(super) fn groups(&mut self, templates: &mut Templates) {
        let mut uses: BTreeMap<&CompactString, Vec<(&ImageId, &str)>> = BTreeMap::new();
        for reference in self.references {
            if let Usage::AutoScalingGroup { via } = &reference.usage {
                uses.entry(&reference.resource).or_default().push((&reference.image, via));
            }
        }
        for (name, mut uses) in uses {
            // What a group has one of comes before what it may have many of.
            uses.sort_by_key(|(_, via)| via.starts_with("mixed instances override") || via.starts_with("instance "));
            let mut group = self.group(name);
            for (image, via) in uses {
                self.add(&mut group, templates, image, via);
            }
            self.world.scope_mut(self.account, self.region).put_group(group);
        }
    }

    /// Has the group lead to an image by this way.
    fn add(&mut self, group: &mut Group, templates: &mut Templates, image: &ImageId, via: &str) {
        let way = |prefix: &str| via.strip_prefix(prefix).and_then(|version| templates.used(version));
        if let Some(name) = via.strip_prefix("launch configuration ") {
            match &group.launch_configuration {
                None => group.launch_configuration = Some(name.into()),
                Some(_) => self.add_instance(group, image, Some(name.into()), None),
            }
        } else if let Some(template) = way("launch template ").filter(|_| group.template.is_none()) {
            group.template = Some(template);
        } else if let Some(template) = way("mixed instances policy ").filter(|_| group.mixed.is_none()) {
            group.mixed = Some(MixedInstances::new(template, Vec::new()));
        } else if let Some(template) = way("mixed instances override ") {
            let over = TemplateOverride { template: Some(template), ..TemplateOverride::default() };
            self.add_override(group, templates, over);
        } else if let Some(template) = way("instance ") {
            self.add_instance(group, image, None, Some(template));
        } else {
            // `mixed instances override`, and ways that a newer version may know: the group leads there all the same.
            let over = TemplateOverride { image: Some(image.as_str().into()), ..TemplateOverride::default() };
            self.add_override(group, templates, over);
        }
    }

    fn add_override(&mut self, group: &mut Group, templates: &mut Templates, over: TemplateOverride) {
        let instance_type = Some("m6i.large".into());
        let over = TemplateOverride { instance_type, ..over };
        match &mut group.mixed {
            Some(mixed) => mixed.overrides.push(over),
            None => group.mixed = Some(MixedInstances::new(self.empty_template(templates), vec![over])),
        }
    }

    /// Counts an instance of this image among the group's.
    fn add_instance(
        &mut self,
        group: &mut Group,
        image: &ImageId,
        launch_configuration: Option<CompactString>,
        template: Option<GroupTemplate>,
    ) {
        let scope = self.world.scope_mut(self.account, self.region);
        let free = scope.instances.values().find(|instance| instance.image == *image && instance.group.is_none());
        let id = free.map(|instance| instance.id.clone());
        if let Some(instance) = id.as_ref().and_then(|id| scope.instances.get_mut(id)) {
            std::sync::Arc::make_mut(instance).group = Some(group.name.clone());
        }
        // Without a free one it is an instance that ended while it was looked for.
        let id = id.unwrap_or_else(|| self.world.new_id("i-"));
        group.instances.push(GroupInstance {
            id,
            launch_configuration,
            template,
            is_on_standby: false,
            is_protected: false,
            weight: 1,
        });
        group.desired += 1;
        group.max_size = group.max_size.max(group.desired);
    }

    fn group(&self, name: &CompactString) -> Group {
        Group {
            max_size: 1,
            health_check_grace_secs: 300,
            ..Group::empty(name.clone(), format_compact!("{}a", self.region), self.scanned_at)
        }
    }
}
