---@type promptstack.Command
return {
  desc = 'show the previous suggestion',
  impl = function()
    require('promptstack.review').step(-1)
  end,
}
