//! The port's operation on topics.

use amictl_cloud::ops::{Publish, PublishRequest};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::json;

use super::InProcess;

impl Call<Publish> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: PublishRequest) -> BoxFuture<'a, Result<(), CloudError>> {
        async move {
            let members = json!({
                "TopicArn": request.topic_arn,
                "Subject": request.subject,
                "Message": request.message,
            });
            self.ask::<Publish>(region, members).await.map(|_| ())
        }
        .boxed()
    }
}
