return { ---@type promptstack.Command
  desc = 'pick a prompt and insert it; ! on a new line; a range fills its selection',
  impl = function(args)
    require('promptstack.pickers').pick({
      query = table.concat(args.fargs, ' '),
      new_line = args.bang,
      selection = args.range > 0 and vim.api.nvim_buf_get_lines(0, args.line1 - 1, args.line2, true) or nil,
    })
  end,
}
