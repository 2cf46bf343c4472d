--- `<C-c>` while something is waited for.
---
--- A mapping alone misses it: pressed while Neovim is at work it is an interruption and no key, and runs no mapping.
local M = {}

local CONTROL_C = '\3'

--- Calls back when `<C-c>` is pressed.
---@param on_press fun()
---@param buf? integer only while this buffer is the current one, and only where its own mapping is not run
---@return fun() stop
function M.watch(on_press, buf)
  local keys = vim.on_key(function(key, typed)
    if key ~= CONTROL_C and (buf or typed ~= CONTROL_C) then return end
    if buf and vim.api.nvim_get_current_buf() ~= buf then return end
    -- Windows can't be closed from here.
    vim.schedule(on_press)
  end)
  return function()
    vim.on_key(nil, keys)
  end
end

return M
