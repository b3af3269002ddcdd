//! What a request may hold: the members of every operation by AWS's service models, with their types and constraints.

mod check;
mod shape;
mod table;
mod violation;

pub(crate) use check::check_members;
#[cfg(test)]
pub(crate) use shape::{Scalar, Shape, ShapeId, Type};
pub(crate) use table::token_member;
#[cfg(test)]
pub(crate) use table::{Table, table_of};
pub(crate) use violation::validation_code;
