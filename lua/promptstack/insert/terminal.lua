--- A prompt on its way into a terminal: filled in a float first, then pasted.
---
--- Pasted, not sent: programs that know bracketed paste don't take each line for a command.
local Window = require('promptstack.ui.window')
local notify = require('promptstack.notify')

local M = {}

--- The stops that nobody has filled.
---@param session promptstack.Session
---@return promptstack.SessionStop[] with_default, promptstack.SessionStop[] required
local function unfilled(session)
  local stops = require('promptstack.placeholder.stops')
  local with_default, required = {}, {}
  for _, stop in ipairs(require('promptstack.placeholder.session').alive(session)) do
    if not stops.is_filled(session.buf, stop) then
      table.insert(stop.default and with_default or required, stop)
    end
  end
  return with_default, required
end

--- Says which placeholders are left that have no default, and goes to the first of them.
---@param session promptstack.Session
---@return boolean
local function asks_for_more(session)
  local _, required = unfilled(session)
  if #required == 0 then return false end
  local names, seen = {}, {}
  for _, stop in ipairs(required) do
    if not seen[stop.key] then names[#names + 1] = stop.name end
    seen[stop.key] = true
  end
  local text = 'not filled yet: %s (<C-s> once more pastes all the same)'
  notify.warn(text:format(table.concat(names, ', ')))
  require('promptstack.placeholder.jump').go(session, required[1])
  return true
end

--- Puts the defaults in where nothing was typed.
---@param session promptstack.Session
local function put_defaults(session)
  local links = require('promptstack.placeholder.links')
  for _, stop in ipairs((unfilled(session))) do
    links.write(session, stop, { stop.default or '' })
  end
end

--- Opens a prompt in a float over the terminal of the current window.
---@param reply promptstack.InsertReply
---@param from_terminal_mode? boolean whether the person came from terminal mode, should it have been left since
function M.open(reply, from_terminal_mode)
  local win = vim.api.nvim_get_current_win()
  local terminal = vim.api.nvim_get_current_buf()
  local was_typing = vim.api.nvim_get_mode().mode:sub(1, 1) == 't'
  local function show()
    local sessions = require('promptstack.placeholder.session')
    local window
    window = Window.open({
      title = 'Fill and paste into the terminal',
      footer = '<C-s> paste · q cancel',
      width = math.min(90, vim.o.columns - 6),
      height = math.max(3, math.min(#reply.lines + 1, vim.o.lines - 6)),
      enter = true,
      filetype = 'promptstack-paste',
      wrap = true,
      on_close = function()
        if not vim.api.nvim_win_is_valid(win) then return end
        vim.api.nvim_set_current_win(win)
        local is_there = vim.api.nvim_win_get_buf(win) == terminal
        if is_there and (was_typing or from_terminal_mode) then vim.cmd.startinsert() end
      end,
    })
    local told = false
    local function paste()
      if not (vim.api.nvim_win_is_valid(win) and vim.api.nvim_win_get_buf(win) == terminal) then
        return notify.warn('the terminal is gone; the text stays here')
      end
      local session = sessions.get(window.buf)
      if session then
        sessions.settle(session, true)
        if not told and asks_for_more(session) then
          told = true
          return
        end
        put_defaults(session)
      end
      local lines = vim.api.nvim_buf_get_lines(window.buf, 0, -1, true)
      window:close()
      local ok = pcall(vim.api.nvim_put, lines, 'c', true, true)
      if not ok then notify.warn('the terminal takes no text any more') end
    end
    window:map('n', '<C-s>', 'paste into the terminal', paste)
    -- Insert mode is left before the window is, or the terminal would be entered in it.
    vim.keymap.set(
      { 'i', 's' },
      '<C-s>',
      '<Esc><C-s>',
      { buffer = window.buf, remap = true, desc = 'paste into the terminal' }
    )
    window:map('n', 'q', 'cancel', function()
      window:close()
    end)
    require('promptstack.ui.help').attach(window)
    window:set_lines(reply.lines)
    require('promptstack.insert').begin(window.buf, reply, 0, 0)
  end
  if was_typing then
    vim.cmd.stopinsert()
    vim.schedule(show)
  else
    show()
  end
end

return M
