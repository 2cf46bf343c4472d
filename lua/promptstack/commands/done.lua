---@type promptstack.Command
return {
  desc = 'end the placeholder session',
  impl = function()
    require('promptstack.placeholder').done()
  end,
}
