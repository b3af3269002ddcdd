//! Listening on the loopback interface.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::routes::{State, answer};
use crate::{Keeper, Sandbox};

/// Where to listen, and what to administer.
#[derive(Debug)]
pub struct AdminConfig {
    /// A loopback address; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The sandbox.
    pub sandbox: Sandbox,
    /// What `POST /save` saves, if there is a state file.
    pub keeper: Option<Keeper>,
}

/// Why the endpoint does not start.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// Others could reach it.
    #[error("the admin endpoint listens on loopback addresses only, not on {0}")]
    NotLoopback(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {listen} for the admin endpoint: {source}")]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// The admin endpoint.
#[derive(Debug)]
pub struct Admin;

/// An endpoint that runs; it ends when this is shut down or dropped.
#[derive(Debug)]
pub struct AdminHandle {
    addr: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Admin {
    /// Starts listening and serves until the handle is shut down or dropped.
    ///
    /// # Errors
    /// When the address is not a loopback address or cannot be listened on.
    pub async fn start(config: AdminConfig) -> Result<AdminHandle, AdminError> {
        let listen = config.listen;
        if !listen.ip().is_loopback() {
            return Err(AdminError::NotLoopback(listen));
        }
        let failed = |source| AdminError::Listen { listen, source };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let (stop, tasks) = (CancellationToken::new(), TaskTracker::new());
        let state = Arc::new(State { sandbox: config.sandbox, keeper: config.keeper });
        tasks.spawn(accept(listener, state, stop.clone(), tasks.clone()));
        tasks.close();
        Ok(AdminHandle { addr, stop, tasks })
    }
}

impl AdminHandle {
    /// The URL of the endpoint.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The address that it listens on.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Stops listening, lets requests in flight finish, and closes the connections.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for AdminHandle {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

async fn accept(listener: TcpListener, state: Arc<State>, stop: CancellationToken, tasks: TaskTracker) {
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        match accepted {
            Ok((stream, _)) => {
                tasks.spawn(serve(stream, Arc::clone(&state), stop.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection to the admin endpoint");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, state: Arc<State>, stop: CancellationToken) {
    let service = service_fn(|request| {
        let state = Arc::clone(&state);
        async move { Ok::<_, std::convert::Infallible>(answer(&state, request).await) }
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
        tracing::debug!(%error, "connection to the admin endpoint ended");
    }
}
