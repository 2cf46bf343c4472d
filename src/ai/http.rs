//! One request at a server: its whole answer, or the answer as it comes, within limits.
//!
//! Redirects are not followed: a key belongs to the host that it was given for, and would go along.
//! Compressed answers are neither asked for nor read: a few bytes could become gigabytes.

use std::error::Error as _;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{CONTENT_ENCODING, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Url};
use tokio::sync::Semaphore;

use self::stream::{Pace, Stream};
use super::failure::Broken;
use crate::config::Key;
use crate::error::{Error, Kind, Result};

pub mod stream;

/// The longest that a server's own words are shown.
const MAX_WORDS: usize = 200;

/// How many requests may be under way at one server; others wait.
const AT_ONCE: usize = 4;

/// How long one waits and how much one reads.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until a model begins to speak.
    pub first: Duration,
    /// Until more comes, or an answer that is not streamed is there.
    pub idle: Duration,
    /// Until the whole answer is there.
    pub total: Duration,
    /// The largest answer in bytes.
    pub most: usize,
    /// The longest line of a streamed answer in bytes.
    pub line: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            first: Duration::from_secs(120),
            idle: Duration::from_secs(60),
            total: Duration::from_secs(600),
            most: 16 << 20,
            line: 1 << 20,
        }
    }
}

/// A server and how to reach it.
#[derive(Debug)]
pub struct Server {
    base: Url,
    client: Client,
    limits: Limits,
    places: Semaphore,
}

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its whole body.
    pub body: Vec<u8>,
}

/// A header's text, cleaned for a message.
pub fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    Some(clean(&String::from_utf8_lossy(value.as_bytes())))
}

/// What is sent beside text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum With {
    /// A key, which is not sent unencrypted but to this machine.
    Key,
    /// Nothing.
    Nothing,
}

impl Server {
    /// A server by the address that the configuration gives under `name`, which is sent a key.
    ///
    /// # Errors
    /// `config` for an address that is none, or that would carry a key unencrypted to another machine.
    pub fn new(name: &str, address: &str, limits: Limits) -> Result<Self> {
        Self::open(name, address, limits, With::Key)
    }

    /// A server by the address that the configuration gives under `name`.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn open(name: &str, address: &str, limits: Limits, with: With) -> Result<Self> {
        let base = Url::parse(address.trim()).map_err(|e| {
            Error::config(format!("{name} is no address: {e}")).hint("such as https://host")
        })?;
        let plain = !base.username().is_empty()
            || base.password().is_some()
            || base.query().is_some()
            || base.fragment().is_some();
        if plain || base.host_str().is_none_or(str::is_empty) {
            return Err(Error::config(format!(
                "{name} must be a host and a path, nothing else"
            )));
        }
        let here = is_here(&base);
        let unencrypted = base.scheme() == "http" && (here || with == With::Nothing);
        if base.scheme() != "https" && !unencrypted {
            return Err(Error::config(format!("{name} must begin with https://"))
                .hint("a key is not sent unencrypted, but to this machine"));
        }
        // An error means that it is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(limits.connect)
            .user_agent(concat!("promptstack/", env!("CARGO_PKG_VERSION")));
        // A proxy is for what is elsewhere, and certificates are for what is encrypted.
        let client = match here {
            true => client.no_proxy(),
            false => client,
        };
        let client = match base.scheme() {
            "http" => client.tls_certs_only([]),
            _ => client,
        };
        let client = client.build().map_err(|e| {
            Error::unavailable(format!("encryption can't be set up: {}", cause(&e)))
                .hint("the certificates of the system (ca-certificates) may be missing")
                .because(e)
        })?;
        Ok(Self {
            base,
            client,
            limits,
            places: Semaphore::new(AT_ONCE),
        })
    }

    /// The host's name, for messages.
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// How long is waited and how much is read.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Sends a JSON text to a path below the address and reads the whole answer.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn post(
        &self,
        path: &str,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Answer, Broken> {
        let request = self.json(path, headers, body);
        self.send(request, Pace::whole).await?.rest().await
    }

    /// Asks for a path below the address and reads the whole answer.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
        headers: HeaderMap,
    ) -> Result<Answer, Broken> {
        let mut url = self.url(path);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.client.get(url).headers(headers);
        self.send(request, Pace::whole).await?.rest().await
    }

    /// Sends a JSON text to a path below the address; the answer is read as it comes.
    ///
    /// # Errors
    /// See [`Broken`].
    pub async fn stream(
        &self,
        path: &str,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Result<Stream<'_>, Broken> {
        let request = self.json(path, headers, body);
        self.send(request, Pace::streamed).await
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
        url
    }

    fn json(&self, path: &str, headers: HeaderMap, body: Vec<u8>) -> RequestBuilder {
        self.client
            .post(self.url(path))
            .headers(headers)
            .header("content-type", "application/json")
            .body(body)
    }

    async fn send(
        &self,
        request: RequestBuilder,
        pace: fn(&Limits) -> Pace,
    ) -> Result<Stream<'_>, Broken> {
        let place = self.places.acquire().await;
        let place = place.map_err(|e| Broken::Unreachable(e.to_string()))?;
        // The time begins when it is this request's turn.
        let pace = pace(&self.limits);
        let response = pace.wait(request.send()).await?;
        let response = response.map_err(|e| self.failed(e))?;
        let encoding = header(response.headers(), CONTENT_ENCODING.as_str());
        let encoding = encoding.filter(|how| !how.is_empty() && how != "identity");
        match encoding {
            Some(how) if response.status().is_success() => Err(Broken::Compressed(how)),
            _ => Ok(Stream::new(response, pace, self.limits.most, place)),
        }
    }

    fn failed(&self, error: reqwest::Error) -> Broken {
        match error.is_connect() {
            true if error.is_timeout() => Broken::NotConnected(self.limits.connect),
            true => Broken::Unreachable(cause(&error)),
            false => Broken::Cut(cause(&error)),
        }
    }
}

