--- The library as pickers show it: rows, what is said where there are none, previews.
local config = require('promptstack.config')
local host = require('promptstack.host')
local marks = require('promptstack.ui.marks')
local notify = require('promptstack.notify')
local number = require('promptstack.ui.number')
local rpc = require('promptstack.rpc.contract')
local text = require('promptstack.ui.picker.text')

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
    right = ('~%s tok'):format(number.thousands(reply.tokens)),
    notes = notes,
    lines = reply.lines,
    spans = spans,
  }
end

--- A row as one line, for pickers that have no columns.
---@param entry promptstack.PromptEntry
---@return string line
---@return [integer, integer, string][] spans first byte from 0, the byte after the last, highlight group
function M.line(entry)
  local parts, bytes, spans = {}, 0, {}
  local function add(part, hl)
    if hl then spans[#spans + 1] = { bytes, bytes + #part, hl } end
    parts[#parts + 1] = part
    bytes = bytes + #part
  end
  if entry.category ~= '' then
    add((text.clean(entry.category)), 'PromptstackCategory')
    add('  ')
  end
  local sign = M.sign(entry.severity)
  if sign then
    add(sign[1], sign[2])
    add(' ')
  end
  local title, moved = text.clean(entry.title)
  for _, offset in ipairs(entry.positions) do
    local from = moved and moved(offset) or offset
    if from < #title then
      spans[#spans + 1] =
        { bytes + from, bytes + from + vim.str_utf_end(title, from + 1) + 1, 'PromptstackMatch' }
    end
  end
  add(title)
  local uses = M.uses(entry.uses)
  if uses ~= '' then
    add('  ')
    add(uses, 'PromptstackCount')
  end
  return table.concat(parts), spans
end

--- Writes a prompt into the preview buffer of another plugin's picker.
---@param buf integer
---@param id string
---@return fun() cancel
function M.preview_into(buf, id)
  return rpc.library_get({ id = id }, function(err, reply)
    if not vim.api.nvim_buf_is_valid(buf) then return end
    local view = reply and M.view(reply)
    local lines = {}
    if view then
      lines = { (text.clean(view.title)), view.left == '' and view.right or view.left .. '  ' .. view.right }
      for _, note in ipairs(view.notes) do
        lines[#lines + 1] = (text.clean(note[1]))
      end
      lines[#lines + 1] = ''
    end
    local body = #lines
    for _, line in ipairs(view and view.lines or { err and notify.text(err) or '' }) do
      lines[#lines + 1] = (line:gsub('\n', ' '))
    end
    vim.bo[buf].modifiable = true
    vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
    for _, span in ipairs(view and view.spans or {}) do
      local mark = { end_col = span.finish, hl_group = span.hl, strict = false }
      vim.api.nvim_buf_set_extmark(buf, marks.window, body + span.row, span.start, mark)
    end
  end, { latest = 'picker.preview' })
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

--- Searches a library that has been read; for pickers of other plugins, which can't be told of changes.
---@param query string
---@param limit integer
---@param on_reply fun(err: string?, reply: promptstack.SearchReply?)
---@return fun() cancel
function M.search_read(query, limit, on_reply)
  local cancel, stop, done = function() end, function() end, false
  local function ask()
    cancel = M.search('picker', query, limit, function(err, reply)
      if done then return end
      if reply and reply.loading then return end
      done = true
      stop()
      on_reply(err, reply)
    end)
  end
  stop = rpc.on_library_changed(ask)
  ask()
  return function()
    done = true
    stop()
    cancel()
  end
end

return M
