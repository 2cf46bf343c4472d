--- GENERATED from src/rpc/contract.rs by `make snap`: do not edit.
local client = require('promptstack.rpc.client')

local M = { version = '0.1.0', schema = 'fd71f62502be7e60' }

--- An answer that came to its end.
---@class promptstack.AskAnswer
---@field by string The model and what it took: `claude-sonnet-5-5 · 1,840 in · 210 out · $0.0031`.
---@field cached boolean Whether it was given before and cost nothing now.
---@field incomplete? string Why it is not the whole answer, where it is not.
---@field kept boolean Whether the history has it.
---@field problem? string Why the history does not have it, where it should.

--- One thing to know of a request.
---@class promptstack.AskFact
---@field name string What it is: `model`.
---@field value string How it is.

--- An answer as it is shown.
---@class promptstack.AskHiddenParams
---@field lines string[] Its lines.

--- What in it is not seen.
---@class promptstack.AskHiddenReply
---@field found promptstack.HiddenCharacter[] By sort of character.

--- One message of a request.
---@class promptstack.AskMessage
---@field lines string[] What is said.
---@field speaker string Who speaks: `user` or `assistant`.

--- A text to be answered.
---@class promptstack.AskParams
---@field composition? string The id of the composition that it was made of.
---@field confirmed? boolean Whether the person has seen what it may cost and wants it.
---@field lines string[] Its lines, as its reader gets them.
---@field role? string The role that the person names.

--- What there is so far; one field of it at a time.
---@class promptstack.AskPart
---@field model? string The model that is asked.
---@field text? string The next piece of the answer.
---@field waiting? string Why nothing will come for a while, and how long.

--- What would be sent.
---@class promptstack.AskPlanReply
---@field facts promptstack.AskFact[] To whom, how, and what it may cost.
---@field messages promptstack.AskMessage[] What it is told, in order.
---@field refused? string Why it would not be sent.
---@field system string[] Who the model is told to be; empty for nothing.

--- What became of it.
---@class promptstack.AskReply
---@field answer? promptstack.AskAnswer What there is to say of the answer.
---@field question? string What the person is to be asked first; nothing was sent yet.

--- Lines with file references.
---@class promptstack.CheckParams
---@field before? string[] Those of the lines above at which a block of code may begin or end, in order.
---@field directory string Where relative paths begin.
---@field lines string[] The lines.

--- What is to be said about references.
---@class promptstack.CheckReply
---@field findings promptstack.TextFinding[] In order.
---@field references promptstack.ReferenceSpan[] The references that lead to a file.

--- Who is to be asked from now on.
---@class promptstack.ChooseParams
---@field base_url? string Where it is; empty leaves what is said.
---@field model? string The model; empty leaves what is said.
---@field provider string The provider's name; `local` for nobody.

--- What became of the configuration file.
---@class promptstack.ChooseReply
---@field backup? string What the file was before, kept beside it.
---@field by_hand string[] The lines to write by hand, when the file is too unusual to be changed safely; else none.
---@field changed boolean Whether it was changed; it holds from the next start of the host on.
---@field line integer The line of the file at which they belong, from 1.

--- Which compositions a clean-up takes; exactly one is meant.
---@class promptstack.CleanupParams
---@field delete? string The choice that was shown, to delete exactly that; without it, it is only shown.
---@field drafts? boolean Whether drafts go too.
---@field everything? boolean Every one.
---@field keep_last? integer All but the newest so many.
---@field older_than_days? integer Those begun more than so many days ago.
---@field since? string Those begun from this day on, `2026-11-21`, to `until`, both included.
---@field until? string The last day of the range.

--- What goes, or is gone.
---@class promptstack.CleanupReply
---@field bytes integer How many bytes.
---@field choice string Stands for exactly these compositions.
---@field count integer How many compositions.
---@field directories string[] Where these were written.
---@field previews string[] Their first 100 characters.
---@field problems string[] What could not be deleted, a line each.
---@field spared integer Drafts that are spared.
---@field times integer[] When the first of them were begun, in seconds since 1970.

--- The beginning of an id.
---@class promptstack.CompleteParams
---@field query string What was typed.

--- Ids for completion.
---@class promptstack.CompleteReply
---@field ids string[] Prompt ids, best first.

--- Names a composition.
---@class promptstack.CompositionParams
---@field id string Its id.

--- Which composition is on the disk.
---@class promptstack.CompositionSavedData
---@field id string Its id.
---@field path string Its file.
---@field sequence integer How many times it was saved.

--- Which composition was handed over.
---@class promptstack.CompositionSentData
---@field id string Its id.
---@field to string To whom.

--- A composition and where it is to be continued.
---@class promptstack.ContinuationParams
---@field after string[] Its lines from the cursor on.
---@field another? boolean Whether an answer that was given before will not do.
---@field before string[] Its lines up to the cursor, the last one as far as it stands before it.
---@field confirmed? boolean Whether the person has seen what it may cost and wants it.
---@field keep_nothing? boolean Whether nothing of it may be kept, the answer included.
---@field shown? string[] Continuations that were shown already and are not wanted.

--- A continuation, or a question that has to be answered before one is asked for.
---@class promptstack.ContinuationReply
---@field confirm? string What to ask the person first: nothing was sent yet.
---@field cost? string What it cost, as it is shown; none when nobody knows.
---@field lines string[] What to put in at the cursor; a single empty line when the model had nothing to add.
---@field model string The model.

--- The provider lets us wait.
---@class promptstack.ContinuationWaiting
---@field seconds integer For how many seconds.
---@field why string Why, in a few words.

--- Names compositions.
---@class promptstack.DeleteParams
---@field ids string[] Their ids.

--- What is gone.
---@class promptstack.DeletedReply
---@field bytes integer How many bytes their files took.
---@field count integer How many compositions.
---@field problems string[] What could not be deleted, a line each.

