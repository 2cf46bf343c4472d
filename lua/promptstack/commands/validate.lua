local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')
local waiting = require('promptstack.ui.waiting')

---@type promptstack.Command
return {
  desc = 'check the library; ! checks this file as it stands in the buffer',
  impl = function(args)
    local params = {} ---@type promptstack.ValidateParams
    local buf = vim.api.nvim_get_current_buf()
    if args.bang then
      params.path = vim.api.nvim_buf_get_name(buf)
      params.text = table.concat(vim.api.nvim_buf_get_lines(buf, 0, -1, true), '\n')
    end
    local found = {} ---@type promptstack.Problem[]
    waiting.during('checking the ' .. (args.bang and 'buffer' or 'library'), function(on_reply)
      return rpc.library_validate(params, on_reply, nil, function(part)
        vim.list_extend(found, part.problems)
      end)
    end, function(err, summary)
      if err then
        notify.error(err)
        return
      end
      local problems = require('promptstack.problems')
      local only = args.bang and buf or nil
      problems.diagnose(found, only)
      if #found == 0 then
        local files = summary.checked == 1 and 'this prompt' or ('all %d prompts'):format(summary.checked)
        notify.info(('%s can be used, nothing to mend'):format(files))
        return
      end
      problems.show(found, summary, only)
    end)
  end,
}