/// A header with a secret text, which no log of another crate shows.
pub fn secret_header(before: &str, key: &Key) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(&format!("{before}{}", key.expose()))
        .map_err(|_| Error::new(Kind::Auth, "the key can't be sent"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Text from outside, as it may stand in a message of one line: no control or direction characters,
/// and not long.
pub fn clean(text: &str) -> String {
    let hidden = |c: char| {
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    let mut out = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let word = word.chars().filter(|c| !hidden(*c));
        if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
        out.extend(word);
    }
    let out = out.trim();
    match out.char_indices().nth(MAX_WORDS) {
        Some((end, _)) => format!("{}…", &out[..end]),
        None => out.to_owned(),
    }
}

/// The innermost cause, which says what happened.
fn cause(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut inner = error.source();
    while let Some(error) = inner {
        text.clear();
        let _ = write!(text, "{error}");
        inner = error.source();
    }
    clean(&text)
}

/// Whether an address is this very machine.
/// Whether an address is one of this machine, where nobody is paid.
pub fn is_this_machine(address: &str) -> bool {
    Url::parse(address.trim()).is_ok_and(|url| is_here(&url))
}

fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || ip.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_encrypted_or_nowhere_else() {
        let rows = [
            ("https://api.anthropic.com", Ok("api.anthropic.com")),
            (" https://gateway.example/claude/ ", Ok("gateway.example")),
            ("http://127.0.0.1:8080", Ok("127.0.0.1")),
            ("http://[::1]:8080/x", Ok("[::1]")),
            ("http://localhost", Ok("localhost")),
            (
                "http://api.anthropic.com",
                Err("x must begin with https://"),
            ),
            (
                "http://localhost.example.com",
                Err("x must begin with https://"),
            ),
            (
                "http://127.0.0.1.example.com",
                Err("x must begin with https://"),
            ),
            (
                "file:///etc/passwd",
                Err("x must be a host and a path, nothing else"),
            ),
            ("ftp://host", Err("x must begin with https://")),
            (
                "https://me:pass@host",
                Err("x must be a host and a path, nothing else"),
            ),
            (
                "https://host/?a=b",
                Err("x must be a host and a path, nothing else"),
            ),
            (
                "https://host/#a",
                Err("x must be a host and a path, nothing else"),
            ),
            (
                "api.anthropic.com",
                Err("x is no address: relative URL without a base"),
            ),
            ("", Err("x is no address: relative URL without a base")),
        ];
        for (address, expected) in rows {
            let server = Server::new("x", address, Limits::default());
            let found = server.as_ref().map(Server::host).map_err(Error::message);
            assert_eq!(found, expected, "{address}");
        }
    }

    #[test]
    fn what_others_say_fits_a_line_and_hides_nothing() {
        let rows = [
            ("two\nlines\t and\r\n  more ", "two lines and more"),
            ("a\u{202e}b\u{200b}c\u{e0041}", "abc"),
            ("\u{1b}[31mred", "[31mred"),
            ("", ""),
        ];
        for (text, expected) in rows {
            assert_eq!(clean(text), expected);
        }
        assert_eq!(clean(&"ä".repeat(500)).chars().count(), MAX_WORDS + 1);
    }
}
