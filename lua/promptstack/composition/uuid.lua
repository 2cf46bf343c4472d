--- Names for compositions: UUIDs of version 7, made here so that a text has its name before any host runs.
local M = {}

--- A new one; two are never the same.
---@return string
function M.new()
  local seconds, micros = vim.uv.gettimeofday()
  local time = assert(seconds) * 1000 + math.floor(assert(micros) / 1000)
  local random = { assert(vim.uv.random(10)):byte(1, -1) } ---@type integer[]
  random[1] = 0x70 + random[1] % 16
  random[3] = 0x80 + random[3] % 64
  local bytes = {} ---@type integer[]
  for shift = 5, 0, -1 do
    bytes[#bytes + 1] = math.floor(time / 256 ^ shift) % 256
  end
  vim.list_extend(bytes, random)
  return (('%02x'):rep(4) .. ('-' .. ('%02x'):rep(2)):rep(3) .. '-' .. ('%02x'):rep(6)):format(unpack(bytes))
end

return M
