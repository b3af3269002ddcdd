//! Calls on the runtime's own threads: a page of 1,000 images takes 20 ms to decode, and whoever waits for it waits for others too.

use std::future::Future;

use amictl_cloud::{CloudError, ErrorClass};

/// Runs a call as a task of its own. One that is not waited for any more goes on to its end.
pub(crate) async fn run<T: Send + 'static>(
    operation: &'static str,
    call: impl Future<Output = Result<T, CloudError>> + Send + 'static,
) -> Result<T, CloudError> {
    tokio::spawn(call).await.unwrap_or_else(|error| {
        Err(CloudError {
            // It may have been sent.
            class: ErrorClass::Ambiguous,
            operation,
            code: None,
            message: format!("the call ended without an answer: {error}"),
            request_id: None,
        })
    })
}
