//! The port's operations on parameters.

use amictl_cloud::ops::{
    AllRequest, DescribeParameters, DescribeParametersReply, GetParameters, GetParametersReply, GetParametersRequest,
    Parameter,
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
