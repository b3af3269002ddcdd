//! How an answer reaches the client, or does not.

use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::Response;
use hyper::body::{Body, Bytes, Frame, SizeHint};

/// What becomes of a request: a response, and how much of it arrives.
#[derive(Debug)]
#[must_use]
pub enum Delivery {
    /// The response arrives whole.
    Whole(Response<Bytes>),
    /// Only so many bytes of the response's body arrive, fewer than it has; then the connection breaks.
    Truncated {
        /// The response as it was sent: its body is the whole one, and so is the length that its head announces.
        response: Response<Bytes>,
        /// Bytes that arrive.
        arrive: usize,
    },
    /// The connection breaks without an answer.
    Reset,
    /// The connection stays open, and nothing arrives until the client gives up.
    Silence,
}

impl Delivery {
    /// A response that breaks off in the middle of its body.
    pub(crate) fn truncated(response: Response<Bytes>) -> Self {
        let arrive = response.body().len() / 2;
        Self::Truncated { response, arrive }
    }

    /// The response, if it arrives whole.
    #[must_use]
    pub fn whole(self) -> Option<Response<Bytes>> {
        match self {
            Self::Whole(response) => Some(response),
            Self::Truncated { .. } | Self::Reset | Self::Silence => None,
        }
    }
}

/// A body that may break off.
#[derive(Debug)]
pub(super) struct ReplyBody {
    rest: Option<Bytes>,
    /// The length that is announced.
    length: u64,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    /// What was handed over still has to be sent.
    Sending,
    Broken,
}

impl ReplyBody {
    /// A body that arrives whole.
    pub(super) fn whole(bytes: Bytes) -> Self {
        let length = bytes.len() as u64;
        Self { rest: Some(bytes).filter(|bytes| !bytes.is_empty()), length, end: End::Whole }
    }

    /// A body of which only the beginning arrives.
    pub(super) fn broken(bytes: &Bytes, arrive: usize) -> Self {
        let rest = bytes.slice(..arrive.min(bytes.len()));
        Self { rest: Some(rest), length: bytes.len() as u64, end: End::Sending }
    }
}

/// A reply breaks off because a fault rule says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("reply truncated by a fault rule")]
pub(super) struct BrokenOff;

impl Body for ReplyBody {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if let Some(bytes) = self.rest.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match self.end {
            End::Whole => Poll::Ready(None),
            End::Sending => {
                // The connection sends what it has while it waits for more.
                self.end = End::Broken;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            End::Broken => Poll::Ready(Some(Err(BrokenOff))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && self.end == End::Whole
    }

    fn size_hint(&self) -> SizeHint {
        if self.end == End::Whole {
            SizeHint::with_exact(self.rest.as_ref().map_or(0, |bytes| bytes.len() as u64))
        } else {
            SizeHint::with_exact(self.length)
        }
    }
}
