//! Finds the Neovim that takes the file: the one around this terminal, else one of this project.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesOrdered;
use serde::{Serialize, Serializer};
use tokio::time::timeout;

use super::file::Edited;
use crate::cli::output::Output;
use crate::error::{Error, Result};
use crate::rpc::remote::Remote;
use crate::rpc::wire;
use crate::servers::{self, Server};

/// A Neovim that runs answers in a millisecond; one that is stopped or sits at a prompt does not.
const PATIENCE: Duration = Duration::from_secs(2);

/// What is asked of the Lua side; of a Neovim without the plugin the answer is `false`.
const HELLO: &str = "local ok, edit = pcall(require, 'promptstack.edit')\n\
                     return ok and edit.hello ~= nil and edit.hello()";
const OPEN: &str = "return require('promptstack.edit').open(...)";
const WITHDRAW: &str = "return require('promptstack.edit').withdraw(...)";

/// A Neovim that has taken the file.
pub struct Holder {
    /// The connection over which the outcome comes.
    pub remote: Remote,
    /// Who it is, in words.
    pub name: String,
    channel: u64,
}

impl Holder {
    /// Tells Neovim that nobody waits any more; it keeps the text as a draft.
    pub async fn withdraw(&mut self) {
        if let Ok(channel) = wire::encode(&self.channel) {
            // It sees that the connection is closed if it does not hear this.
            let _ = timeout(PATIENCE / 4, self.remote.lua(WITHDRAW, &[channel])).await;
        }
    }
}

/// Where Neovims may be.
pub struct Places<'a> {
    /// `$NVIM`: the one around this terminal.
    pub around: Option<String>,
    /// promptstack's home folder, with the records of running Neovims.
    pub home: Option<&'a Path>,
    /// The working directory.
    pub cwd: &'a Path,
    /// The person's home folder, which is no project.
    pub user_home: Option<&'a Path>,
}

/// Gives the file to a Neovim; nothing when none takes it.
///
/// Those that do not answer are named on standard error, and the next one is asked.
pub async fn find(places: &Places<'_>, file: &Edited, output: &Output) -> Option<Holder> {
    let around = places.around.iter().map(|address| Candidate {
        address: address.clone(),
        server: None,
    });
    let around: Vec<Candidate> = around.collect();
    // Asked alone: where it answers, the others are none of its business.
    let holder = first_of(&around, file, output).await;
    if holder.is_some() {
        return holder;
    }
    let of_project = places.home.map_or_else(Vec::new, |home| {
        servers::of_project(home, places.cwd, places.user_home)
    });
    let of_project: Vec<Candidate> = of_project
        .into_iter()
        .filter(|server| Some(&server.address) != places.around.as_ref())
        .map(|server| Candidate {
            address: server.address.clone(),
            server: Some(server),
        })
        .collect();
    first_of(&of_project, file, output).await
}

/// The first one that takes the file. All are asked at once, so that some that are stopped cost no
/// more than one, and none that stands behind the first that answers.
async fn first_of(candidates: &[Candidate], file: &Edited, output: &Output) -> Option<Holder> {
    let mut answers: FuturesOrdered<_> = candidates.iter().map(Candidate::greet).collect();
    // One that nobody looks at, as scripts start them, would be waited for in vain.
    let mut unseen = Vec::new();
    while let Some(answer) = answers.next().await {
        match answer {
            Ok(greeted) if !greeted.is_seen => unseen.push(greeted),
            Ok(greeted) => match greeted.open(file).await {
                Ok(holder) => return Some(holder),
                Err(error) => output.notice(&error.to_string()),
            },
            Err(Some(error)) => output.notice(&error.to_string()),
            Err(None) => {}
        }
    }
    for greeted in unseen {
        match greeted.open(file).await {
            Ok(holder) => return Some(holder),
            Err(error) => output.notice(&error.to_string()),
        }
    }
    None
}

struct Candidate {
    address: String,
    server: Option<Server>,
}

/// A Neovim that has answered.
struct Greeted {
    remote: Remote,
    channel: u64,
    name: String,
    is_seen: bool,
}

impl Candidate {
    /// Says hello; an error without words is one that nobody needs to hear of.
    async fn greet(&self) -> std::result::Result<Greeted, Option<Error>> {
        match timeout(PATIENCE, self.hello()).await {
            Ok(Ok(greeted)) => Ok(greeted),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(Some(silent(&self.name()))),
        }
    }

    async fn hello(&self) -> std::result::Result<Greeted, Option<Error>> {
        let mut remote = match Remote::connect(&self.address).await {
            Ok(remote) => remote,
            Err(error) => {
                let gone = [ErrorKind::ConnectionRefused, ErrorKind::NotFound];
                if let (true, Some(server)) = (gone.contains(&error.kind()), &self.server) {
                    server.forget();
                }
                return Err(None);
            }
        };
        let channel = remote.channel().await.map_err(|e| Some(self.about(&e)))?;
        let hello = remote
            .lua(HELLO, &[])
            .await
            .map_err(|e| Some(self.about(&e)))?;
        let Some(pid) = hello["pid"].as_u64() else {
            let message = format!("{} has no promptstack.nvim, or an older one", self.name());
            return Err(Some(Error::unavailable(message)));
        };
        // Its socket has got another owner, who has a record of its own.
        if let Some(server) = self.server.as_ref().filter(|it| u64::from(it.pid) != pid) {
            server.forget();
            return Err(None);
        }
        let folder = Path::new(hello["cwd"].as_str().unwrap_or_default()).file_name();
        let folder = folder.map_or("/".into(), |name| format!("…/{}", name.to_string_lossy()));
        Ok(Greeted {
            remote,
            channel,
            name: format!("Neovim {pid} ({folder})"),
            is_seen: hello["uis"].as_u64() > Some(0),
        })
    }

    fn name(&self) -> String {
        match &self.server {
            Some(server) => format!("Neovim {}", server.pid),
            None => "the Neovim around this terminal".into(),
        }
    }

    fn about(&self, error: &Error) -> Error {
        Error::unavailable(format!("{}: {}", self.name(), error.message()))
    }
}

impl Greeted {
    async fn open(mut self, file: &Edited) -> Result<Holder> {
        let request = wire::encode(&Request {
            channel: self.channel,
            file: Bytes(file.path.as_os_str().as_encoded_bytes()),
            line: file.line.unwrap_or(0),
        })?;
        match timeout(PATIENCE, self.remote.lua(OPEN, &[request])).await {
            Err(_) => Err(silent(&self.name)),
            Ok(Err(error)) => {
                let message = format!("{}: {}", self.name, error.message());
                Err(Error::unavailable(message))
            }
            Ok(Ok(answer)) => match answer["refused"].as_str() {
                Some(why) => Err(Error::unavailable(format!("{}: {why}", self.name))),
                None => Ok(Holder {
                    remote: self.remote,
                    name: self.name,
                    channel: self.channel,
                }),
            },
        }
    }
}

fn silent(name: &str) -> Error {
    Error::unavailable(format!("{name} does not answer"))
        .hint("it waits for a key, is busy or is stopped")
}

#[derive(Serialize)]
struct Request<'a> {
    channel: u64,
    file: Bytes<'a>,
    line: u32,
}

/// A path as it is: not every one is UTF-8.
struct Bytes<'a>(&'a [u8]);

impl Serialize for Bytes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}
