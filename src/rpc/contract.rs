//! Everything that Lua and Rust say to each other, written once.
//!
//! A request has a doc line, a method name, parameters and a reply; `luacats` renders the list as
//! annotated Lua, [`dispatch`] demands a handler for each at compile time, and [`schema_hash`] tells
//! two builds apart. These types belong to the wire alone: `handlers` convert.

use std::future::Future;

use rmpv::Value;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::wire::{self, Encoded};
use crate::error::{Error, Kind, Result};

/// One request of the contract.
pub trait Request {
    /// The name on the wire.
    const METHOD: &'static str;
    /// What Lua sends.
    type Params: DeserializeOwned + JsonSchema;
    /// What it gets back.
    type Reply: Serialize + JsonSchema;
    /// What it gets before the reply when the request streams; [`NoParts`] when it does not.
    type Part: Serialize + JsonSchema;
}

/// The part type of requests that do not stream.
#[derive(Debug, Serialize, JsonSchema)]
pub enum NoParts {}

/// Answers one kind of request.
pub trait Handle<R: Request> {
    /// Answers it; parts, if any, go through `parts`.
    fn handle(
        &self,
        params: R::Params,
        parts: Parts<'_>,
    ) -> impl Future<Output = Result<R::Reply>> + Send;
}

/// Sends the parts of a streaming reply.
#[derive(Clone, Copy)]
pub struct Parts<'a>(pub &'a (dyn Fn(Encoded) + Send + Sync));

impl Parts<'_> {
    /// Sends one part.
    pub fn send<P: Serialize>(&self, part: P) -> Result<()> {
        (self.0)(wire::encode(&part)?);
        Ok(())
    }
}

/// A request as the Lua renderer sees it.
pub struct RequestSpec {
    /// The name on the wire.
    pub method: &'static str,
    /// Its doc lines.
    pub doc: &'static str,
    /// Schemas of parameters, reply and part.
    pub params: Schema,
    /// Schema of the reply.
    pub reply: Schema,
    /// Schema of a part, when the request streams.
    pub part: Option<Schema>,
}

/// An event as the Lua renderer sees it.
pub struct EventSpec {
    /// The name on the wire.
    pub name: &'static str,
    /// The `User` autocommand's pattern.
    pub autocmd: &'static str,
    /// Its doc lines.
    pub doc: &'static str,
    /// Schema of its data.
    pub data: Schema,
}

