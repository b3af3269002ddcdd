//! The SDK's credentials, kept until shortly before they expire.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;
use tokio::sync::Mutex;

/// Credentials are not used for so long before they expire.
const EXPIRE_EARLY: Duration = Duration::from_secs(60);
/// Credentials that do not tell when they expire are asked for again after this, as the SDK does.
const KEPT: Duration = Duration::from_secs(15 * 60);

/// A provider of the SDK for `object_store`.
#[derive(Debug)]
pub(super) struct FromSdk {
    provider: SharedCredentialsProvider,
    kept: Mutex<Option<Kept>>,
}

#[derive(Debug)]
struct Kept {
    credential: Arc<AwsCredential>,
    until: SystemTime,
}

impl FromSdk {
    pub(super) fn new(provider: SharedCredentialsProvider) -> Self {
        Self { provider, kept: Mutex::new(None) }
    }
}

#[async_trait]
impl CredentialProvider for FromSdk {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let mut kept = self.kept.lock().await;
        let now = SystemTime::now();
        if let Some(Kept { credential, .. }) = kept.as_ref().filter(|kept| now < kept.until) {
            return Ok(Arc::clone(credential));
        }
        let fail = |error| object_store::Error::Unauthenticated { path: String::new(), source: Box::new(error) };
        let found = self.provider.provide_credentials().await.map_err(fail)?;
        let credential = Arc::new(AwsCredential {
            key_id: found.access_key_id().to_owned(),
            secret_key: found.secret_access_key().to_owned(),
            token: found.session_token().map(ToOwned::to_owned),
        });
        let until = found.expiry().map_or(now + KEPT, |expiry| expiry - EXPIRE_EARLY);
        *kept = Some(Kept { credential: Arc::clone(&credential), until });
        Ok(credential)
    }
}
