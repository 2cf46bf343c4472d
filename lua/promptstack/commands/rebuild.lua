---@type promptstack.Command
return {
  desc = 'make the index of the history anew from its files',
  impl = function()
    require('promptstack.history.rebuild').run()
  end,
}
