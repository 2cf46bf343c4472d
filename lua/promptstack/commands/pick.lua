---@type promptstack.Command
local command = {
  desc = 'pick a prompt and insert it; ! on a new line; a range fills its selection',
  impl = function(args)
    local first, last =
      args.line1, --[[@as integer]]
      args.line2 --[[@as integer]]
    require('promptstack.pickers').pick({
      query = table.concat(args.fargs, ' '),
      new_line = args.bang,
      selection = args.range > 0 and vim.api.nvim_buf_get_lines(0, first - 1, last, true) or nil,
    })
  end,
}

return command
