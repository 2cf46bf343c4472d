--- A small menu at the cursor that leaves the cursor where it is: choices, and values used before.
local Window = require('promptstack.ui.window')
local beside = require('promptstack.ui.beside')
local marks = require('promptstack.ui.marks')

local M = {}

---@class promptstack.Menu
---@field items string[]
---@field at integer
---@field window promptstack.Window
local Menu = {}
Menu.__index = Menu

local MAX_HEIGHT = 8
local MAX_WIDTH = 60

--- Opens a menu with its first item chosen.
---@param items string[]
---@param footer? string
---@return promptstack.Menu
function M.open(items, footer)
  local width = footer and vim.fn.strdisplaywidth(footer) + 2 or 1
  local lines = {}
  for i, item in ipairs(items) do
    lines[i] = ' ' .. item:gsub('\n', ' ⏎ ') .. ' '
    width = math.max(width, vim.fn.strdisplaywidth(lines[i]))
  end
  local height = math.min(#items, MAX_HEIGHT)
  local row, col = beside.cursor(height)
  local self = setmetatable({ items = items, at = 1 }, Menu)
  self.window = Window.open({
    width = math.min(width, MAX_WIDTH),
    height = height,
    row = row,
    col = col,
    footer = footer,
    filetype = 'promptstack-menu',
  })
  self.window:set_lines(lines)
  self:move(0)
  return self
end

--- Chooses another item; wraps.
---@param step integer
function Menu:move(step)
  self.at = (self.at - 1 + step) % #self.items + 1
  local buf = self.window.buf
  if not self.window:is_open() then return end
  vim.api.nvim_buf_clear_namespace(buf, marks.window, 0, -1)
  vim.api.nvim_buf_set_extmark(buf, marks.window, self.at - 1, 0, { line_hl_group = 'PromptstackSelection' })
  vim.api.nvim_win_set_cursor(self.window.win, { self.at, 0 })
  -- Select mode does not redraw other windows by itself.
  vim.cmd.redraw()
end

--- The chosen item.
---@return string
function Menu:item()
  return self.items[self.at]
end

---@return boolean
function Menu:is_open()
  return self.window:is_open()
end

function Menu:close()
  self.window:close()
end

return M
