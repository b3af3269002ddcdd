//! Saving the state file while the sandbox runs.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{StateFile, StateFileError};
use crate::Sandbox;

/// Between two looks at whether something has changed.
const EVERY: Duration = Duration::from_secs(30);

/// Saves a sandbox's world as its state file; clones save the same.
#[derive(Debug, Clone)]
pub struct Keeper(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sandbox: Sandbox,
    file: StateFile,
    /// What [`Sandbox::changes`] was when the world was saved last; held while it is saved.
    saved: Mutex<Option<u64>>,
}

impl Keeper {
    /// A keeper of this sandbox's world.
    #[must_use]
    pub fn new(sandbox: Sandbox, file: StateFile) -> Self {
        Self(Arc::new(Inner { sandbox, file, saved: Mutex::new(None) }))
    }

    /// Where the world is saved.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.file.path()
    }

    /// Notes that the file has the world as it is now.
    pub(super) fn is_saved(&self) {
        let changes = self.0.sandbox.changes();
        *self.0.saved.lock().unwrap_or_else(PoisonError::into_inner) = Some(changes);
    }

    /// Saves the world as it is now; calls go on meanwhile.
    ///
    /// # Errors
    /// When it cannot be written; the file is then as it was.
    pub async fn save(&self) -> Result<(), StateFileError> {
        self.on_its_thread(false).await
    }

    /// Saves the world if it may have changed since the last time.
    ///
    /// # Errors
    /// When it cannot be written; the file is then as it was.
    pub async fn save_changes(&self) -> Result<(), StateFileError> {
        self.on_its_thread(true).await
    }

    async fn on_its_thread(&self, only_changes: bool) -> Result<(), StateFileError> {
        let inner = Arc::clone(&self.0);
        match tokio::task::spawn_blocking(move || inner.save(only_changes)).await {
            Ok(saved) => saved,
            Err(error) => Err(StateFileError::interrupted(&self.0.file, &error)),
        }
    }

    /// Saves changes now and then until it is stopped.
    pub(super) async fn run(self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => return,
            }
            if let Err(error) = self.save_changes().await {
                tracing::warn!(%error, "the state file was not saved");
            }
        }
    }
}

impl Inner {
    fn save(&self, only_changes: bool) -> Result<(), StateFileError> {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        // Read before the world is: what changes in between is saved again the next time.
        let changes = self.sandbox.changes();
        if only_changes && *saved == Some(changes) {
            return Ok(());
        }
        let world = self.sandbox.world().clone();
        self.file.save(&world, self.sandbox.virtual_now())?;
        *saved = Some(changes);
        Ok(())
    }
}
