//! Who is told of every request that goes out.

use std::fmt;
use std::time::Duration;

use amictl_model::Region;

use crate::{CloudError, OperationSpec};

/// One request and its answer; a call that is sent again is told each time.
#[derive(Debug, Clone, Copy)]
pub struct SentCall<'a> {
    /// The operation.
    pub operation: &'a OperationSpec,
    /// The Region.
    pub region: &'a Region,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// AWS's name for the request, where it was answered with one.
    pub request_id: Option<&'a str>,
    /// What went wrong; `None` when it was carried out.
    pub error: Option<&'a CloudError>,
    /// From sending to the answer.
    pub took: Duration,
}

/// Whoever keeps account of requests. It must not wait: the calls do.
pub trait CallLog: fmt::Debug + Send + Sync {
    /// Takes note of a request that was answered, or was given up.
    fn sent(&self, call: SentCall<'_>);
}
