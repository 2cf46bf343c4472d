--- A window more where the last one is about to be closed, so that Neovim does not end with it.
local M = {}

---@param win integer
---@return boolean
local function floats(win)
  return vim.api.nvim_win_get_config(win).relative ~= ''
end

--- Whether Neovim would end with this window: help, previews and floats do not hold it.
---@param win integer
---@return boolean
function M.is_last(win)
  if floats(win) or #vim.api.nvim_list_tabpages() > 1 then return false end
  for _, other in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    local holds = not floats(other)
      and not vim.wo[other].previewwindow
      and vim.bo[vim.api.nvim_win_get_buf(other)].buftype ~= 'help'
    if other ~= win and holds then return false end
  end
  return true
end

--- What to show there: what was there before, else what was looked at last.
---@param buf integer the one that goes
---@param preferred? integer
---@return integer buf
---@return boolean created
local function successor(buf, preferred)
  if preferred and preferred ~= buf and vim.api.nvim_buf_is_loaded(preferred) then return preferred, false end
  local best = nil ---@type table?
  for _, info in ipairs(vim.fn.getbufinfo({ buflisted = 1, bufloaded = 1 })) do
    if info.bufnr ~= buf and (not best or info.lastused > best.lastused) then best = info end
  end
  if best then return best.bufnr, false end
  return vim.api.nvim_create_buf(true, false), true
end

--- Opens one below `win`, which keeps the focus.
---@param win integer
---@param preferred? integer the buffer to show
---@return fun() close takes it away again, when `win` stays
function M.open(win, preferred)
  local spare = nil ---@type integer?
  local buf, created = successor(vim.api.nvim_win_get_buf(win), preferred)
  -- It is entered, with all that belongs to that, only when `win` closes.
  local ignored = vim.o.eventignore
  vim.o.eventignore = 'all'
  local ok, message = pcall(vim.api.nvim_win_call, win, function()
    local opened = pcall(vim.cmd.split, { mods = { split = 'belowright', keepalt = true } })
    -- Too low a screen for two windows: another tab page holds Neovim as well.
    if not opened then vim.cmd.split({ mods = { tab = vim.fn.tabpagenr(), keepalt = true } }) end
    spare = vim.api.nvim_get_current_win()
    if vim.fn.exists('+winfixbuf') == 1 then vim.wo.winfixbuf = false end
    vim.api.nvim_win_set_buf(spare, buf)
  end)
  vim.o.eventignore = ignored
  if not ok then error(message, 0) end
  return function()
    if spare and vim.api.nvim_win_is_valid(spare) then vim.api.nvim_win_close(spare, true) end
    if created and #vim.fn.win_findbuf(buf) == 0 then pcall(vim.api.nvim_buf_delete, buf, {}) end
  end
end

return M
