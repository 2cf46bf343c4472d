--- Where a small window stands beside the cursor.
local M = {}

--- The top left corner of a bordered window below the cursor's line, or above it where there is no room below.
---
--- Reckoned from the text: what `relative = 'cursor'` goes by is the cursor as it was drawn last.
---@param height integer lines inside the border
---@return integer row, integer col
function M.cursor(height)
  local cursor = vim.api.nvim_win_get_cursor(0)
  local at = vim.fn.screenpos(0, cursor[1], cursor[2] + 1)
  local row, col = at.row, math.max(at.col - 1, 0)
  local room = vim.o.lines - vim.o.cmdheight - row
  if room < height + 2 and row > height + 2 then row = row - height - 3 end
  return row, col
end

return M
