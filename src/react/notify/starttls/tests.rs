//! A hostile network, by raw TCP: each script is what the other side sends, segment by segment.

use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpListener;

use super::*;

const GREETING: &str = "220 mail.example ESMTP\r\n";
const OFFERS: &str = "250-mail.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n";
const GO: &str = "220-ready\r\n220 go\r\n";
const INJECTED: &str = "250-mail.example\r\n250 AUTH PLAIN\r\n235 welcome\r\n";

/// Between two segments, so that they are two.
const APART: Duration = Duration::from_millis(3);

/// What the other side does.
#[derive(Clone, Debug)]
enum Act {
    /// Sends this, in a segment of its own.
    Say(Vec<u8>),
    /// Reads up to the end of a line.
    Hear,
    /// Reads anything: a `ClientHello` has no lines.
    HearAny,
}

fn say(text: &str) -> Act {
    Act::Say(text.as_bytes().to_vec())
}

async fn play(listener: TcpListener, acts: Vec<Act>) {
    let (mut call, _) = listener.accept().await.unwrap();
    call.set_nodelay(true).unwrap();
    let mut byte = [0];
    for act in acts {
        // The other side may have had enough.
        match act {
            Act::Say(bytes) => {
                tokio::time::sleep(APART).await;
                if call.write_all(&bytes).await.is_err() {
                    return;
                }
            }
            Act::Hear => while matches!(call.read(&mut byte).await, Ok(1)) && byte != *b"\n" {},
            Act::HearAny => {
                let _heard = call.read(&mut byte).await;
            }
        }
    }
    // Until the other side hangs up.
    while matches!(call.read(&mut byte).await, Ok(1)) {}
}

async fn begun(acts: Vec<Act>, required: bool) -> Result<Begun, StartTlsError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let other = tokio::spawn(play(listener, acts));
    mfa_ledger_base::tls::install();
    let config = ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    let name = ServerName::try_from("mail.example").unwrap();
    let hello = ClientId::Domain("ledger.example".into());
    let begun = begin(stream, &hello, name, &TlsConnector::from(Arc::new(config)), required).await;
    other.abort();
    begun
}

async fn refused(acts: Vec<Act>) -> StartTlsError {
    match begun(acts.clone(), true).await {
        Err(error) => error,
        Ok(_) => panic!("{acts:?} was taken"),
    }
}

/// Up to the reply to STARTTLS, by which the other side then sends something of its own.
fn to_starttls(then: Vec<Act>) -> Vec<Act> {
    [vec![say(GREETING), Act::Hear, say(OFFERS), Act::Hear], then].concat()
}

#[tokio::test]
async fn injected_replies_are_found_wherever_the_segments_are_split() {
    let whole = [GO, INJECTED].concat();
    let error = refused(to_starttls(vec![say(&whole)])).await;
    assert!(matches!(error, StartTlsError::Injected(Step::StartTls)), "{error}");
    for split in 1..whole.len() {
        let (first, second) = whole.split_at(split);
        let error = refused(to_starttls(vec![say(first), say(second)])).await;
        let found = matches!(error, StartTlsError::Injected(Step::StartTls));
        // Behind the whole reply there is nothing to tell it by; the handshake then fails on what is no TLS.
        assert!(found || (split == GO.len() && matches!(error, StartTlsError::Tls(_))), "{split}: {error}");
    }
}

#[tokio::test]
async fn a_single_injected_byte_is_enough() {
    for byte in [b' ', b'\n', b'2', 0x16, 0] {
        let whole = [GO.as_bytes(), &[byte]].concat();
        let error = refused(to_starttls(vec![Act::Say(whole)])).await;
        assert!(matches!(error, StartTlsError::Injected(Step::StartTls)), "{byte}: {error}");
    }
}

#[tokio::test]
async fn what_is_injected_once_the_handshake_has_begun_breaks_it() {
    for injected in [INJECTED, "2"] {
        let error = refused(to_starttls(vec![say(GO), Act::HearAny, say(injected), say(INJECTED)])).await;
        assert!(matches!(error, StartTlsError::Tls(_)), "{error}");
    }
}

