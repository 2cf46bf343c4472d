local notify = require('promptstack.notify')

---@type promptstack.Command
return {
  desc = 'start the host again',
  impl = function()
    require('promptstack.host').restart(function(err)
      if err then
        notify.error(err)
      else
        notify.info('the host runs')
      end
    end)
  end,
}
