--- The whole of a message that the message line can't hold: a small window that goes by itself.
local Window = require('promptstack.ui.window')

local M = {}

--- How long it stays, in milliseconds: about forty words at reading speed.
local STAYS_MS = 10000

local shown = nil ---@type promptstack.Window?

--- Shows a text at the top right, in place of the one before it.
---@param text string
function M.show(text)
  if shown then shown:close() end
  local width = math.min(72, vim.o.columns - 4)
  local height = math.ceil(vim.fn.strdisplaywidth(text) / math.max(1, width - 8))
    + select(2, text:gsub('\n', ''))
  local window = Window.open({
    title = 'promptstack',
    width = width,
    height = height,
    row = 0,
    col = vim.o.columns - width - 2,
    wrap = true,
    zindex = 250,
    focusable = false,
  })
  shown = window
  window:set_lines(vim.split(text, '\n'))
  vim.wo[window.win].linebreak = true
  vim.defer_fn(function()
    window:close()
    if shown == window then shown = nil end
  end, STAYS_MS)
end

return M
