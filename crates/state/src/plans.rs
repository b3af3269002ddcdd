//! `plans/<id>.json`.

use std::path::Path;

use amictl_plan::Plan;

use crate::store::key;
use crate::{StateError, Store, file};

const KIND: &str = "plans";

impl Store {
    /// Keeps a plan; returns where.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be written.
    pub async fn save_plan(&self, plan: &Plan) -> Result<String, StateError> {
        let key = key(KIND, &format!("{}.json", plan.plan_id))?;
        self.write(&key, |writer| plan.write_to(writer)).await?;
        Ok(self.place(&key))
    }

    /// The bytes of the plan at this place: where [`Store::save_plan`] has said that it is, or any file.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be read.
    pub async fn read_plan(&self, place: &str) -> Result<Vec<u8>, StateError> {
        let Some(key) = self.key_of(place) else {
            return std::fs::read(place).map_err(|error| StateError::io("read", Path::new(place), error));
        };
        self.read(key).await?.ok_or_else(|| StateError::Missing {
            kind: "plan",
            name: key.to_owned(),
            root: self.root(),
            hint: ": make one with `amictl plan`".to_owned(),
        })
    }
}

/// Writes a plan to any file, whole or not at all.
///
/// # Errors
/// [`StateError`] when it cannot be written.
pub fn save_plan_to(path: &Path, plan: &Plan) -> Result<(), StateError> {
    file::write_whole(path, |writer| plan.write_to(writer))
}
