---@type promptstack.Command
return {
  desc = 'choose which model is asked',
  impl = function()
    require('promptstack.setup').open()
  end,
}
