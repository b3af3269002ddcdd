//! Bytes on the wire: query strings in, XML out.

mod envelope;
mod form;
mod params;
mod xml;

pub(crate) use envelope::{Protocol, fault_document, reply_document};
pub(crate) use form::decode_form;
pub(crate) use params::Params;
pub(crate) use xml::{Encode, Xml, wire_time};
