---@type promptstack.Command
return {
  desc = 'show what could be better in this text',
  impl = function(args)
    require('promptstack.review').suggest({ by = args.fargs[1] })
  end,
  complete = function()
    return { 'local', 'claude', 'openai', 'ollama' }
  end,
}
