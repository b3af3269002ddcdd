//! One account behind the port: clients by Region, the governor, retries, counts.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use amictl_cloud::{CallMeter, CloudError, ErrorClass, Operation};
use amictl_model::Region;
use aws_types::SdkConfig;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use crate::clients::RegionClients;
use crate::governor::{Governor, RateModel};
use crate::retry::wait_before_retry;

/// One account's credentials as the port.
#[derive(Debug)]
pub struct AwsCloud {
    config: SdkConfig,
    regions: Mutex<HashMap<Region, Arc<RegionClients>>>,
    governor: Governor,
    in_flight: Semaphore,
    meter: CallMeter,
}

impl AwsCloud {
    pub(crate) fn new(config: SdkConfig, rate: RateModel, concurrency: usize) -> Self {
        Self {
            config,
            regions: Mutex::default(),
            governor: Governor::new(rate),
            in_flight: Semaphore::new(concurrency.max(1)),
            meter: CallMeter::default(),
        }
    }

    /// What was sent so far, by operation.
    #[must_use]
    pub fn meter(&self) -> &CallMeter {
        &self.meter
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

    /// Sends one call until it is answered or retrying is over. Every attempt takes a token first.
    pub(crate) async fn send<O, T, F>(
        &self,
        region: &Region,
        attempt: impl Fn(Arc<RegionClients>) -> F,
    ) -> Result<T, CloudError>
    where
        O: Operation,
        F: Future<Output = Result<T, CloudError>>,
    {
        let spec = &O::SPEC;
        let clients = self.clients(region);
        let mut attempts = 0;
        loop {
            attempts += 1;
            let wait = self.governor.reserve(region, spec, Instant::now());
            if !wait.is_zero() {
                sleep(wait).await;
            }
            self.meter.sent(spec.name);
            let result = {
                let _permit = self.in_flight.acquire().await;
                attempt(Arc::clone(&clients)).await
            };
            let error = match result {
                Ok(reply) => {
                    clients.quota.give_back();
                    return Ok(reply);
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
