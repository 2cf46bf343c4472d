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

--- Whether messages go to Neovim's own message line, and not to a plugin that draws them.
---@return boolean
local function is_plain()
  -- nvim-notify is a table that can be called.
  if type(vim.notify) ~= 'function' then return false end
  -- Neovim's own function is built in: its source is no file, and "?" since 0.12.
  local source = assert(debug.getinfo(vim.notify, 'S')).source
  return source == '?' or vim.startswith(source, '@vim/')
end

--- As much of a text as fits the message line: more would stop the person at a hit-enter prompt. A small window shows
--- the whole of it.
---@param text string
---@return string
local function fitting(text)
  local width = math.max(2, vim.v.echospace)
  if vim.fn.strdisplaywidth(text) <= width then return text end
  -- At once down to what may fit, for what is measured again and again.
  local cut = vim.fn.strcharpart(text, 0, width)
  while vim.fn.strdisplaywidth(cut) > width - 1 do
    cut = vim.fn.strcharpart(cut, 0, vim.fn.strchars(cut) - 1)
  end
  return cut .. '…'
end

---@param message string
---@param level integer
---@param lasting? boolean stays until dismissed, in interfaces that know `timeout`
local function show(message, level, lasting)
  local now = vim.uv.now()
  if message == last.message and now - last.at < REPEAT_MS then return end
  last = { message = message, at = now }
  local text = 'promptstack: ' .. message
  if is_plain() and #vim.api.nvim_list_uis() > 0 then
    local line = text:gsub('%s*\n%s*', ' · ')
    text = fitting(line)
    -- In insert mode Neovim draws the mode's name over it at once.
    local hidden = vim.o.showmode and vim.api.nvim_get_mode().mode:find('^[iR]') ~= nil
    if text ~= line or hidden then require('promptstack.ui.toast').show(message) end
    -- A second message before the screen is drawn would scroll the first one, and stop the person at a hit-enter
    -- prompt; drawn over it, both are in `:messages`.
    vim.cmd.redraw()
  end
  local opts = { title = 'promptstack' }
  if lasting then opts.timeout = false end
  vim.notify(text, level, opts)
end

--- Shows how far something is, until the next message; nothing is kept of it.
---@param text string
function M.progress(text)
  if #vim.api.nvim_list_uis() == 0 then return end
  vim.api.nvim_echo({ { fitting('promptstack: ' .. text) } }, false, {})
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
---@param err { message: string, hint?: string }
---@return string
function M.text(err)
  return err.hint and ('%s (%s)'):format(err.message, err.hint) or err.message
end

--- Renders a finding in one line: where, what, and the way out.
---@param problem promptstack.Problem
---@return string
function M.problem(problem)
  local place = vim.fn.fnamemodify(problem.path, ':~')
  if problem.line > 0 then place = ('%s:%d:%d'):format(place, problem.line, problem.column) end
  return ('%s: %s'):format(place, M.text(problem))
end

--- Says what failed, as loudly as its kind deserves.
---@param err promptstack.WireError
---@param opts? { lasting?: boolean }
function M.error(err, opts)
  local level = levels[err.kind] or vim.log.levels.ERROR
  if level > vim.log.levels.DEBUG then show(M.text(err), level, opts and opts.lasting) end
end

return M
