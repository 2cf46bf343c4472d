--- Completion of prompt ids.
local rpc = require('promptstack.rpc.contract')

local M = {}

--- Command-line completion has to answer at once; a host that starts up takes less than this.
local PATIENCE_MS = 400

--- The ids of the last answer, for a host that gives none in time.
local remembered = {} ---@type string[]
--- Whether a wait ran out and its request still lives: until it is answered nobody asks, or waits, again.
local late = false

--- Ids that match what was typed, best first.
---@param lead string
---@return string[]
function M.ids(lead)
  local ids = nil ---@type string[]?
  if not late then
    rpc.library_complete({ query = lead }, function(err, reply)
      ids = err and {} or reply.ids
      late = false
      if not err then remembered = reply.ids end
    end)
    vim.wait(PATIENCE_MS, function()
      return ids ~= nil
    end, 5)
  end
  if ids then return ids end
  late = true
  return lead == '' and remembered or vim.fn.matchfuzzy(remembered, lead)
end

--- The names of this project's drafts.
---@param lead string
---@return string[]
function M.drafts(lead)
  local names = nil ---@type string[]?
  rpc.history_list({ query = '', drafts = true, directory = vim.uv.cwd() }, function(err, reply)
    names = err and {} or reply.names
  end)
  vim.wait(PATIENCE_MS, function()
    return names ~= nil
  end, 5)
  return vim.tbl_filter(function(name)
    return name ~= '' and vim.startswith(name, lead)
  end, names or {})
end

return M
