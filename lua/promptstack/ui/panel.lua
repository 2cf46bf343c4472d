--- A panel: a split at the right of a wide screen, a float at the bottom of a narrow one. What it shows outlives a
--- change from one to the other.
local Window = require('promptstack.ui.window')
local marks = require('promptstack.ui.marks')
local text = require('promptstack.ui.picker.text')

---@class promptstack.PanelOpts
---@field name string of its buffer
---@field filetype string
---@field title string
---@field footer string[] keys and what they do, always in sight
---@field on_shape? fun() called when it has another width, or another shape
---@field on_close? fun() called once, however it is closed

---@class promptstack.PanelLine
---@field text string
---@field spans? { [1]: integer, [2]: integer, [3]: string }[] byte from, byte until, group
---@field below? string[] lines under it on which the cursor can't stand

---@class promptstack.Panel
---@field buf integer
---@field win integer
---@field private opts promptstack.PanelOpts
---@field private float? promptstack.Window
---@field private group integer
---@field private given integer the width that it was opened with
---@field private columns integer of the screen at that time
---@field private moving boolean whether it closes only to open in the other shape
---@field private closed boolean
local Panel = {}
Panel.__index = Panel

--- Narrower screens get a float.
local WIDE_FROM = 100
local SHARE = 0.4
--- A split that was dragged to less shows nothing.
local NARROWEST = 20

local dragged = nil ---@type integer?

---@return boolean
local function is_wide()
  return vim.o.columns >= WIDE_FROM
end

---@param name string
---@param filetype string
---@return integer
local function scratch(name, filetype)
  local buf = vim.api.nvim_create_buf(false, true)
  pcall(vim.api.nvim_buf_set_name, buf, 'promptstack://' .. name)
  vim.bo[buf].modifiable = false
  vim.bo[buf].filetype = filetype
  return buf
end

---@return promptstack.WindowOpts
function Panel:_place()
  local height = math.max(3, math.floor(vim.o.lines * SHARE))
  local status = vim.o.laststatus > 0 and 1 or 0
  return {
    width = vim.o.columns - 2,
    height = height,
    row = vim.o.lines - vim.o.cmdheight - status - height - 2,
    col = 0,
    title = self.opts.title,
    footer = (text.fit(table.concat(self.opts.footer, ' · '), vim.o.columns - 6)),
  }
end

--- Remembers the width that a person gave it.
function Panel:_remember()
  if self.float or self.columns ~= vim.o.columns or not vim.api.nvim_win_is_valid(self.win) then return end
  local width = vim.api.nvim_win_get_width(self.win)
  -- Alone on the screen it has all of it.
  if width ~= self.given and width < vim.o.columns then dragged = width end
end

---@return boolean ok
function Panel:_split()
  local wanted = dragged or math.floor(vim.o.columns * SHARE)
  -- There may be no room, or no way to split a float.
  if not pcall(vim.cmd.vsplit, { mods = { split = 'botright' } }) then return false end
  self.win = vim.api.nvim_get_current_win()
  if vim.wo[self.win].winfixbuf then vim.wo[self.win].winfixbuf = false end
  vim.api.nvim_win_set_buf(self.win, self.buf)
  vim.api.nvim_win_set_width(self.win, math.min(math.max(wanted, NARROWEST), vim.o.columns - NARROWEST))
  self.given = vim.api.nvim_win_get_width(self.win)
  local wo = vim.wo[self.win][0]
  wo.winfixwidth, wo.winfixbuf = true, true
  wo.number, wo.relativenumber, wo.signcolumn, wo.foldcolumn = false, false, 'no', '0'
  wo.statuscolumn, wo.colorcolumn, wo.fillchars = '', '', 'eob: '
  wo.wrap, wo.list, wo.spell, wo.foldenable = false, false, false, false
  return true
end

function Panel:_show()
  self.columns = vim.o.columns
  self.float = nil
  if not is_wide() or not self:_split() then
    local place = self:_place()
    place.buf, place.enter = self.buf, true
    place.on_close = function()
      self:_gone()
    end
    self.float = Window.open(place)
    self.win = self.float.win
  end
  vim.wo[self.win].cursorline = true
  self:set_title(self.opts.title)
end

--- Its window is gone.
function Panel:_gone()
  if not self.moving then self:close() end
end

--- Gives it the shape that the screen asks for.
function Panel:_reshape()
  if not self:is_open() then return end
  if is_wide() == (self.float == nil) then
    if self.float then self.float:update(self:_place()) end
  else
    local inside = vim.api.nvim_get_current_win() == self.win
    local cursor = vim.api.nvim_win_get_cursor(self.win)
    local back = vim.api.nvim_get_current_win()
    self.moving = true
    self:_hide()
    self.moving = false
    self:_show()
    vim.api.nvim_win_set_cursor(self.win, cursor)
    if not inside and vim.api.nvim_win_is_valid(back) then vim.api.nvim_set_current_win(back) end
  end
  if self.opts.on_shape then self.opts.on_shape() end
