--- What can be done with compositions of the history, wherever they were chosen.
local config = require('promptstack.config')
local keepers = require('promptstack.composition.keeper')
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')

local M = {}

--- Reads compositions, one after the other; with the first that can't be read it ends.
---@param ids string[]
---@param done fun(err: promptstack.WireError?, entries: promptstack.HistoryEntry[])
---@return fun() cancel
function M.read(ids, done)
  local entries, cancel = {}, function() end ---@type promptstack.HistoryEntry[], fun()
  local function next_one()
    local id = ids[#entries + 1]
    if not id then return done(nil, entries) end
    cancel = rpc.history_get({ id = id }, function(err, entry)
      if err then return done(err, entries) end
      entries[#entries + 1] = entry
      next_one()
    end)
  end
  next_one()
  return function()
    cancel()
  end
end

--- What could be lost when another composition is opened from a buffer, in words. What is saved, or stays in sight,
--- can't be.
---@param buf integer
---@param how? promptstack.ComposeHow
---@return string?
function M.risk(buf, how)
  local keeper = vim.api.nvim_buf_is_valid(buf) and keepers.get(buf) or nil
  if not keeper then return nil end
  local state = keepers.state(keeper)
  if state == 'failed' then
    return ('the composition here is NOT SAVED (%s)'):format(notify.text(assert(keeper.failure)))
  end
  local hides = (how or config.ui('compose')) == 'current'
  if state == 'private' and hides and not M.is_blank(buf) then
    return 'the private composition here is kept nowhere but in its buffer'
  end
end

--- Whether nothing was written in a buffer.
---@param buf integer
---@return boolean
function M.is_blank(buf)
  for _, line in ipairs(vim.api.nvim_buf_get_lines(buf, 0, -1, false)) do
    if line:find('%S') then return false end
  end
  return true
end

--- Puts files of the history into the quickfix list and opens it.
---@param rows promptstack.HistoryRow[]
function M.list(rows)
  local format = require('promptstack.history.format')
  local items = {}
  for _, row in ipairs(rows) do
    if row.path then
      local text = ('%s  %s'):format(format.moment(row.time), row.preview)
      items[#items + 1] = { filename = row.path, lnum = 1, text = text }
    end
  end
  vim.fn.setqflist({}, ' ', { title = 'promptstack: history', items = items })
  vim.cmd.copen()
end

return M
