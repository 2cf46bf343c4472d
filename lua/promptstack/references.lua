--- What is wrong with a composition's references to files, as diagnostics: none there, lines that it does not have, a
--- file that may hold secrets.
---
--- The host looks, after a pause in typing, and only at lines that changed. What it finds moves with its line.
local directory_of = require('promptstack.files.directory')
local fences = require('promptstack.placeholder.fences')
local host = require('promptstack.host')
local marks = require('promptstack.ui.marks')
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')

local M = {}

--- A pause in typing after which references are looked at.
local PAUSE_MS = 250
--- Of one message.
local MAX_BYTES = 256 * 1024

---@class promptstack.CheckedRows
---@field first integer
---@field last integer exclusive
---@field stale? boolean changed while it was checked

---@class promptstack.Checker
---@field buf integer
---@field findings promptstack.TextFinding[]
---@field references promptstack.ReferenceSpan[]
---@field dirty? promptstack.CheckedRows
---@field flight? promptstack.CheckedRows
---@field shown boolean whether any diagnostic is set
---@field timer uv.uv_timer_t

local checkers = {} ---@type table<integer, promptstack.Checker>

local severities = {
  reference = vim.diagnostic.severity.ERROR,
  secret_file = vim.diagnostic.severity.WARN,
  note = vim.diagnostic.severity.HINT,
}

local check ---@type fun(checker: promptstack.Checker)

---@param checker promptstack.Checker
---@param first integer
---@param last integer
local function add_dirty(checker, first, last)
  local dirty = checker.dirty
  if dirty then
    dirty.first, dirty.last = math.min(dirty.first, first), math.max(dirty.last, last)
  else
    checker.dirty = { first = first, last = last }
  end
end

---@param checker promptstack.Checker
---@param ms integer
local function check_in(checker, ms)
  checker.timer:start(
    ms,
    0,
    vim.schedule_wrap(function()
      if checkers[checker.buf] == checker then check(checker) end
    end)
  )
end

