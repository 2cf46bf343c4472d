--- The index of the history made anew, while one goes on working.
local format = require('promptstack.history.format')
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')

local M = {}

local running = false

---@param reply promptstack.RebuildReply
local function tell(reply)
  local words = ('the index of the history is new: %s'):format(format.count(reply.count))
  if reply.backup then words = ('%s (the old one: %s)'):format(words, format.folder(reply.backup)) end
  if #reply.unreadable == 0 then return notify.info(words) end
  local files = format.count(#reply.unreadable, 'file')
  notify.warn(('%s; %s can’t be read: %s'):format(words, files, format.some(reply.unreadable, 3)))
end

--- Rebuilds the index; shows how far it is, and `<C-c>` ends it.
function M.run()
  if running then return notify.warn('the index is being rebuilt already') end
  running = true
  local done, total = 0, 0
  local function words()
    if total == 0 then return 'reading the history' end
    return ('rebuilding the index of the history: %s/%s'):format(format.number(done), format.number(total))
  end
  require('promptstack.ui.waiting').during(words, function(on_reply)
    local cancel = rpc.history_rebuild(
      {},
      function(...)
        running = false
        on_reply(...)
      end,
      nil,
      function(part)
        done, total = part.done, part.total
      end
    )
    return function()
      running = false
      cancel()
      notify.info('the rebuild is stopped; :Prompt rebuild goes on with it')
    end
  end, function(err, reply)
    if err then return notify.error(err) end
    tell(reply)
  end)
end

return M
