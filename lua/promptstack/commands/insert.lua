local notify = require('promptstack.notify')

---@type promptstack.Command
return {
  desc = 'insert a prompt by its id; ! on a new line; a range fills its selection',
  impl = function(args)
    local id = args.fargs[1]
    if not id then
      notify.warn('which prompt? :Prompt insert {id} (<Tab> completes), or :Prompt picks one')
      return
    end
    local selection = args.range > 0 and vim.api.nvim_buf_get_lines(0, args.line1 - 1, args.line2, true)
      or nil
    require('promptstack.insert').by_id(id, { new_line = args.bang, selection = selection })
  end,
  complete = function(lead)
    return require('promptstack.commands.complete').ids(lead)
  end,
}