--- A text for such a place.
---@class promptstack.DeliverParams
---@field directory string The working directory of a command.
---@field enter? boolean Whether Enter is pressed afterwards, in a pane.
---@field lines string[] The lines.
---@field pane? string `$TMUX_PANE`.
---@field target string The place.
---@field tmux? string `$TMUX`, where Neovim runs in tmux.

--- It has arrived.
---@class promptstack.DeliverReply
---@field output string[] What a command printed, at most 4 KB.

--- Nothing to say but that it is done.
---@class promptstack.Done

--- The kinds of failure.
---@alias promptstack.ErrorKind 'not_found'|'invalid_input'|'config'|'auth'|'rate_limited'|'budget'|'unavailable'|'conflict'|'cancelled'|'internal'

--- How lines end.
---@alias promptstack.FileFormat 'unix'|'dos'|'mac'

--- Names a file.
---@class promptstack.FileParams
---@field directory string Where `path` begins.
---@field path string The file.

--- The beginning of a file.
---@class promptstack.FilePreview
---@field bytes integer Its size in bytes.
---@field lines string[] Its lines, at most 200.
---@field note? string What there is to say about it: not text, or why it is not shown.

--- A search for files.
---@class promptstack.FilesParams
---@field directory string Where to begin.
---@field fresh? boolean Whether the directory is read anew.
---@field limit? integer The most rows wanted.
---@field query string What was typed.

--- Files found, best first.
---@class promptstack.FilesReply
---@field all integer How many there are.
---@field limited boolean Whether there are more than are known.
---@field loading boolean Whether the directory is still being read.
---@field matching integer How many match.
---@field paths string[] Paths below the directory.
---@field positions integer[][] Byte offsets of the matched characters in each path, from 0.
---@field secret boolean[] Which look as if they held secrets.

--- A list placeholder's line and its items.
---@class promptstack.FillListParams
---@field after string The line's text after the placeholder.
---@field before string The line's text before the placeholder.
---@field items string[] The items; one may hold several lines.

--- The lines that replace the whole line.
---@class promptstack.FillListReply
---@field count integer How many lines the bullets take.
---@field first integer Index of the first bullet's line, from 0.
---@field lines string[] At least one.

--- Sorts of findings.
---@alias promptstack.FindingKind 'unfilled'|'reference'|'secret_file'|'secret'|'hidden'|'note'

--- A hand-over of a composition.
---@class promptstack.HandedOver
---@field at integer When, in seconds since 1970.
---@field to string To whom.

--- A place that takes a text.
---@class promptstack.HandoverTarget
---@field description string What it is: `claude · ~/project`.
---@field name string As it is named in `:Prompt send`: `wc`, `tmux:%3`.

--- What the plugin says of itself.
---@class promptstack.HelloParams
---@field cwd string The working directory.
---@field schema string The plugin's contract hash.
---@field setup? any What the person gave to `setup()`, without `ui`.
---@field version string The plugin's version.

--- What the host says of itself.
---@class promptstack.HelloReply
---@field autosave_ms integer A composition is saved this many milliseconds after its last change.
---@field config_file string The person's configuration file.
---@field data_dir string The folder of compositions and other data.
---@field log_file string The log file.
---@field notices string[] What the host did that the person should know, a line each.
---@field problems promptstack.Problem[] Findings about the configuration.
---@field prompts_dir string The folder of the person's own prompts.
---@field providers string[] The names of who may be asked for a review.
---@field validate_on_startup boolean Whether errors in the library are told at the start.
---@field version string The host's version.

--- One sort of character that is not seen.
---@class promptstack.HiddenCharacter
---@field count integer How often it occurs.
---@field name string What it is called: `U+200B zero width space`.
---@field places promptstack.HiddenPlace[] Where, in order; the first 20.

--- Where a character stands.
---@class promptstack.HiddenPlace
---@field finish integer The byte after its last.
---@field row integer Line, from 0.
---@field start integer Its first byte in the line, from 0.

--- A composition of the history.
---@class promptstack.HistoryEntry
---@field created integer When it was begun, in seconds since 1970.
---@field directory string Where it was written.
---@field draft boolean Whether it is on the shelf.
---@field ended boolean Whether the last line ends too.
---@field files string[] The files linked in it.
---@field format promptstack.FileFormat How they end.
---@field id string Its id.
---@field lines string[] Its lines.
---@field mark string To be handed back when it is opened to be written on.
---@field name? string The draft's name.
---@field path string The file's path.
---@field prompts promptstack.UsedPrompt[] The prompts in it.
---@field sent string[] To whom it was handed over and when, a line each.
---@field tags string[] Its tags.
---@field updated integer When it was last saved, in seconds since 1970.
---@field without string[] Prompts of the library that never go along with it to a model, by id.

--- How far the index is off.
---@class promptstack.HistoryOutOfSyncData
---@field differences integer In about so many compositions it differs from the files.

--- A part of the history.
---@class promptstack.HistoryParams
---@field directory? string Only those written in this folder or below it.
---@field drafts? boolean Only drafts, saved last first.
---@field limit? integer The most rows wanted.
---@field query string What to look for in the texts; empty lists the newest first.
---@field whole? boolean Search all of it, however long that takes; otherwise what was found within 25 ms is the answer.

--- A composition to look at.
---@class promptstack.HistoryPreviewParams
---@field id string Its id.
---@field query? string What was looked for, to be marked in the text.

