//! Launch templates and their versions.

pub(crate) mod change_template;
pub(crate) mod create_template;
pub(crate) mod describe_template_versions;
pub(crate) mod describe_templates;
pub(crate) mod template_lookup;
pub(crate) mod template_schema;
pub(crate) mod template_xml;

use crate::ops::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<change_template::DeleteLaunchTemplate>(),
    Entry::of::<change_template::DeleteLaunchTemplateVersions>(),
    Entry::of::<change_template::ModifyLaunchTemplate>(),
    Entry::of::<create_template::CreateLaunchTemplate>(),
    Entry::of::<create_template::CreateLaunchTemplateVersion>(),
    Entry::of::<describe_template_versions::DescribeLaunchTemplateVersions>(),
    Entry::of::<describe_templates::DescribeLaunchTemplates>(),
];
