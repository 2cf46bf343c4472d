local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')
local waiting = require('promptstack.ui.waiting')

---@param project promptstack.ProjectReply
---@param trust boolean
local function answer(project, trust)
  rpc.config_trust({ path = assert(project.path), hash = project.hash, trust = trust }, function(err)
    if err then
      notify.error(err)
    elseif trust then
      notify.info(('%s is trusted as it stands; :Prompt restart applies it'):format(project.path))
    else
      notify.info(('%s is not trusted and has no effect'):format(project.path))
    end
  end)
end

---@type promptstack.Command
return {
  desc = "show the project's .promptstack.yaml and trust it, or no longer",
  impl = function()
    waiting.during('reading .promptstack.yaml', function(on_reply)
      return rpc.config_project({}, on_reply)
    end, function(err, project)
      if err then
        notify.error(err)
        return
      elseif not project.path then
        notify.info('this project has no .promptstack.yaml')
        return
      end
      local window = require('promptstack.ui.window').open({
        title = project.path .. (project.trusted and ' (trusted)' or ' (not trusted)'),
        footer = project.trusted and 'd trust no longer · q close' or 't trust exactly this · q close',
        width = math.min(100, vim.o.columns - 8),
        height = math.min(math.max(#project.lines, 3), vim.o.lines - 8),
        enter = true,
        filetype = 'yaml',
      })
      window:set_lines(project.lines)
      vim.bo[window.buf].modifiable = false
      window:map_close()
      local key, desc = 't', 'trust exactly this'
      if project.trusted then
        key, desc = 'd', 'trust no longer'
      end
      window:map('n', key, desc, function()
        window:close()
        answer(project, not project.trusted)
      end)
      require('promptstack.ui.help').attach(window)
    end)
  end,
}
