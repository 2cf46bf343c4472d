//! The first request, and the project's configuration file.

use std::path::{Path, PathBuf};

use super::{blocking, convert};
use crate::config::{content_hash, read_project_file};
use crate::error::{Error, Kind, Result};
use crate::rpc::contract::{
    ConfigProject, ConfigTrust, Done, Handle, Hello, HelloParams, HelloReply, NoParams, Parts,
    ProjectReply, TrustParams, schema_hash,
};
use crate::rpc::session::Session;

/// The host's version.
const VERSION: &str = env!("CARGO_PKG_VERSION");

impl Handle<Hello> for Session {
    async fn handle(&self, params: HelloParams, _: Parts<'_>) -> Result<HelloReply> {
        if params.schema != schema_hash() || params.version != VERSION {
            return Err(mismatch(&params.version));
        }
        let (problems, notices) = self.open(Path::new(&params.cwd), params.setup).await?;
        let app = self.app()?;
        Ok(HelloReply {
            version: VERSION.into(),
            problems: problems.iter().map(convert::problem).collect(),
            notices,
            config_file: shown(&app.home.join("config.yaml")),
            log_file: shown(&app.config.logging.file),
            prompts_dir: shown(&app.prompts_dir()),
            validate_on_startup: app.config.library.validate_on_startup,
            data_dir: shown(&app.config.data_dir),
            autosave_ms: app.config.history.autosave_ms,
            providers: app.provider_names(),
        })
    }
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Says in words which side is behind and what to do.
fn mismatch(plugin: &str) -> Error {
    let numbers = |version: &str| -> Vec<u64> {
        version
            .split(['.', '-'])
            .map_while(|part| part.parse().ok())
            .collect()
    };
    let (host, theirs) = (numbers(VERSION), numbers(plugin));
    if host > theirs {
        return Error::new(
            Kind::Conflict,
            format!("the host ({VERSION}) is newer than the plugin ({plugin})"),
        )
        .hint("update the plugin and restart Neovim");
    }
    let message = match host < theirs {
        true => format!("the host ({VERSION}) is older than the plugin ({plugin})"),
        false => format!("the host was built from another revision of {VERSION} than the plugin"),
    };
    Error::new(Kind::Conflict, message).hint("run :Prompt build")
}

impl Handle<ConfigProject> for Session {
    async fn handle(&self, _: NoParams, _: Parts<'_>) -> Result<ProjectReply> {
        let app = self.app()?;
        // Read again: what is shown and trusted is the file as it is now.
        let Some(path) = app.project.as_ref().map(|file| file.path.clone()) else {
            return Ok(ProjectReply {
                path: None,
                lines: vec![],
                hash: String::new(),
                trusted: false,
            });
        };
        let text = read_project_file(&path)?.text;
        Ok(ProjectReply {
            trusted: app.trust.is_trusted(&path, &text, &mut Vec::new()),
            path: Some(shown(&path)),
            hash: content_hash(&text),
            lines: convert::lines(&text),
        })
    }
}

impl Handle<ConfigTrust> for Session {
    async fn handle(&self, params: TrustParams, _: Parts<'_>) -> Result<Done> {
        let app = self.app()?.clone();
        blocking(move || {
            let path = PathBuf::from(params.path);
            let mut problems = Vec::new();
            if !params.trust {
                return app.trust.revoke(&path, &mut problems);
            }
            let text = read_project_file(&path)?.text;
            if content_hash(&text) != params.hash {
                return Err(Error::new(
                    Kind::Conflict,
                    format!("{} changed while it was shown", shown(&path)),
                )
                .hint("look at it again: :Prompt trust"));
            }
            app.trust.trust(&path, &text, &mut problems)
        })
        .await?;
        Ok(Done {})
    }
}
