--- A buffer in which a prompt is composed.
local notify = require('promptstack.notify')

local M = {}

--- Makes a buffer a composition: the host is started and placeholders are coloured as you type.
---@param buf integer
function M.attach(buf)
  require('promptstack.placeholder').attach(buf)
  require('promptstack.host').ensure(function(err)
    if err then notify.error(err) end
  end)
end

return M