--- A composition as a preview shows it.
---@class promptstack.HistoryPreviewReply
---@field answer? string The model that wrote it, as an answer, and what that took.
---@field bytes integer The text's size in bytes.
---@field created integer When it was begun, in seconds since 1970.
---@field directory string Where it was written.
---@field draft boolean Whether it is on the shelf.
---@field files string[] The files linked in it.
---@field hits promptstack.HitSpan[] Where what was looked for stands in `lines`.
---@field id string Its id.
---@field lines string[] Its first lines, at most 1,000 and 256 KB.
---@field name? string The draft's name.
---@field prompts string[] The prompts in it.
---@field sent promptstack.HandedOver[] Its hand-overs, oldest first.
---@field stops promptstack.Stop[] Where placeholders stand in `lines`.
---@field tags string[] Its tags.
---@field total integer How many lines it has.
---@field updated integer When it was last saved, in seconds since 1970.

--- How large the new index is.
---@class promptstack.HistoryRebuiltData
---@field count integer Compositions in it.

--- Rows as columns of equal length.
---@class promptstack.HistoryReply
---@field all integer Compositions there are, of which these were asked for.
---@field directories string[] Where each was written.
---@field drafts boolean[] Which are drafts.
---@field files string[] The file of each, in that folder.
---@field folder string The folder of the files.
---@field ids string[] Ids.
---@field matching integer Compositions that match; at least so many where counting them all would take too long.
---@field names string[] Names of drafts, empty without one.
---@field note? string What there is to say about the index, where it is not as it should be.
---@field positions integer[][] Byte offsets of the characters found in each preview, from 0.
---@field previews string[] The first 100 characters of each; in a search, the piece of the text that was found.
---@field ranked_newest? integer So many of the newest were ranked, and the others follow by date.
---@field searched_newest? integer Only about so many of the newest were searched: ask for the whole.
---@field sizes integer[] Sizes in bytes.
---@field tags string[] Tags, separated by commas.
---@field times integer[] When each was begun, or, of drafts alone, last saved, in seconds since 1970.
---@field uses integer[] How often each was handed over.

--- How the history is.
---@class promptstack.HistoryStateReply
---@field bytes integer Bytes of their texts.
---@field count integer Compositions in it.
---@field drafts integer How many are drafts.
---@field note? string What there is to say about the index, where it is not as it should be.
---@field oldest? integer When the oldest was begun, in seconds since 1970.
---@field rebuild boolean Whether a rebuild should be offered.

--- What was found in a line.
---@class promptstack.HitSpan
---@field finish integer The byte after its last.
---@field row integer Line, from 0.
---@field start integer First byte in the line, from 0.

--- A prompt's text on its way into a buffer.
---@class promptstack.InsertReply
---@field hash string SHA-256 of the prompt's text, in hexadecimal.
---@field id string The prompt's id.
---@field lines string[] The text, a string a line, without a final empty one.
---@field stops promptstack.Stop[] Where placeholders stand in `lines`.

--- What changed in the library.
---@class promptstack.LibraryChangedData
---@field added string[] Ids of new prompts, at most 100.
---@field changed string[] Ids of prompts whose file changed, at most 100.
---@field errors integer Files with an error.
---@field first boolean Whether this is the first reading since the host started.
---@field removed string[] Ids of prompts that are gone, at most 100.
---@field total integer Prompts in the library.
---@field warnings integer Files with a warning but no error.

--- Titles and paths of equal length.
---@class promptstack.LinksParams
---@field paths string[] Paths.
---@field titles string[] Titles.

--- Files as a text names them, in the same order.
---@class promptstack.LinksReply
---@field links string[] `[title](path)`.
---@field references string[] `@path`; empty where the path can't be written so.

--- No parameters.
---@class promptstack.NoParams

--- A composition to make known.
---@class promptstack.OpenParams
---@field directory string The working directory.
---@field id? string Its id, a UUID of version 7; without it the draft with `name` is looked for.
---@field is_private? boolean Whether nothing of it may be kept.
---@field mark? string What the last save of it answered, where there was one.
---@field name? string The draft's name.
---@field source? string The file whose buffer it is written in, where it is one.

--- What the host knows of it.
---@class promptstack.OpenReply
---@field entry? promptstack.HistoryEntry Its text, where a draft was looked for and found.
---@field id? string Its id; absent where no draft has that name.
---@field is_private boolean Whether nothing of it is kept, asked for or excluded by the configuration.

--- Lines of a buffer.
---@class promptstack.ParseParams
---@field before? string[] Those of the lines above at which a block of code may begin or end, in order.
---@field lines string[] The lines.

--- Placeholders found.
---@class promptstack.ParseReply
---@field references promptstack.ReferenceSpan[] References to files, in order.
---@field stops promptstack.Stop[] In order; rows count from the first line sent.

--- A composition on its way out.
---@class promptstack.PrepareParams
---@field allowed? string[] Files that look as if they held secrets and may go all the same.
---@field directory string Where relative paths begin.
---@field lines string[] Its lines.

--- A composition as its reader gets it.
---@class promptstack.PrepareReply
---@field findings promptstack.TextFinding[] What blocks, has to be confirmed or is to be known, in order.
---@field lines string[] Its lines.
---@field parts promptstack.PreparedPart[] What it is made of, with tokens each: the text first, then files.
---@field tokens promptstack.TokenCount Tokens in total.

--- A part of what is handed over.
---@class promptstack.PreparedPart
---@field name string The file's path, or `text`.
---@field tokens integer Its tokens.

--- A finding about a file.
---@class promptstack.Problem
---@field column integer Byte column, from 1.
---@field hint? string The way out.
---@field line integer From 1; 0 where there is no place.
---@field message string What is wrong.
---@field path string The file, or `setup()`, or `environment`.
---@field severity promptstack.Severity How bad it is.

--- The project's configuration file.
---@class promptstack.ProjectReply
---@field hash string Stands for the content.
---@field lines string[] Its lines as they were read; trust is for exactly these.
---@field path? string The file, when there is one.
---@field trusted boolean Whether this content is trusted.

--- Names a prompt.
---@class promptstack.PromptParams
---@field id string The prompt's id.

