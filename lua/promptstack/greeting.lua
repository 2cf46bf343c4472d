--- What there is to say when the host starts: findings about the configuration and the library.
local config = require('promptstack.config')
local notify = require('promptstack.notify')

local M = {}

local said = nil ---@type string? what was said last, so that a restart does not repeat it

---@param problem promptstack.Problem
---@return string
local function line(problem)
  local place = problem.path
  if problem.line > 0 then
    place = ('%s:%d:%d'):format(vim.fn.fnamemodify(problem.path, ':~'), problem.line, problem.column)
  end
  return ('%s: %s'):format(
    place,
    notify.text({ kind = 'config', message = problem.message, hint = problem.hint })
  )
end

--- Tells in one line what was found when the host started and read the library for the first time; the same again is
--- not said twice.
---@param change promptstack.LibraryChangedData
---@param hello promptstack.HelloReply
function M.show(change, hello)
  if not change.first then return end
  local lines = config.problems()
  for _, problem in ipairs(hello.problems) do
    lines[#lines + 1] = line(problem)
  end
  if hello.validate_on_startup and change.errors > 0 then
    local what = change.errors == 1 and '1 prompt has an error'
      or ('%d prompts have errors'):format(change.errors)
    lines[#lines + 1] = what .. " and can't be inserted (:Prompt validate shows where)"
  end
  local wrong = #lines > 0
  vim.list_extend(lines, hello.notices)
  local text = lines[1]
  if not text or text == said then return end
  said = text
  if #lines > 1 then text = ('%s · %d more: :checkhealth promptstack'):format(text, #lines - 1) end
  if wrong then
    notify.warn(text)
  else
    notify.info(text)
  end
end

return M
