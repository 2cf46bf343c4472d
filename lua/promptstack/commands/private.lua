---@type promptstack.Command
return {
  desc = 'compose with nothing kept on disk',
  impl = function()
    require('promptstack.composition').compose(nil, { is_private = true })
  end,
}
