--- The library as pickers show it: rows, what is said where there are none, previews.
local config = require('promptstack.config')
local host = require('promptstack.host')
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')

local M = {}

--- Highlight groups of placeholders by kind.
---@type table<promptstack.StopKind, string>
M.stop_groups = { text = 'PromptstackText', list = 'PromptstackList', choice = 'PromptstackChoice' }

--- One row of a search, with what a picker may show of it.
---@param reply promptstack.SearchReply
---@param index integer
---@return promptstack.PromptEntry
function M.entry(reply, index)
  ---@class promptstack.PromptEntry: promptstack.Picked
  local entry = {
    key = reply.ids[index],
    id = reply.ids[index],
    title = reply.titles[index],
    category = reply.categories[index],
    severity = reply.severities[index],
    uses = reply.uses[index],
    positions = reply.positions[index],
  }
  return entry
end

--- Every row of a search.
---@param reply promptstack.SearchReply
---@return promptstack.PromptEntry[]
function M.entries(reply)
  local entries = {}
  for index = 1, #reply.ids do
    entries[index] = M.entry(reply, index)
  end
  return entries
end

--- The sign of a prompt with findings.
---@param severity integer
---@return [string, string]? sign with its highlight group
function M.sign(severity)
  if severity == 0 then return nil end
  return {
    config.ui('icons') and '⚠' or '!',
    severity == 2 and 'PromptstackError' or 'PromptstackWarning',
  }
end

--- How often a prompt was used, as a row shows it.
---@param uses integer
---@return string
function M.uses(uses)
  if uses == 0 then return '' end
  return (config.ui('icons') and '×' or 'x') .. uses
end

---@param number integer
---@return string
local function thousands(number)
  local digits = tostring(number):reverse():gsub('(%d%d%d)', '%1,'):reverse()
  return (digits:gsub('^,', ''))
end

---@param reply promptstack.PromptReply
---@return promptstack.PickerView
function M.view(reply)
  local spans = {}
  for _, stop in ipairs(reply.stops) do
    spans[#spans + 1] =
      { row = stop.row, start = stop.start, finish = stop.finish, hl = M.stop_groups[stop.kind] }
  end
  local notes = {}
  for _, problem in ipairs(reply.problems) do
    local sign = M.sign(problem.severity == 'error' and 2 or 1) or {}
    local where = problem.line > 0 and ('%d:%d '):format(problem.line, problem.column) or ''
    local hint = problem.hint and (' (%s)'):format(problem.hint) or ''
    notes[#notes + 1] = { ('%s %s%s%s'):format(sign[1], where, problem.message, hint), sign[2] }
  end
  return {
    name = reply.id,
    title = reply.title,
    left = table.concat(reply.tags, ', '),
    right = ('~%s tok'):format(thousands(reply.tokens)),
    notes = notes,
    lines = reply.lines,
    spans = spans,
  }
end

--- What is said where no row is.
---@param query string
---@param reply { all: integer, loading: boolean }
---@return string[]
function M.nothing(query, reply)
  if reply.loading then
    return { 'reading the library…' }
  elseif reply.all == 0 then
    local hello = host.hello()
    local dir = hello and vim.fn.fnamemodify(hello.prompts_dir, ':~') or 'the prompts folder'
    return { 'the library is empty', ('put markdown files into %s'):format(dir) }
  end
  return { ('no prompt matches “%s”; <C-u> clears'):format(query) }
end

--- Searches; only the newest of several searches of one `word` is answered.
---@param word string
---@param query string
---@param limit integer
---@param on_reply fun(err: string?, reply: promptstack.SearchReply?)
---@return fun() cancel
function M.search(word, query, limit, on_reply)
  return rpc.library_search({ query = query, limit = limit }, function(err, reply)
    on_reply(err and notify.text(err), reply)
  end, { latest = word })
end

return M
