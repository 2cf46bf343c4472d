local by_id = require('promptstack.commands.by_id')

return by_id.reader('edit', 'edit the file of a prompt', function(prompt)
  require('promptstack.open')(prompt.path)
  require('promptstack.placeholder').attach()
end)
