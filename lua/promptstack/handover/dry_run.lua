--- What would be handed over, in a window.
local Window = require('promptstack.ui.window')
local config = require('promptstack.config')
local marks = require('promptstack.ui.marks')
local review = require('promptstack.handover.review')
local text = require('promptstack.ui.picker.text')

local M = {}

---@param number integer
---@return string
local function thousands(number)
  local digits = tostring(number):reverse():gsub('(%d%d%d)', '%1,'):reverse()
  return (digits:gsub('^,', ''))
end

--- Shows a text as its reader would get it: its parts with their tokens, what is to be said about it, and the text.
---@param prepared promptstack.PrepareReply
---@param first integer the row of the buffer at which the text begins
function M.open(prepared, first)
  local lines, groups = {}, {} ---@type string[], table<integer, string>
  local function add(line, group)
    lines[#lines + 1] = line
    groups[#lines] = group
  end
  local names, numbers = 5, 0
  for _, part in ipairs(prepared.parts) do
    names = math.max(names, text.width(part.name))
    numbers = math.max(numbers, #thousands(part.tokens))
  end
  for _, part in ipairs(prepared.parts) do
    local pad = (' '):rep(names - text.width(part.name))
    local number = thousands(part.tokens)
    add(('%s%s  %s%s tok'):format(part.name, pad, (' '):rep(numbers - #number), number), 'PromptstackHint')
  end
  for _, finding in ipairs(prepared.findings) do
    local line, group = review.line(finding, first)
    add(line, group)
  end
  local width = math.min(100, vim.o.columns - 6)
  add((config.ui('icons') and '─' or '-'):rep(width), 'PromptstackBorder')
  local header = #lines
  vim.list_extend(lines, prepared.lines)
  vim.cmd.stopinsert()
  local window = Window.open({
    title = 'Would be sent · ' .. prepared.tokens.text,
    footer = 'nothing was sent · q close',
    width = width,
    height = math.min(#lines, math.floor(vim.o.lines * 0.8)),
    enter = true,
    filetype = 'markdown',
    wrap = true,
  })
  window:set_lines(lines)
  vim.bo[window.buf].modifiable = false
  for row, group in pairs(groups) do
    local mark = { end_col = #lines[row], hl_group = group, priority = 4200 }
    vim.api.nvim_buf_set_extmark(window.buf, marks.window, row - 1, 0, mark)
  end
  vim.api.nvim_win_set_cursor(window.win, { math.min(header + 1, #lines), 0 })
  vim.fn.winrestview({ topline = 1 })
  window:map_close()
  require('promptstack.ui.help').attach(window)
end

return M
