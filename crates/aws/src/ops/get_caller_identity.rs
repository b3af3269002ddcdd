use amictl_cloud::ops::CallerIdentity;

use crate::convert::required;

super::over_sdk!(GetCallerIdentity, |clients, _request| clients.sts().get_caller_identity(), |output| Ok(
    CallerIdentity {
        account: required(OPERATION, "Account", output.account.as_deref())?,
        arn: output.arn.unwrap_or_default(),
    }
));
