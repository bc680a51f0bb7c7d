//! Connections whose buffers are wiped. The HTTP library reads heads and bodies into buffers of its own, which it uses
//! again or frees as they are. They are reached from both ends:
//!
//! - the head of a request with a body is copied into memory of ours before anything looks at it. The last piece of the
//!   body then has the library's buffer alone, and all of it is wiped when that piece is dropped: by what collects the
//!   body, or by the guard here where nothing does;
//! - what the library reads comes from here. Where it begins a buffer again, what was read into it before is wiped first.
//!
//! What this does not reach is in `SECURITY.md`, "Secrets in memory": the head of a request without a body, the head of an
//! answer, and buffers of HTTP/2.

use std::future::{Ready, ready};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready as when_ready};

use axum::body::{Body, BodyDataStream, HttpBody};
use axum::http::{HeaderMap, HeaderValue, Request, Uri, header};
use axum_server::accept::Accept;
use bytes::Bytes;
use futures_util::Stream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tower::Service;
use zeroize::Zeroize;

use mfa_ledger_base::wiped::{Buffer, wipe};

use crate::arriving::Arriving;
use crate::shares::Share;

/// Longest head of a request, in bytes. It is the least that the library takes, and the only size at which its buffer
/// never grows, which would leave a copy behind, and always begins again or is replaced before the next request.
pub(super) const HEAD_BYTES: usize = 8 * 1024;

/// Accepts connections, as many as there may be, and sends what is written to them at once.
#[derive(Clone, Debug)]
pub(super) struct Wiping(Arc<Arriving>);

impl Wiping {
    pub fn new(arriving: Arc<Arriving>) -> Self {
        Self(arriving)
    }
}

impl<S> Accept<TcpStream, S> for Wiping {
    type Stream = WipingStream<TcpStream>;
    type Service = OwnHeads<S>;
    type Future = Ready<io::Result<(Self::Stream, Self::Service)>>;

    fn accept(&self, stream: TcpStream, service: S) -> Self::Future {
        let admitted = stream.peer_addr().and_then(|peer| self.0.admit(peer.ip()));
        ready(admitted.and_then(|share| {
            stream.set_nodelay(true)?;
            let stream = WipingStream { share: Some(share), ..WipingStream::of(stream) };
            Ok((stream, OwnHeads(service)))
        }))
    }
}

/// A service whose requests own their heads where they have a body, which is wiped.
#[derive(Clone, Debug)]
pub(super) struct OwnHeads<S>(S);

impl<S, B> Service<Request<B>> for OwnHeads<S>
where
    S: Service<Request<Body>>,
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<axum::BoxError>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        // Of a request without a body nothing could be wiped here: there is no last piece that has the buffer alone.
        let bare = request.body().is_end_stream();
        if !bare {
            own(request.headers_mut());
            own_uri(request.uri_mut());
        }
        mark_sensitive(request.headers_mut());
        self.0.call(request.map(|body| {
            let body = Body::new(body);
            if bare { body } else { Body::from_stream(Guarded(body.into_data_stream())) }
        }))
    }
}

/// A body. What has arrived of it and was not taken is wiped when it is dropped.
struct Guarded(BodyDataStream);

impl Stream for Guarded {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.0).poll_next(cx)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        let mut cx = Context::from_waker(Waker::noop());
        while let Poll::Ready(Some(Ok(piece))) = Pin::new(&mut self.0).poll_next(&mut cx) {
            wipe(piece);
        }
    }
}

/// Copies the values into one buffer, which is wiped when the last of them is dropped.
fn own(headers: &mut HeaderMap) {
    let mut copy = Buffer::with_capacity(headers.values().map(HeaderValue::len).sum());
    for value in headers.values() {
        copy.push(value.as_bytes());
    }
    let mut copy = copy.into_bytes();
    for value in headers.values_mut() {
        // What was a value before it was copied is one still.
        if let Ok(own) = HeaderValue::from_maybe_shared(copy.split_to(value.len())) {
            *value = own;
        }
    }
}

/// Copies the address: as it stands in a request, a path, or else what names a host as well.
fn own_uri(uri: &mut Uri) {
    let own = match (uri.authority(), uri.path_and_query()) {
        (None, Some(path)) => Uri::from_maybe_shared(Bytes::copy_from_slice(path.as_str().as_bytes())),
        _ => Uri::try_from(uri.to_string()),
    };
    // What was an address before it was copied is one still.
    if let Ok(own) = own {
        *uri = own;
    }
}

