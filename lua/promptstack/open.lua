--- Opens a file by the API: no path is ever part of an Ex command.

local splits = {
  split = 'below',
  vsplit = 'right',
}

---@class promptstack.OpenOpts
---@field how? 'edit'|'split'|'vsplit'|'tab'
---@field line? integer from 1
---@field column? integer byte column, from 1

--- Shows a file in a window and puts the cursor at a place.
---@param path string
---@param opts? promptstack.OpenOpts
---@return integer buf
return function(path, opts)
  opts = opts or {}
  local buf = vim.fn.bufadd(path)
  vim.fn.bufload(buf)
  vim.bo[buf].buflisted = true
  local how = opts.how or 'edit'
  if how == 'tab' then
    vim.cmd.tabnew()
    vim.bo.bufhidden = 'wipe'
  elseif splits[how] then
    vim.api.nvim_open_win(buf, true, { split = splits[how], win = 0 })
  end
  vim.api.nvim_win_set_buf(0, buf)
  if opts.line and opts.line > 0 then
    local line = math.min(opts.line, vim.api.nvim_buf_line_count(buf))
    local text = vim.api.nvim_buf_get_lines(buf, line - 1, line, true)[1]
    vim.api.nvim_win_set_cursor(0, { line, math.min(math.max((opts.column or 1) - 1, 0), #text) })
  end
  return buf
end
