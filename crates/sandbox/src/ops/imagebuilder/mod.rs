//! Image Builder: recipes, configurations, pipelines and the images that come of them.

mod create;
mod document;
mod images;
mod kinds;
mod remove;
mod select;
mod show;

use super::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<create::CreateContainerRecipe>(),
    Entry::of::<create::CreateDistributionConfiguration>(),
    Entry::of::<images::CreateImage>(),
    Entry::of::<create::CreateImagePipeline>(),
    Entry::of::<create::CreateImageRecipe>(),
    Entry::of::<create::CreateInfrastructureConfiguration>(),
    Entry::of::<remove::DeleteContainerRecipe>(),
    Entry::of::<remove::DeleteDistributionConfiguration>(),
    Entry::of::<remove::DeleteImage>(),
    Entry::of::<remove::DeleteImagePipeline>(),
    Entry::of::<remove::DeleteImageRecipe>(),
    Entry::of::<remove::DeleteInfrastructureConfiguration>(),
    Entry::of::<show::GetContainerRecipe>(),
    Entry::of::<show::GetDistributionConfiguration>(),
    Entry::of::<show::GetImage>(),
    Entry::of::<show::GetImagePipeline>(),
    Entry::of::<show::GetImageRecipe>(),
    Entry::of::<show::GetInfrastructureConfiguration>(),
    Entry::of::<show::ListContainerRecipes>(),
    Entry::of::<show::ListDistributionConfigurations>(),
    Entry::of::<images::ListImageBuildVersions>(),
    Entry::of::<images::ListImages>(),
    Entry::of::<show::ListImagePipelines>(),
    Entry::of::<show::ListImageRecipes>(),
    Entry::of::<show::ListInfrastructureConfigurations>(),
];
