---@type promptstack.Command
return {
  desc = 'open config.yaml',
  impl = require('promptstack.commands.log').opener('config_file', 'edit'),
}
