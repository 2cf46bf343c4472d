--- What there is to say when the host starts: findings about the configuration and the library.
local config = require('promptstack.config')
local notify = require('promptstack.notify')

local M = {}

local said = nil ---@type string? what was said last, so that a restart does not repeat it

--- Tells at once all that was found when the host started and read the library for the first time; the same again is
--- not said twice.
---@param change promptstack.LibraryChangedData
---@param hello promptstack.HelloReply
function M.show(change, hello)
  if not change.first then return end
  local lines = config.problems()
  for _, problem in ipairs(hello.problems) do
    lines[#lines + 1] = notify.problem(problem)
  end
  if hello.validate_on_startup and change.errors > 0 then
    local what = change.errors == 1 and '1 prompt has an error'
      or ('%d prompts have errors'):format(change.errors)
    lines[#lines + 1] = what .. ' (:Prompt validate)'
  end
  local wrong = #lines > 0
  -- Paths stand in the middle of them; shortened, the message fits its line.
  local home = vim.pesc((vim.uv.os_homedir() or '') .. '/')
  for _, notice in ipairs(hello.notices) do
    lines[#lines + 1] = (notice:gsub(home, '~/'))
  end
  local text = table.concat(lines, '\n')
  if text == '' or text == said then return end
  said = text
  if wrong then
    notify.warn(text)
  else
    notify.info(text)
  end
end

local offered = false

--- Offers to make the index of the history anew, once: one can go on with the index as it is.
---@param data promptstack.HistoryOutOfSyncData
function M.offer_rebuild(data)
  if offered then return end
  offered = true
  notify.warn(
    ('history index out of sync: %d compositions differ; :Prompt rebuild makes it anew'):format(
      data.differences
    )
  )
end

return M
