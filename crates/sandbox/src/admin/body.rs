//! Bodies that are too large to be held: a writer whose bytes are sent, and a reader of the bytes that come in.

use std::io::{self, Read, Write};

use futures::StreamExt;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use tokio::sync::mpsc;

use super::reply::AnyBody;

/// Pieces that wait for the other side.
const PIECES_MAX: usize = 4;
const PIECE_BYTES: usize = 1 << 18;

/// Sends what is written to it.
pub(super) struct BodyWriter {
    pieces: mpsc::Sender<io::Result<Bytes>>,
    piece: Vec<u8>,
}

/// A body, and the writer of its bytes, which must not be used on a thread of the runtime.
pub(super) fn written() -> (BodyWriter, AnyBody) {
    let (pieces, receiver) = mpsc::channel::<io::Result<Bytes>>(PIECES_MAX);
    let stream = futures::stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|piece| (piece.map(Frame::data), receiver))
    });
    (BodyWriter { pieces, piece: Vec::with_capacity(PIECE_BYTES) }, StreamBody::new(stream.boxed()).boxed_unsync())
}

impl BodyWriter {
    /// Breaks the body off, so that nobody takes it for whole.
    pub(super) fn fail(self, error: io::Error) {
        // Nobody is there to be told when the receiver is gone.
        let _ = self.pieces.blocking_send(Err(error));
    }

    fn send(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.piece, Vec::with_capacity(PIECE_BYTES));
        self.pieces.blocking_send(Ok(piece.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
    }
}

impl Write for BodyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.piece.extend_from_slice(bytes);
        if self.piece.len() >= PIECE_BYTES {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.piece.is_empty() { Ok(()) } else { self.send() }
    }
}

/// Reads what comes in; must not be used on a thread of the runtime.
pub(super) struct BodyReader {
    pieces: mpsc::Receiver<io::Result<Bytes>>,
    piece: Bytes,
}

/// Reads a body on a task, and gives the reader of it.
pub(super) fn read(mut body: Incoming) -> BodyReader {
    let (sender, pieces) = mpsc::channel(PIECES_MAX);
    tokio::spawn(async move {
        while let Some(frame) = body.frame().await {
            let piece = match frame {
                Ok(frame) => match frame.into_data() {
                    Ok(data) => Ok(data),
                    Err(_) => continue,
                },
                Err(error) => Err(io::Error::other(error)),
            };
            if sender.send(piece).await.is_err() {
                return;
            }
        }
    });
    BodyReader { pieces, piece: Bytes::new() }
}

impl Read for BodyReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.piece.is_empty() {
            match self.pieces.blocking_recv() {
                Some(piece) => self.piece = piece?,
                None => return Ok(0),
            }
        }
        let piece = self.piece.split_to(self.piece.len().min(buffer.len()));
        buffer[..piece.len()].copy_from_slice(&piece);
        Ok(piece.len())
    }
}
