//! The port's operations on tags.

use amictl_cloud::ops::{CreateTags, CreateTagsRequest, DeleteTags, DeleteTagsRequest};
use amictl_cloud::{Call, CloudError};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::InProcess;
use crate::ops::account::tags::{self, TagsInput};

type Answer<'a> = BoxFuture<'a, Result<(), CloudError>>;

fn of(resource: &str, tags: Vec<(String, Option<String>)>) -> TagsInput {
    TagsInput { resources: vec![resource.to_owned()], tags }
}

impl Call<CreateTags> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: CreateTagsRequest) -> Answer<'a> {
        async move {
            let tags = || request.tags.iter().map(|(key, value)| (key.to_owned(), Some(value.to_owned()))).collect();
            self.run::<tags::CreateTags>(region, || of(&request.resource, tags())).await.map(|_| ())
        }
        .boxed()
    }
}

impl Call<DeleteTags> for InProcess {
    fn call<'a>(&'a self, region: &'a Region, request: DeleteTagsRequest) -> Answer<'a> {
        async move {
            let tags = || request.keys.iter().map(|key| (key.clone(), None)).collect();
            self.run::<tags::DeleteTags>(region, || of(request.image.as_str(), tags())).await.map(|_| ())
        }
        .boxed()
    }
}