macro_rules! requests {
    ($($(#[doc = $doc:literal])+ $name:ident = $method:literal : $params:ty => $reply:ty $(, parts $part:ty)?;)+) => {
        $(
            $(#[doc = $doc])+
            pub struct $name;

            impl Request for $name {
                const METHOD: &'static str = $method;
                type Params = $params;
                type Reply = $reply;
                type Part = requests!(@part $($part)?);
            }
        )+

        /// Every request, in the order written.
        pub fn requests(schemas: &mut SchemaGenerator) -> Vec<RequestSpec> {
            vec![$(RequestSpec {
                method: $method,
                doc: concat!($($doc, "\n"),+),
                params: schemas.subschema_for::<$params>(),
                reply: schemas.subschema_for::<$reply>(),
                part: requests!(@spec schemas $($part)?),
            }),+]
        }

        /// Answers `method` through the host's handler for it.
        ///
        /// # Errors
        /// `not_found` for an unknown method, `invalid_input` for parameters of the wrong shape, and
        /// whatever the handler returns.
        pub async fn dispatch<H>(host: &H, method: &str, params: Value, parts: Parts<'_>) -> Result<Encoded>
        where
            H: Sync $(+ Handle<$name>)+
        {
            match method {
                $($method => {
                    let params = wire::decode(params).map_err(|e| {
                        Error::invalid(format!("'{method}' can't be called like this: {e}"))
                    })?;
                    wire::encode(&Handle::<$name>::handle(host, params, parts).await?)
                })+
                _ => Err(Error::not_found(format!("the host knows no request '{method}'"))
                    .hint("run :Prompt build")),
            }
        }
    };
    (@part) => { NoParts };
    (@part $part:ty) => { $part };
    (@spec $schemas:ident) => { None };
    (@spec $schemas:ident $part:ty) => { Some($schemas.subschema_for::<$part>()) };
}

macro_rules! events {
    ($($(#[doc = $doc:literal])+ $name:ident = $wire:literal, $autocmd:literal : $data:ty;)+) => {
        /// An event on its way to Lua.
        #[derive(Debug, Clone)]
        pub enum EventMessage { $($(#[doc = $doc])+ $name($data),)+ }

        impl EventMessage {
            /// The name on the wire and the data.
            pub fn into_wire(self) -> Result<(&'static str, Encoded)> {
                match self { $(Self::$name(data) => Ok(($wire, wire::encode(&data)?)),)+ }
            }
        }

        /// Every event, in the order written.
        pub fn events(schemas: &mut SchemaGenerator) -> Vec<EventSpec> {
            vec![$(EventSpec {
                name: $wire,
                autocmd: $autocmd,
                doc: concat!($($doc, "\n"),+),
                data: schemas.subschema_for::<$data>(),
            }),+]
        }
    };
}

requests! {
    /// Opens the conversation: compares versions, loads the configuration and starts reading the library.
    Hello = "host.hello": HelloParams => HelloReply;
    /// Finds prompts, best first; only the newest of several searches is answered.
    LibrarySearch = "library.search": SearchParams => SearchReply;
    /// Names the prompts whose id matches what was typed so far, for completion.
    LibraryComplete = "library.complete": CompleteParams => CompleteReply;
    /// Reads one prompt for a preview or for editing.
    LibraryGet = "library.get": PromptParams => PromptReply;
    /// Reads one prompt to be inserted and counts the use; a prompt with an error is refused.
    LibraryInsert = "library.insert": PromptParams => InsertReply;
    /// Checks the library, or one text that stands in an editor; findings come in parts.
    LibraryValidate = "library.validate": ValidateParams => ValidateReply, parts ValidatePart;
    /// Finds the placeholders in lines of a buffer.
    PlaceholderParse = "placeholder.parse": ParseParams => ParseReply;
    /// Puts the items of a list placeholder into its line.
    PlaceholderFillList = "placeholder.fill_list": FillListParams => FillListReply;
    /// Gives the values last used for a placeholder, newest first, at most five.
    PlaceholderValues = "placeholder.values": ValuesParams => ValuesReply;
    /// Keeps a value to be offered again.
    PlaceholderRemember = "placeholder.remember": RememberParams => Done;
    /// Makes a composition known to the host: a new one, one that was saved before, or a draft by its name.
    CompositionOpen = "composition.open": OpenParams => OpenReply;
    /// Brings the host's copy of a composition up to date and, if asked, saves it.
    CompositionUpdate = "composition.update": UpdateParams => UpdateReply;
    /// Forgets the host's copy of a composition; its file stays.
    CompositionClose = "composition.close": CompositionParams => Done;
    /// Takes a composition from the shelf, handed over or put away, or puts it back there.
    CompositionShelve = "composition.shelve": ShelveParams => Done;
    /// Names a composition, which gets its name when it is opened where it is not open yet; a name that another draft
    /// of its directory has is refused.
    CompositionRename = "composition.rename": RenameParams => RenameReply;
    /// Lists the history, newest first, or finds text in it, best first.
    HistoryList = "history.list": HistoryParams => HistoryReply;
    /// Reads the beginning of a composition for a preview.
    HistoryPreview = "history.preview": HistoryPreviewParams => HistoryPreviewReply;
    /// Reads one composition of the history.
    HistoryGet = "history.get": CompositionParams => HistoryEntry;
    /// Deletes compositions for good.
    HistoryDelete = "history.delete": DeleteParams => DeletedReply;
    /// Says how the history and its index are.
    HistoryState = "history.state": NoParams => HistoryStateReply;
    /// Makes the index anew from the files; progress comes in parts.
    HistoryRebuild = "history.rebuild": NoParams => RebuildReply, parts RebuildPart;
    /// Counts what a clean-up would delete, or deletes it.
    HistoryCleanup = "history.cleanup": CleanupParams => CleanupReply;
    /// Finds files from a directory down; the newest of several searches is answered.
    FilesFind = "files.find": FilesParams => FilesReply;
    /// Reads a file for a preview.
    FilesPreview = "files.preview": FileParams => FilePreview;
    /// Gives files the titles of links to them.
    FilesTitles = "files.titles": TitlesParams => TitlesReply;
    /// Makes links and references of titles and paths.
    FilesLinks = "files.links": LinksParams => LinksReply;
    /// Checks the file references in lines of a buffer.
    FilesCheck = "files.check": CheckParams => CheckReply;
    /// Completes a reference to a file that is being typed.
    FilesComplete = "files.complete": TypedParams => TypedReply;
    /// Makes a composition ready for its reader: placeholders, references, and what has to be confirmed.
    HandoverPrepare = "handover.prepare": PrepareParams => PrepareReply;
    /// Names the places that a composition can be handed to outside Neovim.
    HandoverTargets = "handover.targets": TargetsParams => TargetsReply;
    /// Hands a text to such a place.
    HandoverDeliver = "handover.deliver": DeliverParams => DeliverReply;
    /// Has a model answer a text; the answer comes in parts.
    AskSend = "ask.send": AskParams => AskReply, parts AskPart;
    /// Says what would be sent to a model, and sends nothing.
    AskPlan = "ask.plan": AskParams => AskPlanReply;
    /// Finds the characters of an answer that are not seen.
    AskHidden = "ask.hidden": AskHiddenParams => AskHiddenReply;
    /// Looks a composition through for what could be better; suggestions come in parts.
    ReviewSuggest = "review.suggest": ReviewParams => ReviewReply, parts ReviewPart;
    /// Asks a model for the change that a suggestion means; the text is not changed.
    ReviewApply = "review.apply": ReviewApplyParams => ReviewApplyReply, parts ReviewPart;
    /// Continues a composition at the cursor; what it waits for comes in parts.
    AiComplete = "ai.complete": ContinuationParams => ContinuationReply, parts ContinuationWaiting;
    /// Asks a model for a name for a composition; what it waits for comes in parts.
    AiTitle = "ai.title": TitleParams => TitleReply, parts TitleWaiting;
    /// Says what models were asked in a month, and what that cost.
    StatsMonth = "stats.month": StatsParams => StatsReply;
    /// Says who can be asked, where their keys are, and who does which task; asks nobody.
    SetupState = "setup.state": NoParams => SetupReply;
    /// Writes into the person's configuration who is asked.
    SetupChoose = "setup.choose": ChooseParams => ChooseReply;
    /// Asks a provider which models it has, which costs nothing.
    SetupModels = "setup.models": SetupModelsParams => SetupModelsReply;
    /// Shows the project's configuration file and whether it is trusted.
    ConfigProject = "config.project": NoParams => ProjectReply;
    /// Trusts the project's configuration file as it was shown, or withdraws the trust.
    ConfigTrust = "config.trust": TrustParams => Done;
}

events! {
    /// The library was read again and differs.
    LibraryChanged = "library.changed", "PromptstackLibraryChanged": LibraryChangedData;
    /// A prompt was inserted.
    PromptUsed = "prompt.used", "PromptstackPromptUsed": PromptUsedData;
    /// A composition is on the disk.
    CompositionSaved = "composition.saved", "PromptstackCompositionSaved": CompositionSavedData;
    /// A composition was handed over.
    CompositionSent = "composition.sent", "PromptstackCompositionSent": CompositionSentData;
    /// The index of the history differs from its files in more than is repaired unasked.
    HistoryOutOfSync = "history.out_of_sync", "PromptstackHistoryOutOfSync": HistoryOutOfSyncData;
    /// The index of the history was made anew.
    HistoryRebuilt = "history.rebuilt", "PromptstackHistoryRebuilt": HistoryRebuiltData;
    /// A model was asked, and it took something.
    RequestSpent = "request.spent", "PromptstackRequestSpent": RequestSpentData;
}

mod ask;
mod complete;
mod composition;
mod handover;
mod review;
mod setup;
mod stats;
mod title;

pub use ask::*;
pub use complete::*;
pub use composition::*;
pub use handover::*;
pub use review::*;
pub use setup::*;
pub use stats::*;
pub use title::*;

/// No parameters.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct NoParams {}

/// Nothing to say but that it is done.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Done {}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It works, with a reservation.
    Warning,
    /// It can't be used until it is mended.
    Error,
}

/// A finding about a file.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Problem {
    /// The file, or `setup()`, or `environment`.
    pub path: String,
    /// From 1; 0 where there is no place.
    pub line: u32,
    /// Byte column, from 1.
    pub column: u32,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// The way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// What the plugin says of itself.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct HelloParams {
    /// The plugin's version.
    pub version: String,
    /// The plugin's contract hash.
    pub schema: String,
    /// The working directory.
    pub cwd: String,
    /// What the person gave to `setup()`, without `ui`.
    #[serde(default)]
    pub setup: Json,
}

/// What the host says of itself.
#[derive(Debug, Serialize, JsonSchema)]
pub struct HelloReply {
    /// The host's version.
    pub version: String,
    /// Findings about the configuration.
    pub problems: Vec<Problem>,
    /// What the host did that the person should know, a line each.
    pub notices: Vec<String>,
    /// The person's configuration file.
    pub config_file: String,
    /// The log file.
    pub log_file: String,
    /// The folder of the person's own prompts.
    pub prompts_dir: String,
    /// Whether errors in the library are told at the start.
    pub validate_on_startup: bool,
    /// The folder of compositions and other data.
    pub data_dir: String,
    /// A composition is saved this many milliseconds after its last change.
    pub autosave_ms: u32,
    /// The names of who may be asked for a review.
    pub providers: Vec<String>,
}

/// A search.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct SearchParams {
    /// What was typed; empty gives the most used first.
    pub query: String,
    /// The most rows wanted.
    #[serde(default = "default_limit")]
    pub limit: u32,
}

fn default_limit() -> u32 {
    200
}

/// Rows as columns of equal length: a quarter of the cost of a table per row.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SearchReply {
    /// Prompts that match.
    pub matching: u32,
    /// Prompts in the library.
    pub all: u32,
    /// Whether the library is still being read for the first time.
    pub loading: bool,
    /// Prompt ids.
    pub ids: Vec<String>,
    /// Titles.
    pub titles: Vec<String>,
    /// Categories, empty at the top of a folder.
    pub categories: Vec<String>,
    /// How often each was used.
    pub uses: Vec<u32>,
    /// 0 without findings, 1 with a warning, 2 with an error.
    pub severities: Vec<u8>,
    /// Byte offsets of the matched characters in each title, from 0.
    pub positions: Vec<Vec<u32>>,
}

/// The beginning of an id.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CompleteParams {
    /// What was typed.
    pub query: String,
}

/// Ids for completion.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CompleteReply {
    /// Prompt ids, best first.
    pub ids: Vec<String>,
}

/// Names a prompt.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct PromptParams {
    /// The prompt's id.
    pub id: String,
}

/// A prompt as a preview shows it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PromptReply {
    /// The prompt's id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// One sentence, or empty.
    pub description: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// The source's name.
    pub source: String,
    /// The file.
    pub path: String,
    /// The text, a string a line.
    pub lines: Vec<String>,
    /// Line of the file on which the text begins, from 1.
    pub body_line: u32,
    /// Where placeholders stand in `lines`.
    pub stops: Vec<Stop>,
    /// An estimate of the text's length in tokens: bytes divided by 4.
    pub tokens: u32,
    /// Findings about the file.
    pub problems: Vec<Problem>,
}

/// A prompt's text on its way into a buffer.
#[derive(Debug, Serialize, JsonSchema)]
pub struct InsertReply {
    /// The prompt's id.
    pub id: String,
    /// The text, a string a line, without a final empty one.
    pub lines: Vec<String>,
    /// Where placeholders stand in `lines`.
    pub stops: Vec<Stop>,
    /// SHA-256 of the prompt's text, in hexadecimal.
    pub hash: String,
}

/// What a placeholder takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopKind {
    /// Text of one or several lines.
    Text,
    /// Items that become bullets.
    List,
    /// One of its options.
    Choice,
}

