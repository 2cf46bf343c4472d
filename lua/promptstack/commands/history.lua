---@type promptstack.Command
return {
  desc = 'find what was composed; type to search in it',
  impl = function(args)
    require('promptstack.pickers.history').pick({ query = table.concat(args.fargs, ' ') })
  end,
}
