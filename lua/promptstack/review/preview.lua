--- The chosen suggestion in the buffer: what goes is struck, what comes is virtual text. Nothing of the text changes.
local config = require('promptstack.config')
local marks = require('promptstack.ui.marks')
local place = require('promptstack.review.place')
local text = require('promptstack.ui.picker.text')
local visible = require('promptstack.review.visible')

local M = {}

--- Above the colours of placeholders and references.
local PRIORITY = 4210

local raised = nil ---@type integer? the window that makes room above its first line

--- A text in pieces that fit; blanks at its beginning stay.
---@param line string
---@param width integer
---@return string[]
local function pieces(line, width)
  local rest, found = visible.line(line), {}
  while text.width(rest) > width do
    local count, cells = 0, 0
    for _, char in ipairs(vim.fn.split(vim.fn.strcharpart(rest, 0, width), '\\zs')) do
      cells = cells + text.width(char)
      if cells > width then break end
      count = count + 1
    end
    count = math.max(count, 1)
    found[#found + 1] = vim.fn.strcharpart(rest, 0, count)
    rest = vim.fn.strcharpart(rest, count)
  end
  found[#found + 1] = rest
  return found
end

---@param lines string[]
---@param tail string what follows the last of them
---@param width integer
---@return [string, string][][]
local function virtual(lines, tail, width)
  local found = {}
  for _, line in ipairs(lines) do
    for _, piece in ipairs(pieces(line, width)) do
      -- A cell of colour shows an empty line.
      found[#found + 1] = { { piece == '' and ' ' or piece, 'PromptstackAdd' } }
    end
  end
  if tail ~= '' and #found > 0 then
    local last = found[#found]
    last[2] = { text.fit(visible.line(tail), math.max(1, width - text.width(last[1][1]))), 'PromptstackHint' }
    if last[1][1] == ' ' then table.remove(last, 1) end
  end
  return found
end

---@param buf integer
---@param row integer
---@param col integer
---@param opts vim.api.keyset.set_extmark
local function mark(buf, row, col, opts)
  opts.strict = false
  opts.undo_restore = false
  opts.priority = PRIORITY
  vim.api.nvim_buf_set_extmark(buf, marks.proposed, row, col, opts)
end

--- Draws what an edit puts in.
---@param buf integer
---@param edit promptstack.ReviewEdit
---@param span promptstack.ReviewPlace
---@param width integer
---@return integer above how many lines it shows above the first row of the buffer
local function draw_added(buf, edit, span, width)
  local lines = edit.lines
  local line = vim.api.nvim_buf_get_lines(buf, span.end_row, span.end_row + 1, false)[1] or ''
  local tail = line:sub(span.end_col + 1)
  local inserts = span.row == span.end_row and span.col == span.end_col
  if #lines > 1 and lines[#lines] == '' and span.col == 0 and (inserts or span.end_col == 0) then
    -- Whole lines, with the line break behind the last.
    local added = virtual(vim.list_slice(lines, 1, #lines - 1), '', width)
    if inserts then
      mark(buf, span.row, 0, { virt_lines = added, virt_lines_above = true })
      return span.row == 0 and #added or 0
    end
    mark(buf, span.end_row - 1, 0, { virt_lines = added })
  elseif #lines == 1 and lines[1] == '' then
    return 0
  elseif not inserts and span.col == 0 and tail == '' then
    mark(buf, span.end_row, 0, { virt_lines = virtual(lines, '', width) })
  else
    if lines[1] ~= '' then
      local words = visible.line(assert(lines[1]))
      mark(buf, span.end_row, span.end_col, {
        virt_text = { { words, 'PromptstackAdd' } },
        virt_text_pos = 'inline',
      })
    end
    if #lines > 1 then
      local added = virtual(vim.list_slice(lines, 2), tail, width)
      mark(buf, span.end_row, 0, { virt_lines = added })
    end
  end
  return 0
end

---@param buf integer
---@param placed promptstack.PlacedEdit
---@param width integer
---@param label? [string, string]
---@return integer above
local function draw_edit(buf, placed, width, label)
  local span = assert(place.span(buf, placed))
  -- Some terminals can't strike, some colour schemes do nothing else.
  for _, group in ipairs({ 'PromptstackDelete', 'PromptstackStruck' }) do
    if span.row ~= span.end_row or span.col ~= span.end_col then
      mark(buf, span.row, span.col, { end_row = span.end_row, end_col = span.end_col, hl_group = group })
    end
  end
  if table.concat(placed.edit.expected) == '' then
    -- Line breaks alone have no cells that could be struck.
    local sign = config.ui('icons') and '↵' or '$'
    for row = span.row, span.end_row - 1 do
      mark(buf, row, 0, { virt_text = { { sign, 'PromptstackDelete' } }, virt_text_pos = 'eol' })
    end
  end
  if label then
    mark(buf, span.row, 0, { virt_text = { label }, virt_text_pos = 'eol', hl_mode = 'combine' })
  end
  return draw_added(buf, placed.edit, span, width)
end

--- Lights the lines of a suggestion that changes nothing by itself.
---@param buf integer
---@param item promptstack.ReviewItem
local function draw_rows(buf, item)
  local first, last = place.rows(buf, item)
  if not first or not last then return end
  local ends = item.suggestion.kind == 'contradiction'
  for row = first, last do
    local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1] or ''
    if not ends or row == first or row == last then
      mark(buf, row, 0, { end_row = row, end_col = #line, hl_group = 'PromptstackSelection' })
    end
  end
end

--- The cells of a line of text in a window.
---@param win? integer
---@return integer
local function width_of(win)
  if not win then return vim.o.columns end
  local info = vim.fn.getwininfo(win)[1]
  return info and math.max(10, info.width - info.textoff) or vim.o.columns
end

--- Shows the chosen suggestion of a review, and nothing else.
---@param review promptstack.Review
---@param win? integer that shows the text
function M.show(review, win)
  local buf, item = review.buf, review.chosen
  M.clear(buf)
  if not item or item.state == 'applied' then return end
  if #item.edits == 0 then return draw_rows(buf, item) end
  local width, above = width_of(win), 0
  for index, placed in ipairs(item.edits) do
    if not placed.done and place.stands(buf, placed) then
      local label = nil ---@type [string, string]?
      if #item.edits > 1 and index == review.hunk then
        label = { ('hunk %d/%d'):format(index, #item.edits), 'PromptstackProgress' }
      end
      above = above + draw_edit(buf, placed, width, label)
    end
  end
  -- Lines above the first one are seen only where the window makes room for them.
  if win and above > 0 then
    vim.api.nvim_win_call(win, function()
      if vim.fn.line('w0') ~= 1 then return end
      vim.fn.winrestview({ topline = 1, topfill = above })
      raised = win
    end)
  end
end

--- Takes away what is shown.
---@param buf integer
function M.clear(buf)
  if vim.api.nvim_buf_is_valid(buf) then vim.api.nvim_buf_clear_namespace(buf, marks.proposed, 0, -1) end
  local win = raised
  raised = nil
  if win and vim.api.nvim_win_is_valid(win) then
    vim.api.nvim_win_call(win, function()
      vim.fn.winrestview({ topfill = 0 })
    end)
  end
end

--- Brings a row of the text into sight, should it be hidden; the cursor goes there with it, and |``| back.
---@param win integer
---@param row integer from 0
---@param covered? integer the screen's row, from 1, from which on something lies over the window
function M.reveal(win, row, covered)
  local line = row + 1
  local at = vim.fn.screenpos(win, line, 1)
  local top = vim.api.nvim_win_get_position(win)[1]
  local height = vim.api.nvim_win_get_height(win)
  local room = covered and math.min(height, math.max(1, covered - 1 - top)) or height
  if at.row > 0 and at.row <= top + room then return end
  vim.api.nvim_win_call(win, function()
    vim.cmd.normal({ "m'", bang = true })
    vim.api.nvim_win_set_cursor(win, { line, 0 })
    vim.fn.winrestview({ topline = math.max(1, line - math.floor(room / 3)) })
  end)
end

return M