/// A placeholder in lines of text.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Stop {
    /// Line, from 0.
    pub row: u32,
    /// First byte in the line, from 0.
    pub start: u32,
    /// The byte after its last.
    pub finish: u32,
    /// What it takes.
    pub kind: StopKind,
    /// Its name.
    pub name: String,
    /// What it yields when left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The options of a choice, empty for other kinds.
    pub options: Vec<String>,
}

/// What to check.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ValidateParams {
    /// A file of the library; without it, the whole library.
    pub path: Option<String>,
    /// The file's text as it stands in the editor.
    pub text: Option<String>,
}

/// Some findings.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ValidatePart {
    /// At most 200.
    pub problems: Vec<Problem>,
}

/// The check in numbers.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ValidateReply {
    /// Findings that keep a prompt from being used.
    pub errors: u32,
    /// Other findings.
    pub warnings: u32,
    /// Files with findings.
    pub files: u32,
    /// Files looked at.
    pub checked: u32,
}

/// Lines of a buffer.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ParseParams {
    /// The lines.
    pub lines: Vec<String>,
    /// Those of the lines above at which a block of code may begin or end, in order.
    #[serde(default)]
    pub before: Vec<String>,
}

/// Placeholders found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ParseReply {
    /// In order; rows count from the first line sent.
    pub stops: Vec<Stop>,
    /// References to files, in order.
    pub references: Vec<ReferenceSpan>,
}

