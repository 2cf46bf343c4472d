--- The keys of every picker, and the window that lists them with those of its source.
local Window = require('promptstack.ui.window')
local marks = require('promptstack.ui.marks')
local text = require('promptstack.ui.picker.text')

local M = {}

---@class promptstack.PickerKey
---@field [1] string|string[] modes
---@field [2] string[] keys; the first is the one that is shown
---@field [3] string what it does; empty keys are not listed
---@field [4] fun(picker: promptstack.Picker)

--- Scrolls up; where there is nothing to scroll the key does what it does in insert mode: it clears the line.
---@param picker promptstack.Picker
local function up_or_clear(picker)
  if not (picker:current() and picker.preview:scroll(false)) then picker.prompt:clear() end
end

---@param run fun(picker: promptstack.Picker)?
---@return fun(picker: promptstack.Picker)
local function click(run)
  return function(picker)
    local mouse = vim.fn.getmousepos()
    if mouse.winid == picker.window.win then
      local index = picker.list:at(mouse.line, picker.page)
      if index then
        picker:select(index)
        if run then run(picker) end
      end
    elseif not picker:owns(mouse.winid) then
      picker:close()
    end
  end
end

---@param by integer
---@return fun(picker: promptstack.Picker)
local function wheel(by)
  return function(picker)
    if vim.fn.getmousepos().winid == picker.window.win then
      picker:move(by, { stop = true })
    else
      picker.preview:scroll(by > 0, math.abs(by))
    end
  end
end

---@param by integer
---@return fun(picker: promptstack.Picker)
local function move(by)
  return function(picker)
    picker:settled(function()
      picker:move(by)
    end)
  end
end

local both = { 'n', 'i' }

---@type promptstack.PickerKey[]
local common = {
  { both, { '<C-n>', '<Down>' }, 'next row', move(1) },
  { both, { '<C-p>', '<Up>' }, 'previous row', move(-1) },
  { 'n', { 'j' }, '', move(1) },
  { 'n', { 'k' }, '', move(-1) },
  {
    'n',
    { 'gg' },
    'first row',
    function(picker)
      picker:select(1)
    end,
  },
  {
    'n',
    { 'G' },
    'last row',
    function(picker)
      picker:select(picker.page and picker.page.count or 0)
    end,
  },
  { both, { '<C-u>' }, 'scroll the preview up; without rows: clear', up_or_clear },
  {
    both,
    { '<C-d>' },
    'scroll the preview down',
    function(picker)
      picker.preview:scroll(true)
    end,
  },
  {
    both,
    { '<C-/>', '<C-_>' },
    'show or hide the keys',
    function(picker)
      picker:toggle_help()
    end,
  },
  {
    'n',
    { 'g?' },
    '',
    function(picker)
      picker:toggle_help()
    end,
  },
  {
    both,
    { '<C-c>' },
    'close',
    function(picker)
      picker:close()
    end,
  },
  {
    'n',
    { '<Esc>', 'q' },
    'close (in insert mode <Esc> goes to normal mode)',
    function(picker)
      picker:close()
    end,
  },
  { both, { '<LeftMouse>' }, '', click() },
  { both, { '<ScrollWheelDown>' }, '', wheel(3) },
  { both, { '<ScrollWheelUp>' }, '', wheel(-3) },
  {
    both,
    { '<LeftDrag>', '<LeftRelease>', '<RightMouse>', '<3-LeftMouse>', '<4-LeftMouse>' },
    '',
    function() end,
  },
}

---@param picker promptstack.Picker
---@return promptstack.PickerKey[]
local function all(picker)
  return vim.list_extend(vim.list_slice(picker.source.keys), common)
end

--- Maps the keys in the prompt's buffer.
---@param picker promptstack.Picker
function M.map(picker)
  local window = picker.prompt.window
  ---@param key table
  ---@param run fun()
  local function map(key, run)
    for _, lhs in ipairs(key[2]) do
      window:map(key[1], lhs, 'promptstack: ' .. (key[3] ~= '' and key[3] or 'picker'), run)
    end
  end
  for _, key in ipairs(picker.source.keys) do
    map(key, function()
      picker:settled(function()
        key[4](picker)
      end)
    end)
  end
  for _, key in ipairs(common) do
    map(key, function()
      key[4](picker)
    end)
  end
  map({ both, { '<2-LeftMouse>' }, 'choose' }, function()
    click(picker.source.choose)(picker)
  end)
end

--- Opens the window that lists the keys; the cursor stays where it is.
---@param picker promptstack.Picker
---@return promptstack.Window
function M.help(picker)
  local rows, widest = {}, 0
  for _, key in ipairs(all(picker)) do
    if key[3] ~= '' then
      local names = table.concat(key[2], ' ')
      rows[#rows + 1] = { names, key[3] }
      widest = math.max(widest, #names)
    end
  end
  local lines, width = {}, 0
  for index, row in ipairs(rows) do
    lines[index] = (' %-' .. widest .. 's  %s '):format(row[1], row[2])
    width = math.max(width, text.width(lines[index]))
  end
  local window = Window.open({ title = 'Keys', width = width, height = #lines, zindex = 60 })
  window:set_lines(lines)
  for index, row in ipairs(rows) do
    local mark = { end_col = 1 + #row[1], hl_group = 'PromptstackMarked' }
    vim.api.nvim_buf_set_extmark(window.buf, marks.window, index - 1, 1, mark)
  end
  return window
end

return M
