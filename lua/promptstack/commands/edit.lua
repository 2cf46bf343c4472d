local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')

---@type promptstack.Command
return {
  desc = 'edit the file of a prompt',
  impl = function(args)
    local id = args.fargs[1]
    if not id then
      notify.warn('which prompt? :Prompt edit {id} (<Tab> completes)')
      return
    end
    rpc.library_get({ id = id }, function(err, prompt)
      if err then
        notify.error(err)
        return
      end
      require('promptstack.open')(prompt.path)
      require('promptstack').attach()
    end)
  end,
  complete = function(lead)
    return require('promptstack.commands.complete').ids(lead)
  end,
}