--- Leaves out what stands in some rows, and moves what stands below them.
---@generic T: { row: integer }
---@param list T[]
---@param first integer
---@param last integer
---@param delta integer
---@return T[]
local function without(list, first, last, delta)
  local kept = {}
  for _, element in ipairs(list) do
    if element.row >= last then
      element.row = element.row + delta
      kept[#kept + 1] = element
    elseif element.row < first then
      kept[#kept + 1] = element
    end
  end
  return kept
end

---@param range promptstack.CheckedRows?
---@param first integer
---@param last integer
---@param delta integer
local function shift(range, first, last, delta)
  if not range then return end
  if range.first >= last then
    range.first, range.last = range.first + delta, range.last + delta
  elseif range.last > first then
    range.first = math.min(range.first, first)
    range.last = math.max(range.last, last) + delta
    range.stale = true
  end
end

---@param checker promptstack.Checker
local function show(checker)
  if #checker.findings == 0 and not checker.shown then return end
  checker.shown = #checker.findings > 0
  table.sort(checker.findings, function(a, b)
    return a.row == b.row and a.start < b.start or a.row < b.row
  end)
  ---@param finding promptstack.TextFinding
  ---@return vim.Diagnostic.Set
  local function diagnostic(finding)
    return {
      lnum = finding.row,
      col = finding.start,
      end_lnum = finding.row,
      end_col = finding.finish,
      severity = severities[finding.kind] or vim.diagnostic.severity.INFO,
      message = notify.text(finding),
      source = 'promptstack',
    }
  end
  vim.diagnostic.set(marks.references, checker.buf, vim.tbl_map(diagnostic, checker.findings))
end

--- Puts what was found in some rows in the place of what was known of them.
---@param checker promptstack.Checker
---@param range promptstack.CheckedRows
---@param rows integer[] of the lines that were looked at, counted from the first
---@param reply { findings: promptstack.TextFinding[], references: promptstack.ReferenceSpan[] }
local function take(checker, range, rows, reply)
  local buf = checker.buf
  checker.findings = without(checker.findings, range.first, range.last, 0)
  checker.references = without(checker.references, range.first, range.last, 0)
  for _, finding in ipairs(reply.findings) do
    finding.row = range.first + rows[finding.row + 1]
    table.insert(checker.findings, finding)
  end
  vim.api.nvim_buf_clear_namespace(buf, marks.linked, range.first, range.last)
  for _, span in ipairs(reply.references) do
    span.row = range.first + rows[span.row + 1]
    table.insert(checker.references, span)
    vim.api.nvim_buf_set_extmark(buf, marks.linked, span.row, span.start, {
      end_col = span.finish,
      hl_group = 'PromptstackReference',
      priority = 4100,
      undo_restore = false,
      strict = false,
    })
  end
  show(checker)
end

function check(checker)
  local buf, dirty = checker.buf, checker.dirty
  if not dirty or checker.flight or not vim.api.nvim_buf_is_loaded(buf) then return end
  local lines, rows, size, last = {}, {}, 0, dirty.last
  local at = false
  for index, line in ipairs(vim.api.nvim_buf_get_lines(buf, dirty.first, dirty.last, false)) do
    local refers = line:find('@', 1, true) ~= nil
    if #line < MAX_BYTES and (refers or fences.is_fence(line)) then
      if size + #line > MAX_BYTES then
        last = dirty.first + index - 1
        break
      end
      at = at or refers
      size = size + #line
      lines[#lines + 1], rows[#rows + 1] = line, index - 1
    end
  end
  local range = { first = dirty.first, last = last } ---@type promptstack.CheckedRows
  checker.dirty = last < dirty.last and { first = last, last = dirty.last } or nil
  if not at then
    take(checker, range, rows, { findings = {}, references = {} })
    return check(checker)
  end
  checker.flight = range
  local before = fences.before(buf, range.first)
  rpc.files_check({ directory = directory_of(buf), lines = lines, before = before }, function(err, reply)
    checker.flight = nil
    if checkers[buf] ~= checker or not vim.api.nvim_buf_is_loaded(buf) then return end
    if err or range.stale then
      -- Looked at again with the next change, or when the host is back.
      add_dirty(checker, range.first, range.last)
      if not err then check_in(checker, PAUSE_MS) end
      return
    end
    take(checker, range, rows, reply)
    if checker.dirty then check_in(checker, PAUSE_MS) end
  end)
end

--- Looks at all of a buffer again where there was anything to see: files come and go.
---@param checker promptstack.Checker
local function check_again(checker)
  if #checker.findings == 0 and #checker.references == 0 then return end
  add_dirty(checker, 0, vim.api.nvim_buf_line_count(checker.buf))
  check_in(checker, 0)
end

local watching = false

local function watch_editor()
  if watching then return end
  watching = true
  vim.api.nvim_create_autocmd('FocusGained', {
    group = vim.api.nvim_create_augroup('promptstack.references', {}),
    callback = function()
      for _, checker in pairs(checkers) do
        check_again(checker)
      end
    end,
  })
  host.on_ready(function()
    for _, checker in pairs(checkers) do
      check_in(checker, 0)
    end
  end)
end

---@param checker promptstack.Checker
local function stop(checker)
  if checkers[checker.buf] ~= checker then return end
  checkers[checker.buf] = nil
  checker.timer:stop()
  if not checker.timer:is_closing() then checker.timer:close() end
  pcall(vim.api.nvim_del_augroup_by_name, 'promptstack.references.' .. checker.buf)
end

--- Looks at the references of a buffer, now and while it changes.
---@param buf integer
function M.attach(buf)
  if checkers[buf] or not vim.api.nvim_buf_is_loaded(buf) then return end
  ---@type promptstack.Checker
  local checker = {
    buf = buf,
    findings = {},
    references = {},
    shown = false,
    timer = assert(vim.uv.new_timer()),
  }
  checkers[buf] = checker
  local function all()
    checker.findings, checker.references = {}, {}
    add_dirty(checker, 0, vim.api.nvim_buf_line_count(buf))
    if checker.flight then checker.flight.stale = true end
    check_in(checker, PAUSE_MS)
  end
  vim.api.nvim_buf_attach(buf, false, {
    on_lines = function(_, _, _, first, last, new_last)
      if checkers[buf] ~= checker then return true end
      local delta = new_last - last
      checker.findings = without(checker.findings, first, last, delta)
      checker.references = without(checker.references, first, last, delta)
      shift(checker.dirty, first, last, delta)
      shift(checker.flight, first, last, delta)
      add_dirty(checker, first, new_last)
      check_in(checker, PAUSE_MS)
    end,
    on_reload = all,
    on_detach = function()
      stop(checker)
    end,
  })
  fences.attach(buf, function(row)
    if checkers[buf] ~= checker then return end
    if checker.flight and checker.flight.last > row then checker.flight.stale = true end
    add_dirty(checker, row, vim.api.nvim_buf_line_count(buf))
    check_in(checker, PAUSE_MS)
  end)
  vim.api.nvim_create_autocmd('BufEnter', {
    group = vim.api.nvim_create_augroup('promptstack.references.' .. buf, {}),
    buffer = buf,
    callback = function()
      check_again(checker)
    end,
  })
  watch_editor()
  all()
end

return M
