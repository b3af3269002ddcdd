//! Ctrl-C: the first one finishes what is under way, the second one ends at once.

use std::process;

use amictl_apply::Stop;

use crate::output::say;

/// Listens for SIGINT and SIGTERM from now on.
pub(crate) fn stop_on_signal(stop: Stop, quiet: bool) {
    tokio::spawn(async move {
        signal().await;
        stop.request();
        if !quiet {
            say("stopping: calls under way are finished and journaled; once more to end at once");
        }
        signal().await;
        // Every intent is in the journal: `resume` finds out what came of the calls.
        process::exit(130);
    });
}

/// Returns when one of them arrives.
pub(crate) async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    // Without a handler there is nothing to wait for but the default action of the signal itself.
    let _ = tokio::signal::ctrl_c().await;
}
