//! Looks at images: many that are wanted at about the same time in one call.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use amictl_cloud::ops::{DescribeImages, DescribeImagesRequest};
use amictl_cloud::{Cloud, CloudError, ErrorClass, PageError, for_each_page};
use amictl_model::{Image, ImageId, ImageState, Region};
use tokio::sync::{Notify, oneshot};

/// Values of one filter, at most.
const IMAGES_PER_CALL_MAX: usize = 200;
/// How long a look waits for others to share its call.
const GATHER: Duration = Duration::from_millis(20);

type Answer = Result<Option<Image>, CloudError>;

/// Looks at images of one Region.
pub(crate) struct Looker<'a> {
    cloud: &'a dyn Cloud,
    region: &'a Region,
    wanted: Mutex<Vec<(ImageId, oneshot::Sender<Answer>)>>,
    knock: Notify,
}

impl<'a> Looker<'a> {
    pub(crate) fn new(cloud: &'a dyn Cloud, region: &'a Region) -> Self {
        Self { cloud, region, wanted: Mutex::default(), knock: Notify::new() }
    }

    /// The image as it is now, launch permissions unread; `None` when it is gone.
    pub(crate) async fn look(&self, image: &ImageId) -> Answer {
        let (sender, receiver) = oneshot::channel();
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).push((image.clone(), sender));
        self.knock.notify_one();
        receiver.await.unwrap_or_else(|_| Err(given_up()))
    }

    /// Answers looks for as long as it is polled.
    pub(crate) async fn drive(&self) {
        loop {
            self.knock.notified().await;
            tokio::time::sleep(GATHER).await;
            loop {
                let batch: Vec<_> = {
                    let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
                    let count = wanted.len().min(IMAGES_PER_CALL_MAX);
                    wanted.drain(..count).collect()
                };
                if batch.is_empty() {
                    break;
                }
                self.answer(batch).await;
            }
        }
    }

    async fn answer(&self, batch: Vec<(ImageId, oneshot::Sender<Answer>)>) {
        let mut ids: Vec<ImageId> = batch.iter().map(|(id, _)| id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut found: HashMap<ImageId, Image> = HashMap::with_capacity(ids.len());
        let request = DescribeImagesRequest { images: ids, next_token: None };
        let (_, result) = for_each_page::<DescribeImages>(self.cloud, self.region, request, |page| {
            found.extend(page.images.into_iter().map(|image| (image.id.clone(), image)));
        })
        .await;
        let failure = result.err().map(|error| match error {
            PageError::Call(error) => error,
            other => CloudError { message: other.to_string(), ..given_up() },
        });
        for (id, sender) in batch {
            let answer = match &failure {
                Some(error) => Err(error.clone()),
                None => Ok(found.get(&id).filter(|image| image.state != ImageState::Deregistered).cloned()),
            };
            // Whoever asked may have stopped waiting.
            let _ = sender.send(answer);
        }
    }
}

fn given_up() -> CloudError {
    CloudError {
        class: ErrorClass::Other,
        operation: "DescribeImages",
        code: None,
        message: "the look was given up".to_owned(),
        request_id: None,
    }
}
