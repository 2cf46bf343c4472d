--- What is being written right now beside what the host knows of: compositions in buffers, and files that a program
--- waits for.
local format = require('promptstack.history.format')
local history = require('promptstack.history')
local keepers = require('promptstack.composition.keeper')
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')

local M = {}

---@class promptstack.WaitingFile
---@field buf integer
---@field file string
---@field client? string who waits, where that is known
---@field hidden? boolean whether no window shows it

--- Files that programs wait for, by buffer.
---@return table<integer, promptstack.WaitingFile>
local function waiting()
  local there, edit = pcall(require, 'promptstack.edit')
  local found = {}
  for _, file in ipairs(there and edit.waiting() or {}) do
    found[file.buf] = file
  end
  return found
end

--- The text's first 100 characters in one line.
---@param buf integer
---@return string
local function beginning(buf)
  local lines = vim.api.nvim_buf_get_lines(buf, 0, 100, false)
  local line = vim.trim(table.concat(lines, ' '):sub(1, 2000):gsub('%s+', ' '))
  return vim.fn.strcharpart(line, 0, 100)
end

---@param buf integer
---@return integer bytes
local function size(buf)
  -- nvim_buf_get_offset() says 1 for a text of one line that no file was read into.
  local bytes = 0
  for _, line in ipairs(vim.api.nvim_buf_get_lines(buf, 0, -1, false)) do
    bytes = bytes + #line + 1
  end
  return bytes
end

--- What a row says of a composition that is open.
---@param keeper promptstack.Keeper?
---@param file promptstack.WaitingFile?
---@return string
local function state(keeper, file)
  if file then return 'waited for' end
  local known = keeper and keepers.state(keeper)
  if known == 'failed' then return 'NOT SAVED' end
  return known == 'private' and 'private' or 'open'
end

---@param buf integer
---@param keeper promptstack.Keeper?
---@param file promptstack.WaitingFile?
---@return promptstack.HistoryRow
local function open_row(buf, keeper, file)
  local path = file and file.file or keeper and keeper.source
  local blank = history.is_blank(buf)
  return {
    key = keeper and keeper.id or ('buffer ' .. buf),
    id = keeper and keeper.id or '',
    time = keeper and math.floor(keeper.created / 1000) or os.time(),
    directory = keeper and keeper.directory or vim.fs.dirname(path or '') or '',
    name = keeper and keeper.name or path and vim.fs.basename(path) or '',
    preview = blank and '(nothing written yet)' or beginning(buf),
    positions = {},
    size = not blank and size(buf) or nil,
    tags = '',
    uses = 0,
    draft = true,
    buf = buf,
    state = state(keeper, file),
    client = file and file.client,
    note = file and (file.client or file.hidden and 'hidden') or '',
  }
end

---@param row promptstack.HistoryRow
---@param project string?
---@return boolean
local function is_in(row, project)
  return not project or row.directory == project or vim.startswith(row.directory, project .. '/')
end

---@param row promptstack.HistoryRow
---@param query string
---@return boolean
local function holds(row, query)
  local lines = vim.api.nvim_buf_get_lines(assert(row.buf), 0, -1, false)
  local text = (row.name .. ' ' .. table.concat(lines, '\n')):lower()
  for word in query:lower():gmatch('[^%s"*]+') do
    if not text:find(word, 1, true) then return false end
  end
  return true
end

