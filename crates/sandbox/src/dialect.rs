//! How each service says what all of them can say: slow down, not allowed, expired, out of order.

use amictl_cloud::{OperationSpec, Service};

use crate::{Caller, Fault};

fn fault(code: &'static str, status: u16, message: impl Into<String>) -> Fault {
    Fault { code: code.into(), message: message.into(), status }
}

/// Too many calls.
pub(crate) fn throttled(service: Service) -> Fault {
    match service {
        Service::Ec2 => fault("RequestLimitExceeded", 503, "Request limit exceeded."),
        Service::AutoScaling | Service::Sts | Service::Sns => fault("Throttling", 400, "Rate exceeded"),
        Service::S3 => fault("SlowDown", 503, "Please reduce your request rate."),
        Service::Organizations | Service::ServiceQuotas => fault("TooManyRequestsException", 400, "Too many requests"),
        Service::Ebs => fault(
            "RequestThrottledException",
            400,
            "The number of API requests has exceeded the maximum allowed API request throttling limit.",
        ),
        Service::Ssm
        | Service::Rbin
        | Service::ImageBuilder
        | Service::CloudControl
        | Service::Backup
        | Service::Config
        | Service::Emr => fault("ThrottlingException", 400, "Rate exceeded"),
    }
}

/// The service failed within.
pub(crate) fn internal_error(service: Service) -> Fault {
    let code = match service {
        Service::Ec2 | Service::S3 | Service::Sns => "InternalError",
        Service::AutoScaling | Service::Sts | Service::Config => "InternalFailure",
        Service::Ssm => "InternalServerError",
        Service::Rbin | Service::Ebs | Service::Emr => "InternalServerException",
        Service::ImageBuilder | Service::Organizations | Service::ServiceQuotas => "ServiceException",
        Service::CloudControl => "ServiceInternalErrorException",
        Service::Backup => "ServiceUnavailableException",
    };
    fault(code, 500, "An internal error has occurred")
}

/// The service is not to be had for a while.
pub(crate) fn unavailable(service: Service) -> Fault {
    let message = "The service is unavailable. Please try again shortly.";
    match service {
        Service::Ec2 => fault("Unavailable", 503, message),
        Service::AutoScaling | Service::Sts | Service::Sns | Service::S3 => fault("ServiceUnavailable", 503, message),
        _ => fault("ServiceUnavailableException", 503, message),
    }
}

/// The caller may not do it.
pub(crate) fn denied(spec: &OperationSpec, caller: &Caller) -> Fault {
    denied_action(spec.service, caller, &spec.iam_action(), false)
}

/// The caller may not do what an operation of this service needs: no policy allows it, or one denies it.
pub(crate) fn denied_action(service: Service, caller: &Caller, action: &str, is_explicit: bool) -> Fault {
    let user = format!("arn:aws:iam::{}:user/sandbox", caller.account);
    let why = if is_explicit {
        "with an explicit deny in an identity-based policy".to_owned()
    } else {
        format!("because no identity-based policy allows the {action} action")
    };
    let message = format!("User: {user} is not authorized to perform: {action} {why}");
    match service {
        Service::Ec2 => {
            fault("UnauthorizedOperation", 403, format!("You are not authorized to perform this operation. {message}"))
        }
        Service::AutoScaling | Service::Sts | Service::S3 => fault("AccessDenied", 403, message),
        Service::Sns => fault("AuthorizationError", 403, message),
        Service::Rbin | Service::ImageBuilder | Service::Ebs | Service::Backup => {
            fault("AccessDeniedException", 403, message)
        }
        Service::Ssm
        | Service::Organizations
        | Service::ServiceQuotas
        | Service::CloudControl
        | Service::Config
        | Service::Emr => fault("AccessDeniedException", 400, message),
    }
}

/// The request is not signed.
pub(crate) fn missing_authentication(service: Service) -> Fault {
    let message = "Request is missing Authentication Token";
    match service {
        Service::Ec2 => Fault::auth_failure(),
        Service::AutoScaling | Service::Sts | Service::Sns => fault("MissingAuthenticationToken", 403, message),
        Service::S3 => fault("AccessDenied", 403, "Access Denied"),
        Service::Rbin | Service::ImageBuilder | Service::Ebs | Service::Backup => {
            fault("MissingAuthenticationTokenException", 403, message)
        }
        Service::Ssm
        | Service::Organizations
        | Service::ServiceQuotas
        | Service::CloudControl
        | Service::Config
        | Service::Emr => fault("MissingAuthenticationTokenException", 400, message),
    }
}

