//! A bucket over the SDK's credentials, endpoints and HTTP: here into a sandbox of the same process.

use std::sync::Arc;

use amictl_aws::{Broken, Connection, ConnectionSettings, Transport};
use amictl_sandbox::{Clock, Delivery, FaultKind, FaultRule, FaultRules, Sandbox, SandboxConfig, Stall, When, sample};
use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt, PutMode, PutResult, Result};

const ACCOUNT: &str = "123456789012";

#[derive(Debug)]
struct Into(Sandbox);

impl Transport for Into {
    fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'static, std::result::Result<http::Response<Bytes>, Broken>> {
        let sandbox = self.0.clone();
        async move {
            match sandbox.respond(request).await {
                Delivery::Whole(response) => Ok(response),
                Delivery::Silence => std::future::pending().await,
                _ => Err(Broken("before an answer".to_owned())),
            }
        }
        .boxed()
    }
}

/// A sandbox with a bucket `states`, and the bucket.
async fn bucket() -> (Sandbox, Arc<dyn ObjectStore>) {
    let now = "2026-11-21T09:00:00Z".parse().unwrap();
    let sandbox = Sandbox::new(sample(now), SandboxConfig { clock: Clock::tokio(now), ..SandboxConfig::default() });
    let scope = format!("AWS4-HMAC-SHA256 Credential={ACCOUNT}/20261121/us-east-1/s3/aws4_request, Signature=0");
    let request = http::Request::put("/states").header("host", "sandbox.test").header("authorization", scope);
    let made = sandbox.respond(request.header("content-length", 0).body(Bytes::new()).unwrap()).await;
    assert!(matches!(&made, Delivery::Whole(response) if response.status() == 200), "{made:?}");
    let settings = ConnectionSettings {
        endpoint_url: Some("http://sandbox.test".to_owned()),
        fixed_credentials: Some((ACCOUNT.to_owned(), "secret".to_owned())),
        concurrency: 4,
        transport: Some(Arc::new(Into(sandbox.clone()))),
        ..ConnectionSettings::default()
    };
    let connection = Connection::open(settings).await.unwrap();
    assert_eq!(connection.s3_endpoint_url().as_deref(), Some("http://sandbox.test"));
    let objects = connection.bucket("states", &"us-east-1".parse().unwrap()).await.unwrap();
    (sandbox, objects)
}

fn path() -> Path {
    Path::from("team/a/lock")
}

async fn put(objects: &Arc<dyn ObjectStore>, body: &'static str, mode: PutMode) -> Result<PutResult> {
    objects.put_opts(&path(), body.into(), mode.into()).await
}

async fn get(objects: &Arc<dyn ObjectStore>) -> Result<Bytes> {
    objects.get(&path()).await?.bytes().await
}

#[tokio::test(start_paused = true)]
async fn what_is_put_on_a_condition_is_put_where_it_holds() {
    let (_, objects) = bucket().await;
    assert!(matches!(get(&objects).await, Err(Error::NotFound { .. })));
    let first = put(&objects, "1", PutMode::Create).await.unwrap();
    assert!(matches!(put(&objects, "2", PutMode::Create).await, Err(Error::AlreadyExists { .. })));
    put(&objects, "2", PutMode::Update(first.clone().into())).await.unwrap();
    assert!(matches!(put(&objects, "3", PutMode::Update(first.into())).await, Err(Error::Precondition { .. })));
    assert_eq!(get(&objects).await.unwrap(), "2");
    let listed = objects.list_with_delimiter(Some(&Path::from("team"))).await.unwrap();
    assert_eq!((listed.objects.len(), listed.common_prefixes), (0, vec![Path::from("team/a")]));
}

#[tokio::test(start_paused = true)]
async fn a_put_whose_answer_is_lost_is_not_sent_again_unseen_and_reading_is() {
    let (sandbox, objects) = bucket().await;
    let faults = |rule: FaultRule| sandbox.set_faults(FaultRules::from(vec![rule]));
    faults(FaultRule::new("PutObject", FaultKind::Reset).after_effect());
    let error = put(&objects, "1", PutMode::Create).await.unwrap_err();
    assert!(matches!(error, Error::Generic { .. }), "{error}");
    assert_eq!(sandbox.counts()["PutObject"].calls, 1);
    faults(FaultRule::new("GetObject", FaultKind::Reset).when(When::First(2)));
    assert_eq!(get(&objects).await.unwrap(), "1");
    assert_eq!(sandbox.counts()["GetObject"].calls, 3);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_never_comes_is_not_awaited_for_ever() {
    let (sandbox, objects) = bucket().await;
    sandbox.set_faults(FaultRules::from(vec![FaultRule::new("PutObject", FaultKind::Stall(Stall::default()))]));
    let began = tokio::time::Instant::now();
    assert!(put(&objects, "1", PutMode::Create).await.is_err());
    assert!(began.elapsed().as_secs() < 120, "{:?}", began.elapsed());
}
