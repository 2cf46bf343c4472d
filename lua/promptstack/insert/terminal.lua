--- A prompt on its way into a terminal: filled in a float first, then pasted.
---
--- Pasted, not sent: programs that know bracketed paste don't take each line for a command.
local Window = require('promptstack.ui.window')
local notify = require('promptstack.notify')

local M = {}

--- Opens a prompt in a float over the terminal of the current window.
---@param reply promptstack.InsertReply
function M.open(reply)
  local win = vim.api.nvim_get_current_win()
  local terminal = vim.api.nvim_get_current_buf()
  local was_typing = vim.api.nvim_get_mode().mode:sub(1, 1) == 't'
  local function show()
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
        if vim.api.nvim_win_is_valid(win) then vim.api.nvim_set_current_win(win) end
      end,
    })
    local function paste()
      local lines = vim.api.nvim_buf_get_lines(window.buf, 0, -1, true)
      if not (vim.api.nvim_win_is_valid(win) and vim.api.nvim_win_get_buf(win) == terminal) then
        return notify.warn('the terminal is gone; the text stays here')
      end
      window:close()
      local ok = pcall(vim.api.nvim_put, lines, 'c', true, true)
      if not ok then notify.warn('the terminal takes no text any more') end
      if was_typing then vim.cmd.startinsert() end
    end
    window:map('n', '<C-s>', 'paste into the terminal', paste)
    -- Insert mode is left before the window is, or the terminal would be entered in it.
    vim.keymap.set(
      'i',
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
