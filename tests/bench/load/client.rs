//! A client that costs as little as a client can: one connection, kept alive, one buffer.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::{Outcome, per_second};

/// What a server answers that has too much to do.
const BUSY: u16 = 503;
/// How often it is asked for one thing.
const ATTEMPTS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);

pub struct Client {
    stream: TcpStream,
    host: String,
    buffer: Vec<u8>,
}

pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

impl Answer<'_> {
    pub fn json(&self) -> Outcome<serde_json::Value> {
        Ok(serde_json::from_slice(self.body)?)
    }
}

impl Client {
    pub async fn connect(url: &str) -> Outcome<Self> {
        let host = url.strip_prefix("http://").unwrap_or(url).to_owned();
        let stream = TcpStream::connect(&host).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host, buffer: Vec::with_capacity(16 * 1024) })
    }

    /// A request made once, to be sent many times.
    pub fn request(&self, method: &str, path: &str, token: &str, body: &str) -> Vec<u8> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\n", self.host);
        if !token.is_empty() {
            request.extend(["authorization: Bearer ", token, "\r\n"]);
        }
        if !body.is_empty() {
            let length = body.len().to_string();
            request.extend(["content-type: application/json\r\ncontent-length: ", &length, "\r\n"]);
        } else if method != "GET" {
            request.push_str("content-length: 0\r\n");
        }
        request.push_str("\r\n");
        request.push_str(body);
        request.into_bytes()
    }

    pub async fn send(&mut self, request: &[u8]) -> Outcome<Answer<'_>> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let (head, length) = loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break (end + 4, content_length(&self.buffer[..end])?);
            }
        };
        while self.buffer.len() < head + length {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
        }
        let status = std::str::from_utf8(&self.buffer[9..12])?.parse()?;
        Ok(Answer { status, body: &self.buffer[head..head + length] })
    }

    /// Asks, and asks again while the server says that it has too much to do: what is only prepared can wait.
    pub async fn call(
        &mut self,
        method: &str,
        path: &str,
        token: &str,
        body: &str,
    ) -> Outcome<serde_json::Value> {
        let request = self.request(method, path, token, body);
        let mut attempt = 1;
        loop {
            let answer = self.send(&request).await?;
            if answer.status < 300 {
                return answer.json();
            }
            if answer.status != BUSY || attempt == ATTEMPTS {
                let text = String::from_utf8_lossy(answer.body).into_owned();
                return Err(format!("{method} {path}: {} {text}", answer.status).into());
            }
            attempt += 1;
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn content_length(head: &[u8]) -> Outcome<usize> {
    let head = std::str::from_utf8(head)?;
    let value = head
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    Ok(value.ok_or("an answer without a length")?.1.trim().parse()?)
}

/// Requests a second over all connections, each sending its own list over and over for a while.
pub async fn rate(url: &str, requests: Vec<Vec<Vec<u8>>>, lasting: Duration, expected: u16) -> Outcome<f64> {
    let end = Instant::now() + lasting;
    let mut tasks = Vec::new();
    for list in requests {
        let mut client = Client::connect(url).await?;
        tasks.push(tokio::spawn(async move {
            let mut sent = 0_u64;
            while Instant::now() < end {
                for request in &list {
                    let answer = client.send(request).await?;
                    if answer.status != expected && answer.status != 201 {
                        return Err(
                            format!("{} {}", answer.status, String::from_utf8_lossy(answer.body)).into()
                        );
                    }
                    sent += 1;
                }
            }
            Outcome::Ok(sent)
        }));
    }
    let mut sent = 0;
    for task in tasks {
        sent += task.await??;
    }
    Ok(per_second(sent, lasting))
}

/// Requests a second when each of a list is sent once, by as many connections as there are lists.
pub async fn once(url: &str, requests: Vec<Vec<Vec<u8>>>) -> Outcome<f64> {
    let count: usize = requests.iter().map(Vec::len).sum();
    let mut clients = Vec::new();
    for list in requests {
        clients.push((Client::connect(url).await?, list));
    }
    let start = Instant::now();
    let tasks: Vec<_> = clients
        .into_iter()
        .map(|(mut client, list)| {
            tokio::spawn(async move {
                for request in &list {
                    let answer = client.send(request).await?;
                    if answer.status >= 300 {
                        return Err(
                            format!("{} {}", answer.status, String::from_utf8_lossy(answer.body)).into()
                        );
                    }
                }
                Outcome::Ok(())
            })
        })
        .collect();
    for task in tasks {
        task.await??;
    }
    Ok(per_second(count as u64, start.elapsed()))
}
