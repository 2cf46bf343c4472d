--- The files that programs wait for, and how a wait ends.
local client = require('promptstack.rpc.client')
local guard = require('promptstack.guard')
local notify = require('promptstack.notify')
local origins = require('promptstack.ui.origin')

local M = {}

---@alias promptstack.EditOutcome 'done'|'aborted'|'lost'

---@class promptstack.EditWait
---@field buf integer
---@field file string as the program named it
---@field channels integer[] of those who wait, the first one first
---@field origin promptstack.Origin where the person was
---@field win? integer the window that was opened for it
---@field borrowed boolean the buffer was there before, and stays
---@field bufhidden any of the buffer before
---@field quitting? boolean a command that closes its last window is running
---@field is_left? boolean the command that runs has left its window
---@field was_there? boolean the person was in its last window when that closed
---@field told? boolean the outcome is sent already
---@field keeper? promptstack.Keeper what keeps its text; nil once that has been handed over
---@field unwritten? boolean its buffer went with changes that were not written

--- What is sent to those who wait.
local EVENT = 'promptstack.edit'

--- How often it is looked whether the last save of a buffer that is gone has arrived.
local FLIGHT_MS = 20
--- How often, and after which pause, it is asked again that a text leaves the shelf.
local TRIES = 5
local AGAIN_MS = 200
--- How long Neovim's end may take for it.
local EXIT_MS = 1000

local all = {} ---@type table<integer, promptstack.EditWait>

---@param buf integer
---@return promptstack.EditWait?
function M.of(buf)
  return all[buf]
end

--- All of them, in the order of their buffers.
---@return promptstack.EditWait[]
function M.list()
  local found = vim.tbl_values(all)
  table.sort(found, function(one, other)
    return one.buf < other.buf
  end)
  return found
end

---@param wait promptstack.EditWait
function M.add(wait)
  all[wait.buf] = wait
  vim.b[wait.buf].promptstack_edit = true
end

--- Whether a buffer was made for a program, even one that is gone.
---@param buf integer
---@return boolean
function M.is_ours(buf)
  return vim.b[buf].promptstack_edit == true
end

--- Saves the text of a buffer to the history, at once.
---@param buf integer
---@return boolean kept
function M.keep(buf)
  local composition = require('promptstack.composition') --[[@as any]]
  if not composition.keep then return false end
  guard(composition.keep, buf)
  return true
end

--- The name of a file as messages show it.
---@param wait promptstack.EditWait
---@return string
function M.name(wait)
  return vim.fn.fnamemodify(wait.file, ':t')
end

--- Tells those who wait how it ended.
---@param wait promptstack.EditWait
---@param outcome promptstack.EditOutcome
function M.tell(wait, outcome)
  if wait.told then return end
  wait.told = true
  for i, channel in ipairs(wait.channels) do
    -- The one who came first knows what the file held before.
    local restore = outcome == 'aborted' and i == 1
    client.tell(channel, EVENT, { outcome = outcome, restore = restore })
  end
end

--- Tells a client that its file could not be opened.
---@param channel integer
---@param why string
function M.refuse(channel, why)
  client.tell(channel, EVENT, { outcome = 'failed', message = why })
end

---@param wait promptstack.EditWait
local function let_go(wait)
  all[wait.buf] = nil
  if vim.api.nvim_buf_is_valid(wait.buf) then vim.bo[wait.buf].bufhidden = wait.bufhidden end
end

--- Takes the buffer and its windows away; what was there before stays.
---@param wait promptstack.EditWait
local function clear(wait)
  local spare = require('promptstack.edit.spare')
  local buf = wait.buf
  if not vim.api.nvim_buf_is_valid(buf) then return end
  for _, win in ipairs(vim.fn.win_findbuf(buf)) do
    if spare.is_last(win) and (win == wait.win or not wait.borrowed) then
      spare.open(win, wait.origin.buf)
      break
    end
  end
  if not wait.borrowed then
    vim.api.nvim_buf_delete(buf, { force = true })
  elseif wait.win and vim.api.nvim_win_is_valid(wait.win) and vim.api.nvim_win_get_buf(wait.win) == buf then
    vim.api.nvim_win_close(wait.win, false)
  end
