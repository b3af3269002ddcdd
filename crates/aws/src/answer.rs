//! An answer of AWS, with its name for the request.

use aws_types::request_id::RequestId;

/// What was answered, and to which request.
pub(crate) struct Answer<T> {
    pub(crate) output: T,
    pub(crate) request_id: Option<String>,
}

impl<T: RequestId> From<T> for Answer<T> {
    fn from(output: T) -> Self {
        let request_id = output.request_id().map(str::to_owned);
        Self { output, request_id }
    }
}
