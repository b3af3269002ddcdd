//! Images: to make, describe, change and retire them.

pub(crate) mod copy_image;
pub(crate) mod create_image;
pub(crate) mod deregister_image;
pub(crate) mod describe_images;
pub(crate) mod disable_image;
pub(crate) mod enable_image;
pub(crate) mod image_attribute;
pub(crate) mod image_deprecation;
pub(crate) mod image_filter;
pub(crate) mod image_protection;
pub(crate) mod image_xml;
pub(crate) mod modify_image_attribute;
pub(crate) mod new_image;
pub(crate) mod own_image;
pub(crate) mod register_image;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<copy_image::CopyImage>(),
    Entry::of::<create_image::CreateImage>(),
    Entry::of::<deregister_image::DeregisterImage>(),
    Entry::of::<describe_images::DescribeImages>(),
    Entry::of::<disable_image::DisableImage>(),
    Entry::of::<enable_image::EnableImage>(),
    Entry::of::<image_attribute::DescribeImageAttribute>(),
    Entry::of::<image_deprecation::DisableImageDeprecation>(),
    Entry::of::<image_deprecation::EnableImageDeprecation>(),
    Entry::of::<image_protection::DisableImageDeregistrationProtection>(),
    Entry::of::<image_protection::EnableImageDeregistrationProtection>(),
    Entry::of::<modify_image_attribute::ModifyImageAttribute>(),
    Entry::of::<modify_image_attribute::ResetImageAttribute>(),
    Entry::of::<register_image::RegisterImage>(),
];
