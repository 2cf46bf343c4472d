--- Where the picker's windows stand: beside each other, under each other, or the list alone.
local M = {}

--- From this many columns on the preview stands beside the list.
local BESIDE = 100
--- Below this many columns there is no preview.
local HIDDEN = 60
--- Below this many rows a preview under the list would leave neither room.
local UNDER_ROWS = 14
--- A line of text longer than this is hard to read.
local WIDEST = 180

---@class promptstack.Rect of a frame, its border included
---@field row integer
---@field col integer
---@field width integer
---@field height integer

---@class promptstack.PickerLayout
---@field list promptstack.Rect
---@field preview? promptstack.Rect

--- Lays out the frames.
---@param columns integer of the screen
---@param rows integer of the screen without the command line
---@param beside? integer columns from which on the preview stands beside the list
---@return promptstack.PickerLayout
function M.compute(columns, rows, beside)
  beside = beside or BESIDE
  local margin = columns >= HIDDEN and 4 or columns >= 40 and 2 or 0
  local width = math.min(columns - margin, columns >= 120 and math.floor(columns * 0.9) or columns, WIDEST)
  local height = rows
  if rows >= UNDER_ROWS then height = columns >= beside and math.floor(rows * 0.85) or rows - 2 end
  local row, col = math.floor((rows - height) / 2), math.floor((columns - width) / 2)
  local list = { row = row, col = col, width = width, height = height }
  if columns >= beside then
    list.width = math.floor(width / 2)
    return {
      list = list,
      preview = { row = row, col = col + list.width, width = width - list.width, height = height },
    }
  end
  if columns >= HIDDEN and rows >= UNDER_ROWS then
    list.height = math.floor(height / 2)
    return {
      list = list,
      preview = { row = row + list.height, col = col, width = width, height = height - list.height },
    }
  end
  return { list = list }
end

--- A frame's place as a window wants it: the width and height inside its border.
---@param rect promptstack.Rect
---@return { row: integer, col: integer, width: integer, height: integer }
function M.inside(rect)
  return {
    row = rect.row,
    col = rect.col,
    width = math.max(1, rect.width - 2),
    height = math.max(1, rect.height - 2),
  }
end

return M
