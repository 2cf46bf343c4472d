---@type promptstack.Command
return {
  desc = 'the shelf: go on with a draft of this project; ! of all projects',
  impl = function(args)
    require('promptstack.pickers.drafts').pick({ query = table.concat(args.fargs, ' '), all = args.bang })
  end,
}
