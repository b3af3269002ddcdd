//! The SDK's errors → the port's classes.

use std::error::Error;

use amictl_cloud::{CloudError, ErrorClass};
use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Whoever answers so did not let the call through, whatever else stands in the answer: a proxy on the way, or an endpoint that is not AWS,
/// does not know the form in which each service denies.
const FORBIDDEN: u16 = 403;

/// The port's error for what the SDK returned.
pub(crate) fn classify<E>(operation: &'static str, error: &SdkError<E, HttpResponse>) -> CloudError
where
    E: ProvideErrorMetadata + Error + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(context) => service_error(operation, context.err(), context.raw().status().as_u16()),
        SdkError::ResponseError(context) if context.raw().status().as_u16() == FORBIDDEN => {
            let message = format!("HTTP {FORBIDDEN}, in another form than the service's");
            CloudError { class: ErrorClass::Denied, operation, code: None, message, request_id: None }
        }
        SdkError::ResponseError(_) => without_answer(operation, ErrorClass::Ambiguous, error),
        SdkError::TimeoutError(_) => without_answer(operation, ErrorClass::Ambiguous, error),
        _ => without_answer(operation, class_of_chain(error), error),
    }
}

fn service_error<E: ProvideErrorMetadata>(operation: &'static str, error: &E, status: u16) -> CloudError {
    let meta = error.meta();
    let message = match (meta.code(), meta.message()) {
        (None, None) => format!("HTTP {status} without an error code"),
        (_, message) => message.unwrap_or_default().to_owned(),
    };
    let class = match meta.code().map(|code| ErrorClass::of_code(code, &message)) {
        Some(class @ (ErrorClass::Throttled | ErrorClass::Server)) => class,
        Some(ErrorClass::Other) | None if status >= 500 => ErrorClass::Server,
        Some(class) => class,
        None if status == FORBIDDEN => ErrorClass::Denied,
        None => ErrorClass::Other,
    };
    CloudError {
        class,
        operation,
        code: meta.code().map(str::to_owned),
        message,
        request_id: meta.extra("aws_request_id").map(str::to_owned),
    }
}

fn without_answer(operation: &'static str, class: ErrorClass, error: &dyn Error) -> CloudError {
    CloudError { class, operation, code: None, message: chain_text(error), request_id: None }
}

/// No credentials, no connection, or no answer: told apart by what stands in the chain of causes.
fn class_of_chain(error: &(dyn Error + 'static)) -> ErrorClass {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if error.is::<CredentialsError>() {
            return ErrorClass::Credentials;
        }
        cause = error.source();
    }
    let text = chain_text(error);
    if ["credentials", "identity", "auth scheme"].iter().any(|word| text.contains(word)) {
        ErrorClass::Credentials
    } else if ["client error (Connect)", "dns error", "Connection refused", "connect timeout"]
        .iter()
        .any(|word| text.contains(word))
    {
        ErrorClass::Connect
    } else {
        ErrorClass::Ambiguous
    }
}

fn chain_text(error: &dyn Error) -> String {
    let mut parts: Vec<String> = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if parts.last() != Some(&text) {
            parts.push(text);
        }
        cause = error.source();
    }
    parts.join(": ")
}
