--- Whose compositions are listed: this project's, or all.
local format = require('promptstack.history.format')

local M = {}

--- What makes a folder a project's.
local MARKS = { '.git', '.prompts', '.promptstack.yaml' }

--- The folder of the project that is worked in: the nearest one upwards, below the person's home, that looks like one;
--- else the working directory.
---@return string
function M.project()
  local here = vim.uv.cwd() or '/'
  local found = vim.fs.find(MARKS, { path = here, upward = true, stop = vim.uv.os_homedir() })[1]
  return found and vim.fs.dirname(found) or here
end

--- A title that says whose they are.
---@param what string
---@param project string? nil for all
---@return string
function M.title(what, project)
  return project and ('%s · %s'):format(what, format.folder(project)) or what
end

return M
