---@type promptstack.Command
return {
  desc = 'show what could be better in this text',
  impl = function(args)
    require('promptstack.review').suggest({ by = args.fargs[1] })
  end,
  complete = function(lead)
    local hello = require('promptstack.host').hello()
    return vim.tbl_filter(function(name)
      return vim.startswith(name, lead)
    end, hello and hello.providers or {})
  end,
}
