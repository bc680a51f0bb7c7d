//! A connection over which the other side can say only so much at a time. lettre reads a whole line before it
//! looks how long it is: a host that talks without end would fill the memory.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// Most bytes that a host may answer between two things said to it: twice what lettre takes for one answer,
/// and far more than certificates need.
pub(super) const MOST_ANSWERED: usize = 256 * 1024;

/// What lettre reads first where the greeting of the host was read before: there is none after STARTTLS.
const GREETING: &[u8] = b"220 read before\r\n";

/// The connection, and what was heard since something was last said.
#[derive(Debug)]
pub(super) struct Metered<S> {
    inner: S,
    heard: usize,
    /// What is read before anything of the connection.
    first: &'static [u8],
}

impl<S> Metered<S> {
    /// A connection whose host is about to greet.
    pub fn new(inner: S) -> Self {
        Self { inner, heard: 0, first: &[] }
    }

    /// A connection whose host has greeted before.
    pub fn greeted(inner: S) -> Self {
        Self { first: GREETING, ..Self::new(inner) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.first.is_empty() {
            let (now, later) = self.first.split_at(self.first.len().min(buffer.remaining()));
            buffer.put_slice(now);
            self.first = later;
            return Poll::Ready(Ok(()));
        }
        if self.heard > MOST_ANSWERED {
            return Poll::Ready(Err(io::Error::other("it answers more than any mail host has to say")));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        self.heard += buffer.filled().len() - before;
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.heard = 0;
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl AsyncTokioStream for Metered<TcpStream> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.peer_addr()
    }
}

impl AsyncTokioStream for Metered<TlsStream<TcpStream>> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.inner.get_ref().0.peer_addr()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    #[tokio::test]
    async fn a_greeting_that_was_read_before_comes_first_and_once() {
        let (near, mut far) = tokio::io::duplex(1_000);
        far.write_all(b"250 ok\r\n").await.unwrap();
        drop(far);
        let mut near = Metered::greeted(near);
        let mut first = [0; 3];
        near.read_exact(&mut first).await.unwrap();
        assert_eq!(first, *b"220");
        let mut rest = String::new();
        near.read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, " read before\r\n250 ok\r\n");
    }

    #[tokio::test]
    async fn a_host_says_so_much_and_no_more_until_it_is_asked_again() {
        let (near, mut far) = tokio::io::duplex(2 * MOST_ANSWERED);
        let mut near = Metered::new(near);
        let mut heard = vec![0; MOST_ANSWERED];
        far.write_all(&vec![b'2'; MOST_ANSWERED + 1]).await.unwrap();
        near.read_exact(&mut heard).await.unwrap();
        near.read_exact(&mut heard[..1]).await.unwrap();
        far.write_all(b"2").await.unwrap();
        assert!(near.read_exact(&mut heard[..1]).await.is_err());
        near.write_all(b"NOOP\r\n").await.unwrap();
        near.read_exact(&mut heard[..1]).await.unwrap();
    }
}
