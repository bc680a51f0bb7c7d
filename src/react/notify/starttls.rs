//! SMTP from the greeting to TLS (RFC 3207), on the connection itself. The mail library gets the connection once TLS
//! protects it: it reads ahead, and would take a reply that somebody on the network put behind the reply to STARTTLS
//! for one that came through TLS (the "NO STARTTLS" attacks, CVE-2011-0411 and its kin).
//!
//! 1. A reply ends where the bytes end that have arrived. A byte more, and the connection is over.
//! 2. Nothing may have arrived when a command is sent, nor when the handshake begins.
//! 3. No byte that was read in clear outlives the reply that it belongs to. What arrives later is read by the TLS
//!    library alone, which refuses whatever is not TLS.

use std::fmt;
use std::io::{self, ErrorKind};

use lettre::transport::smtp::extension::ClientId;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Longest line of a reply, in bytes with its end. RFC 5321, section 4.5.3.1.5, asks for 512.
pub(super) const LONGEST_LINE: usize = 2_048;

/// Most lines of a reply.
pub(super) const MOST_LINES: usize = 128;

/// Bytes that are read at once.
const CHUNK: usize = 1_024;

/// A connection that is ready for the mail library.
pub(super) enum Begun {
    /// Protected by TLS; the certificate fits the name of the host.
    Secured(Box<TlsStream<TcpStream>>),
    /// In clear: the host offers no STARTTLS, and it is not required.
    Clear(TcpStream),
}

/// A reply that was read in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Greeting,
    Ehlo,
    StartTls,
}

/// Why a connection did not get as far as TLS.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartTlsError {
    #[error("unexpected bytes followed {0} in clear: something on the network may be injecting replies")]
    Injected(Step),
    #[error("the mail server does not offer STARTTLS, and mail.tls requires it")]
    NotOffered,
    #[error("it answers {0}")]
    Answered(u16),
    #[error("its reply is not SMTP")]
    Malformed,
    #[error("a line of its reply is longer than {LONGEST_LINE} bytes")]
    LineTooLong,
    #[error("its reply has more than {MOST_LINES} lines")]
    TooManyLines,
    #[error("it closed the connection")]
    Closed,
    /// The handshake failed.
    #[error(transparent)]
    Tls(io::Error),
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Speaks SMTP in clear as far as it must, and then TLS. Where STARTTLS is not required, a host that does not offer
/// it is gone on with in clear; one that offers it and then does not do it is an error.
pub(super) async fn begin(
    mut stream: TcpStream,
    hello: &ClientId,
    name: ServerName<'static>,
    connector: &TlsConnector,
    required: bool,
) -> Result<Begun, StartTlsError> {
    read_reply(&mut stream, Step::Greeting).await?.must_be(220)?;
    let (stream, offers) = ask(stream, &format!("EHLO {hello}\r\n"), Step::Greeting, Step::Ehlo).await?;
    offers.must_be(250)?;
    if !offers.offer_starttls() {
        return if required { Err(StartTlsError::NotOffered) } else { Ok(Begun::Clear(stream)) };
    }
    let (stream, go) = ask(stream, "STARTTLS\r\n", Step::Ehlo, Step::StartTls).await?;
    go.must_be(220)?;
    let stream = quiet(stream, Step::StartTls)?;
    let secured = connector.connect(name, stream).await.map_err(StartTlsError::Tls)?;
    Ok(Begun::Secured(Box::new(secured)))
}

/// One command and its reply; nothing may have arrived behind the reply before.
async fn ask(
    stream: TcpStream,
    command: &str,
    before: Step,
    step: Step,
) -> Result<(TcpStream, Reply), StartTlsError> {
    let mut stream = quiet(stream, before)?;
    stream.write_all(command.as_bytes()).await?;
    let reply = read_reply(&mut stream, step).await?;
    Ok((stream, reply))
}

/// Whether nothing has arrived. The operating system is asked, since tokio knows only what it has been told of.
fn quiet(stream: TcpStream, behind: Step) -> Result<TcpStream, StartTlsError> {
    let stream = stream.into_std()?;
    match stream.peek(&mut [0]) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(TcpStream::from_std(stream)?),
        Err(error) => Err(error.into()),
        Ok(0) => Err(StartTlsError::Closed),
        Ok(_) => Err(StartTlsError::Injected(behind)),
    }
}

/// Reads one reply, which must end where the bytes end that are there.
async fn read_reply(stream: &mut TcpStream, step: Step) -> Result<Reply, StartTlsError> {
    let (mut reply, mut chunk) = (Reply::default(), [0; CHUNK]);
    loop {
        let read = stream.read(&mut chunk).await?;
        if read == 0 {
            return Err(StartTlsError::Closed);
        }
        for (at, byte) in chunk[..read].iter().enumerate() {
            if reply.take(*byte)? {
                let is_last = at + 1 == read;
                return if is_last { Ok(reply) } else { Err(StartTlsError::Injected(step)) };
            }
        }
    }
}

/// A reply, as far as it has been read (RFC 5321, section 4.2).
#[derive(Debug, Default)]
struct Reply {
    code: Option<u16>,
    /// The texts behind the codes.
    lines: Vec<Vec<u8>>,
    line: Vec<u8>,
}

impl Reply {
    /// Takes the next byte; `true` when it is the last one of the reply.
    fn take(&mut self, byte: u8) -> Result<bool, StartTlsError> {
        if self.line.len() >= LONGEST_LINE {
            return Err(StartTlsError::LineTooLong);
        }
        self.line.push(byte);
        if byte != b'\n' {
            return Ok(false);
        }
        if self.lines.len() >= MOST_LINES {
            return Err(StartTlsError::TooManyLines);
        }
        let line = std::mem::take(&mut self.line);
        let (code, is_last, text) = parts(&line).ok_or(StartTlsError::Malformed)?;
        if *self.code.get_or_insert(code) != code {
            return Err(StartTlsError::Malformed);
        }
        self.lines.push(text.to_vec());
        Ok(is_last)
    }

    fn must_be(&self, code: u16) -> Result<(), StartTlsError> {
        match self.code {
            Some(found) if found == code => Ok(()),
            Some(found) => Err(StartTlsError::Answered(found)),
            None => Err(StartTlsError::Malformed),
        }
    }

    /// Whether the reply to EHLO has the keyword; its first line is the name of the host.
    fn offer_starttls(&self) -> bool {
        let mut keywords = self.lines.iter().skip(1).map(|line| line.split(u8::is_ascii_whitespace).next());
        keywords.any(|keyword| keyword.is_some_and(|it| it.eq_ignore_ascii_case(b"STARTTLS")))
    }
}

/// The code, whether the line is the last one, and the text.
fn parts(line: &[u8]) -> Option<(u16, bool, &[u8])> {
    let line = line.strip_suffix(b"\r\n")?;
    let (code, rest) = line.split_first_chunk::<3>()?;
    let is_code = matches!(code, [b'2'..=b'5', b'0'..=b'5', b'0'..=b'9']);
    let code = str::from_utf8(code).ok().filter(|_| is_code)?.parse().ok()?;
    match rest {
        [] => Some((code, true, rest)),
        [b' ', text @ ..] => Some((code, true, text)),
        [b'-', text @ ..] => Some((code, false, text)),
        _ => None,
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Greeting => "its greeting",
            Self::Ehlo => "its reply to EHLO",
            Self::StartTls => "its reply to STARTTLS",
        })
    }
}

#[cfg(test)]
mod tests;
