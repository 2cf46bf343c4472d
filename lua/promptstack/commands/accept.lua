---@type promptstack.Command
return {
  desc = 'accept the suggestion that is shown; ! its current hunk alone',
  impl = function(args)
    require('promptstack.review').accept({ hunk = args.bang })
  end,
}
