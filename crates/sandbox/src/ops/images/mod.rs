//! Images: to make, describe, share, change and retire them.

pub(crate) mod allowed_images;
pub(crate) mod billing;
pub(crate) mod block_public_access;
pub(crate) mod bundle;
pub(crate) mod copied_snapshots;
pub(crate) mod copy_image;
pub(crate) mod create_image;
pub(crate) mod deregister_image;
mod describe_image_moves;
pub(crate) mod describe_images;
pub(crate) mod describe_references;
pub(crate) mod describe_usage_reports;
pub(crate) mod disable_image;
pub(crate) mod enable_image;
mod export_image;
pub(crate) mod image_ancestry;
pub(crate) mod image_attribute;
pub(crate) mod image_criteria;
pub(crate) mod image_deprecation;
pub(crate) mod image_filter;
pub(crate) mod image_protection;
pub(crate) mod image_selection;
pub(crate) mod image_xml;
mod import_image;
pub(crate) mod instance_image_metadata;
pub(crate) mod launch_permissions;
pub(crate) mod modify_image_attribute;
pub(crate) mod new_image;
pub(crate) mod own_image;
pub(crate) mod recipes;
pub(crate) mod recycle_bin;
pub(crate) mod references;
pub(crate) mod register_image;
pub(crate) mod registered_devices;
pub(crate) mod restore_image_task;
pub(crate) mod retained;
pub(crate) mod snapshots;
pub(crate) mod store_image_task;
pub(crate) mod usage_reports;
pub(crate) mod viewer;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<allowed_images::DisableAllowedImagesSettings>(),
    Entry::of::<allowed_images::EnableAllowedImagesSettings>(),
    Entry::of::<allowed_images::GetAllowedImagesSettings>(),
    Entry::of::<allowed_images::ReplaceImageCriteriaInAllowedImagesSettings>(),
    Entry::of::<block_public_access::DisableImageBlockPublicAccess>(),
    Entry::of::<block_public_access::EnableImageBlockPublicAccess>(),
    Entry::of::<block_public_access::GetImageBlockPublicAccessState>(),
    Entry::of::<copy_image::CopyImage>(),
    Entry::of::<create_image::CreateImage>(),
    Entry::of::<deregister_image::DeregisterImage>(),
    Entry::of::<describe_image_moves::DescribeExportImageTasks>(),
    Entry::of::<describe_image_moves::DescribeImportImageTasks>(),
    Entry::of::<describe_images::DescribeImages>(),
    Entry::of::<describe_references::DescribeImageReferences>(),
    Entry::of::<describe_usage_reports::DescribeImageUsageReportEntries>(),
    Entry::of::<describe_usage_reports::DescribeImageUsageReports>(),
    Entry::of::<disable_image::DisableImage>(),
    Entry::of::<enable_image::EnableImage>(),
    Entry::of::<export_image::CancelExportTask>(),
    Entry::of::<export_image::ExportImage>(),
    Entry::of::<image_ancestry::GetImageAncestry>(),
    Entry::of::<image_attribute::DescribeImageAttribute>(),
    Entry::of::<image_deprecation::DisableImageDeprecation>(),
    Entry::of::<image_deprecation::EnableImageDeprecation>(),
    Entry::of::<image_protection::DisableImageDeregistrationProtection>(),
    Entry::of::<image_protection::EnableImageDeregistrationProtection>(),
    Entry::of::<import_image::ImportImage>(),
    Entry::of::<instance_image_metadata::DescribeInstanceImageMetadata>(),
    Entry::of::<modify_image_attribute::CancelImageLaunchPermission>(),
    Entry::of::<modify_image_attribute::ModifyImageAttribute>(),
    Entry::of::<modify_image_attribute::ResetImageAttribute>(),
    Entry::of::<recycle_bin::ListImagesInRecycleBin>(),
    Entry::of::<recycle_bin::RestoreImageFromRecycleBin>(),
    Entry::of::<register_image::RegisterImage>(),
    Entry::of::<restore_image_task::CreateRestoreImageTask>(),
    Entry::of::<store_image_task::CreateStoreImageTask>(),
    Entry::of::<store_image_task::DescribeStoreImageTasks>(),
    Entry::of::<usage_reports::CreateImageUsageReport>(),
    Entry::of::<usage_reports::DeleteImageUsageReport>(),
];