--- A prompt as a preview shows it.
---@class promptstack.PromptReply
---@field body_line integer Line of the file on which the text begins, from 1.
---@field description string One sentence, or empty.
---@field id string The prompt's id.
---@field lines string[] The text, a string a line.
---@field path string The file.
---@field problems promptstack.Problem[] Findings about the file.
---@field source string The source's name.
---@field stops promptstack.Stop[] Where placeholders stand in `lines`.
---@field tags string[] Its tags.
---@field title string Its title.
---@field tokens integer An estimate of the text's length in tokens: bytes divided by 4.

--- Which prompt was used.
---@class promptstack.PromptUsedData
---@field id string The prompt's id.

--- How far a rebuild is.
---@class promptstack.RebuildPart
---@field done integer Files read.
---@field total integer Of so many.

--- The index is new.
---@class promptstack.RebuildReply
---@field backup? string Where the index is kept that was there before.
---@field count integer Compositions in it.
---@field unreadable string[] Files that can't be read, a line each.

--- A reference to a file in a line, `@src/main.rs:10-20`.
---@class promptstack.ReferenceSpan
---@field finish integer The byte after its last.
---@field row integer Line, from 0.
---@field start integer First byte in the line, from 0.

--- A value to keep.
---@class promptstack.RememberParams
---@field key string `type:name`.
---@field value string What was filled in.

--- A composition and its name.
---@class promptstack.RenameParams
---@field directory string The working directory that it was begun in.
---@field id string Its id.
---@field name string The name.

--- What came of it.
---@class promptstack.RenameReply
---@field name string The name, without blanks that are too many.

--- What a request to a model took.
---@class promptstack.RequestSpentData
---@field cached boolean Whether the answer was given before and cost nothing now.
---@field input integer Tokens of the question.
---@field micro_usd? integer Millionths of a dollar; none when nobody knows.
---@field model string The model.
---@field output integer Tokens of the answer.
---@field provider string The provider's name.
---@field role string The task, such as `suggest`.

--- A suggestion whose change is wanted.
---@class promptstack.ReviewApplyParams
---@field confirmed? boolean Whether the person has seen what it may cost and wants it.
---@field description string It in a sentence or two.
---@field lines string[] The lines of the text that it is about.
---@field title string It in a few words.

--- The change that a suggestion means.
---@class promptstack.ReviewApplyReply
---@field confirm? string What has to be asked before a model is; nothing was sent to it.
---@field edits promptstack.ReviewEdit[] What to change, in order and apart from each other.
---@field took? promptstack.ReviewTook What the model took.

--- A prompt that goes along, unless the person does not want it to.
---@class promptstack.ReviewCompanion
---@field cut boolean Whether only its beginning goes along.
---@field id string Its id.
---@field off boolean Whether it was left out, as asked.
---@field reasons string[] Why it was chosen, the weightiest reason first.
---@field title string Its title.
---@field tokens integer The tokens that it takes.

--- What of the library goes along with a composition.
---@class promptstack.ReviewContext
---@field chosen promptstack.ReviewCompanion[] What was chosen, best first.
---@field dropped promptstack.ReviewDropped[] What was nearly chosen.

--- A prompt that does not go along.
---@class promptstack.ReviewDropped
---@field id string Its id.
---@field why string Why not.

--- A change of a text; rows and byte columns count from 0.
---@class promptstack.ReviewEdit
---@field end_col integer Where in that row it ends.
---@field end_row integer Its last row.
---@field expected string[] The lines that must stand there; if others do, the text has changed and nothing is done.
---@field lines string[] The lines that are put in their place.
---@field start_col integer Where in that row.
---@field start_row integer Its first row.

--- What sort of thing a suggestion is.
---@alias promptstack.ReviewKind 'recommendation'|'gap'|'formatting'|'contradiction'|'clarity'|'reformatting'

--- A composition to be reviewed.
---@class promptstack.ReviewParams
---@field by? string Who reviews, `local` or a provider's name, instead of whom the configuration names.
---@field confirmed? boolean Whether the person has seen what it may cost and wants it.
---@field directory string Where its references to files begin.
---@field fresh? boolean Whether an answer that was given before will not do.
---@field keep_nothing? boolean Whether nothing of it may be kept, the answer included.
---@field lines string[] Its lines.
---@field without? string[] Prompts of the library that are not to go along, by id.

--- What comes of a review, one of these at a time.
---@class promptstack.ReviewPart
---@field asked? string The model that is asked now.
---@field context? promptstack.ReviewContext What of the library goes along.
---@field suggestion? promptstack.ReviewSuggestion A suggestion.
---@field waiting? string Why nothing comes for a while, and how long.

--- What the review cost and what of it could not be used.
---@class promptstack.ReviewReply
---@field by string Who reviewed: a model, or `local` for the checks that need none.
---@field confirm? string What has to be asked before a model is; nothing was sent to it.
---@field finds_changes boolean Whether a model is there to find the change of a suggestion that has none.
---@field problems string[] What could not be used of the answer, and why.
---@field took? promptstack.ReviewTook What the model took.

--- One suggestion, as soon as it is there.
---@class promptstack.ReviewSuggestion
---@field by string Who proposes it: a model, or `local`.
---@field description string It in a sentence or two.
---@field edits promptstack.ReviewEdit[] What to change, in order and apart from each other; each can be taken by itself.
---@field first? integer Its first row, from 0; none for the text as a whole.
---@field kind promptstack.ReviewKind What sort of thing it is.
---@field last? integer Its last row.
---@field prompt? string The prompt of the library that it recommends, by id.
---@field rule? string The local rule that found it.
---@field title string It in a few words.

--- What a request took.
---@class promptstack.ReviewTook
---@field cost? string What it cost, as it is shown: `$0.0031`; none when nobody knows.
---@field input integer Tokens of the question.
---@field output integer Tokens of the answer.

