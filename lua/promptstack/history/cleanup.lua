--- The clean-up of the history: what there is, what may go, what goes, and then it is gone.
local Window = require('promptstack.ui.window')
local format = require('promptstack.history.format')
local marks = require('promptstack.ui.marks')
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')
local text = require('promptstack.ui.picker.text')
local waiting = require('promptstack.ui.waiting')

local M = {}

---@class promptstack.CleanupChoice
---@field words string
---@field params? promptstack.CleanupParams without them two dates are asked for

---@type promptstack.CleanupChoice[]
local choices = {}
for _, days in ipairs({ 30, 60, 90 }) do
  choices[#choices + 1] = { words = ('older than %d days'):format(days), params = { older_than_days = days } }
end
for _, count in ipairs({ 10, 25, 50 }) do
  choices[#choices + 1] = { words = ('all but the last %d'):format(count), params = { keep_last = count } }
end
choices[#choices + 1] = { words = 'from one day to another …' }
choices[#choices + 1] = { words = 'everything', params = { everything = true } }

--- Deleting many files, each of them for good, takes the disk its time.
local PATIENCE_MS = 10 * 60 * 1000
local WIDTH = 64

---@param title string
---@param lines string[]
---@param opts { footer: string, width: integer, at?: integer }
---@return promptstack.Window
local function show(title, lines, opts)
  local window = Window.open({
    title = title,
    footer = opts.footer,
    width = opts.width,
    height = #lines,
    enter = true,
    filetype = 'promptstack-cleanup',
  })
  window:set_lines(lines)
  vim.bo[window.buf].modifiable = false
  if opts.at then
    vim.wo[window.win].cursorline = true
    vim.api.nvim_win_set_cursor(window.win, { opts.at, 0 })
  end
  window:map_close()
  return window
end

---@param window promptstack.Window
---@param row integer from 0
---@param hl string
local function paint(window, row, hl)
  local line = vim.api.nvim_buf_get_lines(window.buf, row, row + 1, true)[1] or ''
  vim.api.nvim_buf_set_extmark(window.buf, marks.window, row, 0, { end_col = #line, hl_group = hl })
end

---@param choice promptstack.CleanupChoice
---@param params promptstack.CleanupParams
---@param shown promptstack.CleanupReply
local function delete(choice, params, shown)
  local exactly = vim.tbl_extend('force', params, { delete = shown.choice })
  waiting.during('deleting ' .. format.count(shown.count), function(on_reply)
    return rpc.history_cleanup(
      exactly --[[@as promptstack.CleanupParams]],
      on_reply,
      { timeout = PATIENCE_MS }
    )
  end, function(err, reply)
    if err and err.kind == 'conflict' then
      notify.error(err)
      return M.preview(choice, params)
    elseif err then
      return notify.error(err)
    end
    local words = ('deleted %s, freed %s'):format(format.number(reply.count), format.size(reply.bytes))
    if #reply.problems > 0 then return notify.warn(words .. '; ' .. format.some(reply.problems, 3)) end
    notify.info(words)
  end)
end

---@param reply promptstack.CleanupReply
---@param width integer
---@param height integer
---@return string[]
local function goes(reply, width, height)
  local words = reply.count == 1 and '%s goes, %s' or '%s go, %s'
  local spared = reply.spared == 0 and ''
    or reply.spared == 1 and '; 1 draft is spared'
    or ('; %s drafts are spared'):format(format.number(reply.spared))
  local lines = { ' ' .. words:format(format.count(reply.count), format.size(reply.bytes)) .. spared, '' }
  -- What is left out is counted in a line of its own.
  local room = math.max(1, height - #lines)
  if reply.count > room then room = math.max(1, room - 1) end
  local times, where = {}, 0
  for index, seconds in ipairs(vim.list_slice(reply.times, 1, room)) do
    times[index] = format.time(seconds)
    where = math.max(where, math.min(20, text.width(format.folder(reply.directories[index]))))
  end
  for index, time in ipairs(times) do
    local folder = format.tail(format.folder(reply.directories[index]), where)
    local pad = (' '):rep(where - text.width(folder))
    local line = (' %-11s  %s%s  %s'):format(time, folder, pad, (text.clean(reply.previews[index])))
    lines[#lines + 1] = text.fit(line, width - 1)
  end
  if reply.count > #times then
    lines[#lines + 1] = (' … and %s more'):format(format.number(reply.count - #times))
  end
  return lines
end

--- Shows what a choice would delete, and asks.
---@param choice promptstack.CleanupChoice
---@param params promptstack.CleanupParams
---@param before? promptstack.Window that stays until it can be shown: what is typed meanwhile is for it
function M.preview(choice, params, before)
  waiting.during('looking what goes', function(on_reply)
    return rpc.history_cleanup(params, on_reply, { timeout = PATIENCE_MS })
  end, function(err, reply)
    if before and not before:is_open() then return end
    if err then return notify.error(err) end
    if before then before:close() end
    M.confirm(choice, params, reply)
  end)
end

--- Asks whether to delete what is shown.
---@param choice promptstack.CleanupChoice
---@param params promptstack.CleanupParams
---@param reply promptstack.CleanupReply
function M.confirm(choice, params, reply)
  if reply.count == 0 then
    local spared = reply.spared > 0 and (' (%s spared)'):format(format.count(reply.spared, 'draft')) or ''
    return notify.info(('nothing to delete: %s%s'):format(choice.words, spared))
  end
  local width = math.min(100, vim.o.columns - 8)
  local lines = goes(reply, width, vim.o.lines - 8)
  local what = reply.count == 1 and 'deletes it' or ('deletes these %s'):format(format.number(reply.count))
  local footer = ('y %s for good · q keeps · <BS> back'):format(what)
  local window = show('Clean up: ' .. choice.words, lines, { footer = footer, width = width })
  paint(window, 0, 'PromptstackWarning')
  window:map('n', 'y', what .. ' for good', function()
    window:close()
    delete(choice, params, reply)
  end)
  window:map('n', '<BS>', 'back to the choices', function()
    M.open(window)
  end)
  require('promptstack.ui.help').attach(window)
end

local function ask_dates()
  local form = require('promptstack.ui.form').open({
    title = 'Clean up: from one day to another',
    fields = {
      {
        name = 'from',
        note = 'day',
        hint = 'YYYY-MM-DD, such as 2025-01-31; empty: the first',
        lines = { '' },
      },
      { name = 'to', note = 'day', hint = 'YYYY-MM-DD, that day too; empty: today', lines = { '' } },
    },
    apply = function(values, done)
      local function day(value)
        local word = vim.trim(table.concat(value, ' '))
        return word ~= '' and word or nil
      end
      local since, till = day(values[1]), day(values[2])
      if not since and not till then
        return done({ kind = 'invalid_input', message = 'neither day is given' })
      end
      local words = ('from %s to %s'):format(since or 'the first', till or 'today')
      local params = { since = since, ['until'] = till } ---@type promptstack.CleanupParams
      rpc.history_cleanup(params, function(err, reply)
        done(err)
        if not err then M.confirm({ words = words, params = params }, params, reply) end
      end, { timeout = PATIENCE_MS })
    end,
  })
  -- A day is one line.
  local opts = { buffer = form.window.buf, remap = true, desc = 'apply the form' }
  vim.keymap.set('i', '<CR>', '<C-s>', opts)
  vim.cmd.startinsert()
end

---@param state promptstack.HistoryStateReply
---@return string[]
local function statistics(state)
  local line = (' %s, %s'):format(format.count(state.count), format.size(state.bytes))
  if state.oldest then line = line .. ', the oldest of ' .. format.day(state.oldest) end
  local drafts = state.drafts == 0 and ' no drafts'
    or state.drafts == 1 and ' 1 of them is a draft, and stays'
    or (' %s of them are drafts, and stay'):format(format.number(state.drafts))
  return { line, drafts }
end

---@param state promptstack.HistoryStateReply
local function choose(state)
  local lines = statistics(state)
  if state.note then
    vim.list_extend(
      lines,
      vim.tbl_map(function(line)
        return ' ' .. line
      end, text.wrap(state.note, WIDTH - 2))
    )
  end
  local above = #lines
  lines[#lines + 1] = ''
  local first = #lines + 1
  for _, choice in ipairs(choices) do
    lines[#lines + 1] = '   ' .. choice.words
  end
  local window = show('Clean up the history', lines, {
    footer = '<CR> shows what goes · q close · g? keys',
    width = math.min(WIDTH, vim.o.columns - 4),
    at = first,
  })
  for row = 0, above - 1 do
    paint(window, row, row > 1 and 'PromptstackWarning' or 'PromptstackHint')
  end
  window:map('n', '<CR>', 'show what goes', function()
    local choice = choices[vim.api.nvim_win_get_cursor(window.win)[1] - first + 1]
    if choice and choice.params then
      M.preview(choice, choice.params, window)
    elseif choice then
      window:close()
      ask_dates()
    end
  end)
  require('promptstack.ui.help').attach(window)
end

--- Opens the clean-up.
---@param before? promptstack.Window that stays until it can be shown
function M.open(before)
  waiting.during('counting the history', function(on_reply)
    return rpc.history_state({}, on_reply)
  end, function(err, state)
    if before and not before:is_open() then return end
    if err then return notify.error(err) end
    if before then before:close() end
    if state.count == 0 and state.note then return notify.warn(state.note) end
    if state.count == 0 then return notify.info('the history is empty: there is nothing to clean up') end
    choose(state)
  end)
end

return M
