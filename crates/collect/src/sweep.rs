//! Every use of every image in one account and Region, read once.

use amictl_model::{Coverage, CoverageStatus, ImageId, Reference, SnapshotUse, Source};
use futures::future::join_all;
use futures::{FutureExt, join};

use crate::Reader;
use crate::follow::{Indices, follow};
use crate::sources::{
    auto_scaling_groups, backup, cloud_control, ec2_fleets, emr, fast_launch, image_builder, image_tasks,
    instance_image_metadata, instances, launch_configurations, launch_templates, root_volume_replacements, spot_fleets,
    spot_requests, ssm_parameters,
};

/// All uses of images that could be seen, and how each source went.
#[derive(Debug)]
pub struct ReferenceSweep {
    /// Sorted by image.
    pub references: Vec<Reference>,
    /// The snapshots that launch templates and launch configurations name.
    pub snapshot_uses: Vec<SnapshotUse>,
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

/// Reads all reference sources of one account and Region, side by side, but those that the reader skips.
pub async fn sweep_references(reader: Reader<'_>) -> ReferenceSweep {
    let leading = join_all([
        instance_image_metadata::list(reader).boxed(),
        root_volume_replacements::list(reader).boxed(),
        ec2_fleets::list(reader).boxed(),
        spot_fleets::list(reader).boxed(),
        spot_requests::list(reader).boxed(),
        fast_launch::list(reader).boxed(),
        image_tasks::list(reader).boxed(),
        ssm_parameters::list(reader).boxed(),
        image_builder::list(reader).boxed(),
        emr::list(reader).boxed(),
        backup::list(reader).boxed(),
    ]);
    let by_cloud_control = join_all(cloud_control::SOURCES.iter().map(|source| cloud_control::list(reader, *source)));
    let (mut of_templates, mut of_configurations) = (Vec::new(), Vec::new());
    let (
        (mut references, instance_coverage),
        (template_uses, templates, template_coverage),
        (configuration_uses, configurations, configuration_coverage),
        groups,
        mut listed,
        resources,
    ) = join!(
        instances::read(reader),
        launch_templates::read(reader, &mut of_templates),
        launch_configurations::read(reader, &mut of_configurations),
        auto_scaling_groups::list(reader),
        leading,
        by_cloud_control,
    );
    listed.extend(groups);
    listed.extend(resources);
    let instances = references.iter().map(|reference| (reference.resource.clone(), reference.image.clone())).collect();
    let indices = Indices {
        templates,
        template_status: template_coverage.status,
        configurations,
        configuration_status: configuration_coverage.status,
        instances,
    };
    let (followed, followed_coverage) = follow(reader, listed, &indices).await;

    references.extend(template_uses);
    references.extend(configuration_uses);
    references.extend(followed);
    references.sort_unstable_by(|a, b| (&a.image, a.source, &a.resource).cmp(&(&b.image, b.source, &b.resource)));
    let mut coverage = vec![instance_coverage, template_coverage, configuration_coverage];
    coverage.extend(followed_coverage);
    coverage.sort_by_key(|coverage| coverage.source);
    debug_assert!(coverage.iter().map(|coverage| coverage.source).eq(Source::REFERENCES.iter().copied()));
    let mut snapshot_uses = of_templates;
    snapshot_uses.extend(of_configurations);
    ReferenceSweep { references, snapshot_uses, coverage }
}