--- A search.
---@class promptstack.SearchParams
---@field limit? integer The most rows wanted.
---@field query string What was typed; empty gives the most used first.

--- Rows as columns of equal length: a quarter of the cost of a table per row.
---@class promptstack.SearchReply
---@field all integer Prompts in the library.
---@field categories string[] Categories, empty at the top of a folder.
---@field ids string[] Prompt ids.
---@field loading boolean Whether the library is still being read for the first time.
---@field matching integer Prompts that match.
---@field positions integer[][] Byte offsets of the matched characters in each title, from 0.
---@field severities integer[] 0 without findings, 1 with a warning, 2 with an error.
---@field titles string[] Titles.
---@field uses integer[] How often each was used.

--- Whether there is a key.
---@alias promptstack.SetupKey 'found'|'missing'|'none'

--- A provider that is asked which models it has.
---@class promptstack.SetupModelsParams
---@field provider string Its name.

--- The models of a provider.
---@class promptstack.SetupModelsReply
---@field models string[] Their ids.

--- A provider as far as the configuration tells; it was not asked.
---@class promptstack.SetupProvider
---@field base_url? string Where it is.
---@field configured boolean Whether the configuration says something of it, or has it asked.
---@field key promptstack.SetupKey Whether there is a key, or a way to it.
---@field key_name string How the configuration calls its key.
---@field key_words string Where that is, in a few words; never the key.
---@field model? string The model that it is asked for.
---@field name string Its name.

--- Who can be asked, and who is.
---@class promptstack.SetupReply
---@field default string The provider that is asked unless a task names another; `local` for nobody.
---@field limits promptstack.SpendingLimit[] What may be spent today and this month; empty when the accounts can't be read.
---@field providers promptstack.SetupProvider[] The providers that are known by name.
---@field tasks promptstack.SetupTask[] Who does which task.

--- Who does a task.
---@class promptstack.SetupTask
---@field model? string The model; none for nobody, or when none is said.
---@field name string The task.
---@field provider string The provider, or `local` for nobody.

--- How bad a finding is.
---@alias promptstack.Severity 'warning'|'error'

--- What becomes of a draft.
---@class promptstack.ShelveParams
---@field draft boolean Whether it is on the shelf from now on.
---@field id string The composition's id.
---@field sent_to? string To whom it was handed over, as it is shown; without it, it is put away or back.

--- A limit and how much of it is used.
---@class promptstack.SpendingLimit
---@field most string The most that may be spent, `$50.00`.
---@field name string `today` or `this month`.
---@field part number The part that is used, from 0; more than 1 where the limit was lowered since.
---@field spent string What is spent.

--- A month of the accounts.
---@class promptstack.StatsParams
---@field month? string The month, `2026-11`; none for the current one.

--- What was asked and spent in a month.
---@class promptstack.StatsReply
---@field by_day promptstack.StatsRow[] By day, the oldest first; days without a request are left out.
---@field by_model promptstack.StatsRow[] By model.
---@field by_provider promptstack.StatsRow[] By provider.
---@field by_role promptstack.StatsRow[] By task.
---@field kept integer Answers that are kept.
---@field kept_bytes integer Bytes that they take.
---@field limits promptstack.SpendingLimit[] What may be spent today and this month.
---@field next? string The month after; none after the current one.
---@field previous string The month before, `2026-10`.
---@field title string The month in words, `November 2026`.
---@field total promptstack.StatsRow All of it.

--- A part of it.
---@class promptstack.StatsRow
---@field cancelled integer Those that were withdrawn.
---@field cost string The same as one writes it, `$0.0031`.
---@field failures integer Those that failed.
---@field hit_percent integer Those of a hundred that were, rounded.
---@field hits integer Those that an answer given before was good for.
---@field input integer Tokens of questions, those included that the provider had kept.
---@field micro_usd integer Millionths of a dollar, with what is reserved.
---@field name string The day, provider, model or task; empty for all.
---@field output integer Tokens of answers.
---@field p50_ms? integer Milliseconds that half of the answers took at most.
---@field p95_ms? integer Milliseconds that 95 of a hundred answers took at most.
---@field part number Its part of the largest row: of the money, or of the requests where all was free; 0 to 1.
---@field requests integer Requests that ended.
---@field unknown_cost integer Requests whose cost nobody knows; they are not in the sum.
---@field unsettled integer Requests whose cost is what was reserved, since they never came to an end.

--- A placeholder in lines of text.
---@class promptstack.Stop
---@field default? string What it yields when left alone.
---@field finish integer The byte after its last.
---@field kind promptstack.StopKind What it takes.
---@field name string Its name.
---@field options string[] The options of a choice, empty for other kinds.
---@field row integer Line, from 0.
---@field start integer First byte in the line, from 0.

--- What a placeholder takes.
---@alias promptstack.StopKind 'text'|'list'|'choice'

--- Where Neovim itself is.
---@class promptstack.TargetsParams
---@field pane? string `$TMUX_PANE`.
---@field tmux? string `$TMUX`, where Neovim runs in tmux.

--- Places outside Neovim.
---@class promptstack.TargetsReply
---@field targets promptstack.HandoverTarget[] In order: commands of the configuration, then panes of tmux.

--- A finding at a place in a text.
---@class promptstack.TextFinding
---@field file? string The expanded file in which the place is; without it, it is in the lines that were sent.
---@field finish integer The byte after its last.
---@field hint? string The way out.
---@field kind promptstack.FindingKind What sort of finding it is.
---@field message string What is wrong; of a placeholder its name.
---@field path? string What allows a file that may hold secrets: the file itself, with all links followed.
---@field row integer Line, from 0.
---@field start integer First byte in the line, from 0.

