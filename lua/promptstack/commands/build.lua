---@type promptstack.Command
return {
  desc = 'build the host with cargo',
  impl = function()
    require('promptstack.build').run()
  end,
}
