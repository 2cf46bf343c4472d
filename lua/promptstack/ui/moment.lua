--- Where somebody was when they asked for something: a reply that comes late must not act on what they do since.
local M = {}

---@class promptstack.Moment
---@field win integer
---@field buf integer
---@field mode string
---@field tick integer
---@field cursor? [integer, integer] nil where it says nothing

--- Remembers window, buffer, text, cursor and mode.
---@return promptstack.Moment
function M.now()
  local mode = vim.api.nvim_get_mode().mode
  local win, buf = vim.api.nvim_get_current_win(), vim.api.nvim_get_current_buf()
  -- A program writes into its terminal by itself. After <C-o> in insert mode Neovim moves the cursor by itself.
  local moves = vim.bo[buf].buftype == 'terminal' or vim.startswith(mode, 'ni')
  return {
    win = win,
    buf = buf,
    mode = mode:gsub('^ni', ''):sub(1, 1):lower(),
    tick = vim.bo[buf].buftype == 'terminal' and 0 or vim.api.nvim_buf_get_changedtick(buf),
    cursor = not moves and vim.api.nvim_win_get_cursor(win) or nil,
  }
end

--- What has changed since, in words.
---@param moment promptstack.Moment
---@return string?
function M.changed(moment)
  local now = M.now()
  if now.win ~= moment.win or now.buf ~= moment.buf then return 'the window changed' end
  if now.tick ~= moment.tick then return 'the text changed' end
  if now.mode ~= moment.mode then return 'the mode changed' end
  local moved = moment.cursor and now.cursor and not vim.deep_equal(moment.cursor, now.cursor)
  if moved then return 'the cursor moved' end
end

return M
