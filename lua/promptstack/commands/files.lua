---@type promptstack.Command
return {
  desc = 'pick files: links to them, or references that are expanded at hand-over',
  impl = function(args)
    require('promptstack.files').pick({ query = table.concat(args.fargs, ' ') })
  end,
}
