--- The names of buffers that are compositions and nothing else.
local M = {}

--- A name that no other buffer has.
---@param title string
---@param buf? integer the buffer that gets it
---@return string
function M.free(title, buf)
  local base = 'promptstack://compose/' .. title
  local taken = {}
  for _, other in ipairs(vim.api.nvim_list_bufs()) do
    if other ~= buf then taken[vim.api.nvim_buf_get_name(other)] = true end
  end
  local free, number = base, 1
  while taken[free] do
    number = number + 1
    free = ('%s-%d'):format(base, number)
  end
  return free
end

--- Has a buffer's name follow that of its composition: not the name of a file, and not where nothing is to be kept, for
--- Neovim writes names of buffers into its own files.
---@param keeper promptstack.Keeper
function M.follow(keeper)
  local buf, name = keeper.buf, keeper.name
  if not name or keeper.is_private or vim.bo[buf].buftype ~= 'acwrite' then return end
  local old, new = vim.api.nvim_buf_get_name(buf), M.free(name, buf)
  if old == new or not vim.startswith(old, 'promptstack://compose/') then return end
  local alternate = vim.fn.bufnr('#')
  vim.api.nvim_buf_set_name(buf, new)
  -- Neovim leaves the old name behind as an alternate buffer.
  for _, other in ipairs(vim.api.nvim_list_bufs()) do
    local is_left = other ~= buf and vim.api.nvim_buf_get_name(other) == old
    if is_left and not vim.api.nvim_buf_is_loaded(other) then
      vim.api.nvim_buf_delete(other, { force = true })
    end
  end
  if alternate > 0 and vim.api.nvim_buf_is_valid(alternate) then vim.fn.setreg('#', alternate) end
end

return M
