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

#[cfg(test)]
mod tests {
    use amictl_cloud::ErrorClass;

    use super::*;
    use crate::world::Topic;
    use crate::{Sandbox, SandboxConfig, World};

    #[tokio::test]
    async fn a_topic_gets_what_is_published_and_none_is_told() {
        let (account, region) = ("123456789012".parse().unwrap(), "us-east-1".parse().unwrap());
        let door = InProcess::new(Sandbox::new(World::new(1), SandboxConfig::default()), account);
        let request = |name: &str| PublishRequest {
            topic_arn: format!("arn:aws:sns:{region}:{account}:{name}"),
            subject: "amictl: 1 AMI".into(),
            message: "web-1 & <web-2>".into(),
        };
        door.sandbox().world().scope_mut(account, &region).topics.insert("amis".into(), Topic::default());
        Call::<Publish>::call(&door, &region, request("amis")).await.unwrap();
        let error = Call::<Publish>::call(&door, &region, request("others")).await.unwrap_err();
        assert_eq!((error.class, error.code.as_deref()), (ErrorClass::Other, Some("NotFound")));
        let world = door.sandbox().world();
        let [message] = &world.scope(account, &region).unwrap().topics.get("amis").unwrap().messages[..] else {
            panic!("one message")
        };
        assert_eq!((message.subject.as_deref(), &*message.message), (Some("amictl: 1 AMI"), "web-1 & <web-2>"));
    }
}
