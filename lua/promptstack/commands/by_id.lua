--- Makes subcommands that take a prompt's id.
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')

local M = {}

--- A subcommand that needs an id, completed as one types.
---@param name string
---@param desc string
---@param use fun(id: string, args: promptstack.CommandArgs)
---@return promptstack.Command
function M.command(name, desc, use)
  return {
    desc = desc,
    impl = function(args)
      local id = args.fargs[1]
      if id then return use(id, args) end
      notify.warn(('which prompt? :Prompt %s {id} (<Tab> completes), or :Prompt picks one'):format(name))
    end,
    complete = function(lead)
      return require('promptstack.commands.completion').ids(lead)
    end,
  }
end

--- A subcommand that reads the prompt first.
---@param name string
---@param desc string
---@param use fun(prompt: promptstack.PromptReply)
---@return promptstack.Command
function M.reader(name, desc, use)
  return M.command(name, desc, function(id)
    require('promptstack.ui.waiting').during('reading ' .. id, function(on_reply)
      return rpc.library_get({ id = id }, on_reply)
    end, function(err, prompt)
      if err then return notify.error(err) end
      use(prompt)
    end)
  end)
end

return M
