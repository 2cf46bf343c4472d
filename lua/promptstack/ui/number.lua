--- Numbers as people read them.
local M = {}

--- A whole number with commas between thousands.
---@param number integer
---@return string
function M.thousands(number)
  local digits = ('%d'):format(number):reverse():gsub('(%d%d%d)', '%1,'):reverse()
  return (digits:gsub('^,', ''))
end

return M
