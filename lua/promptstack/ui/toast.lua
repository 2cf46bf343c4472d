--- The whole of a message that the message line can't hold: a small window that goes by itself, or with the next key.
local Window = require('promptstack.ui.window')

local M = {}

--- How long it stays, in milliseconds: about forty words at reading speed.
local STAYS_MS = 10000
--- From then on the next key takes it away: whoever works on has seen it.
local SEEN_MS = 2000

local shown = nil ---@type fun()? closes the one that is shown

--- Shows a text at the bottom right, in place of the one before it: there it hides least of what one looks at.
---@param text string
function M.show(text)
  if shown then shown() end
  local lines = vim.split(text, '\n')
  local longest = 0
  for _, line in ipairs(lines) do
    longest = math.max(longest, vim.fn.strdisplaywidth(line))
  end
  local width = math.max(1, math.min(72, vim.o.columns - 4, longest))
  local window = Window.open({
    title = 'promptstack',
    width = width,
    height = 1,
    wrap = true,
    zindex = 250,
    focusable = false,
  })
  window:set_lines(lines)
  vim.wo[window.win].linebreak = true
  local height = vim.api.nvim_win_text_height(window.win, {}).all
  window:update({
    height = height,
    row = vim.o.lines - vim.o.cmdheight - height - 3,
    col = vim.o.columns - width - 2,
  })
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