#[tokio::test]
async fn replies_to_commands_that_were_not_sent_are_refused() {
    let early = refused(vec![say(&[GREETING, OFFERS].concat())]).await;
    assert!(matches!(early, StartTlsError::Injected(Step::Greeting)), "{early}");
    let early = refused(vec![say(GREETING), Act::Hear, say(&[OFFERS, GO].concat())]).await;
    assert!(matches!(early, StartTlsError::Injected(Step::Ehlo)), "{early}");
    // In time for the reply to EHLO: the true one then stands where that to STARTTLS should.
    let late = refused(vec![say(GREETING), Act::Hear, say(OFFERS), say(OFFERS), Act::Hear]).await;
    assert!(matches!(late, StartTlsError::Injected(Step::Ehlo) | StartTlsError::Answered(250)), "{late}");
}

#[tokio::test]
async fn a_reply_may_come_byte_by_byte() {
    let bytes = |text: &str| text.bytes().map(|byte| Act::Say(vec![byte])).collect::<Vec<_>>();
    let acts = [bytes(GREETING), vec![Act::Hear], bytes(OFFERS), vec![Act::Hear], bytes(GO)].concat();
    // It gets as far as the handshake, which the other side does not know.
    let error = refused([acts, vec![Act::HearAny, say("500 what?\r\n")]].concat()).await;
    assert!(matches!(error, StartTlsError::Tls(_)), "{error}");
}

#[tokio::test]
async fn without_an_offer_there_is_no_tls_and_only_an_optional_one_goes_on() {
    let acts = || vec![say(GREETING), Act::Hear, say("250-mail.example\r\n250 SIZE 1000\r\n")];
    assert!(matches!(begun(acts(), true).await, Err(StartTlsError::NotOffered)));
    assert!(matches!(begun(acts(), false).await, Ok(Begun::Clear(_))));
    // An offer that is taken back is no reason to go on in clear.
    let acts = to_starttls(vec![say("454 4.7.0 not now\r\n")]);
    assert!(matches!(begun(acts, false).await, Err(StartTlsError::Answered(454))));
    let named_so = vec![say(GREETING), Act::Hear, say("250 STARTTLS\r\n")];
    assert!(matches!(begun(named_so, true).await, Err(StartTlsError::NotOffered)), "that is its name");
}

#[tokio::test]
async fn a_host_that_is_none_is_told() {
    for (greeting, told) in
        [("554 5.7.1 no\r\n", "it answers 554"), ("220 a\n", "not SMTP"), ("hello\r\n", "not SMTP")]
    {
        assert!(refused(vec![say(greeting)]).await.to_string().contains(told), "{greeting}");
    }
    let mixed = refused(vec![say("220-a\r\n250 b\r\n")]).await;
    assert!(matches!(mixed, StartTlsError::Malformed), "{mixed}");
}

fn read(bytes: &[u8]) -> Result<bool, StartTlsError> {
    let mut reply = Reply::default();
    let mut last = false;
    for byte in bytes {
        assert!(!last, "nothing is read behind the last line");
        last = reply.take(*byte)?;
    }
    Ok(last)
}

#[test]
fn lines_and_replies_have_a_limit() {
    let line = |length: usize| [b"220 ".as_slice(), &vec![b'x'; length - 6], b"\r\n"].concat();
    assert!(read(&line(LONGEST_LINE)).unwrap());
    assert!(matches!(read(&line(LONGEST_LINE + 1)), Err(StartTlsError::LineTooLong)));
    assert!(matches!(read(&[b'2'; LONGEST_LINE + 1]), Err(StartTlsError::LineTooLong)));
    let lines = |count: usize| ["220-x\r\n".repeat(count - 1).as_bytes(), b"220 x\r\n"].concat();
    assert!(read(&lines(MOST_LINES)).unwrap());
    assert!(matches!(read(&lines(MOST_LINES + 1)), Err(StartTlsError::TooManyLines)));
    for odd in ["", "220", "220-x\r\n", "220 x\r"] {
        assert!(!read(odd.as_bytes()).unwrap(), "{odd:?} is no whole reply");
    }
    assert!(read(b"220\r\n").unwrap() && read(b"220 \r\n").unwrap());
    for odd in ["22 x\r\n", "2200 x\r\n", "020 x\r\n", "260 x\r\n", "\r\n", "220\tx\r\n", "220 x\n"] {
        assert!(matches!(read(odd.as_bytes()), Err(StartTlsError::Malformed)), "{odd:?}");
    }
}
