--- Watches for what ends a wait: the last window on the buffer closes, the buffer goes, Neovim ends, `:cq` is typed, or
--- nobody waits any more. Does nothing while nothing is waited for.
local notify = require('promptstack.notify')
local spare = require('promptstack.edit.spare')
local typed = require('promptstack.edit.typed')
local waits = require('promptstack.edit.waits')

local M = {}

--- How often it is looked whether those who wait are still there.
local PULSE_MS = 1000
--- How often it is looked whether a question has been answered.
local QUESTION_MS = 50

local group = nil ---@type integer?
local pulse = nil ---@type uv.uv_timer_t?
--- What the command line that runs at the moment does.
local line = nil ---@type promptstack.TypedLine?
--- Between the decision to end Neovim and its end, or its refusal.
local is_leaving = false

--- Calls back when the command that runs has ended, and its questions are answered.
---@param done fun()
local function after_command(done)
  vim.schedule(function()
    if vim.startswith(vim.api.nvim_get_mode().mode, 'r') then
      vim.defer_fn(function()
        after_command(done)
      end, QUESTION_MS)
    else
      done()
    end
  end)
end

---@return boolean
local function is_exiting()
  return vim.v.exiting ~= vim.NIL
end

---@param wait promptstack.EditWait
---@param win integer
---@return boolean
local function is_last_window(wait, win)
  for _, other in ipairs(vim.fn.win_findbuf(wait.buf)) do
    if other ~= win then return false end
  end
  return true
end

--- `:q`, `:wq`, `:x`, `ZZ`, `ZQ`, and those that end Neovim: before they close a window.
local function on_quit(ev)
  local wait = waits.of(ev.buf)
  local win = wait and vim.fn.win_findbuf(ev.buf)[1]
  if not wait or wait.quitting or not win or not is_last_window(wait, win) then return end
  wait.quitting = true
  -- Else a changed buffer would be hidden without a word; so `:q` is refused, and `:q!` is not.
  vim.bo[ev.buf].bufhidden = 'unload'
  local close = spare.is_last(win) and spare.open(win, wait.origin.buf) or nil
  after_command(function()
    wait.quitting = false
    if waits.of(ev.buf) ~= wait or not vim.api.nvim_win_is_valid(win) then return end
    -- It was refused.
    vim.bo[ev.buf].bufhidden = 'hide'
    if close then close() end
  end)
end

--- The last window of a tab page is closed from another one.
local function on_window_left(ev)
  local wait = waits.of(ev.buf)
  if not wait then return end
  wait.is_left = true
  after_command(function()
    wait.is_left = false
  end)
end

local function on_window_closed(ev)
  local win = tonumber(ev.match) --[[@as integer?]]
  local wait = waits.of(ev.buf)
  if not wait or not win or not is_last_window(wait, win) then return end
  wait.was_there = wait.is_left or vim.api.nvim_get_current_win() == win
  local only_hidden = not wait.quitting and (vim.bo[ev.buf].modified or (line and line.hides))
  -- At once: the message that a file is written may stop Neovim at a prompt.
  if not only_hidden then waits.tell(wait, 'done') end
  after_command(function()
    if not only_hidden then
      waits.finish(wait, 'done', wait.was_there)
    elseif waits.of(ev.buf) == wait and vim.api.nvim_buf_is_loaded(ev.buf) then
      -- Else what has closed the window has taken the buffer too.
      notify.warn(('%s is hidden and still waited for (:Prompt drafts)'):format(waits.name(wait)))
    end
  end)
end

--- Before the text goes: also of a buffer that is only read anew.
local function on_unload(ev)
  local wait = waits.of(ev.buf)
  if not wait or is_exiting() then return end
  wait.unwritten = vim.bo[ev.buf].modified
  if wait.unwritten then waits.keep(ev.buf) end
  local was_there = wait.was_there or vim.api.nvim_get_current_buf() == ev.buf
  after_command(function()
    if not vim.api.nvim_buf_is_loaded(ev.buf) then waits.finish(wait, 'done', was_there) end
  end)
end

--- Neovim may refuse to end after `:wqa`, and stay at a message: whoever waits need not.
---@param wait promptstack.EditWait
local function hand_back_now(wait)
  waits.tell(wait, 'done')
  after_command(function()
    waits.finish(wait, 'done', vim.api.nvim_get_current_buf() == wait.buf)
  end)
end

local function on_exit_intended()
  is_leaving = true
  after_command(function()
    is_leaving = false
  end)
  if not (line and line.writes_all_and_quits) then return end
  for _, wait in ipairs(waits.list()) do
    if not vim.bo[wait.buf].modified then hand_back_now(wait) end
  end
end

local function on_written(ev)
  local wait = waits.of(ev.buf)
  if wait and is_leaving and not vim.bo[ev.buf].modified then hand_back_now(wait) end
end

--- Neovim ends: nobody is left waiting.
local function on_exit()
  for _, wait in ipairs(waits.list()) do
    local gives_up = vim.v.exiting ~= 0
    -- After a signal no buffer has its text any more.
    if vim.api.nvim_buf_is_loaded(wait.buf) and (gives_up or vim.bo[wait.buf].modified) then
      waits.keep(wait.buf)
    end
    waits.tell(wait, vim.v.dying > 0 and 'lost' or gives_up and 'aborted' or 'done')
  end
end

local function on_typed(ev)
  if vim.v.event.abort or ev.match ~= ':' then return end
  line = typed.read(vim.fn.getcmdline())
  after_command(function()
    line = nil
  end)
  local wait = waits.of(vim.api.nvim_get_current_buf())
  if not (line.quits_with_error and wait) then return end
  -- A copy of `v:event` is what Lua has.
  vim.cmd('let v:event.abort = v:true')
  vim.schedule(function()
    M.abort(wait)
  end)
end

--- Gives up: whoever waits hears of failure, the file is left as it was, the text is in the history.
---@param wait promptstack.EditWait
function M.abort(wait)
  local is_kept = waits.finish(wait, 'aborted', vim.api.nvim_get_current_buf() == wait.buf)
  M.refresh()
  local rest = is_kept and ', the text is in the history' or ''
  notify.info(('%s is given back as it was%s'):format(waits.name(wait), rest))
end

--- Watches as long as something is waited for.
function M.refresh()
  if #waits.list() == 0 then
    if group then vim.api.nvim_del_augroup_by_id(group) end
    if pulse then pulse:stop() end
    group = nil
    return
  end
  if group then return end
  local created = vim.api.nvim_create_augroup('promptstack.edit', {})
  group = created
  for event, callback in pairs({
    QuitPre = on_quit,
    WinClosed = on_window_closed,
    WinLeave = on_window_left,
    BufUnload = on_unload,
    ExitPre = on_exit_intended,
    BufWritePost = on_written,
    VimLeavePre = on_exit,
    CmdlineLeave = on_typed,
  }) do
    vim.api.nvim_create_autocmd(event, { group = created, callback = callback })
  end
  pulse = pulse or assert(vim.uv.new_timer())
  pulse:start(
    PULSE_MS,
    PULSE_MS,
    vim.schedule_wrap(function()
      waits.drop_gone()
      M.refresh()
    end)
  )
end

return M
