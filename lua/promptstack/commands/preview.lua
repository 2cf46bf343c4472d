local by_id = require('promptstack.commands.by_id')

return by_id.reader('preview', 'show a prompt without inserting it', function(prompt)
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
  window:map_close()
  require('promptstack.ui.help').attach(window)
end)
