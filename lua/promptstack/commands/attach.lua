return { ---@type promptstack.Command
  desc = 'make this buffer a composition',
  impl = function()
    require('promptstack').attach()
  end,
}
