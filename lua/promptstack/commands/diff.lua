---@type promptstack.Command
return {
  desc = 'show the suggestion as a diff',
  impl = function()
    require('promptstack.review').diff()
  end,
}
