--- Findings about files: a window, diagnostics in open buffers, the quickfix list.
local config = require('promptstack.config')
local marks = require('promptstack.ui.marks')
local notify = require('promptstack.notify')

local M = {}

--- Findings in the quickfix list's form.
---@param problems promptstack.Problem[]
---@param only? integer a buffer that alone was checked
---@return vim.quickfix.entry[]
local function quickfix(problems, only)
  return vim.tbl_map(function(problem)
    return {
      bufnr = only,
      filename = not only and problem.path or nil,
      lnum = problem.line,
      col = problem.column,
      text = notify.text(problem),
      type = problem.severity == 'error' and 'E' or 'W',
    }
  end, problems)
end

--- Sets diagnostics in the buffers that show the files; those of other files are cleared.
---@param problems promptstack.Problem[]
---@param only? integer a buffer that alone was checked
function M.diagnose(problems, only)
  local by_path = {} ---@type table<string, vim.Diagnostic.Set[]>
  for _, problem in ipairs(problems) do
    local path = vim.fs.normalize(problem.path)
    by_path[path] = by_path[path] or {}
    table.insert(by_path[path], {
      lnum = math.max(problem.line - 1, 0),
      col = math.max(problem.column - 1, 0),
      severity = problem.severity == 'error' and vim.diagnostic.severity.ERROR
        or vim.diagnostic.severity.WARN,
      message = notify.text(problem),
      source = 'promptstack',
    })
  end
  for _, buf in ipairs(only and { only } or vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buf) and vim.bo[buf].buftype == '' then
      vim.diagnostic.set(marks.problems, buf, by_path[vim.fs.normalize(vim.api.nvim_buf_get_name(buf))] or {})
    end
  end
end

---@param count integer
---@param word string
---@return string
local function plural(count, word)
  return ('%d %s%s'):format(count, word, count == 1 and '' or 's')
end

--- The part of a path that tells files apart: below a prompts folder, else below home.
---@param path string empty for a buffer without a name
---@return string
local function name(path)
  if path == '' then return '[No Name]' end
  local hello = require('promptstack.host').hello()
  local dir = hello and hello.prompts_dir .. '/' or ''
  if dir ~= '' and vim.startswith(path, dir) then return path:sub(#dir + 1) end
  return vim.fn.fnamemodify(path, ':~:.')
end

--- Goes to a finding in its file, or in the buffer that was checked.
---@param problem promptstack.Problem
---@param only? integer a buffer that alone was checked
local function go(problem, only)
  if only and not vim.api.nvim_buf_is_valid(only) then
    notify.warn('the buffer that was checked is gone')
    return
  end
  local win = only and vim.fn.bufwinid(only) or -1
  if win ~= -1 then vim.api.nvim_set_current_win(win) end
  require('promptstack.open')(only or problem.path, { line = problem.line, column = problem.column })
end

--- Shows findings in a window.
---@param problems promptstack.Problem[]
---@param summary promptstack.ValidateReply
---@param only? integer a buffer that alone was checked
function M.show(problems, summary, only)
  local signs = config.ui('icons') and { error = '✗', warning = '▲' } or { error = 'E', warning = 'W' }
  local places, widest = {}, 0
  for row, problem in ipairs(problems) do
    places[row] = ('%s:%d:%d'):format(name(problem.path), problem.line, problem.column)
    widest = math.max(widest, vim.fn.strdisplaywidth(places[row]))
  end
  widest = math.min(widest, 40)
  local lines, width = {}, 40
  for row, problem in ipairs(problems) do
    local pad = (' '):rep(math.max(0, widest - vim.fn.strdisplaywidth(places[row])))
    local message = problem.message:gsub('\n', ' ')
    lines[row] = ('%s %s%s  %s'):format(signs[problem.severity], places[row], pad, message)
    width = math.max(width, vim.fn.strdisplaywidth(lines[row]) + 1)
  end
  local window = require('promptstack.ui.window').open({
    title = ('Library check · %s · %s · %d of %s'):format(
      plural(summary.errors, 'error'),
      plural(summary.warnings, 'warning'),
      summary.files,
      plural(summary.checked, 'file')
    ),
    footer = '<CR> open · <C-q> quickfix · q close',
    width = math.min(math.max(width, 64), vim.o.columns - 6),
    height = math.min(#lines, math.floor(vim.o.lines * 0.6)),
    enter = true,
  })
  window:set_lines(lines)
  vim.bo[window.buf].modifiable = false
  vim.wo[window.win].cursorline = true
  for row, problem in ipairs(problems) do
    vim.api.nvim_buf_set_extmark(window.buf, marks.window, row - 1, 0, {
      end_col = #signs[problem.severity],
      hl_group = problem.severity == 'error' and 'PromptstackError' or 'PromptstackWarning',
    })
  end
  local function close()
    window:close()
  end
  window:map('n', 'q', 'close', close)
  window:map('n', '<Esc>', 'close', close)
  window:map('n', '<CR>', 'open the file at the place', function()
    local problem = problems[vim.api.nvim_win_get_cursor(window.win)[1]]
    window:close()
    if problem then go(problem, only) end
  end)
  window:map('n', '<C-q>', 'put all into the quickfix list', function()
    window:close()
    vim.fn.setqflist({}, ' ', { title = 'promptstack: library check', items = quickfix(problems, only) })
    vim.cmd.copen()
  end)
  require('promptstack.ui.help').attach(window)
end

return M
