//! What a request may hold: the members of every operation by AWS's service models, with their types and constraints.

mod check;
mod shape;
mod table;
mod violation;

pub(crate) use check::{check_members, is_common};
#[cfg(test)]
pub(crate) use shape::{Scalar, Shape, ShapeId, Type};
#[cfg(test)]
pub(crate) use table::{Table, table_of};
pub(crate) use table::{is_void, token_member};
pub(crate) use violation::validation_code;
