use aws_sdk_ssm::types::ParameterType;

super::over_sdk!(
    PutParameter,
    |clients, request| clients
        .ssm()
        .put_parameter()
        .name(&request.name)
        .value(&request.value)
        .r#type(ParameterType::String)
        .data_type("aws:ec2:image")
        .overwrite(request.overwrite),
    |_output| Ok(())
);
