//! Choosing who is asked: what is known of each, what is written into the configuration.

use super::{blocking, stats};
use crate::app::asking::{Choice, KnownProvider};
use crate::config::{Edited, Whereabouts};
use crate::error::Result;
use crate::rpc::contract::{
    ChooseParams, ChooseReply, Handle, NoParams, Parts, SetupChoose, SetupKey, SetupModels,
    SetupModelsParams, SetupModelsReply, SetupProvider, SetupReply, SetupState, SetupTask,
};
use crate::rpc::session::Session;

impl Handle<SetupState> for Session {
    async fn handle(&self, _: NoParams, _: Parts<'_>) -> Result<SetupReply> {
        let app = self.app()?;
        // Without accounts one can choose all the same.
        let limits = app.limits().await;
        let limits = limits.map(|limits| limits.iter().map(stats::limit).collect());
        let tasks = app.known_tasks().into_iter().map(|task| SetupTask {
            name: task.name,
            provider: task.provider,
            model: task.model,
        });
        Ok(SetupReply {
            default: app.who("", &Choice::default()),
            providers: app.known_providers().into_iter().map(provider).collect(),
            tasks: tasks.collect(),
            limits: limits.unwrap_or_default(),
        })
    }
}

fn provider(known: KnownProvider) -> SetupProvider {
    let (key, key_words) = match &known.key {
        Whereabouts::Variable(name) => (SetupKey::Found, format!("${name} is set")),
        Whereabouts::Unset(name) => (SetupKey::Missing, format!("${name} is not set")),
        Whereabouts::Command(program) => (SetupKey::Found, format!("'{program}' is asked for it")),
        Whereabouts::Written => (SetupKey::Found, "it is in config.yaml".into()),
        Whereabouts::Nowhere => (SetupKey::None, "none is named".into()),
    };
    SetupProvider {
        name: known.name,
        base_url: known.base_url,
        model: known.model,
        key,
        key_words,
        key_name: known.key_name,
        configured: known.is_configured,
    }
}

impl Handle<SetupChoose> for Session {
    async fn handle(&self, params: ChooseParams, _: Parts<'_>) -> Result<ChooseReply> {
        let app = self.app()?.clone();
        let ChooseParams {
            provider,
            model,
            base_url,
        } = params;
        let choose = move || app.choose(provider.trim(), model.trim(), base_url.trim());
        let (backup, by_hand, line) = match blocking(choose).await? {
            Edited::Written(backup) => (Some(backup.display().to_string()), Vec::new(), 1),
            Edited::Same => (None, Vec::new(), 1),
            Edited::ByHand(lines, at) => (None, lines, at.line),
        };
        Ok(ChooseReply {
            changed: backup.is_some(),
            backup,
            by_hand,
            line,
        })
    }
}

impl Handle<SetupModels> for Session {
    async fn handle(&self, params: SetupModelsParams, _: Parts<'_>) -> Result<SetupModelsReply> {
        let models = self.app()?.models(&params.provider).await?;
        Ok(SetupModelsReply {
            models: models.into_iter().map(|model| model.id).collect(),
        })
    }
}
