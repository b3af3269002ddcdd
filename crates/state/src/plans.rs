//! `plans/<id>.json`.

use std::path::{Path, PathBuf};

use amictl_plan::Plan;

use crate::{StateError, StateFolder, file};

const KIND: &str = "plans";

impl StateFolder {
    /// Keeps a plan; returns where.
    ///
    /// # Errors
    /// [`StateError`] when it cannot be written.
    pub fn save_plan(&self, plan: &Plan) -> Result<PathBuf, StateError> {
        let path = self.path(KIND, &format!("{}.json", plan.plan_id))?;
        save_plan_to(&path, plan)?;
        Ok(path)
    }
}

/// Writes a plan to any file, whole or not at all.
///
/// # Errors
/// [`StateError`] when it cannot be written.
pub fn save_plan_to(path: &Path, plan: &Plan) -> Result<(), StateError> {
    file::write_whole(path, |writer| plan.write_to(writer))
}
