--- A form: one field under the other in a buffer, a label before each; a field may take several lines.
local Window = require('promptstack.ui.window')
local marks = require('promptstack.ui.marks')
local notify = require('promptstack.notify')

local M = {}

---@class promptstack.FormField
---@field name string
---@field note string what it takes
---@field hint string shown while the field is empty
---@field lines string[] what stands in it at first

---@class promptstack.FormOpts
---@field title string
---@field fields promptstack.FormField[]
---@field apply fun(values: string[][], done: fun(err: promptstack.WireError?)) a value a field, `{ '' }` when empty
---@field closed? fun() called when the window is gone

---@class promptstack.Form
---@field opts promptstack.FormOpts
---@field window promptstack.Window
---@field anchors integer[] an extmark on the first row of each field
---@field name_width integer
---@field note_width integer
---@field applying? boolean
local Form = {}
Form.__index = Form

local MAX_NAME = 24

---@param text string
---@param width integer
---@return string
local function fitted(text, width)
  if vim.fn.strdisplaywidth(text) > width then text = vim.fn.strcharpart(text, 0, width - 1) .. '…' end
  return text .. (' '):rep(width - vim.fn.strdisplaywidth(text))
end

---@return boolean
local function inserting()
  return vim.api.nvim_get_mode().mode:match('^i') ~= nil
end

--- The first row of each field; a field whose lines were deleted has none.
---@return integer[]
function Form:rows()
  local rows = {}
  for i, id in ipairs(self.anchors) do
    rows[i] = vim.api.nvim_buf_get_extmark_by_id(self.window.buf, marks.window, id, {})[1]
  end
  return rows
end

