--- Completion of prompt ids.
local rpc = require('promptstack.rpc.contract')

local M = {}

--- Command-line completion has to answer at once; a host that starts up takes less than this.
local PATIENCE_MS = 400

--- The ids of the last answer, for a host that gives none in time.
local remembered = {} ---@type string[]
--- Whether the last wait ran out; nobody waits again before there was an answer.
local late = false

--- Ids that match what was typed, best first.
---@param lead string
---@return string[]
function M.ids(lead)
  local ids = nil ---@type string[]?
  rpc.library_complete({ query = lead }, function(err, reply)
    ids = err and {} or reply.ids
    if not err then
      remembered, late = reply.ids, false
    end
  end, { latest = 'complete' })
  if not late then vim.wait(PATIENCE_MS, function()
    return ids ~= nil
  end, 5) end
  if ids then return ids end
  -- The request lives on: its answer ends the haste.
  late = true
  return lead == '' and remembered or vim.fn.matchfuzzy(remembered, lead)
end

return M
