use amictl_cloud::ops::DescribeParametersReply;
use aws_sdk_ssm::types::ParameterStringFilter;

use crate::convert::unbuilt;

super::over_sdk!(
    DescribeParameters,
    |clients, request| {
        let types = ParameterStringFilter::builder().key("Type").option("Equals").values("String").values("StringList");
        clients
            .ssm()
            .describe_parameters()
            .parameter_filters(types.build().map_err(|error| unbuilt(OPERATION, &error))?)
            .max_results(50)
            .set_next_token(request.next_token.clone())
    },
    |output| Ok(DescribeParametersReply {
        names: output.parameters.unwrap_or_default().into_iter().filter_map(|parameter| parameter.name).collect(),
        next_token: output.next_token,
    })
);
