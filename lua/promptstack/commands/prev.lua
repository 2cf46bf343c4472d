---@type promptstack.Command
return {
  desc = 'jump to the previous placeholder',
  impl = function()
    require('promptstack.placeholder').prev()
  end,
}
