--- Makes seen what a text would hide: control characters, and those that have no shape or turn the direction round.
local text = require('promptstack.ui.picker.text')

local M = {}

--- First and last code points.
local HIDDEN = {
  { 0x00AD, 0x00AD }, -- soft hyphen
  { 0x034F, 0x034F },
  { 0x061C, 0x061C },
  { 0x115F, 0x1160 },
  { 0x17B4, 0x17B5 },
  { 0x180B, 0x180F },
  { 0x200B, 0x200F }, -- no width, direction
  { 0x2028, 0x202E }, -- separators, direction
  { 0x2060, 0x206F },
  { 0x3164, 0x3164 },
  { 0xFEFF, 0xFEFF },
  { 0xFFA0, 0xFFA0 },
  { 0xE0000, 0xE0FFF }, -- tags, variation selectors
}

---@param char string
---@return string? shown nil where it is seen anyway
local function shown(char)
  local code = vim.fn.char2nr(char)
  for _, range in ipairs(HIDDEN) do
    if code >= range[1] and code <= range[2] then return ('<%04x>'):format(code) end
  end
end

--- The text with every such character by its number.
---@param line string
---@return string
function M.line(line)
  return (text.clean(line):gsub('[\194-\244][\128-\191]+', shown))
end

--- The characters of edits that nobody would see in the text, each once, as they are shown here.
---@param edits promptstack.PlacedEdit[]
---@return string[]
function M.hidden(edits)
  local known, found = {}, {} ---@type table<string, true>, string[]
  local function note(char)
    local sign = M.line(char)
    if sign ~= char and not known[sign] then
      known[sign] = true
      found[#found + 1] = sign
    end
  end
  for _, placed in ipairs(edits) do
    for _, line in ipairs(placed.edit.lines) do
      -- A tab is seen.
      for char in line:gsub('\t', ' '):gmatch('[%z\1-\127\194-\244][\128-\191]*') do
        note(char)
      end
    end
  end
  return found
end

return M
