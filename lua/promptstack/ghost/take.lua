--- Divides a continuation into what is accepted and what stays.

---@alias promptstack.GhostPart 'accept'|'line'|'word' all of it, its line, or up to the next blank

--- Where the lines of a part end; a line break before a line or a word goes with it.
local patterns = { line = '^\n*[^\n]*', word = '^%s*%S+' }

---@param lines string[]
---@param part promptstack.GhostPart
---@return string[] taken
---@return string[]? left nil where nothing is
return function(lines, part)
  local text = table.concat(lines, '\n')
  local taken = patterns[part] and text:match(patterns[part]) or text
  local left = text:sub(#taken + 1)
  return vim.split(taken, '\n', { plain = true }),
    left ~= '' and vim.split(left, '\n', { plain = true }) or nil
end