end

function Panel:_hide()
  if self.float then return self.float:close() end
  if vim.api.nvim_win_is_valid(self.win) then pcall(vim.api.nvim_win_close, self.win, true) end
end

--- Opens a panel; the cursor is in it.
---@param opts promptstack.PanelOpts
---@return promptstack.Panel
function Panel.open(opts)
  local self = setmetatable({ opts = opts, closed = false, moving = false }, Panel)
  self.buf = scratch(opts.name, opts.filetype)
  self.group = vim.api.nvim_create_augroup('promptstack.panel.' .. self.buf, {})
  self:_show()
  vim.api.nvim_create_autocmd('WinClosed', {
    group = self.group,
    callback = function(args)
      if tonumber(args.match) ~= self.win or self.float then return end
      self:_remember()
      self:_gone()
    end,
  })
  vim.api.nvim_create_autocmd('VimResized', {
    group = self.group,
    callback = function()
      self:_reshape()
    end,
  })
  vim.api.nvim_create_autocmd('WinResized', {
    group = self.group,
    callback = function()
      if self:is_open() and opts.on_shape then opts.on_shape() end
    end,
  })
  return self
end

---@return boolean
function Panel:is_open()
  return not self.closed and vim.api.nvim_win_is_valid(self.win)
end

--- The cells that a line has.
---@return integer
function Panel:width()
  return vim.api.nvim_win_get_width(self.win)
end

--- The screen's row, from 1, at which it begins to hide what lies under it; nil for a split.
---@return integer?
function Panel:covers()
  return self.float and vim.api.nvim_win_get_position(self.win)[1] + 1 or nil
end

---@param title string
function Panel:set_title(title)
  self.opts.title = title
  if not self:is_open() then return end
  if self.float then return self.float:update({ title = title }) end
  local bar = '%#PromptstackTitle# ' .. title:gsub('%%', '%%%%') .. ' %*'
  if vim.wo[self.win].winbar ~= bar then vim.wo[self.win][0].winbar = bar end
end

--- The keys in as many lines as they need.
---@param parts string[]
---@param width integer
---@return string[]
local function wrapped(parts, width)
  local lines = {}
  for _, part in ipairs(parts) do
    local joined = #lines > 0 and lines[#lines] .. ' · ' .. part or nil
    if joined and text.width(joined) < width then
      lines[#lines] = joined
    else
      lines[#lines + 1] = ' ' .. part
    end
  end
  return lines
end

--- Shows lines instead of those that are there.
---@param lines promptstack.PanelLine[]
function Panel:draw(lines)
  if not self:is_open() then return end
  local cursor = vim.api.nvim_win_get_cursor(self.win)
  vim.bo[self.buf].modifiable = true
  vim.api.nvim_buf_set_lines(
    self.buf,
    0,
    -1,
    true,
    vim.tbl_map(function(line)
      return line.text
    end, lines)
  )
  vim.bo[self.buf].modifiable = false
  vim.api.nvim_win_set_cursor(self.win, { math.min(cursor[1], #lines), 0 })
  vim.api.nvim_buf_clear_namespace(self.buf, marks.window, 0, -1)
  for row, line in ipairs(lines) do
    for _, span in ipairs(line.spans or {}) do
      vim.api.nvim_buf_set_extmark(self.buf, marks.window, row - 1, span[1], {
        end_col = span[2],
        hl_group = span[3],
      })
    end
    local below = vim.tbl_map(function(words)
      return { { words } }
    end, line.below or {})
    -- A float has them in its border.
    if row == #lines and not self.float then
      below[#below + 1] = { { '' } }
      for _, words in ipairs(wrapped(self.opts.footer, self:width())) do
        below[#below + 1] = { { words, 'PromptstackHint' } }
      end
    end
    if #below > 0 then
      vim.api.nvim_buf_set_extmark(self.buf, marks.window, row - 1, 0, { virt_lines = below })
    end
  end
end

--- Maps a key in its buffer.
---@param mode string|string[]
---@param lhs string
---@param desc string
---@param rhs fun()
function Panel:map(mode, lhs, desc, rhs)
  vim.keymap.set(mode, lhs, rhs, { buffer = self.buf, nowait = true, desc = desc })
end

--- Closes it; closing twice is no error.
function Panel:close()
  if self.closed then return end
  self:_remember()
  self.closed = true
  vim.api.nvim_del_augroup_by_id(self.group)
  self:_hide()
  -- Not from within the closing of its window.
  vim.schedule(function()
    if vim.api.nvim_buf_is_valid(self.buf) then vim.api.nvim_buf_delete(self.buf, { force = true }) end
  end)
  if self.opts.on_close then self.opts.on_close() end
end

return Panel
