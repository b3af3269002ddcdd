//! Listening, connections, and an orderly end.

use std::io;
use std::net::SocketAddr;

use bytes::BytesMut;
use http_body_util::BodyExt;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::authorization::Signed;
use super::delivery::{Delivery, ReplyBody};
use super::door::too_large;
use crate::Sandbox;
use crate::gate::CallCounts;

/// Bytes that a request's body may have.
const BODY_BYTES_MAX: usize = 2 << 20;

/// Bytes of a larger one that are read before it is refused.
const DISCARDED_BYTES_MAX: usize = 64 << 20;

/// How long calls in flight may take to finish once the server is told to stop.
const GRACE: std::time::Duration = std::time::Duration::from_secs(2);

/// Bytes that one request may carry to S3.
const OBJECT_BYTES_MAX: usize = 64 << 20;

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
        let (sandbox, stop) = (sandbox.clone(), stop.clone());
        async move { answer(&sandbox, request, &stop).await }
    });
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            match tokio::time::timeout(GRACE, connection).await {
                Ok(result) => result,
                // A call that a fault rule holds up has no end to wait for.
                Err(_) => return,
            }
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "connection ended");
    }
}

/// Answers one request once its body is there.
async fn answer(
    sandbox: &Sandbox,
    request: Request<Incoming>,
    stop: &CancellationToken,
) -> Result<Response<ReplyBody>, Broken> {
    let (head, body) = request.into_parts();
    let limit = body_bytes_max(&head);
    let delivery = match collect(body, limit).await? {
        Some(body) => sandbox.respond(Request::from_parts(head, body)).await,
        None => Delivery::Whole(too_large(head, limit)),
    };
    match delivery {
        Delivery::Whole(response) => Ok(response.map(ReplyBody::whole)),
        Delivery::Truncated { response, arrive } => Ok(response.map(|bytes| ReplyBody::broken(&bytes, arrive))),
        Delivery::Reset => Err(Broken::Reset),
        // The connection ends with the client, or with the server.
        Delivery::Silence => {
            stop.cancelled().await;
            Err(Broken::Silence)
        }
    }
}

/// Reads a body; `None` if it is too large.
///
/// A client that is still sending does not look for an answer, so what is too large is read as well, up to a point.
async fn collect(mut body: Incoming, limit: usize) -> Result<Option<Bytes>, Broken> {
    let (mut bytes, mut length) = (BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        length += data.len();
        if length <= limit {
            bytes.extend_from_slice(&data);
        } else if length > limit + DISCARDED_BYTES_MAX {
            break;
        }
    }
    Ok((length <= limit).then(|| bytes.freeze()))
}

/// How large the body of a request may be, by the service that it was signed for.
fn body_bytes_max(head: &hyper::http::request::Parts) -> usize {
    let signed = Signed::of_head(&head.headers, &head.uri);
    if signed.is_some_and(|signed| signed.service == "s3") { OBJECT_BYTES_MAX } else { BODY_BYTES_MAX }
}

/// Why a connection ends without an answer.
#[derive(Debug, thiserror::Error)]
enum Broken {
    /// A fault rule.
    #[error("connection reset by a fault rule")]
    Reset,
    /// A fault rule, and the server's end.
    #[error("the server stopped before an answer that a fault rule held back")]
    Silence,
    /// The request was not sent whole.
    #[error("the request's body could not be read: {0}")]
    Body(#[from] hyper::Error),
}
