use amictl_cloud::ops::{GetParametersReply, Parameter};

super::over_sdk!(
    GetParameters,
    |clients, request| clients.ssm().get_parameters().set_names(Some(request.names.clone())),
    |output| Ok(GetParametersReply {
        parameters: output
            .parameters
            .unwrap_or_default()
            .into_iter()
            .map(|parameter| Parameter {
                name: parameter.name.unwrap_or_default(),
                value: parameter.value.unwrap_or_default(),
                version: u64::try_from(parameter.version).unwrap_or_default(),
                selector: parameter.selector.unwrap_or_default(),
                data_type: parameter.data_type.unwrap_or_default(),
            })
            .collect(),
        invalid: output.invalid_parameters.unwrap_or_default(),
    })
);