--- A composition that is to be named.
---@class promptstack.TitleParams
---@field confirmed? boolean Whether the person has seen what it may cost and wants it.
---@field keep_nothing? boolean Whether nothing of it may be kept, the answer included.
---@field lines string[] Its lines.

--- A name that a model proposes, or a question that has to be answered before one is asked.
---@class promptstack.TitleReply
---@field confirm? string What to ask the person first: nothing was sent yet.
---@field name string The name; empty with a question.

--- The provider lets us wait.
---@class promptstack.TitleWaiting
---@field seconds integer For how many seconds.
---@field why string Why, in a few words.

--- Files to link.
---@class promptstack.TitlesParams
---@field directory string Where the paths begin.
---@field paths string[] The files.

--- Their titles.
---@class promptstack.TitlesReply
---@field titles string[] In the same order.

--- Tokens against the model's window.
---@class promptstack.TokenCount
---@field exact boolean Whether they are counted with the model's own vocabulary.
---@field level promptstack.TokenLevel Where that stands.
---@field text string As it is shown: `~320 tok (0.2%)`.
---@field tokens integer How many.

--- How full the model's window is.
---@alias promptstack.TokenLevel 'fine'|'warn'|'refuse'

--- The answer to "do you trust this file?".
---@class promptstack.TrustParams
---@field hash string The content that was shown.
---@field path string The file.
---@field trust boolean Whether to trust it.

--- Where a reference may be typed.
---@class promptstack.TypedParams
---@field column integer The cursor's byte in it, from 0.
---@field directory string Where relative paths begin.
---@field limit? integer The most rows wanted.
---@field line string The line.

--- What may be meant.
---@class promptstack.TypedReply
---@field references string[] References to files, best first.
---@field start? integer The byte at which its `@` stands; nothing where none is being typed.

--- What changed in a composition: everything between `head` lines at the beginning and `tail` lines
--- at the end is replaced by `lines`.
---@class promptstack.UpdateParams
---@field ended boolean Whether the last line ends too.
---@field files? string[] The files that were linked, where that changed.
---@field format? promptstack.FileFormat How its lines end.
---@field head integer Lines at the beginning that are as they were.
---@field id string The composition's id.
---@field lines string[] What stands between them now.
---@field number integer Counts up; a lower one than was seen is not applied.
---@field prompts? promptstack.UsedPrompt[] The prompts that were inserted, where that changed.
---@field save boolean Whether it is to be saved.
---@field tail integer Lines at the end that are as they were.
---@field total integer How many lines the buffer has; another number than comes out is a `conflict`, and everything has to be sent.
---@field without? string[] Prompts of the library that never go along to a model, by id, where that changed.

--- Where a composition stands.
---@class promptstack.UpdateReply
---@field chars integer Characters.
---@field conflict? string The other file, when that was changed by somebody else and this text went beside it.
---@field mark? string To be handed back when the composition is opened again.
---@field new_id? string The id under which it is saved from now on, where that changed.
---@field number integer The number that was sent.
---@field path? string The file's path.
---@field saved boolean Whether this text is on the disk.
---@field sequence integer How many times it was saved.
---@field tokens promptstack.TokenCount Tokens of the text with its references as they stand.

--- A prompt that went into a composition.
---@class promptstack.UsedPrompt
---@field hash string SHA-256 of its text, in hexadecimal.
---@field id string Its id.
---@field values table What its placeholders were filled with, by `type:name`.

--- What to check.
---@class promptstack.ValidateParams
---@field path? string A file of the library; without it, the whole library.
---@field text? string The file's text as it stands in the editor.

--- Some findings.
---@class promptstack.ValidatePart
---@field problems promptstack.Problem[] At most 200.

--- The check in numbers.
---@class promptstack.ValidateReply
---@field checked integer Files looked at.
---@field errors integer Findings that keep a prompt from being used.
---@field files integer Files with findings.
---@field warnings integer Other findings.

--- Names a placeholder.
---@class promptstack.ValuesParams
---@field key string `type:name`.

--- Values used before.
---@class promptstack.ValuesReply
---@field values string[] Newest first.

--- An error as Lua gets it.
---@class promptstack.WireError
---@field hint? string The way out.
---@field kind promptstack.ErrorKind What sort of failure it is.
---@field message string What happened.

--- Opens the conversation: compares versions, loads the configuration and starts reading the library.
---@param params promptstack.HelloParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.HelloReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.host_hello(params, on_reply, opts)
  return client.request('host.hello', params, on_reply, opts)
end

--- Finds prompts, best first; only the newest of several searches is answered.
---@param params promptstack.SearchParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.SearchReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.library_search(params, on_reply, opts)
  return client.request('library.search', params, on_reply, opts)
end

--- Names the prompts whose id matches what was typed so far, for completion.
---@param params promptstack.CompleteParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.CompleteReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.library_complete(params, on_reply, opts)
  return client.request('library.complete', params, on_reply, opts)
end

--- Reads one prompt for a preview or for editing.
---@param params promptstack.PromptParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.PromptReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.library_get(params, on_reply, opts)
  return client.request('library.get', params, on_reply, opts)
end

--- Reads one prompt to be inserted and counts the use; a prompt with an error is refused.
---@param params promptstack.PromptParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.InsertReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.library_insert(params, on_reply, opts)
  return client.request('library.insert', params, on_reply, opts)
end

--- Checks the library, or one text that stands in an editor; findings come in parts.
---@param params promptstack.ValidateParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.ValidateReply)
---@param opts? promptstack.CallOpts
---@param on_part? fun(part: promptstack.ValidatePart)
---@return fun() cancel
function M.library_validate(params, on_reply, opts, on_part)
  opts = vim.tbl_extend('force', opts or {}, { on_part = on_part })
  return client.request('library.validate', params, on_reply, opts)
end

