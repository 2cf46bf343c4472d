--- The library in `vim.ui.select()`, whatever draws that.
local actions = require('promptstack.pickers.actions')
local notify = require('promptstack.notify')
local origins = require('promptstack.ui.origin')
local prompts = require('promptstack.pickers.prompts')

local M = {}

--- More can't be looked through without typing, which not every `vim.ui.select()` offers.
local MOST = 1000

--- Lets one prompt be chosen and inserts it.
---@param opts promptstack.PickOpts
function M.pick(opts)
  local origin = origins.here()
  prompts.search_read(opts.query or '', MOST, function(err, reply)
    if err or not reply then return notify.warn(err or 'the host sent no rows') end
    if #reply.ids == 0 then
      return notify.warn(table.concat(prompts.nothing(opts.query or '', reply), ': '))
    end
    vim.ui.select(prompts.entries(reply), {
      prompt = 'Prompts',
      kind = 'promptstack',
      format_item = function(entry)
        return (prompts.line(entry))
      end,
    }, function(entry)
      if entry then
        actions.insert(origin, { entry }, { new_line = opts.new_line, selection = opts.selection })
      end
    end)
  end)
end

return M
