--- Calls what may throw: a defect in one callback is told, and stops nobody else.
local notify = require('promptstack.notify')

---@param callback function
---@param ... any its arguments
return function(callback, ...)
  local ok, trace = xpcall(callback, debug.traceback, ...)
  if ok then return end
  local message = tostring(trace)
  -- Told later: whoever called may be in the middle of something that must be finished first.
  vim.schedule(function()
    notify.error({
      kind = 'internal',
      message = 'a defect in promptstack: ' .. message,
      hint = 'your text is as it was',
    })
  end)
end
