--- The rows of the picker: only those that are seen are built.
local marks = require('promptstack.ui.marks')
local text = require('promptstack.ui.picker.text')

---@class promptstack.PickerRow
---@field group string the left column
---@field sign? [string, string] before the text, with its highlight group
---@field text string
---@field positions integer[] byte offsets of matched characters in `text`
---@field right string at the right edge

---@class promptstack.PickerItem
---@field key string what stays the same between two answers
---@field [string] any

---@class promptstack.PickerPage
---@field count integer rows at hand
---@field matching integer rows that match
---@field all integer rows there are
---@field loading boolean whether more are being read
---@field groups string[] the left column of every row, to measure it
---@field row fun(index: integer): promptstack.PickerRow
---@field item fun(index: integer): promptstack.PickerItem

---@class promptstack.PickerSpan
---@field [1] integer first byte, from 0
---@field [2] integer the byte after the last
---@field [3] string highlight group

---@class promptstack.PickerList
---@field top integer first row that is seen, from 1
---@field selected integer from 1; 0 without rows
---@field marked promptstack.PickerItem[] as they were marked, oldest first
---@field message? { text: string, hl: string } shown under the rows
---@field private group_width integer
---@field private signs { selected: string }
local List = {}
List.__index = List

--- Narrower lists have no left column.
local GROUP_FROM = 40
--- It is not cut to less than this, which holds the longest name of the starter library's folders.
local GROUP_WIDTH = 18

---@param signs { selected: string }
---@return promptstack.PickerList
function List.new(signs)
  return setmetatable({ top = 1, selected = 0, marked = {}, group_width = 0, signs = signs }, List)
end

---@param key string
---@return integer? place in the order of marks
function List:mark_of(key)
  for order, item in ipairs(self.marked) do
    if item.key == key then return order end
  end
end

---@param item promptstack.PickerItem
function List:toggle(item)
  local order = self:mark_of(item.key)
  if order then
    table.remove(self.marked, order)
  else
    table.insert(self.marked, item)
  end
end

--- The left column's width: it grows with what was seen, so that it does not jump while typing.
---@param page promptstack.PickerPage
---@param width integer
---@return integer
function List:measure(page, width)
  if width < GROUP_FROM then return 0 end
  local seen = {}
  for _, group in ipairs(page.groups) do
    if not seen[group] then
      seen[group] = true
      self.group_width = math.max(self.group_width, text.width((text.clean(group))))
    end
  end
  return math.min(self.group_width, math.max(GROUP_WIDTH, math.floor(width * 0.3)))
end

---@param row promptstack.PickerRow
---@param shape { selected: boolean, mark?: integer, mark_width: integer, group_width: integer, width: integer }
---@return string line
---@return promptstack.PickerSpan[]
function List:build(row, shape)
  local parts, bytes, cells, spans = {}, 0, 0, {} ---@type string[], integer, integer, promptstack.PickerSpan[]
  local function add(part, hl)
    if part == '' then return end
    parts[#parts + 1] = part
    if hl then spans[#spans + 1] = { bytes, bytes + #part, hl } end
    bytes, cells = bytes + #part, cells + text.width(part)
  end
  add(shape.selected and self.signs.selected or ' ', 'PromptstackMarked')
  if shape.mark_width > 0 then
    add(('%' .. shape.mark_width .. 's '):format(shape.mark or ''), 'PromptstackMarked')
  end
  if shape.group_width > 0 then
    local group = text.fit(text.clean(row.group), shape.group_width)
    add(group, 'PromptstackCategory')
    add((' '):rep(shape.group_width - text.width(group) + 2))
  end
  if row.sign then
    add(row.sign[1], row.sign[2])
    add(' ')
  end
  local right = row.right ~= '' and text.width(row.right) + 2 or 1
  local cleaned, moved = text.clean(row.text)
  local title, kept = text.fit(cleaned, shape.width - cells - right)
  for _, offset in ipairs(row.positions) do
    local from = moved and moved(offset) or offset
    if from < kept then
      local to = math.min(from + vim.str_utf_end(cleaned, from + 1) + 1, kept)
      spans[#spans + 1] = { bytes + from, bytes + to, 'PromptstackMatch' }
    end
  end
  add(title)
  if row.right ~= '' then
    add((' '):rep(math.max(1, shape.width - cells - right + 1)))
    add(row.right, 'PromptstackCount')
  end
  return table.concat(parts), spans
end

--- Keeps the selection in sight.
---@param height integer
---@param count integer
function List:scroll(height, count)
  self.selected = math.min(math.max(self.selected, count > 0 and 1 or 0), count)
  if self.selected < self.top then
    self.top = math.max(1, self.selected)
  elseif self.selected > self.top + height - 1 then
    self.top = self.selected - height + 1
  end
  self.top = math.max(1, math.min(self.top, count - height + 1))
end

--- Draws the rows under the prompt's line.
---@param window promptstack.Window
---@param page promptstack.PickerPage?
---@param notes string[] shown where there are no rows
---@param notes_hl string
function List:draw(window, page, notes, notes_hl)
  local width = vim.api.nvim_win_get_width(window.win)
  local height = vim.api.nvim_win_get_height(window.win) - 1
  -- The first line lies under the prompt's window.
  local lines, spans, chosen = { '' }, {}, nil ---@type string[], table<integer, promptstack.PickerSpan[]>, integer?
  local function note(words, hl)
    for _, line in ipairs(text.wrap(words, width - 2)) do
      lines[#lines + 1] = ' ' .. line
      spans[#lines] = { { 0, #lines[#lines], hl } }
    end
  end
  local message = self.message and text.wrap(self.message.text, width - 2) or {}
  local room = math.max(height - #message, math.min(height, 1))
  if page and page.count > 0 then
    self:scroll(room, page.count)
    local shape = {
      width = width,
      group_width = self:measure(page, width),
      mark_width = #self.marked > 0 and #tostring(#self.marked) or 0,
    }
    for index = self.top, math.min(page.count, self.top + room - 1) do
      shape.selected = index == self.selected
      shape.mark = self:mark_of(page.item(index).key)
      local line, found = self:build(page.row(index), shape)
      lines[#lines + 1] = line
      spans[#lines] = found
      chosen = shape.selected and #lines or chosen
    end
  else
    self.selected = 0
    for _, words in ipairs(notes) do
      note(words, notes_hl)
    end
  end
  if self.message then
    while #lines <= height - #message do
      lines[#lines + 1] = ''
    end
    note(self.message.text, self.message.hl)
  end
  self:show(window, vim.list_slice(lines, 1, height + 1), spans, chosen)
end

---@param window promptstack.Window
---@param lines string[]
---@param spans table<integer, promptstack.PickerSpan[]>
---@param chosen integer?
function List:show(window, lines, spans, chosen)
  vim.api.nvim_buf_clear_namespace(window.buf, marks.window, 0, -1)
  window:set_lines(lines)
  for number, found in pairs(spans) do
    for _, span in ipairs(lines[number] and found or {}) do
      local mark = { end_col = span[2], hl_group = span[3], strict = false }
      vim.api.nvim_buf_set_extmark(window.buf, marks.window, number - 1, span[1], mark)
    end
  end
  if chosen then
    local mark = { line_hl_group = 'PromptstackSelection', priority = 50 }
    vim.api.nvim_buf_set_extmark(window.buf, marks.window, chosen - 1, 0, mark)
  end
end

--- The row that is drawn on a line of the window.
---@param line integer from 1
---@param page promptstack.PickerPage?
---@return integer? index
function List:at(line, page)
  local index = self.top + line - 2
  return page and line >= 2 and index <= page.count and index or nil
end

return List
