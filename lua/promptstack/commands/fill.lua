---@type promptstack.Command
return {
  desc = 'fill all placeholders of the buffer in one form',
  impl = function()
    require('promptstack.placeholder').fill()
  end,
}
