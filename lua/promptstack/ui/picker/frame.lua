--- What stands in the border of the picker's list: title, counts, the most needed keys.
local text = require('promptstack.ui.picker.text')

local M = {}

--- The border of a window: what its top is made of, and how far its inside is moved.
---@param win integer
---@return { top: string, row: integer, col: integer }
function M.of(win)
  local border = vim.api.nvim_win_get_config(win).border
  if type(border) ~= 'table' then return { top = '', row = 0, col = 0 } end
  -- Fewer than eight parts are repeated; top is the second, left the eighth.
  local function part(index)
    local found = border[(index - 1) % #border + 1]
    return type(found) == 'table' and found[1] or found
  end
  local top, left = part(2), part(8)
  return { top = top, row = top ~= '' and 1 or 0, col = left ~= '' and 1 or 0 }
end

--- As many hints as there is room for.
---@param hints string[]
---@param width integer
---@return string
local function fitting(hints, width)
  local line = ''
  for _, hint in ipairs(hints) do
    local longer = line == '' and hint or line .. ' · ' .. hint
    if text.width(longer) > width then break end
    line = longer
  end
  return line
end

--- Writes title and count into the top border, hints into the bottom one.
---@param window promptstack.Window
---@param source promptstack.PickerSource
---@param count string
---@return boolean drawn false where there is no border to write into
function M.title(window, source, count)
  local top = M.of(window.win).top
  if top == '' then return false end
  local width = vim.api.nvim_win_get_width(window.win)
  local title = text.fit(' ' .. source.title .. ' ', width)
  local right = count == '' and '' or ' ' .. count .. ' '
  local gap = width - text.width(title) - text.width(right)
  local chunks = { { title, 'PromptstackTitle' } }
  if right ~= '' and gap >= 0 then
    chunks[#chunks + 1] = { top:rep(gap), 'PromptstackBorder' }
    chunks[#chunks + 1] = { right, 'PromptstackCount' }
  end
  local hint = fitting(source.hints, width - 2)
  window:update({ title = chunks, footer = hint ~= '' and hint or nil })
  return true
end

return M
