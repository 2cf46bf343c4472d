---@type promptstack.Command
return {
  desc = 'make this buffer a composition',
  impl = function()
    require('promptstack').attach()
  end,
}
