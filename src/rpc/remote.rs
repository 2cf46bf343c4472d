//! A client of a Neovim that runs already, over its socket.
//!
//! Sends one request at a time and keeps the notifications that come in between. Knows no time
//! limit: a Neovim that sits at a prompt answers when the person has gone on, so whoever asks says
//! how long to wait.

use std::collections::VecDeque;
use std::io;

use rmpv::Value;
use serde_json::Value as Json;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

use super::wire::{self, Encoded};
use crate::error::{Error, Result};

/// A longer message is none that we asked for.
const MAX_MESSAGE: usize = 1 << 20;

/// How a message begins: a request, its answer, a notification.
const REQUEST: u64 = 0;
const ANSWER: u64 = 1;
const NOTIFICATION: u64 = 2;

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection to a running Neovim.
pub struct Remote {
    stream: Box<dyn Stream>,
    /// What has arrived and is no whole message yet.
    unread: Vec<u8>,
    events: VecDeque<(String, Json)>,
    last_id: u64,
}

impl Remote {
    /// Connects to the path of a socket, or to `host:port`.
    ///
    /// # Errors
    /// Those of the system; `ConnectionRefused` and `NotFound` mean that nobody listens there.
    pub async fn connect(address: &str) -> io::Result<Self> {
        // As Neovim itself tells the two apart: a path has a slash.
        let stream: Box<dyn Stream> = match address.contains('/') || !address.contains(':') {
            true => Box::new(UnixStream::connect(address).await?),
            false => Box::new(TcpStream::connect(address).await?),
        };
        Ok(Self {
            stream,
            unread: Vec::new(),
            events: VecDeque::new(),
            last_id: 0,
        })
    }

    /// Runs Lua with `args` as its `...` and gives what it returns.
    ///
    /// # Errors
    /// `unavailable` when Neovim hangs up, `internal` with Neovim's words when the code failed.
    pub async fn lua(&mut self, code: &str, args: &[Encoded]) -> Result<Json> {
        let args = args.iter().map(Encoded::to_value).collect();
        self.call("nvim_exec_lua", vec![code.into(), Value::Array(args)])
            .await
    }

    /// The number of this connection in Neovim.
    ///
    /// # Errors
    /// As for [`Remote::lua`].
    pub async fn channel(&mut self) -> Result<u64> {
        let info = self.call("nvim_get_chan_info", vec![0.into()]).await?;
        info["id"]
            .as_u64()
            .ok_or_else(|| Error::internal("Neovim does not know its own channel"))
    }

    /// The next notification: its name, and its arguments as a list.
    ///
    /// Nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// `unavailable` when Neovim hangs up.
    pub async fn event(&mut self) -> Result<(String, Json)> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Ok(event);
            }
            let message = self.message().await?;
            self.keep_event(message);
        }
    }

    async fn call(&mut self, method: &str, args: Vec<Value>) -> Result<Json> {
        self.last_id += 1;
        let id = self.last_id;
        let request = vec![REQUEST.into(), id.into(), method.into(), Value::Array(args)];
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &Value::Array(request))
            .map_err(|e| Error::internal("a request can't be encoded").because(e))?;
        self.stream.write_all(&bytes).await.map_err(hung_up)?;
        loop {
            let message = self.message().await?;
            match message.as_slice() {
                [kind, answered, error, result]
                    if kind.as_u64() == Some(ANSWER) && answered.as_u64() == Some(id) =>
                {
                    return match error {
                        Value::Nil => wire::decode(result.clone()),
                        error => Err(refused(error)),
                    };
                }
                _ => self.keep_event(message),
            }
        }
    }

    fn keep_event(&mut self, message: Vec<Value>) {
        if let [kind, Value::String(name), args] = message.as_slice()
            && kind.as_u64() == Some(NOTIFICATION)
            && let Ok(args) = wire::decode(args.clone())
        {
            let name = name.as_str().unwrap_or_default().to_owned();
            self.events.push_back((name, args));
        }
    }

    /// The next whole message.
    async fn message(&mut self) -> Result<Vec<Value>> {
        loop {
            let mut rest = self.unread.as_slice();
            match rmpv::decode::read_value(&mut rest) {
                Ok(Value::Array(message)) => {
                    let taken = self.unread.len() - rest.len();
                    self.unread.drain(..taken);
                    return Ok(message);
                }
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {}
                _ => return Err(Error::unavailable("what answers there is not Neovim")),
            }
            if self.unread.len() > MAX_MESSAGE {
                return Err(Error::unavailable("what answers there is not Neovim"));
            }
            match self.stream.read_buf(&mut self.unread).await {
                Ok(0) => return Err(Error::unavailable("Neovim hung up")),
                Ok(_) => {}
                Err(error) => return Err(hung_up(error)),
            }
        }
    }
}

