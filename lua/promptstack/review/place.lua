--- Where suggestions stand in a text that changes: extmarks over their rows and their edits.
local marks = require('promptstack.ui.marks')

local M = {}

--- What is said of a suggestion that does not fit any more.
M.STALE = 'the text of this suggestion has changed; r asks again'

---@class promptstack.ReviewPlace
---@field row integer
---@field col integer
---@field end_row integer
---@field end_col integer

--- An edit and where it has moved.
---@class promptstack.PlacedEdit
---@field edit promptstack.ReviewEdit
---@field id integer its extmark
---@field done boolean whether it is in the text
---@field before string what stood before it in its line
---@field after string

---@alias promptstack.ReviewState 'pending'|'applying'|'applied'|'failed'

---@class promptstack.ReviewItem
---@field suggestion promptstack.ReviewSuggestion
---@field state promptstack.ReviewState
---@field edits promptstack.PlacedEdit[]
---@field mark? integer over its rows; none for the text as a whole
---@field why? string why it failed
---@field fetched? boolean whether its edits were asked for
---@field seen? boolean whether the person was told of what can't be seen in it

--- As much of the line beside an insertion tells whether it is still the same place.
local BESIDE = 12

---@param edit promptstack.ReviewEdit
---@return boolean
local function is_insertion(edit)
  return #edit.expected == 1 and edit.expected[1] == ''
end

---@param line string
---@param col integer
---@return string before, string after
local function beside(line, col)
  return line:sub(math.max(1, col - BESIDE + 1), col), line:sub(col + 1, col + BESIDE)
end

--- Whether an insertion's place is still the one that was meant: what is before or behind it is still there. An empty
--- side says nothing.
---@param placed promptstack.PlacedEdit
---@param line string
---@param col integer
---@return boolean
local function is_same_place(placed, line, col)
  local before, after = beside(line, col)
  if placed.before == '' and placed.after == '' then return before == '' or after == '' end
  return placed.before ~= '' and placed.before == before or placed.after ~= '' and placed.after == after
end

---@param buf integer
---@param edit promptstack.ReviewEdit
---@param line string its first line, as it was looked through
---@return promptstack.PlacedEdit
local function put_edit(buf, edit, line)
  local before, after = beside(line, edit.start_col)
  local inserts = is_insertion(edit)
  local opts = { strict = false, right_gravity = true }
  if inserts then
    -- What another suggestion inserts at the same place leaves that side of it alone which is known.
    opts.right_gravity = before == ''
  else
    opts.end_row, opts.end_col, opts.end_right_gravity = edit.end_row, edit.end_col, false
  end
  local last = vim.api.nvim_buf_line_count(buf) - 1
  local id =
    vim.api.nvim_buf_set_extmark(buf, marks.review, math.min(edit.start_row, last), edit.start_col, opts)
  return { edit = edit, id = id, done = false, before = before, after = after }
end

--- Takes a suggestion into a buffer. One whose text is not there any more is taken as failed.
---@param buf integer
---@param suggestion promptstack.ReviewSuggestion
---@param lines string[] the text that was looked through
---@return promptstack.ReviewItem
function M.put(buf, suggestion, lines)
  ---@type promptstack.ReviewItem
  local item = { suggestion = suggestion, state = 'pending', edits = {} }
  local first, last = suggestion.first, suggestion.last or suggestion.first
  if first and last then
    local bottom = vim.api.nvim_buf_line_count(buf) - 1
    item.mark = vim.api.nvim_buf_set_extmark(buf, marks.review, math.min(first, bottom), 0, {
      end_row = math.min(last, bottom),
      end_col = #(lines[last + 1] or ''),
      strict = false,
    })
  end
  M.put_edits(buf, item, suggestion.edits, lines)
  return item
end

--- Gives a suggestion its edits; where their text is not there any more, it has failed.
---@param buf integer
---@param item promptstack.ReviewItem
---@param edits promptstack.ReviewEdit[]
---@param lines string[] the text that they were made for
function M.put_edits(buf, item, edits, lines)
  for index, edit in ipairs(edits) do
    item.edits[index] = put_edit(buf, edit, lines[edit.start_row + 1] or '')
    if not M.stands(buf, item.edits[index]) then item.state = 'failed' end
  end
end

---@param buf integer
---@param id integer
---@return promptstack.ReviewPlace?
local function span_of(buf, id)
  local mark = vim.api.nvim_buf_get_extmark_by_id(buf, marks.review, id, { details = true })
  local row, col, details = mark[1], mark[2], mark[3]
  if not (row and col) then return nil end
  local end_row, end_col = details and details.end_row or row, details and details.end_col or col
  if end_row < row or end_row == row and end_col < col then
    -- All of it was deleted, and something was put into its place.
    row, col, end_row, end_col = end_row, end_col, row, col
  end
  return { row = row, col = col, end_row = end_row, end_col = end_col }
end

--- Where an edit stands now, end exclusive.
---@param buf integer
---@param placed promptstack.PlacedEdit
---@return promptstack.ReviewPlace?
function M.span(buf, placed)
  return span_of(buf, placed.id)
end

--- The rows that a suggestion is about, from 0; nil for the text as a whole.
---@param buf integer
---@param item promptstack.ReviewItem
---@return integer? first, integer? last
function M.rows(buf, item)
  local span = item.mark and span_of(buf, item.mark)
  if span then return span.row, span.end_row end
end

--- The row at which there is something to see, from 0.
---@param buf integer
---@param item promptstack.ReviewItem
---@param hunk? integer
---@return integer? row, integer? col
function M.start(buf, item, hunk)
  local placed = item.edits[hunk or 1]
  local span = placed and M.span(buf, placed)
  if span then return span.row, span.col end
  return (M.rows(buf, item)), 0
end

--- Whether an edit finds the text that it was made for.
---@param buf integer
---@param placed promptstack.PlacedEdit
---@return boolean
function M.stands(buf, placed)
  local span = M.span(buf, placed)
  if not span then return false end
  local ok, found = pcall(vim.api.nvim_buf_get_text, buf, span.row, span.col, span.end_row, span.end_col, {})
  if not ok or not vim.deep_equal(found, placed.edit.expected) then return false end
  if not is_insertion(placed.edit) then return true end
  return is_same_place(
    placed,
    vim.api.nvim_buf_get_lines(buf, span.row, span.row + 1, false)[1] or '',
    span.col
  )
end

--- The edits of a suggestion that are not in the text yet.
---@param item promptstack.ReviewItem
---@return promptstack.PlacedEdit[]
function M.open(item)
  return vim.tbl_filter(function(placed)
    return not placed.done
  end, item.edits)
end

--- Edits from the last in the text to the first: none moves another.
---@param buf integer
---@param edits promptstack.PlacedEdit[]
---@return { placed: promptstack.PlacedEdit, span: promptstack.ReviewPlace }[]
function M.upwards(buf, edits)
  local found = {}
  for index, placed in ipairs(edits) do
    local span = M.span(buf, placed)
    if span then found[#found + 1] = { placed = placed, span = span, index = index } end
  end
  table.sort(found, function(a, b)
    if a.span.row ~= b.span.row then return a.span.row > b.span.row end
    if a.span.col ~= b.span.col then return a.span.col > b.span.col end
    return a.index > b.index
  end)
  return found
end

--- Forgets all places in a buffer.
---@param buf integer
function M.clear(buf)
  vim.api.nvim_buf_clear_namespace(buf, marks.review, 0, -1)
end

return M
