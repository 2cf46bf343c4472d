--- A picker: a line to type in, the rows that match it, and a preview. What it shows is its source's affair.
---
--- Only one is open at a time. Nothing waits: rows and previews come by callback, the newest query wins.
local Layout = require('promptstack.ui.picker.layout')
local List = require('promptstack.ui.picker.list')
local Preview = require('promptstack.ui.picker.preview')
local Prompt = require('promptstack.ui.picker.prompt')
local Spinner = require('promptstack.ui.spinner')
local Window = require('promptstack.ui.window')
local config = require('promptstack.config')
local frame = require('promptstack.ui.picker.frame')
local interrupt = require('promptstack.ui.interrupt')
local origins = require('promptstack.ui.origin')

---@class promptstack.PickerSource
---@field title string
---@field hints string[] keys named in the border, the most needed first
---@field keys promptstack.PickerKey[] besides those of every picker
---@field choose fun(picker: promptstack.Picker) what a double click does
---@field fetch fun(query: string, limit: integer, on_page: fun(err: string?, page: promptstack.PickerPage?)): fun()
---@field preview fun(key: string, on_view: fun(err: string?, view: promptstack.PickerView?)): fun()
---@field nothing fun(query: string, page: promptstack.PickerPage): string[] what is said where no row is
---@field watch fun(refresh: fun()): fun() calls back when rows may have changed
---@field beside? integer columns of the screen from which on the preview stands beside the list
---@field page? integer rows asked for at first, and how many more at the end; 200 without it

---@class promptstack.Picker
---@field origin promptstack.Origin
---@field query string
---@field page promptstack.PickerPage?
---@field source promptstack.PickerSource
---@field list promptstack.PickerList
---@field preview promptstack.PickerPreview
---@field prompt promptstack.PickerPrompt
---@field window promptstack.Window of the list
---@field preview_window promptstack.Window?
---@field private err string?
---@field private limit integer
---@field private waiting table<string, boolean>
---@field private queue fun()[] waits for rows
---@field private spinner promptstack.Spinner
---@field private cancel fun()
---@field private unwatch fun()
---@field private group integer
---@field private help promptstack.Window?
---@field private closed boolean
local Picker = {}
Picker.__index = Picker

--- Rows asked for at first, and how many more when the end is reached.
local PAGE = 200

local open = nil ---@type promptstack.Picker?

--- Opens a picker; where one is open, that one is given.
---@param source promptstack.PickerSource
---@param opts? { query?: string }
---@return promptstack.Picker
function Picker.open(source, opts)
  if open then
    open.prompt:focus()
    return open
  end
  local signs = { selected = config.ui('icons') and '▌' or '>' }
  local self = setmetatable({
    origin = origins.here(),
    source = source,
    query = opts and opts.query or '',
    list = List.new(signs),
    limit = source.page or PAGE,
    waiting = {},
    queue = {},
    closed = false,
    cancel = function() end,
    unwatch = function() end,
  }, Picker)
  self.spinner = Spinner.new(function()
    self:draw_frame()
  end)
  self.preview = Preview.new(source.preview, function(waiting)
    self:wait('preview', waiting)
  end)
  self.group = vim.api.nvim_create_augroup('promptstack.picker', {})
  local ok, message = pcall(self.open_windows, self)
  if not ok then
    self:close()
    error(message, 0)
  end
  open = self
  local unwatch_rows = source.watch(function()
    self.preview:forget()
    self:search({ keep = true })
  end)
  local unwatch_key = interrupt.watch(function()
    self:close()
  end, self.prompt.window.buf)
  self.unwatch = function()
    unwatch_rows()
    unwatch_key()
  end
  vim.api.nvim_create_autocmd('VimResized', {
    group = self.group,
    callback = function()
      self:resize()
    end,
  })
  self:search()
  return self
end

---@private
function Picker:open_windows()
  local layout = Layout.compute(vim.o.columns, vim.o.lines - vim.o.cmdheight, self.source.beside)
  local place = Layout.inside(layout.list)
  local function on_close()
    self:close()
  end
  local opts = vim.tbl_extend('error', place, { title = self.source.title, on_close = on_close })
  self.window = Window.open(opts --[[@as promptstack.WindowOpts]])
  self.prompt = Prompt.open(self.window, self.query, {
    group = self.group,
    on_close = on_close,
    on_query = function(query)
      self.query = query
      self.queue = {}
      self:search()
    end,
    on_leave = function(win)
      self:left(win)
    end,
  })
  require('promptstack.ui.picker.keys').map(self)
  self:show_preview(layout.preview)
  self:draw()
end

--- Opens, moves or closes the preview's window.
---@private
---@param rect promptstack.Rect?
function Picker:show_preview(rect)
  local window = self.preview_window
  if rect and window and window:is_open() then
    window:update(Layout.inside(rect))
  elseif rect then
    local opts = vim.tbl_extend('error', Layout.inside(rect), { wrap = true })
    self.preview_window = Window.open(opts --[[@as promptstack.WindowOpts]])
    self.preview:set_window(self.preview_window)
  elseif window then
    self.preview:set_window(nil)
    self.preview_window = nil
    window:close()
  end
end

---@private
function Picker:resize()
  if self.closed then return end
  local layout = Layout.compute(vim.o.columns, vim.o.lines - vim.o.cmdheight, self.source.beside)
  self.window:update(Layout.inside(layout.list))
  self.prompt:place()
  self:show_preview(layout.preview)
  if self.help then self:toggle_help() end
  self:draw()
end

