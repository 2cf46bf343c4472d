---@type promptstack.Command
return {
  desc = 'name this composition; without a name a model proposes one',
  impl = function(args)
    require('promptstack').title(table.concat(args.fargs, ' '))
  end,
}
