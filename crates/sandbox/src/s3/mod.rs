//! The door of S3: `s3s` reads requests and writes replies, the world holds the objects.

mod address;
mod buckets;
mod checksum;
mod chunked;
mod door;
mod listing;
mod objects;
mod read;
mod service;
mod tagging;
mod through;
mod uploads;
mod versions;
pub(crate) mod whole;

pub(crate) use door::answer;
