local notify = require('promptstack.notify')

--- Opens a file that the host names.
---@param key 'log_file'|'config_file'
---@param how 'edit'|'tab'
---@return fun()
local function opener(key, how)
  return function()
    local host = require('promptstack.host')
    host.ensure(function(err)
      local hello = host.hello()
      if not hello then
        notify.error(err or { kind = 'unavailable', message = 'the host has said nothing yet' })
        return
      end
      require('promptstack.open')(hello[key], { how = how })
    end)
  end
end

return { desc = 'open the log', impl = opener('log_file', 'tab'), opener = opener }
