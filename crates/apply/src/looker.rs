//! Looks at images and snapshots: many that are wanted at about the same time in one call.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use amictl_cloud::ops::{DescribeImages, DescribeImagesRequest, DescribeSnapshots, DescribeSnapshotsRequest};
use amictl_cloud::{Cloud, CloudError, ErrorClass, PageError, for_each_page};
use amictl_model::{Image, ImageId, ImageState, Region, Snapshot, SnapshotId};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

/// Values of one filter, at most.
const IDS_PER_CALL_MAX: usize = 200;
/// How long a look waits for others to share its call.
const GATHER: Duration = Duration::from_millis(20);

type Answer = Result<Option<Image>, CloudError>;
type Snapshots = Result<Vec<Snapshot>, CloudError>;

/// Questions that wait for a call.
type Queue<K, A> = Mutex<Vec<(K, oneshot::Sender<A>)>>;

/// Looks at images and snapshots of one Region.
pub(crate) struct Looker<'a> {
    cloud: &'a dyn Cloud,
    region: &'a Region,
    images: Queue<ImageId, Answer>,
    snapshots: Queue<Vec<SnapshotId>, Snapshots>,
    knock: Notify,
    began: Instant,
}

impl<'a> Looker<'a> {
    pub(crate) fn new(cloud: &'a dyn Cloud, region: &'a Region) -> Self {
        let (images, snapshots, knock) = (Mutex::default(), Mutex::default(), Notify::new());
        Self { cloud, region, images, snapshots, knock, began: Instant::now() }
    }

    /// When work in the Region began: looks that are timed by it fall together.
    pub(crate) fn began(&self) -> Instant {
        self.began
    }

    /// The image as it is now, launch permissions unread; `None` when it is gone.
    pub(crate) async fn look(&self, image: &ImageId) -> Answer {
        self.ask(&self.images, image.clone()).await.unwrap_or_else(|| Err(given_up("DescribeImages")))
    }

    /// These snapshots as they are now, without those that are gone.
    pub(crate) async fn look_at_snapshots(&self, snapshots: Vec<SnapshotId>) -> Snapshots {
        self.ask(&self.snapshots, snapshots).await.unwrap_or_else(|| Err(given_up("DescribeSnapshots")))
    }

    async fn ask<K, A>(&self, queue: &Queue<K, A>, key: K) -> Option<A> {
        let (sender, receiver) = oneshot::channel();
        queue.lock().unwrap_or_else(PoisonError::into_inner).push((key, sender));
        self.knock.notify_one();
        receiver.await.ok()
    }

    /// Answers looks for as long as it is polled.
    pub(crate) async fn drive(&self) {
        loop {
            self.knock.notified().await;
            tokio::time::sleep(GATHER).await;
            loop {
                let images = next(&self.images, |_| 1);
                let snapshots = next(&self.snapshots, Vec::len);
                if images.is_empty() && snapshots.is_empty() {
                    break;
                }
                futures::join!(self.answer_images(images), self.answer_snapshots(snapshots));
            }
        }
    }

    async fn answer_images(&self, batch: Vec<(ImageId, oneshot::Sender<Answer>)>) {
        if batch.is_empty() {
            return;
        }
        let ids = distinct(batch.iter().map(|(id, _)| id));
        let mut found: HashMap<ImageId, Image> = HashMap::with_capacity(ids.len());
        let request = DescribeImagesRequest { images: ids, ..DescribeImagesRequest::default() };
        let (_, result) = for_each_page::<DescribeImages>(self.cloud, self.region, request, |page| {
            found.extend(page.images.into_iter().map(|image| (image.id.clone(), image)));
        })
        .await;
        let failure = result.err().map(|error| failure("DescribeImages", error));
        for (id, sender) in batch {
            let answer = match &failure {
                Some(error) => Err(error.clone()),
                None => Ok(found.get(&id).filter(|image| image.state != ImageState::Deregistered).cloned()),
            };
            // Whoever asked may have stopped waiting.
            let _ = sender.send(answer);
        }
    }

    async fn answer_snapshots(&self, batch: Vec<(Vec<SnapshotId>, oneshot::Sender<Snapshots>)>) {
        if batch.is_empty() {
            return;
        }
        let ids = distinct(batch.iter().flat_map(|(ids, _)| ids));
        let mut found: HashMap<SnapshotId, Snapshot> = HashMap::with_capacity(ids.len());
        let mut failed = None;
        // An image has so many snapshots that more than one call may be needed for it alone.
        for ids in ids.chunks(IDS_PER_CALL_MAX) {
            let request = DescribeSnapshotsRequest { snapshots: ids.to_vec(), ..DescribeSnapshotsRequest::default() };
            let (_, result) = for_each_page::<DescribeSnapshots>(self.cloud, self.region, request, |page| {
                found.extend(page.snapshots.into_iter().map(|snapshot| (snapshot.id.clone(), snapshot)));
            })
            .await;
            failed = failed.or_else(|| result.err().map(|error| failure("DescribeSnapshots", error)));
        }
        for (ids, sender) in batch {
            let answer = match &failed {
                Some(error) => Err(error.clone()),
                None => Ok(ids.iter().filter_map(|id| found.get(id).cloned()).collect()),
            };
            let _ = sender.send(answer);
        }
    }
}

/// Takes as many questions as fit into a call, one at least.
fn next<K, A>(queue: &Queue<K, A>, size: impl Fn(&K) -> usize) -> Vec<(K, oneshot::Sender<A>)> {
    let mut wanted = queue.lock().unwrap_or_else(PoisonError::into_inner);
    let mut total = 0;
    let mut fits = |(key, _): &(K, _)| {
        total += size(key);
        total <= IDS_PER_CALL_MAX
    };
    let count = wanted.iter().take_while(|entry| fits(entry)).count();
    let count = count.max(1).min(wanted.len());
    wanted.drain(..count).collect()
}

fn distinct<'k, K: Ord + Clone + 'k>(keys: impl Iterator<Item = &'k K>) -> Vec<K> {
    let mut keys: Vec<K> = keys.cloned().collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn failure(operation: &'static str, error: PageError) -> CloudError {
    match error {
        PageError::Call(error) => error,
        other => CloudError { message: other.to_string(), ..given_up(operation) },
    }
}

fn given_up(operation: &'static str) -> CloudError {
    CloudError {
        class: ErrorClass::Other,
        operation,
        code: None,
        message: "the look was given up".to_owned(),
        request_id: None,
    }
}
