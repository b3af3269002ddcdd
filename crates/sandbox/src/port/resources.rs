//! The port's operations on resources of any type.

use amictl_cloud::ops::{
    GetResource, GetResourceRequest, ListResources, ListResourcesReply, ListResourcesRequest, Resource,
};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::InProcess;
use super::asked::{items, said, text};

fn resource(description: &Value) -> Resource {
    Resource { id: said(description, "Identifier"), properties: said(description, "Properties") }
}

impl Call<ListResources> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: ListResourcesRequest,
    ) -> BoxFuture<'a, Result<ListResourcesReply, CloudError>> {
        async move {
            let members = json!({
                "TypeName": request.type_name,
                "ResourceModel": request.model,
                "MaxResults": 100,
                "NextToken": request.next_token,
            });
            let reply = self.ask::<ListResources>(region, members).await?;
            Ok(ListResourcesReply {
                resources: items(&reply, "ResourceDescriptions").iter().map(resource).collect(),
                next_token: text(&reply, "NextToken"),
            })
        }
        .boxed()
    }
}

impl Call<GetResource> for InProcess {
    fn call<'a>(
        &'a self,
        region: &'a Region,
        request: GetResourceRequest,
    ) -> BoxFuture<'a, Result<Resource, CloudError>> {
        async move {
            let members = json!({ "TypeName": request.type_name, "Identifier": request.id });
            let reply = self.ask::<GetResource>(region, members).await?;
            Ok(reply.get("ResourceDescription").map(resource).unwrap_or_default())
        }
        .boxed()
    }
}
