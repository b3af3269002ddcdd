//! The organization: its accounts, units and root.

mod change;
mod describe;
mod list;
mod view;

use super::Entry;

/// The operations of this folder.
pub(crate) static OPS: &[Entry] = &[
    Entry::of::<change::CloseAccount>(),
    Entry::of::<change::CreateOrganization>(),
    Entry::of::<change::CreateOrganizationalUnit>(),
    Entry::of::<change::MoveAccount>(),
    Entry::of::<change::RegisterDelegatedAdministrator>(),
    Entry::of::<describe::DescribeAccount>(),
    Entry::of::<describe::DescribeOrganization>(),
    Entry::of::<describe::DescribeOrganizationalUnit>(),
    Entry::of::<list::ListAccounts>(),
    Entry::of::<list::ListAccountsForParent>(),
    Entry::of::<list::ListChildren>(),
    Entry::of::<list::ListOrganizationalUnitsForParent>(),
    Entry::of::<list::ListParents>(),
    Entry::of::<list::ListRoots>(),
];
