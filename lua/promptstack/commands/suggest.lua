---@type promptstack.Command
return {
  desc = 'show what could be better in this text',
  impl = function()
    require('promptstack.review').suggest()
  end,
}
