--- Opens a file by the API: no path is ever part of an Ex command.
local notify = require('promptstack.notify')

---@class promptstack.OpenOpts
---@field how? 'edit'|'split'|'vsplit'|'tab'
---@field line? integer from 1
---@field column? integer byte column, from 1

--- Splits the current window; the cursor is in the new one.
---@param how 'split'|'vsplit'
---@return boolean ok
local function split(how)
  return (pcall(vim.cmd[how], { mods = { split = 'belowright' } }))
end

--- Shows a buffer in the current window, or in a split where that one has to keep what it shows: a changed buffer that
--- can't be hidden, or 'winfixbuf'.
---@param buf integer
---@return boolean ok
local function show(buf)
  local ok, message = pcall(vim.api.nvim_win_set_buf, 0, buf)
  if not ok and vim.api.nvim_get_current_buf() ~= buf and split('split') then
    if vim.fn.exists('+winfixbuf') == 1 then vim.wo.winfixbuf = false end
    ok, message = pcall(vim.api.nvim_win_set_buf, 0, buf)
  end
  if not ok then
    notify.error({
      kind = 'conflict',
      message = ("'%s' can't be shown: %s"):format(vim.fn.bufname(buf), message),
    })
  end
  return vim.api.nvim_get_current_buf() == buf
end

--- Shows a file, or a buffer, in a window and puts the cursor at a place.
---@param target string|integer a path or a buffer
---@param opts? promptstack.OpenOpts
---@return integer buf
return function(target, opts)
  opts = opts or {}
  local buf ---@type integer
  if type(target) == 'number' then
    buf = target
  else
    buf = vim.fn.bufadd(target)
    vim.fn.bufload(buf)
    vim.bo[buf].buflisted = true
  end
  local how = opts.how or 'edit'
  if how == 'tab' then
    vim.cmd.tabnew()
    vim.bo.bufhidden = 'wipe'
  elseif how ~= 'edit' and not split(how) then
    notify.warn('there is no room for a split')
  end
  if show(buf) and opts.line and opts.line > 0 then
    local line = math.min(opts.line, vim.api.nvim_buf_line_count(buf))
    local text = vim.api.nvim_buf_get_lines(buf, line - 1, line, true)[1]
    vim.api.nvim_win_set_cursor(0, { line, math.min(math.max((opts.column or 1) - 1, 0), #text) })
  end
  return buf
end
