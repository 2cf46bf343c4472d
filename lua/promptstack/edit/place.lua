--- Where a file is opened that a program waits for: from whatever the person is doing, in a window that can be seen.
local notify = require('promptstack.notify')
local waits = require('promptstack.edit.waits')

local M = {}

--- So long nobody types before insert mode or the command line is left: an editor that opens by itself must not take
--- the letters meant for something else.
local PAUSE_MS = 400
--- How often it is looked whether a question has been answered.
local QUESTION_MS = 100
--- Between a key that was fed and what it has done.
local STEP_MS = 10
--- Modes that can't be left by keys, as Ex mode, are left alone after so many.
local MAX_STEPS = 50

--- A window that is smaller is not split.
local MIN_WIDTH, MIN_HEIGHT = 40, 6

--- Calls back after a pause in typing.
---@param done fun()
local function after_pause(done)
  local timer = assert(vim.uv.new_timer())
  local namespace = nil ---@type integer?
  local function finish()
    timer:close()
    vim.on_key(nil, namespace)
    done()
  end
  namespace = vim.on_key(function()
    if not timer:is_closing() then timer:start(PAUSE_MS, 0, vim.schedule_wrap(finish)) end
  end)
  timer:start(PAUSE_MS, 0, vim.schedule_wrap(finish))
end

--- Calls back in normal mode, or not at all.
---@param is_wanted fun(): boolean whether it is still worth it
---@param done fun()
function M.reach_normal_mode(is_wanted, done)
  local steps, paused = 0, false
  local function step()
    if not is_wanted() then return end
    local mode = vim.api.nvim_get_mode().mode
    local in_cmdline_window = vim.fn.getcmdwintype() ~= ''
    if (mode == 'n' or mode == 'nt') and not in_cmdline_window then return done() end
    if vim.startswith(mode, 'r') or mode == '!' then return vim.defer_fn(step, QUESTION_MS) end
    if not paused and (mode:match('^[iRc]') or mode:match('^ni') or in_cmdline_window) then
      paused = true
      return after_pause(step)
    end
    steps = steps + 1
    if steps > MAX_STEPS then return done() end
    -- Leaves every mode, a terminal's too, and what is typed on a command line stays in its history.
    vim.api.nvim_feedkeys(vim.keycode('<C-\\><C-n>'), 'in', false)
    vim.defer_fn(step, STEP_MS)
  end
  step()
end

--- Reads a buffer again where its file has changed since: a program uses the same name for another text. What the
--- person has not written stays, unless it is an earlier draft of ours, which the history has.
---@param buf integer
local function refresh(buf)
  if vim.bo[buf].modified then
    if not waits.is_ours(buf) or not waits.keep(buf) then return end
    vim.api.nvim_buf_call(buf, function()
      vim.cmd.edit({ bang = true, mods = { silent = true } })
    end)
    notify.info('an earlier draft of this file is in the history')
    return
  end
  vim.bo[buf].autoread = true
  vim.cmd.checktime({ args = { tostring(buf) }, mods = { silent = true } })
  vim.api.nvim_buf_call(buf, function()
    vim.cmd.setlocal('autoread<')
  end)
end

---@param path string of the swap file
local function tell_of_swap(path)
  local pid = vim.fn.swapinfo(path).pid
  local alive = pid and pid ~= 0 and vim.uv.kill(pid, 0) == 0
  notify.warn(
    alive and ('this file is also open in another editor (process %d)'):format(pid)
      or ('an editor that ended unexpectedly left %s (:recover shows its text)'):format(path)
  )
end

--- Does what loads a file without the question about a swap file, which nobody may be there to answer.
---@param load fun()
local function without_question(load)
  local swap = nil ---@type string?
  local autocmd = vim.api.nvim_create_autocmd('SwapExists', {
    callback = function()
      swap = vim.v.swapname
      vim.v.swapchoice = 'e'
    end,
  })
  local ok, message = pcall(load)
  vim.api.nvim_del_autocmd(autocmd)
  if swap then tell_of_swap(swap) end
  if not ok then error(message, 0) end
end

--- A window that shows the buffer: of this tab page rather than of another.
---@param buf integer
---@return integer?
local function shown_in(buf)
  local wins = vim.fn.win_findbuf(buf)
  local here = vim.api.nvim_get_current_tabpage()
  for _, win in ipairs(wins) do
    if vim.api.nvim_win_get_tabpage(win) == here then return win end
  end
  return wins[1]
end

--- Shows a buffer in a window of its own, and loads it there.
---@param buf integer
local function split(buf)
  local win = vim.api.nvim_get_current_win()
  local is_small = vim.api.nvim_win_get_width(win) < MIN_WIDTH
    or vim.api.nvim_win_get_height(win) < MIN_HEIGHT
  -- A float would cover the split below it; another tab page does not show it.
  local floats = vim.api.nvim_win_get_config(win).relative ~= ''
  local mods = { split = 'belowright' } ---@type table
  if is_small or floats then mods = { tab = vim.fn.tabpagenr() } end
  vim.cmd.split({ mods = mods })
  if vim.fn.exists('+winfixbuf') == 1 then vim.wo.winfixbuf = false end
  -- By number: no path is ever part of an Ex command.
  local ok, message = pcall(vim.cmd.buffer, { args = { tostring(buf) } })
  -- Somebody else's autocommand may fail where the file is there.
  if not ok and vim.api.nvim_get_current_buf() ~= buf then
    vim.cmd.close()
    error(message, 0)
  end
end

---@class promptstack.EditPlace
---@field buf integer
---@field win? integer the window, where it was opened for this
---@field was_there boolean whether the buffer was there before

--- Opens a file in a window and enters that.
---@param file string
---@param line integer 0 for none
---@return promptstack.EditPlace
function M.open(file, line)
  local highest = vim.fn.bufnr('$')
  local buf = vim.fn.bufadd(file)
  if vim.api.nvim_buf_is_loaded(buf) then refresh(buf) end
  local shown = shown_in(buf)
  if shown then
    vim.api.nvim_set_current_win(shown)
  else
    without_question(function()
      split(buf)
    end)
  end
  vim.bo[buf].buflisted = true
  local win = vim.api.nvim_get_current_win()
  if line > 0 then
    vim.api.nvim_win_set_cursor(win, { math.min(line, vim.api.nvim_buf_line_count(buf)), 0 })
  end
  return { buf = buf, win = not shown and win or nil, was_there = buf <= highest }
end

return M
