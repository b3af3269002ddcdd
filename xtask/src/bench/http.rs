//! A raw HTTP client for AWS's query protocol, so that what is measured is the server.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

/// No answer takes longer.
const ANSWER_MAX: Duration = Duration::from_secs(120);

/// A connection that stays open as long as the server lets it, and is opened again when it does not.
pub(super) struct Connection {
    stream: TcpStream,
    address: String,
    buffer: Vec<u8>,
    len: usize,
    /// The server closes the connection after its answer.
    is_closing: bool,
}

/// One call as it goes over the wire.
pub(super) struct Request(Vec<u8>);

impl Request {
    /// A call of a query service, signed as far as anyone looks.
    pub(super) fn new(address: &str, service: &str, form: &str) -> Self {
        let version = if service == "sts" { "2011-06-15" } else { "2016-11-15" };
        let body = format!("{form}&Version={version}");
        let head = format!(
            "POST / HTTP/1.1\r\nHost: {address}\r\nUser-Agent: amictl-bench\r\n\
             Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nX-Amz-Date: 20261121T090000Z\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=123456789012/20261121/us-east-1/{service}/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=0000000000000000000000000000000000000000000000000000000000000000\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        Self((head + &body).into_bytes())
    }

    /// A call of the EBS direct APIs, with these headers; its body is sent as it is.
    pub(super) fn ebs(address: &str, method: &str, path: &str, headers: &str, body: &[u8]) -> Self {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: amictl-bench\r\nX-Amz-Date: 20261121T090000Z\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential=123456789012/20261121/us-east-1/ebs/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=0000000000000000000000000000000000000000000000000000000000000000\r\n{headers}Content-Length: {}\r\n\r\n",
            body.len()
        );
        Self([head.as_bytes(), body].concat())
    }

    /// A request without a body, to a sandbox's admin endpoint.
    fn admin(address: &str, method: &str, path: &str) -> Self {
        Self(format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes())
    }
}

impl Connection {
    pub(super) fn open(address: &str) -> Result<Self> {
        let stream = connect(address)?;
        Ok(Self { stream, address: address.to_owned(), buffer: vec![0; 1 << 16], len: 0, is_closing: false })
    }

    /// Calls and returns the body of the answer, which must be 200.
    pub(super) fn call(&mut self, service: &str, form: &str) -> Result<String> {
        let request = Request::new(&self.address, service, form);
        self.send(&request)?;
        Ok(String::from_utf8(self.receive()?.to_vec())?)
    }

    /// Asks a sandbox's admin endpoint and returns the body of the answer, which must be 200.
    pub(super) fn ask(&mut self, method: &str, path: &str) -> Result<String> {
        let request = Request::admin(&self.address, method, path);
        self.send(&request)?;
        Ok(String::from_utf8(self.receive()?.to_vec())?)
    }

    /// Sends a request and returns the body of the answer.
    pub(super) fn ask_for(&mut self, request: &Request) -> Result<&[u8]> {
        self.send(request)?;
        self.receive()
    }

    fn send(&mut self, request: &Request) -> Result<()> {
        if self.is_closing {
            self.stream = connect(&self.address)?;
            self.is_closing = false;
        }
        Ok(self.stream.write_all(&request.0)?)
    }

    /// The body of the next answer.
    fn receive(&mut self) -> Result<&[u8]> {
        self.len = 0;
        let head_len = loop {
            ensure!(self.fill()? > 0, "the server closed the connection");
            if let Some(at) = find(&self.buffer[..self.len], b"\r\n\r\n") {
                break at + 4;
            }
        };
        let head = std::str::from_utf8(&self.buffer[..head_len])?;
        if !head.starts_with("HTTP/1.1 20") {
            bail!("the server answered {}", String::from_utf8_lossy(&self.buffer[..self.len]));
        }
        self.is_closing = header(head, "connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let body_len = content_length(head).context("the answer has no Content-Length")?;
        let whole = head_len + body_len;
        while self.len < whole {
            if self.buffer.len() < whole {
                self.buffer.resize(whole, 0);
            }
            ensure!(self.fill()? > 0, "the server closed the connection");
        }
        Ok(&self.buffer[head_len..whole])
    }

    fn fill(&mut self) -> Result<usize> {
        if self.len == self.buffer.len() {
            self.buffer.resize(self.len * 2, 0);
        }
        let read = self.stream.read(&mut self.buffer[self.len..])?;
        self.len += read;
        Ok(read)
    }
}

/// A loopback address that was free a moment ago.
pub(super) fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

fn connect(address: &str) -> Result<TcpStream> {
    let stream = TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    Ok(stream)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    headers.rfind(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

fn content_length(head: &str) -> Option<usize> {
    header(head, "content-length")?.parse().ok()
}

/// The text of the first element of this name.
pub(super) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let start = xml.find(&format!("<{name}>"))? + name.len() + 2;
    let rest = &xml[start..];
    Some(&rest[..rest.find('<')?])
}

/// Calls a second of these requests, in turn, over so many connections by so many threads, each with one call under way on each
/// of its connections.
pub(super) fn calls_per_second(
    address: &str,
    requests: &[Request],
    threads: usize,
    connections: usize,
    time: Duration,
) -> Result<f64> {
    let began = Instant::now();
    let counts: Vec<Result<u64>> = std::thread::scope(|scope| {
        let load = || -> Result<u64> {
            let mut open: Vec<Connection> =
                (0..connections).map(|_| Connection::open(address)).collect::<Result<_>>()?;
            let mut calls = 0_u64;
            while began.elapsed() < time {
                for (at, connection) in open.iter_mut().enumerate() {
                    connection.send(&requests[at % requests.len()])?;
                }
                for connection in &mut open {
                    connection.receive()?;
                    calls += 1;
                }
            }
            Ok(calls)
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(load)).collect();
        let panicked = |_| bail!("a thread of the load failed");
        threads.into_iter().map(|thread| thread.join().unwrap_or_else(panicked)).collect()
    });
    let seconds = began.elapsed().as_secs_f64();
    let calls: u64 = counts.into_iter().sum::<Result<u64>>()?;
    Ok(calls as f64 / seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_taken_apart() {
        assert_eq!(content_length("HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n"), Some(12));
        assert_eq!(content_length("HTTP/1.1 200 OK\r\n\r\n"), None);
        assert_eq!(element("<a><id>x</id><id>y</id></a>", "id"), Some("x"));
        assert_eq!(element("<a/>", "id"), None);
    }
}