--- Rows of what is open, what a program waits for first, the rest newest first.
---@param project string?
---@return promptstack.HistoryRow[]
local function open_rows(project)
  local files, found = waiting(), {}
  for _, keeper in ipairs(keepers.all()) do
    local file = files[keeper.buf]
    files[keeper.buf] = nil
    local empty = not file and history.is_blank(keeper.buf) and keepers.state(keeper) == 'new'
    if vim.api.nvim_buf_is_loaded(keeper.buf) and not (empty and keeper.source) then
      found[#found + 1] = open_row(keeper.buf, keeper, file)
    end
  end
  for buf, file in pairs(files) do
    if vim.api.nvim_buf_is_loaded(buf) then found[#found + 1] = open_row(buf, nil, file) end
  end
  -- Who waits is told wherever the shelf is looked at from.
  found = vim.tbl_filter(function(row)
    return row.state == 'waited for' or is_in(row, project)
  end, found)
  table.sort(found, function(a, b)
    local first, second = a.state == 'waited for', b.state == 'waited for'
    if first ~= second then return first end
    return a.time == b.time and a.buf > b.buf or a.time > b.time
  end)
  return found
end

--- The drafts that the host knows with what is open here before them, each once.
---@param drafts promptstack.HistoryRow[]
---@param query string
---@param project string?
---@return promptstack.HistoryRow[] rows
---@return integer added how many of them the host has not named
function M.merge(drafts, query, project)
  local by_id, found, taken, added = {}, {}, {}, 0
  for _, row in ipairs(drafts) do
    by_id[row.id] = row
  end
  for _, row in ipairs(open_rows(project)) do
    local known = by_id[row.id]
    if known or holds(row, query) then
      found[#found + 1] = row
      taken[row.id] = true
      if known then
        row.time, row.tags = known.time, known.tags
      else
        added = added + 1
      end
    end
  end
  for _, row in ipairs(drafts) do
    if not taken[row.id] then found[#found + 1] = row end
  end
  return found, added
end

--- What is said of a buffer that went while its row was shown.
local GONE = 'its buffer is gone (:Prompt history finds it)'

--- What is open, as a preview shows it.
---@param row promptstack.HistoryRow
---@return promptstack.PickerView
function M.view(row)
  local buf = assert(row.buf)
  local there = vim.api.nvim_buf_is_loaded(buf)
  local where = GONE
  if vim.api.nvim_buf_is_valid(buf) then
    where = 'buffer: ' .. vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buf), ':~')
  end
  local how = row.client and ' by ' .. row.client or row.note ~= '' and ', ' .. row.note or ''
  return {
    name = row.name ~= '' and row.name or 'no name',
    title = format.folder(row.directory),
    left = row.state .. how,
    right = row.size and format.size(row.size) or '',
    notes = { { where, 'PromptstackHint' } },
    lines = there and vim.api.nvim_buf_get_lines(buf, 0, 1000, false) or {},
    spans = {},
  }
end

--- Goes to a buffer that a row stands for.
---@param row promptstack.HistoryRow
function M.show(row)
  local buf = assert(row.buf)
  if not vim.api.nvim_buf_is_valid(buf) then return notify.warn(GONE) end
  local win = vim.fn.win_findbuf(buf)[1]
  if win then
    vim.api.nvim_set_current_win(win)
  elseif keepers.get(buf) then
    local open = { id = row.id } ---@type any it is known by its id alone
    require('promptstack.composition').resume(open)
  else
    require('promptstack.open')(buf, { how = 'split' })
  end
end

---@param row promptstack.HistoryRow
---@param done fun(err: string?)
local function shelve(row, done)
  rpc.composition_shelve({ id = row.id, draft = false }, function(err)
    done(err and notify.text(err))
  end)
end

--- Puts away what is open: it is saved, taken off the shelf, and its buffer closed.
---@param row promptstack.HistoryRow
---@param done fun(err: string?)
local function close_open(row, done)
  local buf = assert(row.buf)
  local keeper = keepers.get(buf)
  local what = ("'%s'"):format(row.name ~= '' and row.name or row.preview:sub(1, 30))
  if row.state == 'waited for' then
    local who = row.client or 'a program'
    return done(('%s waits for %s: :wq in it answers, :Prompt abort refuses'):format(who, what))
  elseif not keeper then
    return done(nil)
  elseif keeper.source then
    return done(('%s is the buffer of a file and stays open (:bdelete closes it)'):format(what))
  elseif history.is_blank(buf) and keepers.state(keeper) ~= 'saved' then
    vim.api.nvim_buf_delete(buf, { force = true })
    return done(nil)
  elseif keeper.is_private then
    return done(('%s is private and kept nowhere: :bwipeout! in it throws it away'):format(what))
  end
  keepers.save(keeper, function(saved)
    if not saved then
      local failure = keeper.failure and notify.text(keeper.failure) or 'the host is away'
      return done(('%s is not saved and stays: %s'):format(what, failure))
    end
    shelve(row, function(err)
      if not err and vim.api.nvim_buf_is_valid(buf) then vim.api.nvim_buf_delete(buf, { force = true }) end
      done(err)
    end)
  end)
end

--- Takes drafts off the shelf, one after the other until one can't be; their texts stay in the history.
---@param chosen promptstack.HistoryRow[]
---@param done fun(gone: promptstack.HistoryRow[], err: string?)
function M.put_away(chosen, done)
  local gone = {}
  local function next_one()
    local row = chosen[#gone + 1]
    if not row then return done(gone) end
    local away = row.buf and close_open or shelve
    away(row, function(err)
      if err then return done(gone, err) end
      gone[#gone + 1] = row
      next_one()
    end)
  end
  next_one()
end

return M
