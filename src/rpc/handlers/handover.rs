//! Hand-over requests.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::{blocking, convert, references};
use crate::app::counting::Counting;
use crate::error::{Error, Result};
use crate::files::Base;
use crate::handover::inspect::{self, Finding};
use crate::handover::{self, Found, Pane, Place, Prepared, Tmux, Unfilled};
use crate::rpc::contract::{
    DeliverParams, DeliverReply, FindingKind, Handle, HandoverDeliver, HandoverPrepare,
    HandoverTarget, HandoverTargets, Line, Parts, PrepareParams, PrepareReply, PreparedPart,
    TargetsParams, TargetsReply, TextFinding,
};
use crate::rpc::session::Session;

/// What the name of a pane begins with.
const TMUX: &str = "tmux:";
/// What stands for a byte that is no UTF-8.
const REPLACED: char = char::REPLACEMENT_CHARACTER;

impl Handle<HandoverPrepare> for Session {
    async fn handle(&self, params: PrepareParams, _: Parts<'_>) -> Result<PrepareReply> {
        let app = self.app()?.clone();
        let home = self.user_home().map(Path::to_owned);
        blocking(move || {
            let base = Base {
                root: Path::new(&params.directory),
                home: home.as_deref(),
            };
            let (text, replaced) = text(&params.lines);
            let allowed: HashSet<PathBuf> = params.allowed.iter().map(PathBuf::from).collect();
            let prepared = handover::prepare(&text, base, &allowed);
            let counting = &app.counting;
            let total = counting.judge(counting.once(prepared.text.as_bytes()));
            Ok(PrepareReply {
                lines: lines(&prepared.text),
                findings: findings(&prepared, replaced),
                parts: parts(&prepared, counting),
                tokens: convert::tokens(total),
            })
        })
        .await
    }
}

impl Handle<HandoverTargets> for Session {
    async fn handle(&self, params: TargetsParams, _: Parts<'_>) -> Result<TargetsReply> {
        let app = self.app()?;
        let commands = app.config.send.commands.iter();
        let mut targets: Vec<HandoverTarget> = commands
            .map(|(name, command)| HandoverTarget {
                name: name.clone(),
                description: command.join(" "),
            })
            .collect();
        let tmux = Tmux::new(params.tmux.as_deref(), params.pane.as_deref());
        // Without tmux there are none, and nobody has asked for one yet.
        let panes = tmux.panes().await.unwrap_or_default();
        targets.extend(panes.iter().map(|pane| target(pane, self.user_home())));
        Ok(TargetsReply { targets })
    }
}

impl Handle<HandoverDeliver> for Session {
    async fn handle(&self, params: DeliverParams, _: Parts<'_>) -> Result<DeliverReply> {
        let app = self.app()?;
        let (text, _) = text(&params.lines);
        let output = match params.target.strip_prefix(TMUX) {
            Some(pane) => {
                let tmux = Tmux::new(params.tmux.as_deref(), params.pane.as_deref());
                tmux.send(pane, &text, params.enter).await?;
                String::new()
            }
            None => {
                let name = &params.target;
                let command = app.config.send.commands.get(name).ok_or_else(|| {
                    Error::not_found(format!("there is no command '{name}' to send to"))
                        .hint("send.commands in config.yaml names them")
                })?;
                let ran = handover::run_command(command, Path::new(&params.directory), &text);
                ran.await?.success(name)?.output
            }
        };
        Ok(DeliverReply {
            output: output.lines().map(str::to_owned).collect(),
        })
    }
}

/// The text of lines, and at how many of them bytes that are no UTF-8 had to be replaced.
pub(super) fn text(lines: &[Line]) -> (String, usize) {
    let mut text = String::new();
    let mut replaced = 0;
    for (row, line) in lines.iter().enumerate() {
        if row > 0 {
            text.push('\n');
        }
        replaced += usize::from(std::str::from_utf8(&line.0).is_err());
        // A newline in a line stands for NUL.
        text.push_str(&String::from_utf8_lossy(&line.0).replace('\n', "\0"));
    }
    (text, replaced)
}

