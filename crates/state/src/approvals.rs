//! `approvals/<plan id>/<approver>.json`: one a person and digest, never changed.

use amictl_plan::{Approval, person};

use crate::store::{hash, key};
use crate::{StateError, Store};

const KIND: &str = "approvals";
const SUFFIX: &str = ".json";

impl Store {
    /// Keeps an approval; whether it is new. The same person's approval of the same plan stays as it was.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be written.
    pub async fn save_approval(&self, approval: &Approval) -> Result<bool, StateError> {
        let key = key_of(approval)?;
        let mut bytes =
            serde_json::to_vec(approval).map_err(|error| StateError::broken(self.place(&key), error.to_string()))?;
        bytes.push(b'\n');
        self.create(&key, bytes).await
    }

    /// The approvals of a plan, the oldest first; an approval under another's name is none.
    ///
    /// # Errors
    /// [`StateError`] when one of them cannot be read or is none.
    pub async fn approvals(&self, plan_id: &str) -> Result<Vec<Approval>, StateError> {
        let folder = key(KIND, plan_id)?;
        let mut names = self.names(&folder).await?;
        names.retain(|name| name.ends_with(SUFFIX));
        let keys: Vec<String> = names.iter().map(|name| format!("{folder}/{name}")).collect();
        let mut approvals = Vec::with_capacity(keys.len());
        for (key, bytes) in keys.iter().zip(self.read_all(&keys).await?) {
            let broken = |what: String| StateError::broken(self.place(key), what);
            let approval: Approval =
                serde_json::from_slice(&bytes).map_err(|error| broken(format!("not an approval: {error}")))?;
            if key_of(&approval)? != *key {
                return Err(broken("it is the approval of another plan or person".to_owned()));
            }
            approvals.push(approval);
        }
        approvals.sort_by_key(|approval| approval.approved_at);
        Ok(approvals)
    }
}

/// Where an approval is kept: ARNs hold what names may not.
fn key_of(approval: &Approval) -> Result<String, StateError> {
    let who = hash(&[&person(&approval.approver), &approval.digest]);
    Ok(format!("{}/{who}{SUFFIX}", key(KIND, &approval.plan_id)?))
}
