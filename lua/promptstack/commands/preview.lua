local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')
local waiting = require('promptstack.ui.waiting')

---@type promptstack.Command
return {
  desc = 'show a prompt without inserting it',
  impl = function(args)
    local id = args.fargs[1]
    if not id then
      notify.warn('which prompt? :Prompt preview {id} (<Tab> completes)')
      return
    end
    waiting.during('reading ' .. id, function(on_reply)
      return rpc.library_get({ id = id }, on_reply)
    end, function(err, prompt)
      if err then
        notify.error(err)
        return
      end
      local window = require('promptstack.ui.window').open({
        title = prompt.title,
        footer = 'q close',
        width = math.min(90, vim.o.columns - 8),
        height = math.min(#prompt.lines, vim.o.lines - 8),
        enter = true,
        filetype = 'markdown',
        wrap = true,
      })
      window:set_lines(prompt.lines)
      vim.bo[window.buf].modifiable = false
      require('promptstack.placeholder').attach(window.buf)
      for _, key in ipairs({ 'q', '<Esc>' }) do
        window:map('n', key, 'close', function()
          window:close()
        end)
      end
      require('promptstack.ui.help').attach(window)
    end)
  end,
  complete = function(lead)
    return require('promptstack.commands.complete').ids(lead)
  end,
}
