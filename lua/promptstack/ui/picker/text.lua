--- Text made fit for a row: no control characters, no more cells than there are.
local M = {}

local width_of = vim.fn.strdisplaywidth

---@param byte integer
---@return string
local function caret(byte)
  if byte == 9 then return ' ' end
  return '^' .. (byte == 127 and '?' or string.char(byte + 64))
end

--- Replaces control characters (a tab by a space, others by `^[` and the like).
---
--- With replaced characters byte offsets shift: the second result gives the new offset of an old one.
---@param text string
---@return string text
---@return (fun(offset: integer): integer)? moved offsets count from 0; nil where nothing moved
function M.clean(text)
  if not text:find('%c') then return text end
  local parts, offsets, length = {}, {}, 0
  for i = 1, #text do
    local byte = text:byte(i)
    local part = (byte < 32 or byte == 127) and caret(byte) or text:sub(i, i)
    offsets[i - 1] = length
    parts[i] = part
    length = length + #part
  end
  return table.concat(parts), function(offset)
    return offsets[offset] or length
  end
end

--- Cuts a text to a width in cells; what was cut is shown by an ellipsis.
---@param text string without control characters
---@param width integer
---@return string text
---@return integer kept bytes of the original that are still there
function M.fit(text, width)
  if width_of(text) <= width then return text, #text end
  if width <= 0 then return '', 0 end
  local kept, cells = 0, 0
  for _, char in ipairs(vim.fn.split(vim.fn.strcharpart(text, 0, width + 1, 1), '\\zs')) do
    cells = cells + width_of(char, cells)
    if cells > width - 1 then break end
    kept = kept + #char
  end
  return text:sub(1, kept) .. '…', kept
end

--- Puts one text at the left edge and one at the right.
---@param left string
---@param right string
---@param width integer
---@return string line
---@return integer start byte at which the right text begins
function M.apart(left, right, width)
  local room = width - width_of(right) - (right == '' and 0 or 1)
  if room < 0 then return M.fit(left, width), width end
  left = M.fit(left, room)
  local pad = (' '):rep(width - width_of(left) - width_of(right))
  return left .. pad .. right, #left + #pad
end

--- Breaks a text into lines at blanks.
---@param text string
---@param width integer
---@return string[]
function M.wrap(text, width)
  local lines = {}
  for _, paragraph in ipairs(vim.split(text, '\n', { plain = true })) do
    local line = ''
    for word in M.clean(paragraph):gmatch('%S+') do
      local joined = line == '' and word or line .. ' ' .. word
      if line ~= '' and width_of(joined) > width then
        lines[#lines + 1] = line
        joined = word
      end
      line = joined
    end
    lines[#lines + 1] = M.fit(line, width)
  end
  return lines
end

M.width = width_of

return M
