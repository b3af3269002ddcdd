//! Launch configurations, and launch templates out of the versions that name an image.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use amictl_model::{ImageId, Usage};
use compact_str::{CompactString, format_compact};

use super::Making;
use crate::wire::Params;
use crate::world::{GroupTemplate, LaunchConfiguration, Template, TemplateData, TemplateVersion};

const INSTANCE_TYPE: &str = "m6i.large";

/// The templates of one account in one Region.
#[derive(Default)]
pub(super) struct Templates {
    names: HashMap<CompactString, CompactString>,
    /// A template without an image, for groups that say themselves what they start.
    empty: Option<GroupTemplate>,
}

/// A version that is known, since it names an image.
struct Known<'a> {
    version: u64,
    age_rank: u32,
    default: bool,
    alias: bool,
    image: &'a ImageId,
}

impl Making<'_> {
    pub(super) fn launch_configurations(&mut self) {
        for reference in self.references.iter().filter(|reference| reference.usage == Usage::LaunchConfiguration) {
            let (name, image) = (&reference.resource, reference.image.as_str());
            let configuration = LaunchConfiguration::of_image(name, image, INSTANCE_TYPE, self.scanned_at);
            self.world.scope_mut(self.account, self.region).put_launch_configuration(configuration);
        }
    }

    pub(super) fn templates(&mut self) -> Templates {
        let mut known: BTreeMap<&str, Vec<Known<'_>>> = BTreeMap::new();
        for reference in self.references {
            if let Usage::LaunchTemplateVersion { version, age_rank, default, alias } = reference.usage {
                let id = reference.resource.rsplit_once(':').map_or(reference.resource.as_str(), |(id, _)| id);
                let known = known.entry(id).or_default();
                known.push(Known { version, age_rank, default, alias, image: &reference.image });
            }
        }
        let mut templates = Templates::default();
        for (id, mut known) in known {
            known.sort_by_key(|known| known.age_rank);
            let template = self.template(id, &known);
            templates.names.insert(template.id.clone(), template.name.clone());
            self.world.scope_mut(self.account, self.region).put_template(template);
        }
        templates
    }

    /// A template of these versions, the newest first, and of as many others as it takes to make them as old as they are.
    fn template(&mut self, id: &str, known: &[Known<'_>]) -> Template {
        let mut versions = BTreeMap::new();
        // The number above the versions so far, and how many of them there are.
        let mut rank = 0_u32;
        let newest = known.first().map_or(1, |newest| newest.version + u64::from(newest.age_rank));
        let mut above = newest + 1;
        for known in known {
            while rank < known.age_rank && above > known.version + 1 {
                above -= 1;
                rank += 1;
                versions.insert(above, self.version(above, empty_data()));
            }
            let data = self.data(id, known);
            versions.insert(known.version, self.version(known.version, data));
            above = known.version;
            rank = known.age_rank + 1;
        }
        let default = known.iter().find(|known| known.default).map(|known| known.version);
        let default = default.unwrap_or_else(|| {
            // The default is one that names no image: one that fills a gap, or else an older one than all.
            let taken = |number: &u64| known.iter().any(|known| known.version == *number);
            let filling = versions.keys().rev().find(|number| !taken(number)).copied();
            filling.unwrap_or(above.saturating_sub(1))
        });
        if default > 0 && !versions.contains_key(&default) {
            versions.insert(default, self.version(default, empty_data()));
        }
        Template {
            id: id.into(),
            name: format_compact!("twin-of-{id}"),
            created_at: self.scanned_at,
            created_by: self.creator(),
            // All versions there ever were name an image and none is the default: that cannot be, and the newest will do.
            default_version: if default > 0 { default } else { newest },
            latest_version: newest,
            versions,
            hidden_for: None,
            tags: amictl_model::Tags::default(),
        }
    }

    /// The data of a version; an alias gets a parameter that leads to the image.
    fn data(&mut self, template: &str, known: &Known<'_>) -> TemplateData {
        if !known.alias {
            return TemplateData::of_image(known.image.as_str(), INSTANCE_TYPE);
        }
        let name = self.parameter_of(known.image, &format!("/twin/{template}/{}", known.version));
        TemplateData::of_image(&format!("resolve:ssm:{name}"), INSTANCE_TYPE)
    }

    fn version(&self, number: u64, data: TemplateData) -> Arc<TemplateVersion> {
        let created_by = self.creator();
        Arc::new(TemplateVersion { number, description: None, created_at: self.scanned_at, created_by, data })
    }

    fn creator(&self) -> Box<str> {
        format!("arn:aws:iam::{}:root", self.account).into()
    }

    /// A template that names no image.
    pub(super) fn empty_template(&mut self, templates: &mut Templates) -> GroupTemplate {
        if let Some(empty) = &templates.empty {
            return empty.clone();
        }
        let id = self.world.new_id("lt-");
        let template = Template {
            id: id.clone(),
            name: "twin-without-image".into(),
            created_at: self.scanned_at,
            created_by: self.creator(),
            default_version: 1,
            latest_version: 1,
            versions: BTreeMap::from([(1, self.version(1, empty_data()))]),
            hidden_for: None,
            tags: amictl_model::Tags::default(),
        };
        let used = GroupTemplate { id, name: template.name.clone(), version: None };
        self.world.scope_mut(self.account, self.region).put_template(template);
        templates.empty = Some(used.clone());
        used
    }
}

fn empty_data() -> TemplateData {
    let mut params = Params::default();
    params.set("InstanceType", INSTANCE_TYPE);
    TemplateData(params)
}

impl Templates {
    /// The use of a template's version, such as `lt-0123456789abcdef0:3`.
    pub(super) fn used(&self, version: &str) -> Option<GroupTemplate> {
        let (id, number) = version.rsplit_once(':')?;
        let (id, name) = self.names.get_key_value(id)?;
        Some(GroupTemplate { id: id.clone(), name: name.clone(), version: Some(number.into()) })
    }
}
