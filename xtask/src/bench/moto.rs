//! moto on the same calls.

use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::http::free_address;
use crate::{python, workspace};

/// The start of a Python server with all its imports.
const READY_MAX: Duration = Duration::from_secs(60);

/// A moto server; it ends when this is dropped.
pub(super) struct Moto {
    process: Child,
    pub(super) address: String,
}

impl Moto {
    /// Starts a server on a port that was free a moment ago.
    pub(super) fn start() -> Result<Self> {
        let python = python::TESTS.python()?;
        let address = free_address()?;
        let (host, port) = address.split_once(':').context("an address has a port")?;
        let process = workspace::command(&python, &["-m", "moto.server", "-H", host, "-p", port])
            .env("AWS_ACCESS_KEY_ID", "123456789012")
            .env("AWS_SECRET_ACCESS_KEY", "bench")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start moto")?;
        let mut moto = Self { process, address };
        let began = Instant::now();
        while TcpStream::connect(&moto.address).is_err() {
            if began.elapsed() > READY_MAX || moto.process.try_wait()?.is_some() {
                bail!("moto does not listen on {}", moto.address);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(moto)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
