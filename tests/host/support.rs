//! An editor without Neovim: writes notifications, answers what the host asks.

use std::io::Cursor;
use std::path::Path;
use std::time::Duration;

use promptstack::app::Boot;
use promptstack::error::Result;
use promptstack::rpc::contract::schema_hash;
use promptstack::rpc::host::serve;
use promptstack::rpc::session::Session;
use promptstack::rpc::wire;
use rmpv::Value;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use tokio::task::JoinHandle;
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

/// How long anything may take before a test gives up.
const PATIENCE: Duration = Duration::from_secs(10);

/// A conversation with a host that runs in this process.
pub struct Editor {
    pub home: TempDir,
    reader: ReadHalf<DuplexStream>,
    writer: Option<WriteHalf<DuplexStream>>,
    received: Vec<u8>,
    pub host: JoinHandle<Result<()>>,
    next_id: u64,
}

/// What the host said.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    Reply(u64, Json),
    Error(u64, Json),
    Part(u64, Json),
    Event(String, Json),
}

/// A boot on a folder of its own, without the starter library.
pub fn boot(home: &Path) -> Boot {
    Boot {
        home: home.join("stack"),
        user_home: Some(home.to_owned()),
        env: |name| (name == "PROMPTSTACK_NO_STARTER").then(|| "1".into()),
    }
}

/// JSON as Lua would send it.
pub fn to_lua(json: &Json) -> Value {
    let encoded = wire::encode(json).expect("JSON has no other keys than strings");
    encoded.to_value()
}

/// A message as Neovim sends it.
pub fn notification(method: &str, args: Vec<Value>) -> Vec<u8> {
    let message = Value::Array(vec![2.into(), method.into(), Value::Array(args)]);
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &message).expect("memory takes everything");
    bytes
}

