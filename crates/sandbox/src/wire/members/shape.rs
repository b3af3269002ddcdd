//! The kinds of things that a request is made of.

use std::ops::RangeInclusive;

/// A shape's place in its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ShapeId(pub(super) u16);

/// The type of a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    String,
    /// 32 bits.
    Integer,
    /// 64 bits.
    Long,
    /// Single or double precision.
    Float,
    Boolean,
    Timestamp,
    /// Bytes in base 64.
    Blob,
    /// Any JSON.
    Document,
}

/// A scalar with its constraints.
#[derive(Debug)]
pub(crate) struct Scalar {
    pub(crate) kind: Type,
    /// Bounds of a number's value or of a string's length.
    pub(crate) bounds: RangeInclusive<i64>,
    /// The values of an enumeration; empty if any will do.
    pub(crate) values: Box<[&'static str]>,
}

/// Where a REST service expects a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the body, or in the form of a query service.
    Body,
    /// In the path.
    Path,
    /// In the query string.
    Query,
}

/// A member of a structure.
#[derive(Debug)]
pub(crate) struct Member {
    /// Its name on the wire.
    pub(crate) name: &'static str,
    pub(crate) shape: ShapeId,
    pub(crate) is_required: bool,
    pub(crate) place: Place,
}

/// What a member can be.
#[derive(Debug)]
pub(crate) enum Shape {
    Scalar(Scalar),
    /// Members in the order of their names.
    Structure(Box<[Member]>),
    List {
        of: ShapeId,
        length: RangeInclusive<i64>,
    },
    Map {
        value: ShapeId,
        length: RangeInclusive<i64>,
    },
}
