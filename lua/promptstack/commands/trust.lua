local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')

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
    rpc.config_project({}, function(err, project)
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
      window:map('n', 'q', 'close', function()
        window:close()
      end)
      window:map('n', project.trusted and 'd' or 't', 'answer', function()
        window:close()
        answer(project, not project.trusted)
      end)
    end)
  end,
}
