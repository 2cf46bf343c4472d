--- What local checks found, as diagnostics: for lists, jumps and signs that a person has already.
local marks = require('promptstack.ui.marks')
local place = require('promptstack.review.place')

local M = {}

local severity = vim.diagnostic.severity

---@type table<promptstack.ReviewKind, vim.diagnostic.Severity>
local severities = { contradiction = severity.WARN, formatting = severity.WARN }

-- The panel has the words already, and beside the text stands what would come.
vim.diagnostic.config({ virtual_text = false, virtual_lines = false }, marks.suggestions)

---@param buf integer
---@param item promptstack.ReviewItem
---@return vim.Diagnostic.Set?
local function diagnostic(buf, item)
  local suggestion = item.suggestion
  local first = place.rows(buf, item)
  if suggestion.by ~= 'local' or item.state == 'applied' or not first then return nil end
  local line = vim.api.nvim_buf_get_lines(buf, first, first + 1, false)[1] or ''
  local from, till = (line:find('%S') or 1) - 1, #line
  local placed = place.open(item)[1]
  local span = placed and place.span(buf, placed)
  -- The exact words, where the line that it begins with holds them.
  if span and span.row == first and span.end_row == first and span.end_col > span.col then
    from, till = span.col, span.end_col
  end
  return {
    lnum = first,
    col = from,
    end_lnum = first,
    end_col = till,
    severity = severities[suggestion.kind] or severity.HINT,
    message = suggestion.title,
    source = 'promptstack',
    code = suggestion.rule,
  }
end

--- Sets the diagnostics of a review; those that were there go.
---@param review promptstack.Review
function M.show(review)
  local found = {}
  for _, item in ipairs(review.items) do
    found[#found + 1] = diagnostic(review.buf, item)
  end
  vim.diagnostic.set(marks.suggestions, review.buf, found)
end

---@param buf integer
function M.clear(buf)
  if vim.api.nvim_buf_is_valid(buf) then vim.diagnostic.reset(marks.suggestions, buf) end
end

return M
