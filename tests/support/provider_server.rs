//! A server on loopback that plays a script for each connection, faults included.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// Longer than anything here takes: a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// What it does with a connection, once it has read a request; in the end it hangs up.
#[derive(Clone)]
pub enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes one by one.
    Dribble(Vec<u8>),
    /// Sends these bytes again and again, this long apart, until the client hangs up.
    Repeat(Vec<u8>, Duration),
    /// Waits until the client hangs up.
    Hold,
    /// Waits until the gate is opened.
    Gate,
}

/// The running server; its threads end with the process.
pub struct ProviderServer {
    address: SocketAddr,
    requests: Receiver<String>,
    hung_up: Receiver<()>,
    shared: Arc<Shared>,
}

struct Shared {
    /// One for each connection in turn, the last one for all others.
    plays: Vec<Vec<Act>>,
    gate: Mutex<bool>,
    opened: Condvar,
    present: AtomicUsize,
    most: AtomicUsize,
}

impl ProviderServer {
    /// A server that does the same with every connection.
    pub fn start(acts: Vec<Act>) -> Self {
        Self::playing(vec![acts])
    }

    /// A server that answers every request with these bytes.
    pub fn say(bytes: &[u8]) -> Self {
        Self::start(vec![Act::Send(bytes.to_vec())])
    }

    /// A server with a script for each connection in turn.
    pub fn playing(plays: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (seen, requests) = channel();
        let (gone, hung_up) = channel();
        let shared = Arc::new(Shared {
            plays,
            gate: Mutex::new(false),
            opened: Condvar::new(),
            present: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
        });
        let known = shared.clone();
        thread::spawn(move || {
            for (number, client) in listener.incoming().enumerate() {
                let client = client.expect("a client");
                let (known, seen, gone) = (known.clone(), seen.clone(), gone.clone());
                thread::spawn(move || known.serve(number, client, &seen, &gone));
            }
        });
        Self {
            address,
            requests,
            hung_up,
            shared,
        }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests that have come since one asked last.
    pub fn requests(&self) -> Vec<String> {
        self.requests.try_iter().collect()
    }

    /// The next request, waited for.
    pub fn request(&self) -> String {
        self.requests.recv_timeout(PATIENCE).expect("a request")
    }

    /// Waits until a client has hung up on a script.
    pub fn wait_for_hang_up(&self) {
        self.hung_up.recv_timeout(PATIENCE).expect("a hang-up");
    }

    pub fn open_gate(&self) {
        *self.shared.gate.lock().expect("no panic") = true;
        self.shared.opened.notify_all();
    }

    /// The most requests that were there at once.
    pub fn most_at_once(&self) -> usize {
        self.shared.most.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn pass_gate(&self) {
        let gate = self.gate.lock().expect("no panic");
        drop(self.opened.wait_while(gate, |open| !*open));
    }

    fn serve(
        &self,
        number: usize,
        mut client: TcpStream,
        seen: &Sender<String>,
        gone: &Sender<()>,
    ) {
        let request = read(&mut client);
        if request.is_empty() {
            return;
        }
        let present = self.present.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(present, Ordering::SeqCst);
        // Nobody may care for the requests any more.
        let _ = seen.send(request);
        let acts = &self.plays[number.min(self.plays.len() - 1)];
        if matches!(acts.first(), Some(Act::Gate)) {
            self.pass_gate();
        }
        self.present.fetch_sub(1, Ordering::SeqCst);
        let _ = client.set_nodelay(true);
        for act in acts {
            let done = match act {
                Act::Send(bytes) => client.write_all(bytes),
                Act::Dribble(bytes) => bytes.chunks(1).try_for_each(|byte| client.write_all(byte)),
                Act::Repeat(bytes, pause) => loop {
                    if let Err(error) = client.write_all(bytes) {
                        break Err(error);
                    }
                    thread::sleep(*pause);
                },
                Act::Hold => match client.read(&mut [0]) {
                    Ok(0) | Err(_) => Err(std::io::ErrorKind::ConnectionReset.into()),
                    Ok(_) => Ok(()),
                },
                Act::Gate => {
                    self.pass_gate();
                    Ok(())
                }
            };
            if done.is_err() {
                let _ = gone.send(());
                return;
            }
        }
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
                let line = line.to_lowercase();
                line.strip_prefix("content-length: ")?.parse().ok()
            });
            body.len() >= length.unwrap_or(0_usize)
        });
        if whole || read == 0 {
            return so_far;
        }
    }
}