--- Whether a window is one of the picker's.
---@param win integer
---@return boolean
function Picker:owns(win)
  for _, window in pairs({ self.window, self.prompt.window, self.preview_window, self.help }) do
    if window.win == win then return true end
  end
  return false
end

--- The cursor is in another window: back from ours, and gone with the person to theirs.
---@private
---@param win integer
function Picker:left(win)
  if self:owns(win) then
    self.prompt:focus()
  else
    self.origin = origins.here()
    self:close()
  end
end

---@private
---@param what string
---@param waiting boolean
function Picker:wait(what, waiting)
  self.waiting[what] = waiting or nil
  if next(self.waiting) and not self.closed then
    self.spinner:start()
  else
    self.spinner:stop()
  end
end

--- Says that an action is under way, or is over.
---@param waiting boolean
function Picker:busy(waiting)
  self:wait('action', waiting)
end

--- Asks for the rows of the query.
---@param opts? { keep?: boolean } the selection stays on its row where that still matches
function Picker:search(opts)
  if self.closed then return end
  local kept = opts and opts.keep and self:current()
  if not kept then self.limit = self.source.page or PAGE end
  self:wait('rows', true)
  local query = self.query
  self.cancel = self.source.fetch(query, self.limit, function(err, page)
    if self.closed or query ~= self.query then return end
    self:wait('rows', false)
    self.err = err
    if page then
      self.page = page
      self.list.selected = 1
      for index = 1, kept and page.count or 0 do
        if kept and page.item(index).key == kept.key then
          self.list.selected = index
          break
        end
      end
    end
    if not kept then
      self.list.top = 1
      self.list.message = nil
    end
    self:draw()
    local queue = self.queue
    self.queue = {}
    for _, action in ipairs(err and {} or queue) do
      if not self.closed then action() end
    end
  end)
end

--- Does something when the rows of what was typed are there: fast fingers press <CR> before they are, and mean the row
--- that will be the first.
---@param action fun()
function Picker:settled(action)
  self.prompt:flush()
  if self.waiting.rows then
    table.insert(self.queue, action)
  else
    action()
  end
end

--- Says something under the rows until the next key that moves or types.
---@param words string
---@param hl? string
function Picker:say(words, hl)
  self.list.message = { text = words, hl = hl or 'PromptstackError' }
  self:draw()
end

--- The chosen row's item.
---@return promptstack.PickerItem?
function Picker:current()
  local index = self.list.selected
  return self.page and index > 0 and index <= self.page.count and self.page.item(index) or nil
end

--- The marked items in the order marked, else the current one.
---@return promptstack.PickerItem[]
function Picker:chosen()
  if #self.list.marked > 0 then return vim.deepcopy(self.list.marked) end
  local item = self:current()
  return item and { item } or {}
end

--- Moves the selection; past the end more rows are read, or it goes round.
---@param by integer
---@param opts? { stop?: boolean } stops at the ends
function Picker:move(by, opts)
  local page, list = self.page, self.list
  if not page or page.count == 0 then return end
  local to = list.selected + by
  if to > page.count and page.count < page.matching then
    list.selected = page.count
    self.limit = self.limit + (self.source.page or PAGE)
    self:search({ keep = true })
  elseif to < 1 or to > page.count then
    local round = not (opts and opts.stop)
    list.selected = (to < 1) == round and page.count or 1
  else
    list.selected = to
  end
  list.message = nil
  self:draw()
end

---@param index integer
function Picker:select(index)
  self.list.selected = index
  self.list.message = nil
  self:draw()
end

--- Marks the current row, or takes its mark off, and goes on.
---@param by integer
function Picker:mark(by)
  local item = self:current()
  if item then
    self.list:toggle(item)
    self:move(by, { stop = true })
  end
end

--- Shows the keys, or hides them.
function Picker:toggle_help()
  local help = self.help
  self.help = nil
  if help and help:is_open() then
    help:close()
  else
    self.help = require('promptstack.ui.picker.keys').help(self)
  end
end

---@private
function Picker:draw_frame()
  if self.closed or not self.window:is_open() then return end
  local count = self.page and ('%d/%d'):format(self.page.matching, self.page.all) or ''
  local sign = self.spinner:text()
  count = vim.trim(sign .. ' ' .. count)
  self.prompt:show_count(frame.title(self.window, self.source, count) and '' or count)
end

---@private
function Picker:draw()
  if self.closed or not self.window:is_open() then return end
  self:draw_frame()
  local notes, hl = {}, 'PromptstackHint' ---@type string[], string
  if self.err then
    notes, hl = {
      self.err --[[@as string]],
    }, 'PromptstackError'
  elseif self.page and self.page.count == 0 then
    notes = self.source.nothing(self.query, self.page)
  end
  self.list:draw(self.window, not self.err and self.page or nil, notes, hl)
  local item = not self.err and self:current() or nil
  self.preview:show(item and item.key)
end

--- Closes it and goes back to where the person was; closing twice is no error.
---@param after? fun(there: boolean) called there, in the mode that they were in; `there` as in `ui.origin`
function Picker:close(after)
  if self.closed then return end
  self.closed = true
  if open == self then open = nil end
  self.cancel()
  self.unwatch()
  self.preview:close()
  self.waiting = {}
  self.spinner:stop()
  vim.api.nvim_del_augroup_by_id(self.group)
  origins.back(self.origin, function()
    if self.prompt then self.prompt:close() end
    for _, window in pairs({ self.window, self.preview_window, self.help }) do
      window:close()
    end
  end, after)
end

return Picker
