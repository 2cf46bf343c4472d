--- Where a continuation stands, and what is left of it when one has typed on.
local M = {}

--- A place between two characters, with what tells it from others.
---@class promptstack.GhostPlace
---@field buf integer
---@field row integer from 0
---@field col integer
---@field head string the line before it
---@field tail string the line behind it
---@field count integer lines of the buffer
---@field win? integer where the cursor is there
---@field inserting? boolean

--- A place in a buffer.
---@param buf integer
---@param row integer
---@param col integer
---@return promptstack.GhostPlace
function M.at(buf, row, col)
  local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1] or ''
  return {
    buf = buf,
    row = row,
    col = math.min(col, #line),
    head = line:sub(1, col),
    tail = line:sub(col + 1),
    count = vim.api.nvim_buf_line_count(buf),
  }
end

--- The place where one would go on: in normal mode behind the character under the cursor, as for `a`.
---@return promptstack.GhostPlace
function M.here()
  local cursor = vim.api.nvim_win_get_cursor(0)
  local row, col = cursor[1] - 1, cursor[2]
  local inserting = vim.api.nvim_get_mode().mode:match('^[iR]') ~= nil
  if not inserting then
    -- With what is composed onto it.
    col = col + #vim.fn.matchstr(vim.api.nvim_get_current_line(), '.', col)
  end
  local place = M.at(vim.api.nvim_get_current_buf(), row, col)
  place.win, place.inserting = vim.api.nvim_get_current_win(), inserting
  return place
end

---@param a promptstack.GhostPlace
---@param b promptstack.GhostPlace
---@return boolean
function M.is_same(a, b)
  return a.buf == b.buf
    and a.win == b.win
    and a.row == b.row
    and a.head == b.head
    and a.tail == b.tail
    and a.count == b.count
end

--- What is left of a continuation at a later place, when nothing but its own beginning was typed.
---@param lines string[]
---@param from promptstack.GhostPlace
---@param to promptstack.GhostPlace
---@return string[]? nil where something else was done, or nothing is left
function M.left(lines, from, to)
  local rows = to.row - from.row
  if to.buf ~= from.buf or rows < 0 or rows >= #lines then return nil end
  if to.count ~= from.count + rows or to.tail ~= from.tail then return nil end
  local whole = vim.api.nvim_buf_get_lines(to.buf, from.row, to.row + 1, false)
  if #whole ~= rows + 1 then return nil end
  whole[#whole] = to.head
  for index, line in ipairs(whole) do
    local expected = (index == 1 and from.head or '') .. lines[index]
    local last = index == #whole
    if last and not vim.startswith(expected, line) or not last and expected ~= line then return nil end
    if last then
      -- Before where it began nothing of it is typed.
      if index == 1 and #line < #from.head then return nil end
      local rest = vim.list_slice(lines, index)
      rest[1] = expected:sub(#line + 1)
      if #rest > 1 or rest[1] ~= '' then return rest end
    end
  end
end

return M
