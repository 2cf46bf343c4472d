--- A continuation as virtual text: its first line at the cursor, the others below.
local marks = require('promptstack.ui.marks')
local text = require('promptstack.ui.picker.text')

local M = {}

--- Above the colours of placeholders and references.
local PRIORITY = 4200

--- The cells of a line of text in a window.
---@param win integer
---@return integer
local function width_of(win)
  local info = vim.fn.getwininfo(win)[1]
  return info and math.max(10, info.width - info.textoff) or vim.o.columns
end

--- A line in pieces that fit: virtual lines are not wrapped.
---@param line string
---@param width integer
---@return string[]
local function pieces(line, width)
  local found, piece, cells = {}, {}, 0
  for _, char in ipairs(vim.fn.split(line, '\\zs')) do
    local wide = text.width(char)
    if cells + wide > width and cells > 0 then
      found[#found + 1] = table.concat(piece)
      piece, cells = {}, 0
    end
    piece[#piece + 1] = char
    cells = cells + wide
  end
  found[#found + 1] = table.concat(piece)
  return found
end

--- Shows a continuation, and nothing else.
---@param place promptstack.GhostPlace
---@param lines string[]
function M.show(place, lines)
  M.hide(place.buf)
  local tab = (' '):rep(vim.bo[place.buf].tabstop)
  local below = {} ---@type [string, string][][]
  local width = width_of(assert(place.win))
  for index = 2, #lines do
    local line = lines[index]:gsub('\t', tab)
    for _, piece in ipairs(pieces(line, width)) do
      below[#below + 1] = { { piece, 'PromptstackGhost' } }
    end
  end
  local last = below[#below]
  if last and place.tail ~= '' then
    -- What stands behind the cursor would come behind the last line.
    local room = math.max(1, width - text.width(last[1][1]))
    last[2] = { (text.fit(text.clean(place.tail), room)), 'PromptstackHint' }
  end
  local first = lines[1]:gsub('\t', tab)
  vim.api.nvim_buf_set_extmark(place.buf, marks.ghost, place.row, place.col, {
    virt_text = first ~= '' and { { first, 'PromptstackGhost' } } or nil,
    virt_text_pos = 'inline',
    virt_lines = #below > 0 and below or nil,
    hl_mode = 'combine',
    priority = PRIORITY,
    undo_restore = false,
    strict = false,
  })
end

--- Shows that a continuation is waited for, at the end of the line.
---@param place promptstack.GhostPlace
---@param words string empty takes it away
function M.wait(place, words)
  if not vim.api.nvim_buf_is_valid(place.buf) then return end
  vim.api.nvim_buf_clear_namespace(place.buf, marks.ghost_wait, 0, -1)
  if words == '' then return end
  vim.api.nvim_buf_set_extmark(place.buf, marks.ghost_wait, place.row, 0, {
    virt_text = { { words, 'PromptstackProgress' } },
    virt_text_pos = 'eol',
    priority = PRIORITY + 1,
    undo_restore = false,
    strict = false,
  })
end

---@param buf integer
function M.hide(buf)
  if vim.api.nvim_buf_is_valid(buf) then vim.api.nvim_buf_clear_namespace(buf, marks.ghost, 0, -1) end
end

return M