/// What is printed of a request holds no token.
fn mark_sensitive(headers: &mut HeaderMap) {
    for name in [header::AUTHORIZATION, header::COOKIE] {
        // Asked first: an entry makes room for itself.
        if headers.contains_key(&name)
            && let header::Entry::Occupied(mut values) = headers.entry(name)
        {
            values.iter_mut().for_each(|value| value.set_sensitive(true));
        }
    }
}

/// A stream that wipes the buffer it is read into, once that is used again.
#[derive(Debug)]
pub(super) struct WipingStream<S> {
    stream: S,
    /// The address behind the last byte that was read.
    end: usize,
    /// Its place among the connections, given back with it.
    #[expect(dead_code, reason = "it is held, and given back by its drop")]
    share: Option<Share>,
}

impl<S> WipingStream<S> {
    fn of(stream: S) -> Self {
        Self { stream, end: 0, share: None }
    }

    /// Wipes what was read before, where the reader begins its buffer again. Where it goes on behind that, nothing is
    /// to be wiped yet; where its buffer is another one, somebody else has the old one.
    fn wipe(&mut self, buffer: &mut ReadBuf<'_>) {
        let start = address_behind(buffer.filled());
        let begins_again = (start + 1..=start + buffer.remaining()).contains(&self.end);
        if begins_again {
            buffer.initialize_unfilled_to(self.end - start).zeroize();
        }
        self.end = start;
    }
}

fn address_behind(bytes: &[u8]) -> usize {
    bytes.as_ptr_range().end.addr()
}

impl<S: AsyncRead + Unpin> AsyncRead for WipingStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.wipe(buffer);
        when_ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        self.end = address_behind(buffer.filled());
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for WipingStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
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
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;
    use tokio::io::AsyncReadExt;

    use super::*;

    /// Reads once into memory that begins at `from`.
    async fn read(stream: &mut WipingStream<&[u8]>, memory: &mut [u8], from: usize) -> usize {
        stream.read(&mut memory[from..]).await.expect("memory can be read")
    }

    #[tokio::test]
    async fn what_was_read_is_wiped_when_its_buffer_begins_again() {
        let mut stream = WipingStream::of(b"secret".as_slice());
        let mut memory = [b'.'; 16];
        assert_eq!(read(&mut stream, &mut memory, 0).await, 6);
        assert_eq!(&memory, b"secret..........");
        // Behind it: the reader needs the beginning still.
        stream.stream = b"more";
        assert_eq!(read(&mut stream, &mut memory, 6).await, 4);
        assert_eq!(&memory, b"secretmore......");
        stream.stream = b"a";
        assert_eq!(read(&mut stream, &mut memory, 0).await, 1);
        assert_eq!(&memory, b"a\0\0\0\0\0\0\0\0\0......");
        // Nothing came, and what was there before is wiped all the same.
        assert_eq!(read(&mut stream, &mut memory, 0).await, 0);
        assert_eq!(memory[0], 0);
        // Another buffer has nothing of this.
        stream.stream = b"secret";
        read(&mut stream, &mut memory, 0).await;
        let mut other = [b'.'; 8];
        assert_eq!(read(&mut stream, &mut other, 0).await, 0);
        assert_eq!(&other, b"........");
    }

    #[test]
    fn a_head_is_the_same_once_it_is_copied() {
        let mut headers = HeaderMap::new();
        for (name, value) in
            [("cookie", "a=b"), ("x-empty", ""), ("cookie", "c=d"), ("authorization", "Bearer x")]
        {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers.append("x-bytes", HeaderValue::from_bytes(b"\xff\t").expect("bytes above ASCII are allowed"));
        let before = headers.clone();
        own(&mut headers);
        mark_sensitive(&mut headers);
        assert_eq!(headers, before);
        let sensitive: Vec<_> =
            headers.iter().filter(|(_, value)| value.is_sensitive()).map(|(name, _)| name.as_str()).collect();
        assert_eq!(sensitive, ["cookie", "cookie", "authorization"]);
    }
}
