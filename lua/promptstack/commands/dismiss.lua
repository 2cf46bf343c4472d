---@type promptstack.Command
return {
  desc = 'take the suggestion that is shown off the list',
  impl = function()
    require('promptstack.review').dismiss()
  end,
}
