---@type promptstack.Command
return {
  desc = 'jump to the next placeholder',
  impl = function()
    require('promptstack.placeholder').next()
  end,
}
