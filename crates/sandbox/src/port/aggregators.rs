//! The port's operation on AWS Config.

use amictl_cloud::ops::{
    SelectAggregateResourceConfig, SelectAggregateResourceConfigReply, SelectAggregateResourceConfigRequest,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::InProcess;
use super::asked::{items, text};

impl Call<SelectAggregateResourceConfig> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: SelectAggregateResourceConfigRequest,
    ) -> BoxFuture<'a, Result<SelectAggregateResourceConfigReply, CloudError>> {
        async move {
            let members = json!({
                "ConfigurationAggregatorName": request.aggregator,
                "Expression": request.expression,
                "NextToken": request.next_token,
            });
            let reply = self.ask::<SelectAggregateResourceConfig>(region, members).await?;
            let results = items(&reply, "Results").iter().filter_map(Value::as_str).map(str::to_owned).collect();
            Ok(SelectAggregateResourceConfigReply { results, next_token: text(&reply, "NextToken") })
        }
        .boxed()
    }
}
