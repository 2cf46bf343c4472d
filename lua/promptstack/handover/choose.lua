--- A window to choose one of a few things in.
local Window = require('promptstack.ui.window')
local marks = require('promptstack.ui.marks')
local text = require('promptstack.ui.picker.text')

local M = {}

---@class promptstack.Choice
---@field name string
---@field description string

--- Asks which one.
---@generic T: promptstack.Choice
---@param title string
---@param choices T[]
---@param chosen fun(choice: T) not called when it is closed
function M.open(title, choices, chosen)
  local names, lines, width = 0, {}, math.max(36, text.width(title) + 3)
  for _, choice in ipairs(choices) do
    names = math.max(names, text.width(choice.name))
  end
  for index, choice in ipairs(choices) do
    local number = index < 10 and tostring(index) or ' '
    local pad = (' '):rep(names - text.width(choice.name))
    lines[index] = (' %s  %s%s  %s'):format(number, choice.name, pad, (text.clean(choice.description)))
    width = math.max(width, text.width(lines[index]) + 1)
  end
  -- Its keys are those of normal mode.
  vim.cmd.stopinsert()
  local window = Window.open({
    title = title,
    footer = '<CR> or its number · q cancel',
    width = math.min(width, vim.o.columns - 6),
    height = math.min(#lines, math.floor(vim.o.lines * 0.6)),
    enter = true,
    filetype = 'promptstack-choose',
  })
  window:set_lines(lines)
  vim.bo[window.buf].modifiable = false
  vim.wo[window.win].cursorline = true
  for index in ipairs(choices) do
    vim.api.nvim_buf_set_extmark(window.buf, marks.window, index - 1, 0, {
      end_col = 2,
      hl_group = 'PromptstackCount',
    })
    vim.api.nvim_buf_set_extmark(window.buf, marks.window, index - 1, 4 + names, {
      end_col = #lines[index],
      hl_group = 'PromptstackHint',
      strict = false,
    })
  end
  local function take(index)
    local choice = choices[index]
    if not choice then return end
    window:close()
    chosen(choice)
  end
  window:map('n', '<CR>', 'take this one', function()
    take(vim.api.nvim_win_get_cursor(window.win)[1])
  end)
  for index = 1, math.min(9, #choices) do
    vim.keymap.set('n', tostring(index), function()
      take(index)
    end, { buffer = window.buf, nowait = true, desc = 'take number ' .. index })
  end
  window:map_close('cancel')
  require('promptstack.ui.help').attach(window)
end

return M
