--- The picker's preview: what the chosen row stands for.
local config = require('promptstack.config')
local frame = require('promptstack.ui.picker.frame')
local marks = require('promptstack.ui.marks')
local text = require('promptstack.ui.picker.text')

---@class promptstack.PickerView
---@field name string the window's title
---@field title string
---@field left string second line, at the left
---@field right string second line, at the right
---@field notes [string, string][] warnings with their highlight group
---@field lines string[]
---@field spans { row: integer, start: integer, finish: integer, hl: string }[] colours in `lines`, from 0

---@class promptstack.PickerPreview
---@field private ask fun(key: string, on_view: fun(err: string?, view: promptstack.PickerView?)): fun()
---@field private wait fun(waiting: boolean)
---@field private window promptstack.Window?
---@field private wanted string?
---@field private known table<string, promptstack.PickerView>
---@field private timer uv.uv_timer_t
---@field private asked integer
---@field private cancel fun()?
local Preview = {}
Preview.__index = Preview

--- Held-down keys pass over rows faster than this; only the one that they stop at is asked for.
local PAUSE_MS = 40
--- More is read in the file itself.
local MOST_LINES = 1000
local MOST_BYTES = 4000

---@param ask fun(key: string, on_view: fun(err: string?, view: promptstack.PickerView?)): fun()
---@param wait fun(waiting: boolean)
---@return promptstack.PickerPreview
function Preview.new(ask, wait)
  return setmetatable(
    { ask = ask, wait = wait, known = {}, timer = assert(vim.uv.new_timer()), asked = 0 },
    Preview
  )
end

---@param window promptstack.Window?
function Preview:set_window(window)
  self.window = window
  if window then
    vim.wo[window.win].statuscolumn = ' '
    vim.wo[window.win].linebreak = true
    vim.wo[window.win].foldenable = false
    -- No @@@ where a long line does not fit whole.
    vim.wo[window.win].fillchars = 'eob: ,lastline: '
    vim.wo[window.win].smoothscroll = true
  end
end

---@return boolean
function Preview:is_shown()
  return self.window ~= nil and self.window:is_open()
end

function Preview:stop()
  self.timer:stop()
  if self.cancel then
    self.cancel()
    self.cancel = nil
  end
  self.wait(false)
end

--- Forgets what was read: files changed.
function Preview:forget()
  self.known = {}
end

--- Shows what a key stands for; nothing without one.
---@param key string?
function Preview:show(key)
  self.wanted = key
  self:stop()
  if not self:is_shown() then return end
  if not key then
    self:draw({ name = '', title = '', left = '', right = '', notes = {}, lines = {}, spans = {} })
  elseif self.known[key] then
    self:draw(self.known[key])
  else
    local since = vim.uv.now() - self.asked
    if since >= PAUSE_MS then
      self:fetch(key)
    else
      self.timer:start(PAUSE_MS - since, 0, function()
        vim.schedule(function()
          if self.wanted == key and self:is_shown() then self:fetch(key) end
        end)
      end)
    end
  end
end

---@param key string
function Preview:fetch(key)
  self.asked = vim.uv.now()
  self.wait(true)
  self.cancel = self.ask(key, function(err, view)
    if self.wanted ~= key then return end
    self.cancel = nil
    self.wait(false)
    if view then self.known[key] = view end
    if self:is_shown() then
      local failed = { name = key, title = '', left = '', right = '', lines = {}, spans = {} }
      failed.notes = { { err or '', 'PromptstackError' } }
      self:draw(view or failed)
    end
  end)
end

---@param view promptstack.PickerView
function Preview:draw(view)
  local window = self.window
  if not window then return end
  -- A cell is left free at each side.
  local width = math.max(1, vim.api.nvim_win_get_width(window.win) - 2)
  local name = text.fit(text.clean(view.name), width)
  local top = frame.of(window.win).top
  window:update({ title = name ~= '' and name or { { top == '' and ' ' or top, 'PromptstackBorder' } } })
  local lines, spans = {}, {} ---@type string[], { [1]: integer, [2]: integer, [3]: integer, [4]: string }[]
  if view.title ~= '' then
    lines[1] = text.fit(text.clean(view.title), width)
    spans[1] = { 0, 0, #lines[1], 'PromptstackTitle' }
    local line, right = text.apart(text.clean(view.left), view.right, width)
    lines[2] = line
    spans[#spans + 1] = { 1, 0, math.min(right, #line), 'PromptstackHint' }
    spans[#spans + 1] = { 1, math.min(right, #line), #line, 'PromptstackCount' }
  end
  for _, note in ipairs(view.notes) do
    for _, line in ipairs(text.wrap(note[1], width)) do
      lines[#lines + 1] = line
      spans[#spans + 1] = { #lines - 1, 0, #line, note[2] }
    end
  end
  if view.title ~= '' then
    lines[#lines + 1] = (config.ui('icons') and '─' or '-'):rep(width + 1)
    spans[#spans + 1] = { #lines - 1, 0, #lines[#lines], 'PromptstackBorder' }
  end
  local body = #lines
  for index = 1, math.min(#view.lines, MOST_LINES) do
    lines[#lines + 1] = view.lines[index]:sub(1, MOST_BYTES):gsub('\n', ' ')
  end
  if #view.lines > MOST_LINES then
    lines[#lines + 1] = ('… %d more lines'):format(#view.lines - MOST_LINES)
    spans[#spans + 1] = { #lines - 1, 0, #lines[#lines], 'PromptstackHint' }
  end
  for _, span in ipairs(view.spans) do
    if span.row < MOST_LINES then
      spans[#spans + 1] = { body + span.row, span.start, span.finish, span.hl }
    end
  end
  vim.api.nvim_buf_clear_namespace(window.buf, marks.window, 0, -1)
  window:set_lines(lines)
  for _, span in ipairs(spans) do
    local start = math.min(span[2], #lines[span[1] + 1])
    local mark = { end_col = span[3], hl_group = span[4], strict = false }
    vim.api.nvim_buf_set_extmark(window.buf, marks.window, span[1], start, mark)
  end
  vim.api.nvim_win_set_cursor(window.win, { 1, 0 })
end

--- Scrolls by half a window, or by lines.
---@param down boolean
---@param lines? integer
---@return boolean scrolled whether there was anything to scroll
function Preview:scroll(down, lines)
  local window = self.window
  if not self:is_shown() or not window then return false end
  local key = lines and (down and '\5' or '\25') or (down and '\4' or '\21')
  vim.api.nvim_win_call(window.win, function()
    vim.cmd.normal({ (lines or '') .. key, bang = true })
  end)
  return true
end

function Preview:close()
  self.wanted = nil
  self:stop()
  if not self.timer:is_closing() then self.timer:close() end
end

return Preview
