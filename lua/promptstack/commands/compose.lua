---@type promptstack.Command
return {
  desc = 'begin a composition, or go on with the draft of that name',
  impl = function(args)
    require('promptstack.composition').compose(table.concat(args.fargs, ' '))
  end,
  complete = function(lead)
    return require('promptstack.commands.completion').drafts(lead)
  end,
}
