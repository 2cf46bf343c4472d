---@type promptstack.Command
return {
  desc = 'save the composition now',
  impl = function()
    require('promptstack.composition').save()
  end,
}
