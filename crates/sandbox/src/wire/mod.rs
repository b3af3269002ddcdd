//! Bytes on the wire: query strings and JSON in, XML and JSON out.

mod blob;
mod envelope;
mod form;
mod json;
mod members;
mod params;
mod reply;
mod xml;

pub(crate) use blob::Blob;
pub(crate) use envelope::{Document, Protocol, fault_document, reply_document};
pub(crate) use form::{decode_form, unescape};
pub(crate) use json::decode_json;
use members::is_void;
#[cfg(test)]
pub(crate) use members::{Scalar, Shape, ShapeId, Table, Type, table_of};
pub(crate) use members::{check_members, is_common, token_member, validation_code};
pub(crate) use params::{Kind, Params};
pub(crate) use reply::{Body, Json, JsonPage, Reply, epoch_secs};
pub(crate) use xml::{Encode, Xml, wire_time};
