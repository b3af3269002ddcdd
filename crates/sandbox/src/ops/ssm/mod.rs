//! Parameters of Systems Manager.

mod delete_parameters;
mod describe_parameters;
mod filters;
mod get_parameters;
mod history;
mod labels;
mod lookup;
mod names;
mod path;
mod public_images;
mod put_parameter;
mod tags;

use super::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<tags::AddTagsToResource>(),
    Entry::of::<delete_parameters::DeleteParameter>(),
    Entry::of::<delete_parameters::DeleteParameters>(),
    Entry::of::<describe_parameters::DescribeParameters>(),
    Entry::of::<get_parameters::GetParameter>(),
    Entry::of::<history::GetParameterHistory>(),
    Entry::of::<get_parameters::GetParameters>(),
    Entry::of::<path::GetParametersByPath>(),
    Entry::of::<labels::LabelParameterVersion>(),
    Entry::of::<tags::ListTagsForResource>(),
    Entry::of::<put_parameter::PutParameter>(),
    Entry::of::<tags::RemoveTagsFromResource>(),
    Entry::of::<labels::UnlabelParameterVersion>(),
];
