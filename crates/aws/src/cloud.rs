//! One account behind the port: clients by Region, the governor, retries, counts.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use amictl_cloud::ops::{ListServiceQuotas, ListServiceQuotasRequest};
use amictl_cloud::{CallLog, CallMeter, CloudError, ErrorClass, Operation, SentCall, for_each_page};
use amictl_model::Region;
use aws_types::SdkConfig;
use futures::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use crate::answer::Answer;
use crate::clients::RegionClients;
use crate::governor::{Governor, RateModel};
use crate::retry::wait_before_retry;

/// One account's credentials as the port.
#[derive(Debug)]
pub struct AwsCloud {
    config: SdkConfig,
    regions: Mutex<HashMap<Region, Arc<RegionClients>>>,
    governor: Governor,
    /// Calls that are signed, sent or decoded: more than are sent at once, and still few enough that their replies fit in memory.
    at_work: Arc<Semaphore>,
    meter: CallMeter,
    log: OnceLock<Arc<dyn CallLog>>,
}

impl AwsCloud {
    pub(crate) fn new(config: SdkConfig, rate: RateModel, at_work: Arc<Semaphore>) -> Self {
        Self {
            config,
            regions: Mutex::default(),
            governor: Governor::new(rate),
            at_work,
            meter: CallMeter::default(),
            log: OnceLock::new(),
        }
    }

    /// What was sent so far, by operation.
    #[must_use]
    pub fn meter(&self) -> &CallMeter {
        &self.meter
    }

    /// From now on this one is told of every request; whoever is first is it for good.
    pub fn log_to(&self, log: Arc<dyn CallLog>) {
        // A second one would only see what the first has seen.
        let _ = self.log.set(log);
    }

    fn clients(&self, region: &Region) -> Arc<RegionClients> {
        let mut regions = self.regions.lock().unwrap_or_else(PoisonError::into_inner);
        let clients = regions.entry(region.clone()).or_insert_with(|| {
            let code = aws_types::region::Region::new(region.as_str().to_owned());
            let config = self.config.to_builder().region(code).build();
            Arc::new(RegionClients::new(config))
        });
        Arc::clone(clients)
    }

    /// Asks for the account's real limits; without the permission the documented ones hold on.
    fn learn<'a>(&'a self, region: &'a Region) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let mut quotas = Vec::new();
            let request = ListServiceQuotasRequest { service_code: "ec2".to_owned(), next_token: None };
            let (_, result) =
                for_each_page::<ListServiceQuotas>(self, region, request, |page| quotas.extend(page.quotas)).await;
            match result {
                Ok(()) => {
                    let buckets = self.governor.learn(region, &quotas);
                    tracing::debug!(%region, buckets, "request limits read from Service Quotas");
                }
                Err(error) => tracing::debug!(%region, %error, "request limits are the documented ones"),
            }
        })
    }

    /// Sends one call until it is answered or retrying is over. Every attempt takes a token first.
    pub(crate) async fn send<O, T, F>(
        &self,
        region: &Region,
        attempt: impl Fn(Arc<RegionClients>) -> F,
    ) -> Result<T, CloudError>
    where
        O: Operation,
        F: Future<Output = Result<Answer<T>, CloudError>>,
    {
        let spec = &O::SPEC;
        let clients = self.clients(region);
        let mut attempts = 0;
        loop {
            attempts += 1;
            let mut wait = self.governor.reserve(region, spec, Instant::now());
            if self.governor.begins_learning(region, spec, wait) {
                self.learn(region).await;
                self.governor.give_back(region, spec, Instant::now());
                wait = self.governor.reserve(region, spec, Instant::now());
            }
            if !wait.is_zero() {
                sleep(wait).await;
            }
            self.meter.sent(spec.name);
            let (result, took) = {
                let _permit = self.at_work.acquire().await;
                let began = Instant::now();
                (attempt(Arc::clone(&clients)).await, began.elapsed())
            };
            if let Some(log) = self.log.get() {
                let (request_id, error) = match &result {
                    Ok(answer) => (answer.request_id.as_deref(), None),
                    Err(error) => (error.request_id.as_deref(), Some(error)),
                };
                log.sent(SentCall { operation: spec, region, attempt: attempts, request_id, error, took });
            }
            let error = match result {
                Ok(answer) => {
                    clients.quota.give_back();
                    return Ok(answer.output);
                }
                Err(error) => error,
            };
            if error.class == ErrorClass::Throttled {
                self.meter.throttled(spec.name);
                self.governor.throttled(region, spec, Instant::now());
            }
            let Some(wait) = wait_before_retry(spec, error.class, attempts, &clients.quota) else {
                return Err(error);
            };
            tracing::debug!(operation = spec.name, region = %region, attempts, %error, "retrying");
            sleep(wait).await;
        }
    }
}
