--- A line at the bottom right while something is waited for; `<C-c>` gives up.
---
--- A window and not a message: messages that follow each other stop the person at a hit-enter prompt.
local Spinner = require('promptstack.ui.spinner')
local Window = require('promptstack.ui.window')
local interrupt = require('promptstack.ui.interrupt')

local M = {}

--- Asks, and shows words until the answer is there.
---@param words string|fun(): string what is done
---@param ask fun(on_reply: fun(...: any)): fun() asks and gives what cancels it
---@param on_reply fun(...: any) not called once it was cancelled
function M.during(words, ask, on_reply)
  local window = nil ---@type promptstack.Window?
  local over, unwatch, cancel = false, nil, nil ---@type boolean, fun()?, fun()?
  local spinner ---@type promptstack.Spinner
  spinner = Spinner.new(function()
    local sign = spinner:text()
    if sign == '' then
      if window then window:close() end
      return
    end
    local text = (' %s %s (<C-c> cancels) '):format(sign, type(words) == 'function' and words() or words)
    local width = vim.fn.strdisplaywidth(text)
    local place = {
      width = width,
      height = 1,
      row = math.max(0, vim.o.lines - vim.o.cmdheight - 2),
      col = math.max(0, vim.o.columns - width),
    }
    if window then
      window:update(place)
    else
      local opts = { border = 'none', zindex = 200, focusable = false }
      window = Window.open(vim.tbl_extend('error', place, opts) --[[@as promptstack.WindowOpts]])
    end
    window:set_lines({ text })
  end)
  local function finish()
    over = true
    if unwatch then unwatch() end
    spinner:stop()
    -- Else what is said now is gone with the next redraw where 'cmdheight' is 0.
    if window then vim.cmd.redraw() end
  end
  spinner:start()
  unwatch = interrupt.watch(function()
    if over then return end
    finish()
    if cancel then cancel() end
  end)
  cancel = ask(function(...)
    if over then return end
    finish()
    on_reply(...)
  end)
end

return M