--- Gives each field whose lines were deleted an empty line again.
function Form:mend()
  local buf = self.window.buf
  local rows, missing = {}, {} ---@type integer[], integer[]
  for i, id in ipairs(self.anchors) do
    local place = vim.api.nvim_buf_get_extmark_by_id(buf, marks.window, id, {})
    -- A field that was joined to the line before has none of its own.
    rows[i] = place[1] + (place[2] > 0 and 1 or 0)
  end
  rows[1] = 0
  local added = 0
  for i = 1, #rows do
    local next_row = rows[i + 1] or vim.api.nvim_buf_line_count(buf)
    if next_row <= rows[i] then
      missing[#missing + 1] = rows[i] + added
      added = added + 1
    end
    rows[i] = rows[i] + added - (next_row <= rows[i] and 1 or 0)
  end
  if added == 0 then return end
  vim.api.nvim_buf_call(buf, function()
    -- One undo step with the deletion; what was just undone can't be joined to.
    pcall(vim.cmd.undojoin)
    for _, row in ipairs(missing) do
      vim.api.nvim_buf_set_lines(buf, row, row, true, { '' })
    end
  end)
  for i, id in ipairs(self.anchors) do
    vim.api.nvim_buf_set_extmark(buf, marks.window, rows[i], 0, { id = id, right_gravity = false })
  end
end

--- What stands in each field.
---@return string[][]
function Form:values()
  local buf = self.window.buf
  local rows, values = self:rows(), {}
  rows[1] = 0
  rows[#rows + 1] = vim.api.nvim_buf_line_count(buf)
  for i = 1, #self.anchors do
    local lines = vim.api.nvim_buf_get_lines(buf, rows[i], math.max(rows[i], rows[i + 1]), false)
    values[i] = #lines > 0 and lines or { '' }
  end
  return values
end

--- Draws the labels.
function Form:draw()
  local buf = self.window.buf
  if not vim.api.nvim_buf_is_valid(buf) then return end
  -- In insert mode the cursor stays where the person types.
  if not inserting() then self:mend() end
  vim.api.nvim_buf_clear_namespace(buf, marks.form, 0, -1)
  local rows, values = self:rows(), self:values()
  local field_at = {} ---@type table<integer, integer>
  for i, row in ipairs(rows) do
    field_at[row] = i
  end
  local field = 1
  for row = 0, vim.api.nvim_buf_line_count(buf) - 1 do
    local starts = field_at[row]
    field = starts or field
    local shown = assert(self.opts.fields[field])
    local name = starts and fitted(shown.name, self.name_width) or (' '):rep(self.name_width)
    local note = starts and fitted(shown.note, self.note_width) or (' '):rep(self.note_width)
    vim.api.nvim_buf_set_extmark(buf, marks.form, row, 0, {
      virt_text = { { name .. '  ', 'PromptstackTitle' }, { note .. '  ', 'PromptstackHint' } },
      virt_text_pos = 'inline',
      right_gravity = false,
    })
    local value = assert(values[field])
    if starts and #value == 1 and value[1] == '' and shown.hint ~= '' then
      vim.api.nvim_buf_set_extmark(buf, marks.form, row, 0, {
        virt_text = { { shown.hint, 'PromptstackHint' } },
        virt_text_pos = 'eol',
      })
    end
  end
end

--- Moves to another field; wraps.
---@param step integer
function Form:go(step)
  self:mend()
  local rows = self:rows()
  local here = vim.api.nvim_win_get_cursor(self.window.win)[1] - 1
  local at = 1
  for i, row in ipairs(rows) do
    if row <= here then at = i end
  end
  local to = rows[(at - 1 + step) % #rows + 1]
  local line = vim.api.nvim_buf_get_lines(self.window.buf, to, to + 1, false)[1] or ''
  local move = ('<Cmd>call nvim_win_set_cursor(0, [%d, %d])<CR>'):format(to + 1, #line)
  -- A cursor moved by the API in insert mode would corrupt undo.
  local keys = inserting() and '<Esc>' .. move .. '<Cmd>startinsert!<CR>' or move
  vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes(keys, true, true, true), 'ni', false)
end

function Form:apply()
  if self.applying then return end
  self.applying = true
  self:mend()
  self.opts.apply(self:values(), function(err)
    self.applying = false
    if err then return notify.error(err) end
    self.window:close()
  end)
end

--- Opens a form.
---@param opts promptstack.FormOpts
---@return promptstack.Form
function M.open(opts)
  local self = setmetatable({ opts = opts, anchors = {}, name_width = 4, note_width = 4 }, Form)
  local lines, starts = {}, {}
  for i, field in ipairs(opts.fields) do
    starts[i] = #lines
    vim.list_extend(lines, field.lines)
    self.name_width = math.min(MAX_NAME, math.max(self.name_width, vim.fn.strdisplaywidth(field.name)))
    self.note_width = math.max(self.note_width, vim.fn.strdisplaywidth(field.note))
  end
  self.window = Window.open({
    title = opts.title,
    footer = '<CR> apply · <Tab> next field · q cancel',
    width = math.min(90, vim.o.columns - 8),
    height = math.max(#lines + 1, math.min(6, vim.o.lines - 6)),
    enter = true,
    filetype = 'promptstack-form',
    wrap = true,
    on_close = opts.closed,
  })
  local window, buf = self.window, self.window.buf
  local levels = vim.bo[buf].undolevels
  vim.bo[buf].undolevels = -1
  window:set_lines(lines)
  vim.bo[buf].undolevels = levels
  for i, row in ipairs(starts) do
    -- Text typed or lines opened at its first row belong to the field.
    self.anchors[i] = vim.api.nvim_buf_set_extmark(buf, marks.window, row, 0, { right_gravity = false })
  end
  self:draw()
  vim.api.nvim_buf_attach(buf, false, {
    on_lines = function()
      vim.schedule(function()
        self:draw()
      end)
    end,
  })
  window:map('n', '<CR>', 'apply the form', function()
    self:apply()
  end)
  window:map('n', '<C-s>', 'apply the form', function()
    self:apply()
  end)
  -- From insert mode by way of normal mode, in which a message can be read and a window be left.
  vim.keymap.set('i', '<C-s>', '<Esc><C-s>', { buffer = buf, remap = true, desc = 'apply the form' })
  window:map('n', 'q', 'cancel the form', function()
    window:close()
  end)
  window:map({ 'n', 'i' }, '<Tab>', 'next field', function()
    self:go(1)
  end)
  window:map({ 'n', 'i' }, '<S-Tab>', 'previous field', function()
    self:go(-1)
  end)
  require('promptstack.ui.help').attach(window)
  return self
end

return M
