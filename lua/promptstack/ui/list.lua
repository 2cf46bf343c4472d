--- The list editor: a small window with one item a line, edited as any buffer.
local Window = require('promptstack.ui.window')
local beside = require('promptstack.ui.beside')
local config = require('promptstack.config')
local notify = require('promptstack.notify')

local M = {}

local FOOTER = '<CR> write · q cancel'
--- Shorter waits show nothing.
local NOTICED_MS = 150

---@class promptstack.ListOpts
---@field title string
---@field items string[]
---@field insert boolean starts in insert mode
--- Puts the items where they belong; nothing is written any more once `cancelled()` holds.
---@field write fun(items: string[], done: fun(err: promptstack.WireError?), cancelled: fun(): boolean)
---@field closed fun(written: boolean) called when the window is gone

--- Opens the editor at the cursor.
---@param opts promptstack.ListOpts
---@return promptstack.Window
function M.open(opts)
  local height = math.max(4, math.min(#opts.items + 2, 10))
  local row, col = beside.cursor(height)
  local written, writing, closed = false, false, false
  local window = Window.open({
    title = opts.title,
    footer = FOOTER,
    width = 44,
    height = height,
    row = row,
    col = col,
    enter = true,
    filetype = 'promptstack-list',
    wrap = true,
    on_close = function()
      closed = true
      opts.closed(written)
    end,
  })
  local buf = window.buf
  -- What is undone here is what is typed here.
  local levels = vim.bo[buf].undolevels
  vim.bo[buf].undolevels = -1
  window:set_lines(#opts.items > 0 and opts.items or { '' })
  vim.bo[buf].undolevels = levels
  vim.api.nvim_win_set_cursor(window.win, { math.max(#opts.items, 1), 0 })

  local function write()
    if writing then return end
    local items = vim.tbl_filter(function(line)
      return vim.trim(line) ~= ''
    end, vim.api.nvim_buf_get_lines(buf, 0, -1, true))
    writing = true
    -- What would be typed meanwhile would go with the window.
    vim.cmd.stopinsert()
    vim.bo[buf].modifiable = false
    vim.defer_fn(function()
      if writing then window:update({ footer = 'writing … · q cancel' }) end
    end, NOTICED_MS)
    opts.write(items, function(err)
      writing = false
      if closed then return end
      if err then
        vim.bo[buf].modifiable = true
        window:update({ footer = FOOTER })
        notify.error({
          kind = err.kind,
          message = 'the list is not written and stays open: ' .. err.message,
          hint = err.hint,
        })
        return
      end
      written = true
      window:close()
    end, function()
      return closed
    end)
  end
  window:map('n', '<CR>', 'write the list and close', write)
  window:map('n', '<Esc>', 'write the list and close', write)
  window:map('n', 'q', 'leave the list as it was', function()
    window:close()
  end)
  if config.ui('list_keys') then
    local function same_as(lhs, rhs, desc)
      vim.keymap.set('n', lhs, rhs, { buffer = buf, nowait = true, desc = desc })
    end
    same_as('n', 'o', 'new item')
    same_as('e', 'A', 'edit the item')
    same_as('d', '"_dd', 'delete the item')
  end
  if opts.insert then vim.cmd.startinsert({ bang = true }) end
  return window
end

return M