/// A reference to a file in a line, `@src/main.rs:10-20`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReferenceSpan {
    /// Line, from 0.
    pub row: u32,
    /// First byte in the line, from 0.
    pub start: u32,
    /// The byte after its last.
    pub finish: u32,
}

/// A list placeholder's line and its items.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct FillListParams {
    /// The line's text before the placeholder.
    pub before: String,
    /// The items; one may hold several lines.
    pub items: Vec<String>,
    /// The line's text after the placeholder.
    pub after: String,
}

/// The lines that replace the whole line.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FillListReply {
    /// At least one.
    pub lines: Vec<String>,
    /// Index of the first bullet's line, from 0.
    pub first: u32,
    /// How many lines the bullets take.
    pub count: u32,
}

/// Names a placeholder.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct ValuesParams {
    /// `type:name`.
    pub key: String,
}

/// Values used before.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ValuesReply {
    /// Newest first.
    pub values: Vec<String>,
}

/// A value to keep.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct RememberParams {
    /// `type:name`.
    pub key: String,
    /// What was filled in.
    pub value: String,
}

/// The project's configuration file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ProjectReply {
    /// The file, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its lines as they were read; trust is for exactly these.
    pub lines: Vec<String>,
    /// Stands for the content.
    pub hash: String,
    /// Whether this content is trusted.
    pub trusted: bool,
}