end

--- Takes the person back to where they were when the file came.
---@param origin promptstack.Origin
local function go_back(origin)
  if vim.api.nvim_win_is_valid(origin.win) then
    origins.back(origin, function() end)
  elseif origin.mode == 't' and vim.api.nvim_get_current_buf() == origin.buf then
    vim.cmd.startinsert()
  end
end

--- What the host is asked for when a text was handed back.
---@param keeper promptstack.Keeper
---@param file string
---@return promptstack.ShelveParams
local function shelving(keeper, file)
  return { id = keeper.id, sent_to = ('client (%s)'):format(vim.fn.fnamemodify(file, ':t')), draft = false }
end

--- Takes a text from the shelf while Neovim ends, and waits at most a second for it.
---@param keeper promptstack.Keeper
---@param file string
function M.hand_back_at_exit(keeper, file)
  if keeper.is_private or not require('promptstack.host').channel() then return end
  local is_done = false
  require('promptstack.rpc.contract').composition_shelve(shelving(keeper, file), function()
    is_done = true
  end)
  vim.wait(EXIT_MS, function()
    return is_done
  end, 2)
end

--- Takes the text from the shelf: its reader has it.
---@param wait promptstack.EditWait
---@param keeper promptstack.Keeper
---@param tries integer
local function leave_shelf(wait, keeper, tries)
  if keeper.flight then
    vim.defer_fn(function()
      leave_shelf(wait, keeper, tries)
    end, FLIGHT_MS)
    return
  end
  require('promptstack.rpc.contract').composition_shelve(shelving(keeper, wait.file), function(err)
    -- The buffer was closed this moment, and the host may be between the two ways to find its text. One that was
    -- handed back as it came was never saved: there is nothing to take away.
    if not err or err.kind ~= 'not_found' or tries <= 1 then return end
    vim.defer_fn(function()
      leave_shelf(wait, keeper, tries - 1)
    end, AGAIN_MS)
  end)
end

--- Ends a wait: what is not written goes to the history, the buffer goes, those who wait hear of it.
---@param wait promptstack.EditWait
---@param outcome promptstack.EditOutcome
---@param was_there? boolean whether the person was in its window, and is taken back
---@return boolean kept whether the text is in the history
function M.finish(wait, outcome, was_there)
  if all[wait.buf] ~= wait then return false end
  let_go(wait)
  local is_lost = vim.api.nvim_buf_is_loaded(wait.buf) and (outcome == 'aborted' or vim.bo[wait.buf].modified)
  local is_kept = is_lost and M.keep(wait.buf)
  guard(clear, wait)
  local keeper = wait.keeper
  if outcome == 'done' and not is_lost and not wait.unwritten and keeper and not keeper.is_private then
    leave_shelf(wait, keeper, TRIES)
  end
  if was_there then guard(go_back, wait.origin) end
  -- Last, so that whoever asks again for the same file finds nothing of this one.
  M.tell(wait, outcome)
  return is_kept
end

--- Ends a wait that nobody waits for any more: the text stays where it is.
---@param wait promptstack.EditWait
---@param why string
local function abandon(wait, why)
  let_go(wait)
  notify.warn(('%s: %s, the text stays here as a draft'):format(M.name(wait), why))
end

--- Drops somebody who waits no longer.
---@param channel integer
---@param why string
function M.drop(channel, why)
  for _, wait in ipairs(M.list()) do
    wait.channels = vim.tbl_filter(function(other)
      return other ~= channel
    end, wait.channels)
    if #wait.channels == 0 then abandon(wait, why) end
  end
end

--- Whether somebody is at the other end of a channel.
---@param channel integer
---@return boolean
function M.is_there(channel)
  local ok, info = pcall(vim.api.nvim_get_chan_info, channel)
  -- Of a channel that is closed 0.10 gives a table that is not quite empty.
  return ok and info.id ~= nil
end

--- Drops all who are gone without a word.
function M.drop_gone()
  for _, wait in ipairs(M.list()) do
    for _, channel in ipairs(wait.channels) do
      if not M.is_there(channel) then M.drop(channel, 'the program that waited is gone') end
    end
  end
end

return M
