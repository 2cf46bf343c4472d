//! A server on loopback that answers every request with the same bytes, whatever they are.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};
use std::thread;

/// What it does with a request.
pub enum Script {
    /// Sends these bytes and hangs up.
    Say(Vec<u8>),
    /// Says nothing until the client hangs up.
    Wait,
}

impl Script {
    /// A whole answer: `429 Too Many Requests`, header lines, a body.
    pub fn answer(status: &str, headers: &[&str], body: &str) -> Self {
        let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
        let length = body.len();
        let text = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n{headers}\r\n{body}");
        Script::Say(text.into_bytes())
    }
}

/// The running server; its thread ends with the process.
pub struct Server {
    address: SocketAddr,
    requests: Receiver<String>,
}

impl Server {
    pub fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, requests) = channel();
        thread::spawn(move || {
            for client in listener.incoming() {
                let mut client = client.expect("a client");
                if sender.send(read(&mut client)).is_err() {
                    return;
                }
                match &script {
                    Script::Say(bytes) => drop(client.write_all(bytes)),
                    Script::Wait => drop(client.read(&mut [0])),
                }
            }
        });
        Self { address, requests }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.try_iter().collect()
    }
}

/// One request with its body.
fn read(client: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = client.read(&mut buffer).unwrap_or(0);
        text.extend_from_slice(&buffer[..read]);
        let so_far = String::from_utf8_lossy(&text).into_owned();
        let whole = so_far.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head.lines().find_map(|line| {
                line.to_lowercase()
                    .strip_prefix("content-length: ")?
                    .parse()
                    .ok()
            });
            body.len() >= length.unwrap_or(0_usize)
        });
        if whole || read == 0 {
            return so_far;
        }
    }
}