/// The answer to "do you trust this file?".
#[derive(Debug, Deserialize, JsonSchema)]
pub struct TrustParams {
    /// The file.
    pub path: String,
    /// The content that was shown.
    pub hash: String,
    /// Whether to trust it.
    pub trust: bool,
}

/// What changed in the library.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct LibraryChangedData {
    /// Ids of new prompts, at most 100.
    pub added: Vec<String>,
    /// Ids of prompts whose file changed, at most 100.
    pub changed: Vec<String>,
    /// Ids of prompts that are gone, at most 100.
    pub removed: Vec<String>,
    /// Prompts in the library.
    pub total: u32,
    /// Files with an error.
    pub errors: u32,
    /// Files with a warning but no error.
    pub warnings: u32,
    /// Whether this is the first reading since the host started.
    pub first: bool,
}

/// Which prompt was used.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct PromptUsedData {
    /// The prompt's id.
    pub id: String,
}

/// An error as Lua gets it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct WireError {
    /// What sort of failure it is.
    pub kind: ErrorKind,
    /// What happened.
    pub message: String,
    /// The way out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the same words as error::Kind")]
pub enum ErrorKind {
    NotFound,
    InvalidInput,
    Config,
    Auth,
    RateLimited,
    Budget,
    Unavailable,
    Conflict,
    Cancelled,
    Internal,
}

impl From<&Error> for WireError {
    /// The error as Lua gets it; its cause stays in the log.
    fn from(error: &Error) -> Self {
        let kind = match error.kind() {
            Kind::NotFound => ErrorKind::NotFound,
            Kind::InvalidInput => ErrorKind::InvalidInput,
            Kind::Config => ErrorKind::Config,
            Kind::Auth => ErrorKind::Auth,
            Kind::RateLimited => ErrorKind::RateLimited,
            Kind::Budget => ErrorKind::Budget,
            Kind::Unavailable => ErrorKind::Unavailable,
            Kind::Conflict => ErrorKind::Conflict,
            Kind::Cancelled => ErrorKind::Cancelled,
            Kind::Internal => ErrorKind::Internal,
        };
        Self {
            kind,
            message: error.message().to_owned(),
            hint: error.hint_text().map(str::to_owned),
        }
    }
}

/// The contract's fingerprint: 16 hexadecimal digits over every method, event and schema.
pub fn schema_hash() -> String {
    let mut schemas = SchemaGenerator::default();
    let mut hasher = Sha256::new();
    for request in requests(&mut schemas) {
        hasher.update(request.method);
        hasher.update(serde_json::json!([request.params, request.reply, request.part]).to_string());
    }
    for event in events(&mut schemas) {
        hasher.update(event.name);
        hasher.update(event.data.as_value().to_string());
    }
    let definitions = Json::Object(schemas.take_definitions(true));
    hasher.update(definitions.to_string());
    hasher
        .finalize()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
