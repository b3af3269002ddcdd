//! Parameters that hold image ids.

use std::collections::BTreeMap;

use amictl_model::{ImageId, Source, Usage};
use compact_str::{CompactString, format_compact};

use super::Making;
use crate::world::{Parameter, ParameterType, ParameterVersion};

impl Making<'_> {
    /// Puts the parameters in that were seen; of their values only the image ids are known.
    pub(super) fn parameters(&mut self) {
        let mut values: BTreeMap<&str, (bool, Vec<&str>)> = BTreeMap::new();
        for reference in self.references.iter().filter(|reference| reference.source == Source::SsmParameters) {
            let (is_of_images, images) = values.entry(&reference.resource).or_default();
            *is_of_images |= matches!(&reference.usage, Usage::Other { what } if what.ends_with("aws:ec2:image"));
            images.push(reference.image.as_str());
        }
        for (name, (is_of_images, images)) in values {
            let mut version = ParameterVersion::text(1, &images.join(","), self.scanned_at);
            if is_of_images {
                version.data_type = "aws:ec2:image".into();
            }
            if images.len() > 1 {
                version.kind = ParameterType::StringList;
            }
            let parameter = Parameter { versions: vec![version], ..Parameter::default() };
            self.world.scope_mut(self.account, self.region).parameters.insert(name.into(), parameter);
        }
    }

    /// Puts a parameter in for every use by a resource of which too little is known to make it again: the image is used in the
    /// twin as well, though by another thing.
    pub(super) fn stand_ins(&mut self) {
        // These are in the twin themselves: as parameters, as instances, and by the tags of their images.
        let made = [Source::SsmParameters, Source::InstanceImageMetadata, Source::Backup];
        for reference in self.references.iter().filter(|reference| !made.contains(&reference.source)) {
            if let Usage::Other { .. } = reference.usage {
                let name = format!("/twin/{}/{}", reference.source, reference.image);
                self.world.scope_mut(self.account, self.region).put_parameter(&name, reference.image.as_str());
            }
        }
    }

    /// What leads to an image: a parameter that was seen with nothing else in it, else an older version of one made up, whose
    /// newest version names none.
    pub(super) fn parameter_of(&mut self, image: &ImageId, made_up: &str) -> CompactString {
        let is_seen = |name: &&CompactString| {
            let holders = self.references.iter();
            holders.filter(|one| one.source == Source::SsmParameters && one.resource == **name).count() == 1
        };
        let seen = self.references.iter().filter(|one| one.source == Source::SsmParameters && one.image == *image);
        if let Some(name) = seen.map(|reference| &reference.resource).find(is_seen) {
            return name.clone();
        }
        let scope = self.world.scope_mut(self.account, self.region);
        scope.put_parameter(made_up, image.as_str());
        scope.put_parameter(made_up, "of the twin");
        format_compact!("{made_up}:1")
    }
}
