---@type promptstack.Command
return {
  desc = 'show the next suggestion',
  impl = function()
    require('promptstack.review').step(1)
  end,
}
