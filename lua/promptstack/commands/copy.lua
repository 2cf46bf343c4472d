---@type promptstack.Command
return {
  desc = 'hand this text over to the clipboard',
  impl = function(args)
    local first, last =
      args.line1, --[[@as integer]]
      args.line2 --[[@as integer]]
    require('promptstack.handover').send({ 'clipboard' }, {
      range = args.range > 0 and { first, last } or nil,
    })
  end,
}
