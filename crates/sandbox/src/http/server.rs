//! Listening, connections, and an orderly end.

use std::io;
use std::net::SocketAddr;

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::door::{Reset, too_large};
use crate::Sandbox;
use crate::gate::CallCounts;

/// Bytes that a request's body may have.
const BODY_BYTES_MAX: usize = 2 << 20;

/// Where to listen, and what to serve.
#[derive(Debug)]
pub struct ServerConfig {
    /// The address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// What is served.
    pub sandbox: Sandbox,
}

/// The HTTP server.
#[derive(Debug)]
pub struct Server;

/// A server that runs; it ends when this is shut down or dropped.
#[derive(Debug)]
pub struct ServerHandle {
    addr: SocketAddr,
    sandbox: Sandbox,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Server {
    /// Starts listening and serves until the handle is shut down or dropped.
    ///
    /// # Errors
    /// When the address cannot be listened on.
    pub async fn start(config: ServerConfig) -> io::Result<ServerHandle> {
        let listener = TcpListener::bind(config.listen).await?;
        let addr = listener.local_addr()?;
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        tasks.spawn(accept(listener, config.sandbox.clone(), stop.clone(), tasks.clone()));
        tasks.close();
        Ok(ServerHandle { addr, sandbox: config.sandbox, stop, tasks })
    }
}

impl ServerHandle {
    /// The address that it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The URL to give to AWS clients as their endpoint.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// What is served.
    #[must_use]
    pub fn sandbox(&self) -> &Sandbox {
        &self.sandbox
    }

    /// The calls so far, by operation.
    #[must_use]
    pub fn counts(&self) -> CallCounts {
        self.sandbox.counts()
    }

    /// Stops listening, lets calls in flight finish, and closes the connections.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for ServerHandle {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn accept(listener: TcpListener, sandbox: Sandbox, stop: CancellationToken, tasks: TaskTracker) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                tasks.spawn(serve(stream, sandbox.clone(), stop.clone()));
            }
            Err(error) => {
                // Such as too many open files: wait for some to close.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, sandbox: Sandbox, stop: CancellationToken) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| {
        let sandbox = sandbox.clone();
        async move { answer(&sandbox, request).await }
    });
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "connection ended");
    }
}

/// Answers one request once its body is there.
async fn answer(sandbox: &Sandbox, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Broken> {
    let (head, body) = request.into_parts();
    let response = match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => sandbox.respond(Request::from_parts(head, body.to_bytes())).await?,
        Err(error) if error.is::<LengthLimitError>() => too_large(),
        Err(error) => return Err(Broken::Body(error)),
    };
    Ok(response.map(Full::new))
}

/// Why a connection ends without an answer.
#[derive(Debug, thiserror::Error)]
enum Broken {
    /// A fault rule.
    #[error(transparent)]
    Reset(#[from] Reset),
    /// The request was not sent whole.
    #[error("the request's body could not be read: {0}")]
    Body(#[source] Box<dyn std::error::Error + Send + Sync>),
}
