//! Bytes on the wire: query strings and JSON in, XML and JSON out.

mod envelope;
mod form;
mod json;
mod params;
mod reply;
mod xml;

pub(crate) use envelope::{Document, Protocol, fault_document, reply_document};
pub(crate) use form::{decode_form, unescape};
pub(crate) use json::decode_json;
pub(crate) use params::Params;
pub(crate) use reply::{Body, Json, Reply};
pub(crate) use xml::{Encode, Xml, wire_time};
