//! A port that lets the first call of each operation through and refuses the rest, so that the sources' own readers can be run without
//! reading anything whole.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use amictl_cloud::{Call, Cloud, CloudError, ErrorClass, Operation, OperationSpec};
use amictl_model::Region;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::Tried;

/// An operation, and what its permission depends on beside it.
type Key = (&'static str, Option<String>);

/// Passes on the first call of each operation and keeps what came of it.
pub(super) struct Sampler<'a> {
    cloud: &'a dyn Cloud,
    /// `None` while the first call is under way.
    tried: Mutex<BTreeMap<Key, Option<Tried>>>,
}

impl<'a> Sampler<'a> {
    pub(super) fn new(cloud: &'a dyn Cloud) -> Self {
        Self { cloud, tried: Mutex::default() }
    }

    /// What came of every operation that was called.
    pub(super) fn into_tried(self) -> Vec<Tried> {
        let tried = self.tried.into_inner().unwrap_or_else(PoisonError::into_inner);
        tried.into_values().flatten().collect()
    }

    fn keep(&self, key: Key, tried: Option<Tried>) {
        self.tried.lock().unwrap_or_else(PoisonError::into_inner).insert(key, tried);
    }

    /// Whether this is the first call; from now on it is no longer.
    fn is_first(&self, key: &Key) -> bool {
        let is_first = !self.tried.lock().unwrap_or_else(PoisonError::into_inner).contains_key(key);
        if is_first {
            self.keep(key.clone(), None);
        }
        is_first
    }
}

impl<O: Operation> Call<O> for Sampler<'_>
where
    for<'c> dyn Cloud + 'c: Call<O>,
{
    fn call<'a>(&'a self, region: &'a Region, request: O::Request) -> BoxFuture<'a, Result<O::Reply, CloudError>> {
        async move {
            let subject = O::subject(&request).map(str::to_owned);
            let key = (O::SPEC.name, subject.clone());
            if !self.is_first(&key) {
                return Err(enough(&O::SPEC));
            }
            let result = Call::<O>::call(self.cloud, region, request).await;
            let error = result.as_ref().err().cloned();
            self.keep(key, Some(Tried { operation: O::SPEC, subject, error }));
            result
        }
        .boxed()
    }
}

fn enough(spec: &OperationSpec) -> CloudError {
    CloudError {
        class: ErrorClass::Other,
        operation: spec.name,
        code: None,
        message: "one call is enough to see that it works".to_owned(),
        request_id: None,
    }
}
