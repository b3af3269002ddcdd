use aws_sdk_ec2::types::InstanceAttributeName;

use crate::convert;

super::over_sdk!(
    DescribeInstanceAttribute,
    |clients, request| clients
        .ec2()
        .describe_instance_attribute()
        .instance_id(request.instance.as_str())
        .attribute(InstanceAttributeName::DisableApiTermination),
    |output| output
        .disable_api_termination
        .and_then(|attribute| attribute.value)
        .ok_or_else(|| convert::garbled(OPERATION, "DisableApiTermination is missing"))
);
