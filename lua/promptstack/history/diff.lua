--- An old text beside a buffer of now, in a tab page of their own.
local format = require('promptstack.history.format')
local notify = require('promptstack.notify')

local M = {}

---@param win integer
---@param words string
local function head(win, words)
  vim.wo[win][0].winbar = '%#PromptstackTitle# ' .. words:gsub('%%', '%%%%') .. ' %*'
end

--- Closes the tab page of a window; in the last one, the window alone.
---@param win integer
local function close(win)
  if not vim.api.nvim_win_is_valid(win) then return end
  local tab = vim.api.nvim_win_get_tabpage(win)
  vim.api.nvim_win_call(win, function()
    vim.cmd.diffoff({ bang = true })
  end)
  if #vim.api.nvim_list_tabpages() == 1 then
    vim.api.nvim_win_close(win, true)
    return
  end
  vim.cmd.tabclose(vim.api.nvim_tabpage_get_number(tab))
end

---@param entry promptstack.HistoryEntry
---@return integer buf that shows it and is gone with its window
local function old_buffer(entry)
  local buf = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buf, 0, -1, true, entry.lines)
  local bo = vim.bo[buf]
  bo.bufhidden = 'wipe'
  bo.modifiable = false
  bo.filetype = 'markdown'
  return buf
end

--- Shows an old text at the left and a buffer at the right.
---@param entry promptstack.HistoryEntry
---@param buf integer
function M.open(entry, buf)
  if not vim.api.nvim_buf_is_valid(buf) then return notify.warn('the buffer to compare with is gone') end
  local old = old_buffer(entry)
  vim.cmd.tabnew()
  local right = vim.api.nvim_get_current_win()
  local blank = vim.api.nvim_get_current_buf()
  vim.bo[blank].bufhidden = 'wipe'
  vim.api.nvim_win_set_buf(right, buf)
  vim.cmd.vsplit({ mods = { split = 'leftabove' } })
  local left = vim.api.nvim_get_current_win()
  vim.api.nvim_win_set_buf(left, old)
  for _, win in ipairs({ right, left }) do
    vim.api.nvim_win_call(win, vim.cmd.diffthis)
  end
  head(left, ('history, %s · q closes'):format(format.moment(entry.updated)))
  if vim.wo[right].winbar == '' then
    local name = vim.api.nvim_buf_get_name(buf)
    head(right, 'now: ' .. (name ~= '' and vim.fn.fnamemodify(name, ':t') or '[No Name]'))
  end
  if vim.deep_equal(entry.lines, vim.api.nvim_buf_get_lines(buf, 0, -1, true)) then
    notify.info('the two texts are the same')
  end
  vim.keymap.set('n', 'q', function()
    close(left)
  end, { buffer = old, nowait = true, desc = 'promptstack: close the comparison' })
  -- It makes no sense alone.
  vim.api.nvim_create_autocmd('WinClosed', {
    pattern = tostring(right),
    once = true,
    callback = vim.schedule_wrap(function()
      close(left)
    end),
  })
end

return M