pub(super) fn lines(text: &str) -> Vec<Line> {
    let lines = text.split('\n').map(|line| line.replace('\0', "\n"));
    lines.map(|line| Line(line.into_bytes())).collect()
}

/// Everything that there is to say, in the order of the text; what is in expanded files comes last.
fn findings(prepared: &Prepared, replaced: usize) -> Vec<TextFinding> {
    let mut found: Vec<TextFinding> = prepared.unfilled.iter().map(unfilled).collect();
    found.extend(prepared.problems.iter().map(|it| {
        let (message, hint) = (it.message.clone(), it.hint.clone());
        let columns = &it.place.columns;
        references::finding(
            it.place.row,
            columns,
            it.trouble,
            message,
            hint,
            it.path.as_deref(),
        )
    }));
    found.extend(prepared.found.iter().map(inspected));
    if replaced > 0 {
        let s = if replaced == 1 { "" } else { "s" };
        let message =
            format!("{replaced} line{s} with bytes that are no UTF-8: {REPLACED} instead");
        found.push(at(
            &Place {
                row: 0,
                columns: 0..0,
            },
            FindingKind::Hidden,
            message,
        ));
    }
    found.sort_by_key(|it| (it.file.is_some(), it.file.clone(), it.row, it.start));
    found
}

fn at(place: &Place, kind: FindingKind, message: String) -> TextFinding {
    TextFinding {
        row: place.row,
        start: place.columns.start,
        finish: place.columns.end,
        kind,
        message,
        hint: None,
        path: None,
        file: None,
    }
}

fn unfilled(unfilled: &Unfilled) -> TextFinding {
    at(
        &unfilled.place,
        FindingKind::Unfilled,
        unfilled.name.clone(),
    )
}

fn inspected(found: &Found) -> TextFinding {
    let Finding {
        kind,
        name,
        count,
        places,
        sample,
    } = &found.finding;
    let times = match count {
        1 => String::new(),
        count => format!(", {count} times"),
    };
    let (kind, message) = match kind {
        inspect::Kind::Hidden => (FindingKind::Hidden, format!("hidden: {name}{times}")),
        inspect::Kind::Secret => {
            let begins = sample.as_ref().map(|sample| format!(", {sample}…"));
            let message = format!(
                "looks like a secret: {name}{}{times}",
                begins.unwrap_or_default()
            );
            (FindingKind::Secret, message)
        }
    };
    let place = places.first().cloned().unwrap_or(Place {
        row: 0,
        columns: 0..0,
    });
    TextFinding {
        file: found.file.clone(),
        ..at(&place, kind, message)
    }
}

/// The files with their tokens, after the text, which gets what is left.
fn parts(prepared: &Prepared, counting: &Counting) -> Vec<PreparedPart> {
    let count = |text: &str| u64::from(counting.once(text.as_bytes()).tokens.0);
    let mut own = String::new();
    let mut from = 0;
    let mut parts = Vec::new();
    for part in &prepared.parts {
        own.push_str(&prepared.text[from..part.text_range.start]);
        from = part.text_range.end;
        parts.push(PreparedPart {
            name: part.name.clone(),
            tokens: count(&prepared.text[part.text_range.clone()]),
        });
    }
    own.push_str(&prepared.text[from..]);
    let text = PreparedPart {
        name: "text".to_owned(),
        tokens: count(&own),
    };
    parts.insert(0, text);
    parts
}

fn target(pane: &Pane, home: Option<&Path>) -> HandoverTarget {
    let below_home = home.and_then(|home| pane.path.strip_prefix(home).ok());
    let folder = match below_home {
        Some(rest) if rest.as_os_str().is_empty() => "~".to_owned(),
        Some(rest) => format!("~/{}", rest.display()),
        None => pane.path.display().to_string(),
    };
    HandoverTarget {
        name: format!("{TMUX}{}", pane.id),
        description: format!("{} · {folder} · {}", pane.command, pane.place),
    }
}
