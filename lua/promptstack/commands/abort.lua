---@type promptstack.Command
return {
  desc = 'give up on a file that a program waits for',
  impl = function()
    require('promptstack').abort()
  end,
}
