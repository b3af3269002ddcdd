//! Launch configurations, attached to a group or not.

use std::collections::HashMap;

use amictl_cloud::ops::{
    DescribeLaunchConfigurations, DescribeLaunchConfigurationsReply, DescribeLaunchConfigurationsRequest,
};
use amictl_model::{Coverage, ImageId, Reference, SnapshotUse, Source, Usage};

use super::snapshot_uses;
use crate::Reader;

/// The images of launch configurations, by name, for the groups that name them.
#[derive(Debug, Default)]
pub(crate) struct ConfigurationIndex(HashMap<String, ImageId>);

impl ConfigurationIndex {
    /// The image of this launch configuration.
    #[must_use]
    pub(crate) fn image(&self, name: &str) -> Option<&ImageId> {
        self.0.get(name)
    }
}

/// Reads all launch configurations of the account and Region.
pub(crate) async fn read(
    reader: Reader<'_>,
    uses: &mut Vec<SnapshotUse>,
) -> (Vec<Reference>, ConfigurationIndex, Coverage) {
    let mut tally = reader.begin(Source::LaunchConfigurations);
    let mut configurations = Vec::new();
    let request = DescribeLaunchConfigurationsRequest::default();
    let each = |page: DescribeLaunchConfigurationsReply| configurations.extend(page.configurations);
    reader.pages::<DescribeLaunchConfigurations>(&mut tally, request, each).await;
    tally.items = configurations.len() as u64;
    let mut references = Vec::with_capacity(configurations.len());
    let mut index = ConfigurationIndex::default();
    for configuration in configurations {
        uses.extend(snapshot_uses(Source::LaunchConfigurations, &configuration.name, &configuration.snapshots));
        match configuration.image.parse::<ImageId>() {
            Ok(image) => {
                references.push(Reference {
                    image: image.clone(),
                    source: Source::LaunchConfigurations,
                    resource: configuration.name.as_str().into(),
                    usage: Usage::LaunchConfiguration,
                });
                index.0.insert(configuration.name, image);
            }
            Err(error) => tally.unresolved(format!("launch configuration {}: {error}", configuration.name)),
        }
    }
    (references, index, reader.finish(tally))
}
