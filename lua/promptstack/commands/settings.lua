return { ---@type promptstack.Command
  desc = 'open config.yaml',
  impl = require('promptstack.commands.log').opener('config_file', 'edit'),
}
