local by_id = require('promptstack.commands.by_id')

local desc = 'insert a prompt by its id; ! on a new line; a range fills its selection'

return by_id.command('insert', desc, function(id, args)
  local has_range = args.range > 0
  local selection = has_range and vim.api.nvim_buf_get_lines(0, args.line1 - 1, args.line2, true) or nil
  require('promptstack.insert').by_id(id, { new_line = args.bang, selection = selection })
end)