--- Finds the placeholders in lines of a buffer.
---@param params promptstack.ParseParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.ParseReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.placeholder_parse(params, on_reply, opts)
  return client.request('placeholder.parse', params, on_reply, opts)
end

--- Puts the items of a list placeholder into its line.
---@param params promptstack.FillListParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.FillListReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.placeholder_fill_list(params, on_reply, opts)
  return client.request('placeholder.fill_list', params, on_reply, opts)
end

--- Gives the values last used for a placeholder, newest first, at most five.
---@param params promptstack.ValuesParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.ValuesReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.placeholder_values(params, on_reply, opts)
  return client.request('placeholder.values', params, on_reply, opts)
end

--- Keeps a value to be offered again.
---@param params promptstack.RememberParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.Done)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.placeholder_remember(params, on_reply, opts)
  return client.request('placeholder.remember', params, on_reply, opts)
end

--- Makes a composition known to the host: a new one, one that was saved before, or a draft by its name.
---@param params promptstack.OpenParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.OpenReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.composition_open(params, on_reply, opts)
  return client.request('composition.open', params, on_reply, opts)
end

--- Brings the host's copy of a composition up to date and, if asked, saves it.
---@param params promptstack.UpdateParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.UpdateReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.composition_update(params, on_reply, opts)
  return client.request('composition.update', params, on_reply, opts)
end

--- Forgets the host's copy of a composition; its file stays.
---@param params promptstack.CompositionParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.Done)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.composition_close(params, on_reply, opts)
  return client.request('composition.close', params, on_reply, opts)
end

--- Takes a composition from the shelf, handed over or put away, or puts it back there.
---@param params promptstack.ShelveParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.Done)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.composition_shelve(params, on_reply, opts)
  return client.request('composition.shelve', params, on_reply, opts)
end

--- Names a composition, which gets its name when it is opened where it is not open yet; a name that another draft
--- of its directory has is refused.
---@param params promptstack.RenameParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.RenameReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.composition_rename(params, on_reply, opts)
  return client.request('composition.rename', params, on_reply, opts)
end

--- Lists the history, newest first, or finds text in it, best first.
---@param params promptstack.HistoryParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.HistoryReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.history_list(params, on_reply, opts)
  return client.request('history.list', params, on_reply, opts)
end

--- Reads the beginning of a composition for a preview.
---@param params promptstack.HistoryPreviewParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.HistoryPreviewReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.history_preview(params, on_reply, opts)
  return client.request('history.preview', params, on_reply, opts)
end

--- Reads one composition of the history.
---@param params promptstack.CompositionParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.HistoryEntry)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.history_get(params, on_reply, opts)
  return client.request('history.get', params, on_reply, opts)
end

--- Deletes compositions for good.
---@param params promptstack.DeleteParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.DeletedReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.history_delete(params, on_reply, opts)
  return client.request('history.delete', params, on_reply, opts)
end

--- Says how the history and its index are.
---@param params promptstack.NoParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.HistoryStateReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.history_state(params, on_reply, opts)
  return client.request('history.state', params, on_reply, opts)
end

--- Makes the index anew from the files; progress comes in parts.
---@param params promptstack.NoParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.RebuildReply)
---@param opts? promptstack.CallOpts
---@param on_part? fun(part: promptstack.RebuildPart)
---@return fun() cancel
function M.history_rebuild(params, on_reply, opts, on_part)
  opts = vim.tbl_extend('force', opts or {}, { on_part = on_part })
  return client.request('history.rebuild', params, on_reply, opts)
end

--- Counts what a clean-up would delete, or deletes it.
---@param params promptstack.CleanupParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.CleanupReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.history_cleanup(params, on_reply, opts)
  return client.request('history.cleanup', params, on_reply, opts)
end

--- Finds files from a directory down; the newest of several searches is answered.
---@param params promptstack.FilesParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.FilesReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.files_find(params, on_reply, opts)
  return client.request('files.find', params, on_reply, opts)
end

--- Reads a file for a preview.
---@param params promptstack.FileParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.FilePreview)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.files_preview(params, on_reply, opts)
  return client.request('files.preview', params, on_reply, opts)
end

--- Gives files the titles of links to them.
---@param params promptstack.TitlesParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.TitlesReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.files_titles(params, on_reply, opts)
  return client.request('files.titles', params, on_reply, opts)
end

--- Makes links and references of titles and paths.
---@param params promptstack.LinksParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.LinksReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.files_links(params, on_reply, opts)
  return client.request('files.links', params, on_reply, opts)
end

--- Checks the file references in lines of a buffer.
---@param params promptstack.CheckParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.CheckReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.files_check(params, on_reply, opts)
  return client.request('files.check', params, on_reply, opts)
end

--- Completes a reference to a file that is being typed.
---@param params promptstack.TypedParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.TypedReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.files_complete(params, on_reply, opts)
  return client.request('files.complete', params, on_reply, opts)
end

--- Makes a composition ready for its reader: placeholders, references, and what has to be confirmed.
---@param params promptstack.PrepareParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.PrepareReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.handover_prepare(params, on_reply, opts)
  return client.request('handover.prepare', params, on_reply, opts)
end

--- Names the places that a composition can be handed to outside Neovim.
---@param params promptstack.TargetsParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.TargetsReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.handover_targets(params, on_reply, opts)
  return client.request('handover.targets', params, on_reply, opts)
end

--- Hands a text to such a place.
---@param params promptstack.DeliverParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.DeliverReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.handover_deliver(params, on_reply, opts)
  return client.request('handover.deliver', params, on_reply, opts)
end

--- Has a model answer a text; the answer comes in parts.
---@param params promptstack.AskParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.AskReply)
---@param opts? promptstack.CallOpts
---@param on_part? fun(part: promptstack.AskPart)
---@return fun() cancel
function M.ask_send(params, on_reply, opts, on_part)
  opts = vim.tbl_extend('force', opts or {}, { on_part = on_part })
  return client.request('ask.send', params, on_reply, opts)
