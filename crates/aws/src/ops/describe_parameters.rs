use amictl_cloud::ops::DescribeParametersReply;
use aws_sdk_ssm::types::ParameterStringFilter;

/// The types whose values can be read; without the filter there would only be more.
fn types() -> Option<Vec<ParameterStringFilter>> {
    let types = ParameterStringFilter::builder().key("Type").option("Equals").values("String").values("StringList");
    types.build().ok().map(|filter| vec![filter])
}

super::over_sdk!(
    DescribeParameters,
    |clients, request| clients
        .ssm()
        .describe_parameters()
        .set_parameter_filters(types())
        .max_results(50)
        .set_next_token(request.next_token.clone()),
    |output| Ok(DescribeParametersReply {
        names: output.parameters.unwrap_or_default().into_iter().filter_map(|parameter| parameter.name).collect(),
        next_token: output.next_token,
    })
);
