return { ---@type promptstack.Command
  desc = 'build the host with cargo',
  impl = function()
    require('promptstack.build').run()
  end,
}
