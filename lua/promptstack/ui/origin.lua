--- Where the person was before a window of ours opened, and the way back: window, cursor and mode.
---
--- Leaving insert mode moves the cursor left, so it is left in our own window. Entering and leaving it happen only
--- after the code that asks for it has returned, so whoever needs the mode waits for it here.
local M = {}

---@class promptstack.Origin
---@field win integer
---@field buf integer
---@field cursor [integer, integer]
---@field mode 'n'|'i'|'t'

--- Remembers the current window, cursor and mode.
---@return promptstack.Origin
function M.here()
  -- After <C-o> in insert mode the mode is 'niI': one command, then insert mode again.
  local mode = vim.api.nvim_get_mode().mode:gsub('^ni', ''):sub(1, 1):lower()
  local win = vim.api.nvim_get_current_win()
  return {
    win = win,
    buf = vim.api.nvim_win_get_buf(win),
    cursor = vim.api.nvim_win_get_cursor(win),
    mode = (mode == 'i' or mode == 'r') and 'i' or mode == 't' and 't' or 'n',
  }
end

---@return boolean
local function inserting()
  return vim.api.nvim_get_mode().mode:sub(1, 1) == 'i'
end

--- Calls back in normal mode.
---@param buf integer the current buffer
---@param done fun()
local function leave_insert(buf, done)
  vim.api.nvim_create_autocmd('InsertLeave', {
    buffer = buf,
    once = true,
    callback = function()
      vim.schedule(done)
    end,
  })
  vim.cmd.stopinsert()
end

---@param origin promptstack.Origin
---@return boolean valid
local function focus(origin)
  if not vim.api.nvim_win_is_valid(origin.win) then return false end
  vim.api.nvim_set_current_win(origin.win)
  if vim.api.nvim_win_get_buf(origin.win) ~= origin.buf then return false end
  local row = math.min(origin.cursor[1], vim.api.nvim_buf_line_count(origin.buf))
  -- A buffer that was unloaded meanwhile has no lines.
  if row == 0 then return true end
  local line = vim.api.nvim_buf_get_lines(origin.buf, row - 1, row, true)[1]
  -- In normal mode Neovim itself takes a column behind the end back to the last character.
  vim.api.nvim_win_set_cursor(origin.win, { row, math.min(origin.cursor[2], #line) })
  return true
end

--- Goes back; `close` is called on the way, when our windows may go.
---@param origin promptstack.Origin
---@param close fun()
---@param done? fun(there: boolean) called where the person was, in the mode that they were in; without `there` their
--- window is gone or shows another buffer, and nothing may be written where the cursor is now
function M.back(origin, close, done)
  local function arrive()
    close()
    local there = focus(origin)
    if there and origin.mode == 'i' and not inserting() then
      if done then
        vim.api.nvim_create_autocmd('InsertEnter', {
          buffer = origin.buf,
          once = true,
          callback = function()
            vim.schedule(function()
              done(true)
            end)
          end,
        })
      end
      local line = vim.api.nvim_get_current_line()
      vim.cmd.startinsert({ bang = origin.cursor[2] >= #line })
      return
    end
    if there and origin.mode == 't' and not done then vim.cmd.startinsert() end
    if done then done(there) end
  end
  if inserting() and origin.mode ~= 'i' then
    leave_insert(vim.api.nvim_get_current_buf(), arrive)
  else
    arrive()
  end
end

return M
