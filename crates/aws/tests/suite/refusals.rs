//! Answers that refuse a call in another form than the service's own, as a proxy on the way gives them.

use std::sync::Arc;

use amictl_aws::{AwsCloud, Broken, Connection, ConnectionSettings, RateModel, Transport};
use amictl_cloud::ops::{
    AllRequest, DescribeImages, DescribeImagesRequest, DescribeParameters, DisableImage, DisableImageRequest,
    ListBackupVaults, ListClusters,
};
use amictl_cloud::{Call, Cloud, CloudError, ErrorClass, Operation};
use amictl_model::Region;
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;

/// Answers every request with this status.
#[derive(Debug)]
struct Wall(u16);

const PAGE: &str = "<html><body>Forbidden by the proxy</body></html>";

impl Transport for Wall {
    fn send(&self, _: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<Bytes>, Broken>> {
        let response = http::Response::builder().status(self.0).header("content-type", "text/html");
        let response = response.body(Bytes::from_static(PAGE.as_bytes())).unwrap();
        async move { Ok(response) }.boxed()
    }
}

async fn cloud(wall: Wall) -> AwsCloud {
    let settings = ConnectionSettings {
        endpoint_url: Some("http://wall.test".to_owned()),
        fixed_credentials: Some(("AKIAIOSFODNN7EXAMPLE".to_owned(), "secret".to_owned())),
        concurrency: 1,
        rate: Some(RateModel::Adaptive),
        transport: Some(Arc::new(wall)),
        ..ConnectionSettings::default()
    };
    Connection::open(settings).await.unwrap().cloud()
}

/// What came of a call, and how often it was sent.
async fn refused<O>(status: u16, request: O::Request) -> (CloudError, u64)
where
    O: Operation,
    for<'c> dyn Cloud + 'c: Call<O>,
{
    let cloud = cloud(Wall(status)).await;
    let region: Region = "us-east-1".parse().unwrap();
    let error = Call::<O>::call(&cloud as &dyn Cloud, &region, request).await.map(|_| ()).unwrap_err();
    (error, cloud.meter().counts()[O::SPEC.name].sent)
}

#[tokio::test(start_paused = true)]
async fn http_403_in_any_form_is_a_denial_that_says_so_and_is_not_sent_again() {
    let image = DisableImageRequest { image: "ami-0123456789abcdef0".parse().unwrap() };
    for (error, requests) in [
        refused::<DescribeImages>(403, DescribeImagesRequest::default()).await,
        refused::<DisableImage>(403, image).await,
        refused::<DescribeParameters>(403, AllRequest::default()).await,
        refused::<ListClusters>(403, AllRequest::default()).await,
        refused::<ListBackupVaults>(403, AllRequest::default()).await,
    ] {
        assert_eq!((error.class, requests), (ErrorClass::Denied, 1), "{error}");
        assert!(error.message.contains("HTTP 403"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_else_cannot_be_read_may_have_happened_all_the_same() {
    let image = DisableImageRequest { image: "ami-0123456789abcdef0".parse().unwrap() };
    let (error, requests) = refused::<DisableImage>(502, image).await;
    assert!(error.class.may_have_happened(), "{error}");
    assert_eq!(requests, 1);
}
