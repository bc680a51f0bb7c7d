//! A connection over which the other side can say only so much at a time. lettre reads a whole line before it
//! looks how long it is: a host that talks without end would fill the memory. Nor does it drop what came with the
//! answer to STARTTLS, which anybody on the way can put there, and takes it for what the host said under TLS.

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

/// The connection, and what was heard since something was last said.
#[derive(Debug)]
pub(super) struct Metered<S> {
    inner: S,
    heard: usize,
    /// STARTTLS was said: one line answers it, and nothing comes behind that but TLS.
    starting_tls: bool,
}

impl<S> Metered<S> {
    pub fn new(inner: S) -> Self {
        Self { inner, heard: 0, starting_tls: false }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.heard > MOST_ANSWERED {
            return Poll::Ready(Err(io::Error::other("it answers more than any mail host has to say")));
        }
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.inner).poll_read(context, buffer);
        let new = &buffer.filled()[before..];
        self.heard += new.len();
        if self.starting_tls
            && let Some(end) = new.iter().position(|byte| *byte == b'\n')
        {
            self.starting_tls = false;
            if end + 1 < new.len() {
                return Poll::Ready(Err(io::Error::other("it says more than its answer to STARTTLS")));
            }
        }
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
        self.starting_tls = bytes == b"STARTTLS\r\n";
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
    async fn nothing_is_taken_that_came_with_the_answer_to_starttls() {
        for (answer, taken) in [(b"220 go\r\n".as_slice(), true), (b"220 go\r\n250 in clear\r\n", false)] {
            let (near, mut far) = tokio::io::duplex(1_000);
            let mut near = Metered::new(near);
            near.write_all(b"STARTTLS\r\n").await.unwrap();
            far.write_all(answer).await.unwrap();
            assert_eq!(near.read(&mut [0; 1_000]).await.is_ok(), taken, "{answer:?}");
        }
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
