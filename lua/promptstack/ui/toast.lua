--- The whole of a message that the message line can't hold: a small window that goes by itself, or with the next key.
local Window = require('promptstack.ui.window')

local M = {}

--- How long it stays, in milliseconds: about forty words at reading speed.
local STAYS_MS = 10000
--- From then on the next key takes it away: whoever works on has seen it.
local SEEN_MS = 2000

local shown = nil ---@type fun()? closes the one that is shown

--- Shows a text at the top right, in place of the one before it.
---@param text string
function M.show(text)
  if shown then shown() end
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
  window:set_lines(vim.split(text, '\n'))
  vim.wo[window.win].linebreak = true
  local opened = vim.uv.now()
  local keys = nil ---@type integer?
  local close ---@type fun()
  function close()
    if keys then vim.on_key(nil, keys) end
    keys = nil
    window:close()
    if shown == close then shown = nil end
  end
  shown = close
  keys = vim.on_key(function()
    -- Windows can't be closed from here.
    if vim.uv.now() - opened > SEEN_MS then vim.schedule(close) end
  end)
  vim.defer_fn(close, STAYS_MS)
end

return M
