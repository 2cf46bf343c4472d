---@type promptstack.Command
return {
  desc = 'delete old compositions, after looking at what goes',
  impl = function()
    require('promptstack.history.cleanup').open()
  end,
}
