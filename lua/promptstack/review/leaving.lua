--- A panel goes with its text: it makes no sense alone, and must not keep Neovim open.
local M = {}

--- Closes a panel when no window shows the text any more, and before `:q` would leave it alone on the screen.
---@param buf integer the text
---@param panel promptstack.Panel
---@return integer group of autocommands, to be deleted when the panel is closed
function M.watch(buf, panel)
  local group = vim.api.nvim_create_augroup('promptstack.review', {})
  vim.api.nvim_create_autocmd('BufWinLeave', {
    group = group,
    buffer = buf,
    callback = vim.schedule_wrap(function()
      if #vim.fn.win_findbuf(buf) == 0 then panel:close() end
    end),
  })
  vim.api.nvim_create_autocmd('QuitPre', {
    group = group,
    buffer = buf,
    callback = function()
      local others = vim.tbl_filter(function(win)
        local floats = vim.api.nvim_win_get_config(win).relative ~= ''
        return not floats and win ~= panel.win and win ~= vim.api.nvim_get_current_win()
      end, vim.api.nvim_tabpage_list_wins(0))
      if #others == 0 then panel:close() end
    end,
  })
  return group
end

return M