impl Editor {
    /// Starts a host on a library of `prompts`; nothing is said yet.
    pub fn start(prompts: &[(&str, &str)]) -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        Self::at(home, prompts)
    }

    /// Starts another host where this one was.
    pub fn again(self) -> Self {
        Self::at(self.home, &[])
    }

    fn at(home: TempDir, prompts: &[(&str, &str)]) -> Self {
        for (id, text) in prompts {
            let file = home.path().join("stack/prompts").join(format!("{id}.md"));
            std::fs::create_dir_all(file.parent().expect("a parent")).expect("folders");
            std::fs::write(file, text).expect("a prompt");
        }
        let (ours, theirs) = tokio::io::duplex(1 << 20);
        let (reader, writer) = tokio::io::split(theirs);
        let session = Arc::new(Session::new(boot(home.path()), None));
        let host = tokio::spawn(serve(reader.compat(), writer.compat_write(), session));
        let (reader, writer) = tokio::io::split(ours);
        Self {
            home,
            reader,
            writer: Some(writer),
            received: Vec::new(),
            host,
            next_id: 0,
        }
    }

    /// Starts a host and says hello to it.
    pub async fn greeted(prompts: &[(&str, &str)]) -> Self {
        let mut editor = Self::start(prompts);
        let hello = editor.hello();
        let said = editor.call("host.hello", hello).await;
        assert!(matches!(said, Said::Reply(..)), "{said:?}");
        editor
    }

    /// The parameters of a hello that fits.
    pub fn hello(&self) -> Json {
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "schema": schema_hash(),
            "cwd": self.home.path().display().to_string(),
        })
    }

    /// Writes bytes as they are.
    pub async fn write(&mut self, bytes: &[u8]) {
        // A host that has hung up already is for the caller to find.
        let Some(writer) = self.writer.as_mut() else {
            return;
        };
        let _ = writer.write_all(bytes).await;
    }

    /// Sends a request and gives its id.
    pub async fn send(&mut self, method: &str, params: Json) -> u64 {
        self.next_id += 1;
        let bytes = notification(method, vec![self.next_id.into(), to_lua(&params)]);
        self.write(&bytes).await;
        self.next_id
    }

    /// Sends a request and waits for its answer.
    pub async fn call(&mut self, method: &str, params: Json) -> Said {
        let id = self.send(method, params).await;
        loop {
            match self.hear().await {
                said @ (Said::Reply(..) | Said::Error(..)) if said.id() == Some(id) => return said,
                _ => {}
            }
        }
    }

    /// The reply of a request that must succeed.
    pub async fn reply(&mut self, method: &str, params: Json) -> Json {
        match self.call(method, params).await {
            Said::Reply(_, reply) => reply,
            other => panic!("{method}: {other:?}"),
        }
    }

    /// The error of a request that must fail.
    pub async fn error(&mut self, method: &str, params: Json) -> Json {
        match self.call(method, params).await {
            Said::Error(_, error) => error,
            other => panic!("{method}: {other:?}"),
        }
    }

    /// The next thing that the host says.
    pub async fn hear(&mut self) -> Said {
        let heard = tokio::time::timeout(PATIENCE, self.hear_any()).await;
        heard
            .expect("the host says something in time")
            .expect("the host has not hung up")
    }

    /// The next thing that the host says, or nothing when it has hung up.
    pub async fn hear_any(&mut self) -> Option<Said> {
        loop {
            let mut cursor = Cursor::new(&self.received);
            if let Ok(message) = rmpv::decode::read_value(&mut cursor) {
                let used = cursor.position() as usize;
                self.received.drain(..used);
                return Some(Self::take(&message));
            }
            let mut chunk = vec![0; 1 << 16];
            match self.reader.read(&mut chunk).await {
                Ok(0) | Err(_) => return None,
                Ok(n) => self.received.extend_from_slice(&chunk[..n]),
            }
        }
    }

    /// The text of the next response to a request of the editor's.
    pub async fn hear_response(&mut self) -> String {
        loop {
            let mut cursor = Cursor::new(&self.received);
            if let Ok(message) = rmpv::decode::read_value(&mut cursor) {
                let used = cursor.position() as usize;
                self.received.drain(..used);
                if message[0].as_u64() == Some(1) {
                    return message.to_string();
                }
                continue;
            }
            let mut chunk = vec![0; 1 << 16];
            let read = tokio::time::timeout(PATIENCE, self.reader.read(&mut chunk)).await;
            let n = read.expect("in time").expect("still open");
            self.received.extend_from_slice(&chunk[..n]);
        }
    }

    /// Says that nothing more will come.
    pub async fn finish(&mut self) {
        if let Some(mut writer) = self.writer.take() {
            let _ = writer.shutdown().await;
        }
    }

    fn take(message: &Value) -> Said {
        let fields = message.as_array().expect("a message is an array");
        assert_eq!(
            fields[0].as_u64(),
            Some(2),
            "the host only sends notifications: {message}"
        );
        assert_eq!(fields[1].as_str(), Some("nvim_exec_lua"));
        let call = fields[2].as_array().expect("parameters");
        let code = call[0].as_str().expect("Lua").to_owned();
        let args: Vec<Json> = call[1]
            .as_array()
            .expect("arguments")
            .iter()
            .cloned()
            .map(|value| wire::decode(value).expect("JSON"))
            .collect();
        let id = args[0].as_u64().unwrap_or_default();
        match code {
            _ if code.contains("on_reply") && args[1].is_null() => Said::Reply(id, args[2].clone()),
            _ if code.contains("on_reply") => Said::Error(id, args[1].clone()),
            _ if code.contains("on_part") => Said::Part(id, args[1].clone()),
            _ => Said::Event(args[0].as_str().expect("a name").into(), args[1].clone()),
        }
    }

    /// Hangs up, as a dying Neovim does, and waits for the host's end.
    pub async fn hang_up(mut self) {
        drop(self.writer.take());
        drop(self.reader);
        let ended = tokio::time::timeout(PATIENCE, self.host)
            .await
            .expect("the host ends");
        let _ = ended.expect("the host does not panic");
    }
}

impl Said {
    /// The request that it belongs to.
    pub fn id(&self) -> Option<u64> {
        match self {
            Said::Reply(id, _) | Said::Error(id, _) | Said::Part(id, _) => Some(*id),
            Said::Event(..) => None,
        }
    }
}
