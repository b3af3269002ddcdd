//! Every use of every image in one account and Region, read once.

use amictl_model::{Coverage, CoverageStatus, ImageId, Reference, Source};
use futures::future::join3;

use crate::Reader;
use crate::sources::{auto_scaling_groups, instances, launch_configurations, launch_templates};

/// All uses of images that could be seen, and how each source went.
#[derive(Debug)]
pub struct ReferenceSweep {
    /// Sorted by image.
    pub references: Vec<Reference>,
    /// One for each of [`Source::REFERENCES`].
    pub coverage: Vec<Coverage>,
}

impl ReferenceSweep {
    /// The sources that were not read whole: what they could have shown is unknown.
    pub fn incomplete(&self) -> impl Iterator<Item = &Coverage> {
        self.coverage.iter().filter(|coverage| coverage.status != CoverageStatus::Complete)
    }

    /// The uses of this image.
    pub fn references_to<'a>(&'a self, image: &ImageId) -> impl Iterator<Item = &'a Reference> + use<'a> {
        let start = self.references.partition_point(|reference| reference.image < *image);
        let len = self.references[start..].partition_point(|reference| reference.image == *image);
        self.references[start..start + len].iter()
    }
}

/// Reads all reference sources of one account and Region.
pub async fn sweep_references(reader: Reader<'_>) -> ReferenceSweep {
    let groups = auto_scaling_groups::list(reader).await;
    let (
        (instance_uses, instance_coverage),
        (template_uses, templates, template_coverage),
        (configuration_uses, configurations, configuration_coverage),
    ) = join3(instances::read(reader), launch_templates::read(reader), launch_configurations::read(reader)).await;
    let (group_uses, group_coverage) = auto_scaling_groups::resolve(reader, groups, &templates, &configurations);

    let mut references = instance_uses;
    references.extend(template_uses);
    references.extend(configuration_uses);
    references.extend(group_uses);
    references.sort_unstable_by(|a, b| (&a.image, a.source, &a.resource).cmp(&(&b.image, b.source, &b.resource)));
    let coverage = vec![instance_coverage, template_coverage, configuration_coverage, group_coverage];
    debug_assert_eq!(coverage.len(), Source::REFERENCES.len());
    ReferenceSweep { references, coverage }
}
