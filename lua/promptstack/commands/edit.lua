local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')
local waiting = require('promptstack.ui.waiting')

---@type promptstack.Command
return {
  desc = 'edit the file of a prompt',
  impl = function(args)
    local id = args.fargs[1]
    if not id then
      notify.warn('which prompt? :Prompt edit {id} (<Tab> completes)')
      return
    end
    waiting.during('reading ' .. id, function(on_reply)
      return rpc.library_get({ id = id }, on_reply)
    end, function(err, prompt)
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
