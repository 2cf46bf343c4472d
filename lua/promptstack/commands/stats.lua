---@type promptstack.Command
return {
  desc = 'what models were asked this month, and what that cost',
  impl = function()
    require('promptstack.stats').open()
  end,
}
