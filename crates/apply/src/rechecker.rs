//! Reads references again behind the fence: one sweep of a Region for as many waiting images as possible.
//!
//! An image may only rely on a sweep that *began* after its settle time was over.

use std::sync::atomic::{AtomicIsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, sleep_until};

use crate::sweeps::{Sweeper, Sweeps};

/// How long the first image that is due waits for others, at least and at most.
const GATHER_MIN: Duration = Duration::from_millis(250);
const GATHER_MAX: Duration = Duration::from_secs(30);

struct Waiting {
    due: Instant,
    sender: oneshot::Sender<Arc<Sweeps>>,
}

/// Sweeps one Region on demand.
pub(crate) struct Rechecker<'a> {
    sweeper: Sweeper<'a>,
    gather: Duration,
    waiting: Mutex<Vec<Waiting>>,
    /// Steps that are neither over nor waiting here, so may still come.
    coming: AtomicIsize,
    knock: Notify,
}

impl<'a> Rechecker<'a> {
    pub(crate) fn new(sweeper: Sweeper<'a>, settle: Duration, steps: usize) -> Self {
        Self {
            sweeper,
            gather: (settle / 2).clamp(GATHER_MIN, GATHER_MAX),
            waiting: Mutex::default(),
            coming: AtomicIsize::new(isize::try_from(steps).unwrap_or(isize::MAX)),
            knock: Notify::new(),
        }
    }

    /// Waits for a sweep that begins at `due` or later; `None` when the Region's work is given up.
    pub(crate) async fn sweep_after(&self, due: Instant) -> Option<Arc<Sweeps>> {
        let (sender, receiver) = oneshot::channel();
        self.lock().push(Waiting { due, sender });
        self.left();
        let sweep = receiver.await.ok();
        self.coming.fetch_add(1, Ordering::Relaxed);
        sweep
    }

    /// Takes note that a step is over.
    pub(crate) fn left(&self) {
        self.coming.fetch_sub(1, Ordering::Relaxed);
        self.knock.notify_one();
    }

    /// One sweep, for whoever needs it now.
    pub(crate) async fn sweep_now(&self) -> Sweeps {
        self.sweeper.sweep().await
    }

    /// Sweeps for as long as it is polled.
    pub(crate) async fn drive(&self) {
        loop {
            let Some(at) = self.next_sweep_at() else {
                self.knock.notified().await;
                continue;
            };
            tokio::select! {
                () = sleep_until(at) => {}
                // Somebody came or left: the time may be another.
                () = self.knock.notified() => continue,
            }
            let began = Instant::now();
            let sweep = Arc::new(self.sweep_now().await);
            for waiting in self.lock().extract_if(.., |waiting| waiting.due <= began) {
                // Whoever asked may have been interrupted.
                let _ = waiting.sender.send(Arc::clone(&sweep));
            }
        }
    }

    /// When everybody who may still come is here, at the last due time; else a while after the first one.
    fn next_sweep_at(&self) -> Option<Instant> {
        let waiting = self.lock();
        let first = waiting.iter().map(|waiting| waiting.due).min()?;
        let last = waiting.iter().map(|waiting| waiting.due).max()?;
        let gathered = first + self.gather;
        if self.coming.load(Ordering::Relaxed) <= 0 { Some(last.min(gathered)) } else { Some(gathered) }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
