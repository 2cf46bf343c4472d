//! Composition requests.

use std::path::PathBuf;

use super::{blocking, convert};
use crate::app::compositions::{Opening, mark};
use crate::error::Result;
use crate::events::Event;
use crate::history::composition::CompositionId;
use crate::history::desk::Update;
use crate::history::mirror::{Change, LineEnd};
use crate::rpc::contract::{
    CompositionClose, CompositionOpen, CompositionParams, CompositionShelve, CompositionUpdate,
    Done, FileFormat, Handle, OpenParams, OpenReply, Parts, ShelveParams, UpdateParams,
    UpdateReply,
};
use crate::rpc::session::Session;

impl Handle<CompositionOpen> for Session {
    async fn handle(&self, params: OpenParams, _: Parts<'_>) -> Result<OpenReply> {
        let app = self.app()?.clone();
        let directory = PathBuf::from(params.directory);
        let Some(text) = params.id else {
            let name = params.name.unwrap_or_default();
            let entry = app.draft(&name, &directory).await?;
            let entry = entry.map(|entry| convert::history_entry(&entry, app.files.folder()));
            return Ok(OpenReply {
                id: entry.as_ref().map(|entry| entry.id.clone()),
                entry,
                is_private: false,
            });
        };
        let opening = Opening {
            id: text.parse()?,
            mark: params.mark,
            name: params.name,
            directory,
            source: params.source.map(PathBuf::from),
            is_private: params.is_private,
        };
        let is_private = blocking(move || app.open_composition(opening)).await?;
        Ok(OpenReply {
            id: Some(text),
            entry: None,
            is_private,
        })
    }
}

impl Handle<CompositionUpdate> for Session {
    async fn handle(&self, params: UpdateParams, _: Parts<'_>) -> Result<UpdateReply> {
        let app = self.app()?.clone();
        let id: CompositionId = params.id.parse()?;
        let (number, save) = (params.number, params.save);
        // What is long takes long: a text of megabytes is copied, counted, written.
        blocking(move || {
            app.desk.update(id, update(params))?;
            let standing = match save {
                true => app.desk.save(id)?,
                false => app.desk.standing(id)?,
            };
            let (chars, text) = app
                .desk
                .read(id, |mirror| (mirror.chars(), mirror.bytes()))?;
            let written = standing.written.as_ref();
            let path = |file: &String| app.files.folder().join(file).display().to_string();
            Ok(UpdateReply {
                number,
                saved: standing.saved,
                mark: written.map(|written| mark(&written.file, &written.hash)),
                sequence: written.map_or(0, |written| written.meta.sequence),
                path: written.map(|written| path(&written.file)),
                conflict: standing.conflict.as_ref().map(path),
                new_id: (standing.id != id).then(|| standing.id.to_string()),
                chars,
                tokens: convert::tokens(app.counting.open(id, &text)),
            })
        })
        .await
    }
}

impl Handle<CompositionClose> for Session {
    async fn handle(&self, params: CompositionParams, _: Parts<'_>) -> Result<Done> {
        let app = self.app()?.clone();
        let id = params.id.parse()?;
        blocking(move || {
            app.counting.close(id);
            app.desk.close(id);
            Ok(Done {})
        })
        .await
    }
}

impl Handle<CompositionShelve> for Session {
    async fn handle(&self, params: ShelveParams, _: Parts<'_>) -> Result<Done> {
        let app = self.app()?.clone();
        let id = params.id.parse()?;
        app.shelve(id, params.draft, params.sent_to.clone()).await?;
        if let Some(to) = params.sent_to {
            let id = params.id;
            app.events.publish(Event::CompositionSent { id, to });
        }
        Ok(Done {})
    }
}

fn update(params: UpdateParams) -> Update {
    Update {
        number: params.number,
        change: Change {
            head: params.head as usize,
            tail: params.tail as usize,
            lines: params.lines.into_iter().map(|line| line.0).collect(),
            total: params.total as usize,
        },
        end: match params.format {
            FileFormat::Unix => LineEnd::Unix,
            FileFormat::Dos => LineEnd::Dos,
            FileFormat::Mac => LineEnd::Mac,
        },
        ended: params.ended,
        prompts: params
            .prompts
            .map(|prompts| prompts.into_iter().map(convert::used_prompt).collect()),
        files: params.files,
        without: params.without,
    }
}