fn hung_up(error: io::Error) -> Error {
    Error::unavailable("Neovim hung up").because(error)
}

/// Neovim's errors are pairs of a number and a text.
fn refused(error: &Value) -> Error {
    let text = error.as_array().and_then(|pair| pair.get(1)?.as_str());
    let text = text.unwrap_or("without a message");
    Error::internal(format!("Neovim failed: {}", text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Neovim that answers each chunk it reads with the next of `answers`, byte by byte.
    async fn against(answers: Vec<Vec<u8>>) -> Remote {
        let (ours, mut theirs) = tokio::io::duplex(64);
        tokio::spawn(async move {
            let mut asked = [0; 512];
            for answer in answers {
                let _ = theirs.read(&mut asked).await;
                for byte in answer {
                    let _ = theirs.write_all(&[byte]).await;
                }
            }
        });
        Remote {
            stream: Box::new(ours),
            unread: Vec::new(),
            events: VecDeque::new(),
            last_id: 0,
        }
    }

    fn message(parts: Vec<Value>) -> Vec<u8> {
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, &Value::Array(parts)).unwrap();
        bytes
    }

    #[tokio::test]
    async fn an_answer_is_found_among_notifications_which_are_kept() {
        let tell = |n: i32| message(vec![2.into(), "told".into(), Value::Array(vec![n.into()])]);
        let stray = message(vec![1.into(), 99.into(), Value::Nil, "not ours".into()]);
        let answer = message(vec![1.into(), 1.into(), Value::Nil, "ours".into()]);
        let mut remote = against(vec![[tell(1), stray, answer, tell(2)].concat()]).await;
        assert_eq!(remote.lua("return 1", &[]).await.unwrap(), "ours");
        for n in [1, 2] {
            let event = remote.event().await.unwrap();
            assert_eq!(event, ("told".to_owned(), serde_json::json!([n])));
        }
        let end = remote.event().await.unwrap_err();
        assert_eq!(end.message(), "Neovim hung up");
    }

    #[tokio::test]
    async fn what_neovim_refuses_is_told_in_its_words() {
        let error = Value::Array(vec![0.into(), "E5108: no such thing\n".into()]);
        let mut remote = against(vec![message(vec![1.into(), 1.into(), error, Value::Nil])]).await;
        let failed = remote.lua("x()", &[]).await.unwrap_err();
        assert_eq!(failed.message(), "Neovim failed: E5108: no such thing");
    }

    #[tokio::test]
    async fn something_else_on_the_socket_is_said_to_be_no_neovim() {
        let http = b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec();
        for noise in [http, vec![0xc1; 8], message(vec![])[..0].to_vec()] {
            let failed = against(vec![noise]).await.lua("return 1", &[]).await;
            let message = failed.unwrap_err().message().to_owned();
            assert!(
                message == "what answers there is not Neovim" || message == "Neovim hung up",
                "{message}"
            );
        }
    }

    #[tokio::test]
    async fn nobody_at_the_address_is_told_apart_from_other_failures() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("socket");
        let address = path.display().to_string();
        let error = Remote::connect(&address).await.map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        let error = Remote::connect(&address).await.map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = port.local_addr().unwrap().to_string();
        assert!(Remote::connect(&address).await.is_ok());
        drop(port);
        let error = Remote::connect(&address).await.map(|_| ()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
    }
}
