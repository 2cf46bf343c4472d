--- GENERATED from src/rpc/contract.rs by `make snap`: do not edit.
local client = require('promptstack.rpc.client')

local M = { version = '0.1.0', schema = 'df8aa80a6f80ca79' }

--- The beginning of an id.
---@class promptstack.CompleteParams
---@field query string What was typed.

--- Ids for completion.
---@class promptstack.CompleteReply
---@field ids string[] Prompt ids, best first.

--- Nothing to say but that it is done.
---@class promptstack.Done

--- The kinds of failure.
---@alias promptstack.ErrorKind 'not_found'|'invalid_input'|'config'|'auth'|'rate_limited'|'budget'|'unavailable'|'conflict'|'cancelled'|'internal'

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

--- What the plugin says of itself.
---@class promptstack.HelloParams
---@field cwd string The working directory.
---@field schema string The plugin's contract hash.
---@field setup? any What the person gave to `setup()`, without `ui`.
---@field version string The plugin's version.

--- What the host says of itself.
---@class promptstack.HelloReply
---@field config_file string The person's configuration file.
---@field log_file string The log file.
---@field notices string[] What the host did that the person should know, a line each.
---@field problems promptstack.Problem[] Findings about the configuration.
---@field prompts_dir string The folder of the person's own prompts.
---@field validate_on_startup boolean Whether errors in the library are told at the start.
---@field version string The host's version.

--- A prompt's text on its way into a buffer.
---@class promptstack.InsertReply
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

--- No parameters.
---@class promptstack.NoParams

--- Lines of a buffer.
---@class promptstack.ParseParams
---@field lines string[] The lines.

--- Placeholders found.
---@class promptstack.ParseReply
---@field stops promptstack.Stop[] In order; rows count from the first line sent.

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

--- A value to keep.
---@class promptstack.RememberParams
---@field key string `type:name`.
---@field value string What was filled in.

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

--- How bad a finding is.
---@alias promptstack.Severity 'warning'|'error'

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

--- The answer to "do you trust this file?".
---@class promptstack.TrustParams
---@field hash string The content that was shown.
---@field path string The file.
---@field trust boolean Whether to trust it.

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

client.speak(M.version, M.schema)

return M