end

--- Says what would be sent to a model, and sends nothing.
---@param params promptstack.AskParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.AskPlanReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.ask_plan(params, on_reply, opts)
  return client.request('ask.plan', params, on_reply, opts)
end

--- Finds the characters of an answer that are not seen.
---@param params promptstack.AskHiddenParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.AskHiddenReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.ask_hidden(params, on_reply, opts)
  return client.request('ask.hidden', params, on_reply, opts)
end

--- Looks a composition through for what could be better; suggestions come in parts.
---@param params promptstack.ReviewParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.ReviewReply)
---@param opts? promptstack.CallOpts
---@param on_part? fun(part: promptstack.ReviewPart)
---@return fun() cancel
function M.review_suggest(params, on_reply, opts, on_part)
  opts = vim.tbl_extend('force', opts or {}, { on_part = on_part })
  return client.request('review.suggest', params, on_reply, opts)
end

--- Asks a model for the change that a suggestion means; the text is not changed.
---@param params promptstack.ReviewApplyParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.ReviewApplyReply)
---@param opts? promptstack.CallOpts
---@param on_part? fun(part: promptstack.ReviewPart)
---@return fun() cancel
function M.review_apply(params, on_reply, opts, on_part)
  opts = vim.tbl_extend('force', opts or {}, { on_part = on_part })
  return client.request('review.apply', params, on_reply, opts)
end

--- Continues a composition at the cursor; what it waits for comes in parts.
---@param params promptstack.ContinuationParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.ContinuationReply)
---@param opts? promptstack.CallOpts
---@param on_part? fun(part: promptstack.ContinuationWaiting)
---@return fun() cancel
function M.ai_complete(params, on_reply, opts, on_part)
  opts = vim.tbl_extend('force', opts or {}, { on_part = on_part })
  return client.request('ai.complete', params, on_reply, opts)
end

--- Asks a model for a name for a composition; what it waits for comes in parts.
---@param params promptstack.TitleParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.TitleReply)
---@param opts? promptstack.CallOpts
---@param on_part? fun(part: promptstack.TitleWaiting)
---@return fun() cancel
function M.ai_title(params, on_reply, opts, on_part)
  opts = vim.tbl_extend('force', opts or {}, { on_part = on_part })
  return client.request('ai.title', params, on_reply, opts)
end

--- Says what models were asked in a month, and what that cost.
---@param params promptstack.StatsParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.StatsReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.stats_month(params, on_reply, opts)
  return client.request('stats.month', params, on_reply, opts)
end

--- Says who can be asked, where their keys are, and who does which task; asks nobody.
---@param params promptstack.NoParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.SetupReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.setup_state(params, on_reply, opts)
  return client.request('setup.state', params, on_reply, opts)
end

--- Writes into the person's configuration who is asked.
---@param params promptstack.ChooseParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.ChooseReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.setup_choose(params, on_reply, opts)
  return client.request('setup.choose', params, on_reply, opts)
end

--- Asks a provider which models it has, which costs nothing.
---@param params promptstack.SetupModelsParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.SetupModelsReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.setup_models(params, on_reply, opts)
  return client.request('setup.models', params, on_reply, opts)
end

--- Shows the project's configuration file and whether it is trusted.
---@param params promptstack.NoParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.ProjectReply)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.config_project(params, on_reply, opts)
  return client.request('config.project', params, on_reply, opts)
end

--- Trusts the project's configuration file as it was shown, or withdraws the trust.
---@param params promptstack.TrustParams
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.Done)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.config_trust(params, on_reply, opts)
  return client.request('config.trust', params, on_reply, opts)
end

--- The library was read again and differs.
--- Also the `User` autocommand `PromptstackLibraryChanged`.
---@param listener fun(data: promptstack.LibraryChangedData)
---@return fun() stop
function M.on_library_changed(listener)
  return client.on('library.changed', listener)
end

--- A prompt was inserted.
--- Also the `User` autocommand `PromptstackPromptUsed`.
---@param listener fun(data: promptstack.PromptUsedData)
---@return fun() stop
function M.on_prompt_used(listener)
  return client.on('prompt.used', listener)
end

--- A composition is on the disk.
--- Also the `User` autocommand `PromptstackCompositionSaved`.
---@param listener fun(data: promptstack.CompositionSavedData)
---@return fun() stop
function M.on_composition_saved(listener)
  return client.on('composition.saved', listener)
end

--- A composition was handed over.
--- Also the `User` autocommand `PromptstackCompositionSent`.
---@param listener fun(data: promptstack.CompositionSentData)
---@return fun() stop
function M.on_composition_sent(listener)
  return client.on('composition.sent', listener)
end

--- The index of the history differs from its files in more than is repaired unasked.
--- Also the `User` autocommand `PromptstackHistoryOutOfSync`.
---@param listener fun(data: promptstack.HistoryOutOfSyncData)
---@return fun() stop
function M.on_history_out_of_sync(listener)
  return client.on('history.out_of_sync', listener)
end

--- The index of the history was made anew.
--- Also the `User` autocommand `PromptstackHistoryRebuilt`.
---@param listener fun(data: promptstack.HistoryRebuiltData)
---@return fun() stop
function M.on_history_rebuilt(listener)
  return client.on('history.rebuilt', listener)
end

--- A model was asked, and it took something.
--- Also the `User` autocommand `PromptstackRequestSpent`.
---@param listener fun(data: promptstack.RequestSpentData)
---@return fun() stop
function M.on_request_spent(listener)
  return client.on('request.spent', listener)
end

client.speak(M.version, M.schema)

return M
