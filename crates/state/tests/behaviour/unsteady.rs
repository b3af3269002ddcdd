//! A bucket whose answers get lost.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};

/// What becomes of a put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is done, and nobody hears of it.
    AnswerLost,
    /// It never arrives.
    RequestLost,
    /// It arrives after the next one.
    Late,
    /// It is refused.
    Denied,
}

/// Over a steady one. Every operation lets others go first.
#[derive(Debug)]
pub(crate) struct Unsteady {
    steady: InMemory,
    of_puts: Mutex<VecDeque<Fault>>,
    unread: AtomicUsize,
    late: Mutex<Vec<(Path, PutPayload, PutOptions)>>,
    puts: AtomicUsize,
}

impl Unsteady {
    pub(crate) fn over(steady: InMemory) -> Self {
        Self {
            steady,
            of_puts: Mutex::default(),
            unread: AtomicUsize::new(0),
            late: Mutex::default(),
            puts: AtomicUsize::new(0),
        }
    }

    pub(crate) fn steady(&self) -> &InMemory {
        &self.steady
    }

    /// What becomes of the next puts.
    pub(crate) fn expect(&self, faults: impl IntoIterator<Item = Fault>) {
        self.of_puts.lock().unwrap().extend(faults);
    }

    /// So many reads fail from now on.
    pub(crate) fn fail_reads(&self, count: usize) {
        self.unread.store(count, Ordering::SeqCst);
    }

    /// How many puts there were.
    pub(crate) fn puts(&self) -> usize {
        self.puts.load(Ordering::SeqCst)
    }

    /// How much of what was expected has not come yet.
    pub(crate) fn outstanding(&self) -> usize {
        self.of_puts.lock().unwrap().len()
    }

    async fn deliver_late(&self) {
        let late = std::mem::take(&mut *self.late.lock().unwrap());
        for (path, payload, options) in late {
            // Nobody waits for its answer any more.
            let _ = self.steady.put_opts(&path, payload, options).await;
        }
    }
}

fn lost() -> Error {
    Error::Generic { store: "unsteady", source: "HTTP error: the connection was reset".into() }
}

#[async_trait]
impl ObjectStore for Unsteady {
    async fn put_opts(&self, path: &Path, payload: PutPayload, options: PutOptions) -> Result<PutResult> {
        tokio::task::yield_now().await;
        self.puts.fetch_add(1, Ordering::SeqCst);
        let fault = self.of_puts.lock().unwrap().pop_front();
        match fault {
            None => {
                let result = self.steady.put_opts(path, payload, options).await;
                self.deliver_late().await;
                result
            }
            Some(Fault::AnswerLost) => {
                self.steady.put_opts(path, payload, options).await?;
                Err(lost())
            }
            Some(Fault::RequestLost) => Err(lost()),
            Some(Fault::Late) => {
                self.late.lock().unwrap().push((path.clone(), payload, options));
                Err(lost())
            }
            Some(Fault::Denied) => Err(Error::PermissionDenied { path: path.to_string(), source: "denied".into() }),
        }
    }

    async fn get_opts(&self, path: &Path, options: GetOptions) -> Result<GetResult> {
        tokio::task::yield_now().await;
        let one_less = |left: usize| left.checked_sub(1);
        if self.unread.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok() {
            return Err(lost());
        }
        self.steady.get_opts(path, options).await
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.steady.list_with_delimiter(prefix).await
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        unreachable!("the state puts whole objects")
    }

    fn delete_stream(&self, _: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        unreachable!("the state deletes nothing in a bucket")
    }

    fn list(&self, _: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        unreachable!("the state lists one folder at a time")
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        unreachable!("the state copies nothing")
    }
}

impl fmt::Display for Unsteady {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an unsteady {}", self.steady)
    }
}