/// The caller's temporary credentials are over.
pub(crate) fn expired_credentials(service: Service) -> Fault {
    let message = "The security token included in the request is expired";
    match service {
        Service::Ec2 => fault("RequestExpired", 400, "Request has expired."),
        Service::AutoScaling | Service::Sts | Service::Sns => fault("ExpiredToken", 403, message),
        Service::S3 => fault("ExpiredToken", 400, "The provided token has expired."),
        Service::Rbin | Service::ImageBuilder | Service::Ebs | Service::Backup => {
            fault("ExpiredTokenException", 403, message)
        }
        Service::Ssm
        | Service::Organizations
        | Service::ServiceQuotas
        | Service::CloudControl
        | Service::Config
        | Service::Emr => fault("ExpiredTokenException", 400, message),
    }
}

/// A page token that is over, or was never one of this list.
pub(crate) fn bad_page_token(service: Service, operation: &str) -> Fault {
    let code = match service {
        Service::Ec2 if operation.starts_with("DescribeLaunchTemplate") => "InvalidNextToken",
        Service::Ec2 => "InvalidPaginationToken",
        Service::AutoScaling | Service::Ssm => "InvalidNextToken",
        Service::ImageBuilder | Service::ServiceQuotas => "InvalidPaginationTokenException",
        Service::Organizations => "InvalidInputException",
        Service::Sns => "InvalidParameter",
        Service::Sts => "ValidationError",
        Service::S3 => "InvalidArgument",
        Service::Rbin | Service::CloudControl | Service::Ebs => "ValidationException",
        Service::Backup => "InvalidParameterValueException",
        Service::Emr => "InvalidRequestException",
        Service::Config => "InvalidNextTokenException",
    };
    fault(code, 400, "The token is not valid for this request.")
}

/// A client token that came before with other parameters.
pub(crate) fn token_mismatch(service: Service) -> Fault {
    let (code, status) = match service {
        Service::ImageBuilder => ("IdempotentParameterMismatchException", 400),
        Service::CloudControl => ("ClientTokenConflictException", 409),
        Service::Ebs => ("ConflictException", 409),
        _ => ("IdempotentParameterMismatch", 400),
    };
    fault(
        code,
        status,
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the models and the services' lists of common errors say.
    #[test]
    fn json_services_have_codes_of_their_own() {
        let caller = Caller {
            account: "123456789012".parse().unwrap(),
            region: "us-east-1".parse().unwrap(),
            access_key: "".into(),
        };
        let codes = |service| {
            let spec = OperationSpec::read(service, "ListThings");
            let faults = [
                throttled(service),
                internal_error(service),
                denied(&spec, &caller),
                expired_credentials(service),
                bad_page_token(service, spec.name),
                token_mismatch(service),
            ];
            faults.map(|fault| format!("{} {}", fault.status, fault.code)).join(", ")
        };
        assert_eq!(
            codes(Service::Ssm),
            "400 ThrottlingException, 500 InternalServerError, 400 AccessDeniedException, 400 ExpiredTokenException, \
             400 InvalidNextToken, 400 IdempotentParameterMismatch"
        );
        assert_eq!(
            codes(Service::ImageBuilder),
            "400 ThrottlingException, 500 ServiceException, 403 AccessDeniedException, 403 ExpiredTokenException, \
             400 InvalidPaginationTokenException, 400 IdempotentParameterMismatchException"
        );
        assert_eq!(
            codes(Service::Ebs),
            "400 RequestThrottledException, 500 InternalServerException, 403 AccessDeniedException, \
             403 ExpiredTokenException, 400 ValidationException, 409 ConflictException"
        );
        assert!(
            denied(&OperationSpec::read(Service::Ec2, "DescribeImages"), &caller)
                .message
                .contains("ec2:DescribeImages")
        );
    }
}
