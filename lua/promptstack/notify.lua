--- The only place that speaks to the person.
local M = {}

local levels = {
  cancelled = vim.log.levels.DEBUG,
  not_found = vim.log.levels.WARN,
  invalid_input = vim.log.levels.WARN,
  budget = vim.log.levels.WARN,
  rate_limited = vim.log.levels.WARN,
}

--- The same words within this long are said once: several callers may meet the same failure.
local REPEAT_MS = 1000

local last = { message = '', at = 0 }

---@param message string
---@param level integer
---@param lasting? boolean stays until dismissed, in interfaces that know `timeout`
local function show(message, level, lasting)
  local now = vim.uv.now()
  if message == last.message and now - last.at < REPEAT_MS then return end
  last = { message = message, at = now }
  local opts = { title = 'promptstack' }
  if lasting then opts.timeout = false end
  vim.notify('promptstack: ' .. message, level, opts)
end

--- Says that something went well.
---@param message string
function M.info(message)
  show(message, vim.log.levels.INFO)
end

--- Says that something needs attention.
---@param message string
function M.warn(message)
  show(message, vim.log.levels.WARN)
end

--- Renders an error of the contract in one line: what happened, and the way out.
---@param err promptstack.WireError
---@return string
function M.text(err)
  return err.hint and ('%s (%s)'):format(err.message, err.hint) or err.message
end

--- Says what failed, as loudly as its kind deserves.
---@param err promptstack.WireError
---@param opts? { lasting?: boolean }
function M.error(err, opts)
  local level = levels[err.kind] or vim.log.levels.ERROR
  if level > vim.log.levels.DEBUG then show(M.text(err), level, opts and opts.lasting) end
end

return M
