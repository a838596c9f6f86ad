//! A connection whose first request head is looked at as it came, and that ends when its client takes
//! nothing of an answer for too long.
//!
//! The HTTP library takes a request that says both how long its body is and that it is chunked, and
//! drops the length. A proxy before us may believe the length instead, and what stands behind the
//! body is then a request that it never saw. Such a request has to be refused, and only the bytes
//! still show it.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};

/// No head that is accepted is longer.
const LONGEST: usize = 64 * 1024;
const END: &[u8] = b"\r\n\r\n";
/// A client that takes not one byte for so long is gone, or keeps a place from others.
const LONGEST_STALL: Duration = Duration::from_secs(15);

pub(super) struct Watched {
    stream: TcpStream,
    /// What came so far; none once the head is complete.
    head: Option<Vec<u8>>,
    contradicts: Arc<AtomicBool>,
    /// Runs while the client takes nothing.
    stall: Option<Pin<Box<Sleep>>>,
}

impl Watched {
    /// Watches `stream`, and says whether its first request contradicts itself.
    pub(super) fn new(stream: TcpStream) -> (Self, Arc<AtomicBool>) {
        let contradicts = Arc::new(AtomicBool::new(false));
        let watched = Self {
            stream,
            head: Some(Vec::new()),
            contradicts: contradicts.clone(),
            stall: None,
        };
        (watched, contradicts)
    }

    /// Passes on how writing went, and fails once it has been stuck for too long.
    fn unless_stalled(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.stall = None;
            return written;
        }
        let stall = self
            .stall
            .get_or_insert_with(|| Box::pin(sleep(LONGEST_STALL)));
        ready!(stall.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    fn see(&mut self, bytes: &[u8]) {
        let Some(head) = &mut self.head else { return };
        // The end may have begun in what came before.
        let from = head.len().saturating_sub(END.len() - 1);
        head.extend_from_slice(bytes);
        let end = head[from..].windows(END.len()).position(|part| part == END);
        if let Some(end) = end {
            let is_bad = contradicts(&head[..from + end]);
            self.contradicts.store(is_bad, Ordering::Relaxed);
        }
        if end.is_some() || head.len() > LONGEST {
            self.head = None;
        }
    }
}

/// Whether a head names both a length and a transfer coding.
fn contradicts(head: &[u8]) -> bool {
    let names = |wanted: &[u8]| {
        let lines = head.split(|byte| *byte == b'\n').skip(1);
        lines.into_iter().any(|line| {
            let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
            name.trim_ascii().eq_ignore_ascii_case(wanted)
        })
    };
    names(b"transfer-encoding") && names(b"content-length")
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        self.see(&buf.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.unless_stalled(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.unless_stalled(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_and_a_coding_contradict_each_other() {
        for (head, bad) in [
            (
                "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked",
                true,
            ),
            (
                "POST / HTTP/1.1\r\nTRANSFER-ENCODING:x\r\ncontent-length:1",
                true,
            ),
            (
                "POST / HTTP/1.1\r\ncontent-length : 1\r\ntransfer-encoding\t: x",
                true,
            ),
            ("POST / HTTP/1.1\r\nContent-Length: 1", false),
            (
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nX: content-length: 1",
                false,
            ),
            (
                "POST /content-length:transfer-encoding HTTP/1.1\r\nA: b",
                false,
            ),
            ("", false),
        ] {
            assert_eq!(contradicts(head.as_bytes()), bad, "{head}");
        }
    }
}
