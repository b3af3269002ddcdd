//! The port's operations on parameters.

use amictl_cloud::ops::{
    AllRequest, DescribeParameters, DescribeParametersReply, GetParameterHistory, GetParameterHistoryReply,
    GetParameterHistoryRequest, GetParameters, GetParametersReply, GetParametersRequest, Parameter, ParameterVersion,
    PutParameter, PutParameterRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::InProcess;
use super::asked::{items, number, said, text};

impl Call<DescribeParameters> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: AllRequest,
    ) -> BoxFuture<'a, Result<DescribeParametersReply, CloudError>> {
        async move {
            let members = json!({
                "MaxResults": 50,
                "NextToken": request.next_token,
                "ParameterFilters": [{ "Key": "Type", "Option": "Equals", "Values": ["String", "StringList"] }],
            });
            let reply = self.ask::<DescribeParameters>(region, members).await?;
            Ok(DescribeParametersReply {
                names: items(&reply, "Parameters").iter().map(|parameter| said(parameter, "Name")).collect(),
                next_token: text(&reply, "NextToken"),
            })
        }
        .boxed()
    }
}

impl Call<GetParameters> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: GetParametersRequest,
    ) -> BoxFuture<'a, Result<GetParametersReply, CloudError>> {
        async move {
            let reply = self.ask::<GetParameters>(region, json!({ "Names": request.names })).await?;
            let parameters = items(&reply, "Parameters").iter().map(|parameter| Parameter {
                name: said(parameter, "Name"),
                value: said(parameter, "Value"),
                version: number(parameter, "Version"),
                selector: said(parameter, "Selector"),
                data_type: said(parameter, "DataType"),
            });
            let invalid = items(&reply, "InvalidParameters").iter().filter_map(Value::as_str);
            Ok(GetParametersReply { parameters: parameters.collect(), invalid: invalid.map(str::to_owned).collect() })
        }
        .boxed()
    }
}

impl Call<PutParameter> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: PutParameterRequest) -> BoxFuture<'a, Result<(), CloudError>> {
        async move {
            let members = json!({
                "Name": request.name, "Value": request.value, "Type": "String", "DataType": "aws:ec2:image",
                "Overwrite": request.overwrite,
            });
            self.ask::<PutParameter>(region, members).await.map(|_| ())
        }
        .boxed()
    }
}

impl Call<GetParameterHistory> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: GetParameterHistoryRequest,
    ) -> BoxFuture<'a, Result<GetParameterHistoryReply, CloudError>> {
        async move {
            let members = json!({ "Name": request.name, "MaxResults": 50, "NextToken": request.next_token });
            let reply = self.ask::<GetParameterHistory>(region, members).await?;
            let version = |one: &Value| ParameterVersion { version: number(one, "Version"), value: said(one, "Value") };
            Ok(GetParameterHistoryReply {
                versions: items(&reply, "Parameters").iter().map(version).collect(),
                next_token: text(&reply, "NextToken"),
            })
        }
        .boxed()
    }
}
