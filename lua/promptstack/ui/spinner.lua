--- A spinner for waits that are long enough to be noticed.
local config = require('promptstack.config')

---@class promptstack.Spinner
---@field private on_frame fun()
---@field private timer uv.uv_timer_t?
---@field private frame integer 0 while nothing is shown
local Spinner = {}
Spinner.__index = Spinner

--- Shorter waits show nothing.
local AFTER_MS = 150
local FRAME_MS = 100

---@param on_frame fun() called when what `text()` gives has changed
---@return promptstack.Spinner
function Spinner.new(on_frame)
  return setmetatable({ on_frame = on_frame, frame = 0 }, Spinner)
end

function Spinner:start()
  if self.timer then return end
  self.timer = assert(vim.uv.new_timer())
  local timer = self.timer
  timer:start(AFTER_MS, FRAME_MS, function()
    vim.schedule(function()
      if self.timer == timer then
        self.frame = self.frame + 1
        self.on_frame()
      end
    end)
  end)
end

function Spinner:stop()
  if not self.timer then return end
  self.timer:close()
  self.timer = nil
  if self.frame > 0 then
    self.frame = 0
    self.on_frame()
  end
end

--- The sign of the moment, empty while nothing is waited for.
---@return string
function Spinner:text()
  if self.frame == 0 then return '' end
  local frames = config.ui('icons')
      and { '⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏' }
    or { '|', '/', '-', '\\' }
  return frames[(self.frame - 1) % #frames + 1] or ''
end

return Spinner
