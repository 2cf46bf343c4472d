--- Completion of prompt ids.
local rpc = require('promptstack.rpc.contract')

local M = {}

--- Command-line completion has to answer at once; a host that starts up takes less than this.
local PATIENCE_MS = 400

--- Ids that match what was typed, best first.
---@param lead string
---@return string[]
function M.ids(lead)
  local ids = nil ---@type string[]?
  local cancel = rpc.library_complete({ query = lead }, function(err, reply)
    ids = err and {} or reply.ids
  end)
  vim.wait(PATIENCE_MS, function()
    return ids ~= nil
  end, 5)
  if not ids then cancel() end
  return ids or {}
end

return M
