--- The only place that opens floating windows.
local config = require('promptstack.config')

---@class promptstack.WindowOpts
---@field width integer cells inside the border
---@field height integer lines inside the border
---@field row? integer of the border's top left corner in the editor, from 0; centred without
---@field col? integer
---@field title? string|[string, string][] a text, or chunks with their highlight groups that are taken as they are
---@field footer? string
---@field enter? boolean whether the cursor moves into it
---@field buf? integer a buffer to show; a scratch buffer of our own without
---@field filetype? string of the scratch buffer
---@field border? string instead of the person's
---@field relative? 'editor'|'cursor'
---@field zindex? integer
---@field focusable? boolean
---@field wrap? boolean
---@field on_close? fun() called once, however the window is closed

---@class promptstack.Window
---@field buf integer
---@field win integer
---@field private opts promptstack.WindowOpts
---@field private closed boolean
---@field private autocmd integer
---@field private owns_buf boolean
---@field private origin? integer the window that the cursor came from
local Window = {}
Window.__index = Window

--- For a Neovim that does not know it by its name.
local BOLD = { '┏', '━', '┓', '┃', '┛', '━', '┗', '┃' }

---@return any what nvim_open_win() takes for `border`
local function border()
  local name = config.ui('border')
  if name == '' then
    local ok, global = pcall(function()
      return vim.o.winborder
    end)
    name = ok and global ~= '' and global or 'rounded'
  end
  -- 'winborder' may be a list of characters.
  if name:find(',', 1, true) then return vim.split(name, ',', { plain = true }) end
  return name == 'bold' and BOLD or name
end

---@param opts promptstack.WindowOpts
---@return vim.api.keyset.win_config
local function geometry(opts)
  local framed = (opts.border or border()) ~= 'none'
  local frame = framed and 2 or 0
  local width = math.max(1, math.min(opts.width, vim.o.columns - frame))
  local rows = vim.o.lines - vim.o.cmdheight
  local height = math.max(1, math.min(opts.height, rows - frame))
  local row = opts.row or math.floor((rows - height - frame) / 2)
  local col = opts.col or math.floor((vim.o.columns - width - frame) / 2)
  ---@type vim.api.keyset.win_config
  local shape = {
    relative = opts.relative or 'editor',
    row = opts.relative == 'cursor' and row or math.max(0, row),
    col = opts.relative == 'cursor' and col or math.max(0, col),
    width = width,
    height = height,
    border = opts.border or border(),
    zindex = opts.zindex,
    focusable = opts.focusable,
  }
  if framed then
    local title = opts.title
    shape.title = type(title) == 'string' and { { ' ' .. title .. ' ', 'PromptstackTitle' } } or title
    shape.title_pos = opts.title and 'left' or nil
    shape.footer = opts.footer and { { ' ' .. opts.footer .. ' ', 'PromptstackHint' } } or nil
    shape.footer_pos = opts.footer and 'left' or nil
  end
  return shape
end

--- Opens a floating window that fits the screen.
---@param opts promptstack.WindowOpts
---@return promptstack.Window
function Window.open(opts)
  local self = setmetatable({ opts = opts, closed = false, owns_buf = opts.buf == nil }, Window)
  self.buf = opts.buf or vim.api.nvim_create_buf(false, true)
  self.origin = opts.enter and vim.api.nvim_get_current_win() or nil
  local shape = geometry(opts)
  shape.style = 'minimal'
  shape.noautocmd = not opts.enter
  self.win = vim.api.nvim_open_win(self.buf, opts.enter == true, shape)
  if self.owns_buf then
    vim.bo[self.buf].bufhidden = 'wipe'
    vim.bo[self.buf].filetype = opts.filetype or 'promptstack'
  end
  vim.wo[self.win].winhighlight = 'NormalFloat:PromptstackNormal,FloatBorder:PromptstackBorder'
  vim.wo[self.win].wrap = opts.wrap == true
  self.autocmd = vim.api.nvim_create_autocmd('WinClosed', {
    pattern = tostring(self.win),
    callback = function()
      self.origin = nil
      self:close()
    end,
  })
  return self
end

--- Moves, resizes or renames the window; what is not given stays.
---@param opts table parts of promptstack.WindowOpts
function Window:update(opts)
  if not self:is_open() then return end
  self.opts = vim.tbl_extend('force', self.opts, opts)
  vim.api.nvim_win_set_config(self.win, geometry(self.opts))
end

---@return boolean
function Window:is_open()
  return not self.closed and vim.api.nvim_win_is_valid(self.win)
end

--- Replaces the text of the scratch buffer.
---@param lines string[]
function Window:set_lines(lines)
  if not vim.api.nvim_buf_is_valid(self.buf) then return end
  vim.bo[self.buf].modifiable = true
  vim.api.nvim_buf_set_lines(self.buf, 0, -1, true, lines)
end

--- Maps a key in the window's buffer.
---@param mode string|string[]
---@param lhs string
---@param desc string
---@param rhs fun()
function Window:map(mode, lhs, desc, rhs)
  vim.keymap.set(mode, lhs, rhs, { buffer = self.buf, nowait = true, desc = desc })
end

--- Maps the keys that every window of ours is left by.
---@param desc? string what leaving means; 'close' without it
function Window:map_close(desc)
  for _, key in ipairs({ 'q', '<Esc>' }) do
    self:map('n', key, desc or 'close', function()
      self:close()
    end)
  end
end

--- Closes it; closing twice is no error.
function Window:close()
  if self.closed then return end
  self.closed = true
  -- It does not fire for a window that is closed by another one's autocommand.
  pcall(vim.api.nvim_del_autocmd, self.autocmd)
  if vim.api.nvim_win_is_valid(self.win) then
    -- Neovim itself goes to the window before, which a window of ours that was open over this one made it forget.
    local back = self.origin
    if back and vim.api.nvim_get_current_win() == self.win and vim.api.nvim_win_is_valid(back) then
      vim.api.nvim_set_current_win(back)
    end
    pcall(vim.api.nvim_win_close, self.win, true)
  end
  if self.opts.on_close then self.opts.on_close() end
end

return Window
