--- One stop of a session: an extmark over a placeholder or over what was filled into it.
---
--- Whether a stop is filled is read from the text, so undo needs no bookkeeping: a stop that reads as it was
--- written is unfilled.
local marks = require('promptstack.ui.marks')

local M = {}

---@class promptstack.SessionStop
---@field id? integer its extmark, once it is placed
---@field key string `type:name`; equal keys are linked
---@field kind promptstack.StopKind
---@field name string
---@field source string the placeholder as it was written
---@field default? string
---@field options string[]
---@field kept boolean changed from inside last: should it be empty, then it was emptied, not deleted with its line
---@field filled boolean whether it was when it was last drawn
---@field grows boolean takes in what is typed at its edges
---@field remembered? string the value that the host was told last

---@class promptstack.Span
---@field row integer
---@field col integer
---@field end_row integer
---@field end_col integer

---@alias promptstack.StopRole 'current'|'before'|'after'

local kinds = { text = 'PromptstackText', list = 'PromptstackList', choice = 'PromptstackChoice' }

---@param a_row integer
---@param a_col integer
---@param b_row integer
---@param b_col integer
---@return boolean
function M.precedes(a_row, a_col, b_row, b_col)
  return a_row < b_row or (a_row == b_row and a_col < b_col)
end

--- Where a stop stands, end exclusive.
---@param buf integer
---@param stop promptstack.SessionStop
---@return promptstack.Span?
function M.span(buf, stop)
  local mark = vim.api.nvim_buf_get_extmark_by_id(buf, marks.session, assert(stop.id), { details = true })
  local row, col, details = mark[1], mark[2], mark[3]
  if not (row and col and details and details.end_row and details.end_col) then return nil end
  ---@type promptstack.Span
  local span = { row = row, col = col, end_row = details.end_row, end_col = details.end_col }
  if M.precedes(span.end_row, span.end_col, span.row, span.col) then
    -- Text put into an empty stop that is not the current one pushes its edges past each other (redo does this):
    -- what lies between them is the stop's text all the same.
    span = { row = span.end_row, col = span.end_col, end_row = span.row, end_col = span.col }
  end
  return span
end

---@param span promptstack.Span
---@return boolean
function M.is_empty(span)
  return span.row == span.end_row and span.col == span.end_col
end

--- Whether a position lies in a span or at its edges.
---@param span promptstack.Span
---@param row integer
---@param col integer
---@return boolean
function M.touches(span, row, col)
  return not M.precedes(row, col, span.row, span.col) and not M.precedes(span.end_row, span.end_col, row, col)
end

---@param span promptstack.Span
---@param row integer
---@param col integer
---@return boolean
function M.is_edge(span, row, col)
  return (row == span.row and col == span.col) or (row == span.end_row and col == span.end_col)
end

--- What stands in a span; empty where the buffer ends before it.
---@param buf integer
---@param span? promptstack.Span
---@return string[]
function M.text_at(buf, span)
  if not span then return { '' } end
  local ok, lines = pcall(vim.api.nvim_buf_get_text, buf, span.row, span.col, span.end_row, span.end_col, {})
  return ok and lines or { '' }
end

--- What stands in the stop.
---@param buf integer
---@param stop promptstack.SessionStop
---@return string[]
function M.text(buf, stop)
  return M.text_at(buf, M.span(buf, stop))
end

---@param stop promptstack.SessionStop
---@param lines string[] its text
---@return boolean
function M.differs(stop, lines)
  return #lines > 1 or lines[1] ~= stop.source
end

---@param buf integer
---@param stop promptstack.SessionStop
---@return boolean
function M.is_filled(buf, stop)
  return M.differs(stop, M.text(buf, stop))
end

--- The blanks before the stop's line, which its continuation lines take.
---@param buf integer
---@param span promptstack.Span
---@return string
function M.indent(buf, span)
  local line = vim.api.nvim_buf_get_lines(buf, span.row, span.row + 1, false)[1] or ''
  return line:sub(1, span.col):match('^[ \t]*') or ''
end

--- What was filled in, without the indent of continuation lines.
---@param buf integer
---@param stop promptstack.SessionStop
---@return string[]
function M.value(buf, stop)
  local lines = M.text(buf, stop)
  if #lines > 1 then
    local indent = M.indent(buf, assert(M.span(buf, stop)))
    for i = 2, #lines do
      if vim.startswith(lines[i], indent) then lines[i] = lines[i]:sub(#indent + 1) end
    end
  end
  return lines
end

--- Sets a stop's extmark.
---
--- Only the current stop takes in what is typed at its edges, and only once it is no longer the placeholder as it was
--- written. An empty one steps aside to the side on which it stands, so that it is not dragged through its
--- neighbour's text.
---@param buf integer
---@param stop promptstack.SessionStop
---@param span promptstack.Span
---@param role promptstack.StopRole
---@param label? string shown at the end of the line
---@param filled? boolean read from the text where it is not given
function M.place(buf, stop, span, role, label, filled)
  local current = role == 'current'
  if filled == nil then filled = M.differs(stop, M.text_at(buf, span)) end
  stop.filled = filled
  stop.grows = current and filled
  local start_right, end_right = not stop.grows, stop.grows
  if not current and M.is_empty(span) then
    start_right = role == 'after'
    end_right = start_right
  end
  stop.id = vim.api.nvim_buf_set_extmark(buf, marks.session, span.row, span.col, {
    id = stop.id,
    end_row = span.end_row,
    end_col = span.end_col,
    right_gravity = start_right,
    end_right_gravity = end_right,
    hl_group = current and 'PromptstackCurrent' or filled and 'PromptstackFilled' or kinds[stop.kind],
    -- Above the colours that live highlighting and treesitter give.
    priority = current and 4200 or 4150,
    virt_text = label and { { ' ' .. label, 'PromptstackProgress' } } or nil,
    virt_text_pos = label and 'eol' or nil,
    hl_mode = label and 'combine' or nil,
    strict = false,
  })
end

--- Gives continuation lines the indent.
---@param lines string[]
---@param indent string
---@return string[]
function M.indented(lines, indent)
  local out = { lines[1] or '' }
  for i = 2, #lines do
    -- As the host renders it: the indent stands before empty lines too.
    out[i] = indent .. lines[i]
  end
  return out
end

return M
