//! One request and its whole answer, within limits of time and size.
//!
//! Redirects are not followed: a key belongs to the host that it was given for, and would go along.

use std::error::Error as _;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use crate::config::{Bytes, Key};
use crate::error::{Error, Kind, Result};

/// The longest that a server's own words are shown.
const MAX_WORDS: usize = 200;

/// How long one waits and how much one reads.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Until there is a connection.
    pub connect: Duration,
    /// Until the whole answer is there.
    pub total: Duration,
    /// The largest answer in bytes.
    pub most: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(60),
            most: 16 << 20,
        }
    }
}

/// A server and how to reach it.
#[derive(Debug)]
pub struct Server {
    base: Url,
    client: Client,
    limits: Limits,
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

impl Answer {
    /// A header's text, cleaned for a message.
    pub fn header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?;
        Some(clean(&String::from_utf8_lossy(value.as_bytes())))
    }
}

impl Server {
    /// A server by the address that the configuration gives under `name`.
    ///
    /// # Errors
    /// `config` for an address that is none, or that would carry a key unencrypted to another machine.
    pub fn new(name: &str, address: &str, limits: Limits) -> Result<Self> {
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
        if base.scheme() != "https" && !(here && base.scheme() == "http") {
            return Err(Error::config(format!("{name} must begin with https://"))
                .hint("a key is not sent unencrypted, but to this machine"));
        }
        // An error means that it is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(limits.connect)
            .timeout(limits.total)
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
        })
    }

    /// The host's name, for messages.
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// Sends a JSON text to a path below the address and reads the whole answer.
    ///
    /// # Errors
    /// `unavailable` when the host can't be reached, takes too long, breaks off or says too much.
    pub async fn post(&self, path: &str, headers: HeaderMap, body: Vec<u8>) -> Result<Answer> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", url.path().trim_end_matches('/')));
        let request = self
            .client
            .post(url)
            .headers(headers)
            .header("content-type", "application/json")
            .body(body);
        let mut response = request.send().await.map_err(|e| self.failed(e))?;
        let mut answer = Answer {
            status: response.status().as_u16(),
            headers: std::mem::take(response.headers_mut()),
            body: Vec::new(),
        };
        while let Some(chunk) = response.chunk().await.map_err(|e| self.failed(e))? {
            if answer.body.len() + chunk.len() > self.limits.most {
                let most = Bytes(self.limits.most as u64);
                return Err(Error::unavailable(format!(
                    "the answer of {} is larger than {most}",
                    self.host()
                )));
            }
            answer.body.extend_from_slice(&chunk);
        }
        Ok(answer)
    }

    fn failed(&self, error: reqwest::Error) -> Error {
        let host = self.host();
        // The address stays out of it; the host says enough.
        let error = error.without_url();
        let message = if error.is_timeout() && error.is_connect() {
            format!("{host} can't be reached within {:?}", self.limits.connect)
        } else if error.is_timeout() {
            format!("{host} has not answered within {:?}", self.limits.total)
        } else if error.is_connect() {
            format!("{host} can't be reached: {}", cause(&error))
        } else {
            format!("the answer of {host} broke off: {}", cause(&error))
        };
        Error::unavailable(message)
            .hint("check the network and try again")
            .because(error)
    }
}

/// A header with a key, which no log of another crate shows.
pub fn secret_header(key: &Key) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(key.expose())
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
