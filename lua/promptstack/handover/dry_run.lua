--- What would be handed over, in a window.
local Window = require('promptstack.ui.window')
local config = require('promptstack.config')
local marks = require('promptstack.ui.marks')
local notify = require('promptstack.notify')
local number = require('promptstack.ui.number')
local review = require('promptstack.handover.review')
local text = require('promptstack.ui.picker.text')

local M = {}

--- A rule with the name of what follows.
---@param width integer
---@param name? string
---@return string
local function rule(width, name)
  local stroke = config.ui('icons') and '─' or '-'
  local head = name and ('%s %s '):format(stroke:rep(2), name) or ''
  return head .. stroke:rep(width - text.width(head))
end

--- Shows a text as its reader would get it: its parts with their tokens, what is to be said about it, and the text.
---@param prepared promptstack.PrepareReply
---@param first integer the row of the buffer at which the text begins
---@param model? promptstack.AskPlanReply|promptstack.WireError what a model would get, or why none would
function M.open(prepared, first, model)
  local lines, groups = {}, {} ---@type string[], table<integer, string>
  local function add(line, group)
    lines[#lines + 1] = line
    groups[#lines] = group
  end
  local names, numbers = 5, 0
  for _, part in ipairs(prepared.parts) do
    names = math.max(names, text.width(part.name))
    numbers = math.max(numbers, #number.thousands(part.tokens))
  end
  for _, part in ipairs(prepared.parts) do
    local pad = (' '):rep(names - text.width(part.name))
    local count = number.thousands(part.tokens)
    add(('%s%s  %s%s tok'):format(part.name, pad, (' '):rep(numbers - #count), count), 'PromptstackHint')
  end
  for _, finding in ipairs(prepared.findings) do
    local line, group = review.line(finding, first)
    add(line, group)
  end
  local width = math.min(100, vim.o.columns - 6)
  local plan = model and model.messages and model --[[@as promptstack.AskPlanReply?]]
  local trouble = plan and plan.refused
  if model and not plan then
    trouble = notify.text(model --[[@as promptstack.WireError]])
  end
  for _, fact in ipairs(plan and plan.facts or {}) do
    add(('%-12s %s'):format(fact.name, (text.clean(fact.value))), 'PromptstackHint')
  end
  if trouble then
    local sign = config.ui('icons') and '✗' or 'E'
    add(('%s would not be sent: %s'):format(sign, (text.clean(trouble))), 'PromptstackError')
  end
  local header ---@type integer
  ---@param name string?
  ---@param said string[]
  local function block(name, said)
    add(rule(width, name), 'PromptstackBorder')
    header = header or #lines
    vim.list_extend(lines, said)
  end
  if not plan then block(nil, prepared.lines) end
  if plan and #plan.system > 0 then block('system', plan.system) end
  for _, message in ipairs(plan and plan.messages or {}) do
    block(message.speaker, message.lines)
  end
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
  vim.api.nvim_win_set_cursor(window.win, { model and 1 or math.min(header + 1, #lines), 0 })
  vim.fn.winrestview({ topline = 1 })
  window:map_close()
  require('promptstack.ui.help').attach(window)
end

return M
