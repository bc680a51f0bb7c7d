//! A body as it arrives, collected into memory that is wiped.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, header};
use http_body::Body;
use zeroize::Zeroize;

use super::Buffer;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why there is no whole body. What arrived of it is wiped. What listens leaves it with a request whose body it gave up on.
#[derive(Clone, Debug, thiserror::Error)]
pub enum NotWhole {
    /// It is longer than it may be.
    #[error("the body is too long")]
    TooLong,
    /// It took too long.
    #[error("the body did not arrive in time")]
    TooSlow,
    /// Too many others were on their way, in all or from its address.
    #[error("too many bodies were on their way")]
    TooMany,
    /// The connection failed before its end.
    #[error("the body did not arrive whole")]
    Broken(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

/// Collects the body of a request, of at most `limit` bytes.
///
/// # Errors
/// [`NotWhole`], be it that what listens has found so.
pub async fn whole<B>(request: Request<B>, limit: usize) -> Result<Buffer, NotWhole>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    let (parts, body) = request.into_parts();
    match parts.extensions.get::<NotWhole>() {
        Some(why) => Err(why.clone()),
        None => collect(body, content_length(&parts.headers), limit).await,
    }
}

/// Collects a body of at most `limit` bytes. `expected` is the length that its sender states: room for it is made at
/// once.
pub async fn collect<B>(body: B, expected: usize, limit: usize) -> Result<Buffer, NotWhole>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    // A length above the limit is not refused at once: a caller who is still sending would not hear of it.
    let mut whole = Buffer::with_capacity(expected.min(limit));
    let mut body = pin!(body);
    while let Some(frame) = poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
        let frame = frame.map_err(|error| NotWhole::Broken(error.into().into()))?;
        let Ok(part) = frame.into_data() else { continue };
        let fits = part.len() <= limit - whole.len();
        if fits {
            whole.push(&part);
        }
        wipe(part);
        if !fits {
            return Err(NotWhole::TooLong);
        }
    }
    Ok(whole)
}

/// The length of the body that the headers state; 0 where they do not.
pub fn content_length(headers: &HeaderMap) -> usize {
    let stated = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    stated.and_then(|length| length.parse().ok()).unwrap_or(0)
}

/// Wipes the memory that bytes lie in, unless something else still uses it.
pub fn wipe(bytes: Bytes) {
    if let Ok(mut memory) = bytes.try_into_mut() {
        memory.clear();
        // These bytes may be a piece of a longer buffer: what lies in front of them is taken back, too.
        let _taken_back = memory.try_reclaim(memory.capacity() + 1);
        memory.spare_capacity_mut().zeroize();
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use http::HeaderValue;
    use http_body::Frame;
    use http_body_util::StreamBody;

    use super::*;

    const LIMIT: usize = 1_000;

    fn in_parts(parts: &[&'static [u8]]) -> impl Body<Data = Bytes, Error = std::io::Error> {
        let parts: Vec<_> = parts.iter().map(|part| Ok(Frame::data(Bytes::from_static(part)))).collect();
        StreamBody::new(futures_util::stream::iter(parts))
    }

    #[tokio::test]
    async fn a_body_is_whole_up_to_the_limit() {
        let whole = collect(in_parts(&[b"one ", b"", b"two"]), 0, LIMIT).await;
        assert_eq!(&*whole.expect("it fits"), b"one two");
        let part: &'static [u8] = &[7; LIMIT / 2];
        assert_eq!(collect(in_parts(&[part, part]), LIMIT, LIMIT).await.expect("it fits").len(), LIMIT);
        let more = collect(in_parts(&[part, part, b"."]), 0, LIMIT).await;
        assert!(matches!(more, Err(NotWhole::TooLong)));
        assert_eq!(&*collect(in_parts(&[b"short"]), usize::MAX, LIMIT).await.expect("it fits"), b"short");
    }

    #[test]
    fn a_length_is_what_the_header_states() {
        let mut headers = HeaderMap::new();
        assert_eq!(content_length(&headers), 0);
        for (stated, length) in [("17", 17), ("-1", 0), ("many", 0)] {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static(stated));
            assert_eq!(content_length(&headers), length, "{stated}");
        }
    }

    #[test]
    fn bytes_that_somebody_else_has_stay() {
        let mut memory = BytesMut::with_capacity(64);
        memory.extend_from_slice(b"head body");
        let (head, body) = (memory.split_to(5).freeze(), memory.freeze());
        wipe(body);
        assert_eq!(&*head, b"head ");
        wipe(head);
    }
}
