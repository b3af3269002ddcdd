//! The SDK over a transport into a sandbox of the same process: no socket, and time that a test may pause.

use std::sync::Arc;
use std::time::Duration;

use amictl_aws::{AwsCloud, Broken, Connection, ConnectionSettings, RateModel, Transport};
use amictl_cloud::ops::{DescribeImages, DescribeImagesRequest, DisableImage, DisableImageRequest};
use amictl_cloud::{Call, ErrorClass};
use amictl_model::{ImageState, Region};
use amictl_sandbox::{
    Clock, Delivery, FaultKind, FaultRule, SAMPLE_ACCOUNTS, Sandbox, SandboxConfig, Throttling, When, sample,
};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::time::Instant;

#[derive(Debug)]
struct Into(Sandbox);

impl Transport for Into {
    fn send(&self, request: http::Request<Bytes>) -> BoxFuture<'static, Result<http::Response<Bytes>, Broken>> {
        let sandbox = self.0.clone();
        async move {
            match sandbox.respond(request).await {
                Delivery::Whole(response) => Ok(response),
                Delivery::Truncated { .. } => Err(Broken("in the middle of the reply".to_owned())),
                Delivery::Reset => Err(Broken("before an answer".to_owned())),
                // Whoever asked gives up some time.
                Delivery::Silence => std::future::pending().await,
            }
        }
        .boxed()
    }
}

fn region() -> Region {
    "us-east-1".parse().unwrap()
}

fn sandbox(config: SandboxConfig) -> Sandbox {
    let now = "2026-11-21T09:00:00Z".parse().unwrap();
    Sandbox::new(sample(now), SandboxConfig { clock: Clock::tokio(now), ..config })
}

async fn cloud(sandbox: &Sandbox) -> AwsCloud {
    let settings = ConnectionSettings {
        endpoint_url: Some("http://sandbox.test".to_owned()),
        fixed_credentials: Some((SAMPLE_ACCOUNTS[0].to_owned(), "secret".to_owned())),
        concurrency: 4,
        rate: Some(RateModel::Documented),
        transport: Some(Arc::new(Into(sandbox.clone()))),
        ..ConnectionSettings::default()
    };
    Connection::open(settings).await.unwrap().cloud()
}

async fn page(cloud: &AwsCloud) -> amictl_cloud::ops::DescribeImagesReply {
    Call::<DescribeImages>::call(cloud, &region(), DescribeImagesRequest::default()).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn the_sdk_speaks_to_a_sandbox_in_the_same_process() {
    let latency = Duration::from_secs(3);
    let sandbox = sandbox(SandboxConfig { latency: latency.into(), ..SandboxConfig::default() });
    let id = {
        let mut world = sandbox.world();
        let scope = world.scope_mut(SAMPLE_ACCOUNTS[0].parse().unwrap(), &region());
        let id = scope.images().next().unwrap().id.clone();
        Arc::make_mut(&mut scope.image_mut(&id).unwrap().traits).platform = Some("windows".into());
        id
    };
    let cloud = cloud(&sandbox).await;
    let started = Instant::now();
    let images = page(&cloud).await.images;
    assert_eq!(started.elapsed(), latency, "it is the paused time that passes");
    assert!(images.len() > 50 && images.iter().any(|image| image.state == ImageState::Disabled));
    assert!(images.iter().all(|image| image.platform_details.is_windows() == Some(image.id == id)));
    assert_eq!(sandbox.counts()["DescribeImages"].calls, 1);
}

#[tokio::test(start_paused = true)]
async fn throttled_reads_are_sent_again_and_a_lost_answer_is_ambiguous() {
    let sandbox = sandbox(SandboxConfig { throttling: Throttling::Aws, ..SandboxConfig::default() });
    let cloud = cloud(&sandbox).await;
    sandbox.set_faults(vec![FaultRule::new("DescribeImages", FaultKind::Throttle).when(When::First(2))].into());
    let image = page(&cloud).await.images.into_iter().find(|image| image.state == ImageState::Available).unwrap().id;
    assert_eq!(sandbox.counts()["DescribeImages"].calls, 3);
    sandbox.set_faults(vec![FaultRule::new("DisableImage", FaultKind::Reset).after_effect()].into());
    let request = DisableImageRequest { image: image.clone() };
    let error = Call::<DisableImage>::call(&cloud, &region(), request).await.unwrap_err();
    assert_eq!(error.class, ErrorClass::Ambiguous, "{error}");
    assert_eq!(sandbox.counts()["DisableImage"].calls, 1, "what may have happened is not sent again");
    let state = page(&cloud).await.images.into_iter().find(|shown| shown.id == image).map(|shown| shown.state);
    assert_eq!(state, Some(ImageState::Disabled));
}
