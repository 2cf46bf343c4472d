--- A month of what models were asked and what that cost, as bars.
local Window = require('promptstack.ui.window')
local config = require('promptstack.config')
local format = require('promptstack.history.format')
local marks = require('promptstack.ui.marks')
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')
local text = require('promptstack.ui.picker.text')
local waiting = require('promptstack.ui.waiting')

local M = {}

---@class promptstack.StatsLine
---@field text string
---@field spans? { [1]: integer, [2]: integer, [3]: string }[] byte from, byte until, group

---@class promptstack.StatsView
---@field window promptstack.Window
---@field reply promptstack.StatsReply
---@field group integer which one is shown where not all fit
---@field asked integer counts requests, so that a late reply draws nothing
local View = {}
View.__index = View

---@type { key: string, words: string }[]
local GROUPS = {
  { key = 'by_day', words = 'day' },
  { key = 'by_provider', words = 'provider' },
  { key = 'by_model', words = 'model' },
  { key = 'by_role', words = 'task' },
}

local WIDTH = 76
local NAME = 26
local EIGHTHS = { '▏', '▎', '▍', '▌', '▋', '▊', '▉' }

--- A bar of plain blocks, whose last one tells eighths; `#` without icons.
---@param part number from 0 to 1
---@param width integer
---@return string
local function bar(part, width)
  part = math.max(0, math.min(part, 1))
  if not config.ui('icons') then return ('#'):rep(part > 0 and math.max(1, math.floor(part * width)) or 0) end
  local eighths = math.floor(part * width * 8 + 0.5)
  if part > 0 then eighths = math.max(1, eighths) end
  return ('█'):rep(math.floor(eighths / 8)) .. (EIGHTHS[eighths % 8] or '')
end

---@param part string
---@param width integer
---@return string
local function padded(part, width)
  return part .. (' '):rep(math.max(0, width - text.width(part)))
end

---@param ms integer
---@return string
local function time(ms)
  return ms < 1000 and ('%d ms'):format(ms) or ('%.1f s'):format(ms / 1000)
end

---@param row promptstack.StatsRow
---@return string
local function cost(row)
  if row.micro_usd == 0 and row.unknown_cost > 0 then return '?' end
  return row.cost .. (row.unknown_cost > 0 and ' + ?' or '')
end

--- The sums of a month in a few lines.
---@param reply promptstack.StatsReply
---@param width integer
---@return promptstack.StatsLine[]
local function sums(reply, width)
  local total, lines = reply.total, {}
  local function add(name, words)
    for _, line in ipairs(text.wrap(words, width - 14)) do
      local label = padded(name, 12)
      lines[#lines + 1] = { text = ' ' .. label .. line, spans = { { 1, 1 + #label, 'PromptstackHint' } } }
      name = ''
    end
  end
  local asked = ('%s, %d%% from the cache'):format(format.number(total.requests), total.hit_percent)
  if total.failures > 0 then asked = ('%s, %d failed'):format(asked, total.failures) end
  if total.cancelled > 0 then asked = ('%s, %d withdrawn'):format(asked, total.cancelled) end
  add('requests', asked)
  add('tokens', ('%s in, %s out'):format(format.number(total.input), format.number(total.output)))
  local spent = total.cost
  if total.unknown_cost > 0 then
    spent = ('%s, and %s whose cost nobody knows'):format(spent, format.count(total.unknown_cost, 'request'))
  end
  if total.unsettled > 0 then
    spent = ('%s; %s counted as reserved'):format(spent, format.count(total.unsettled, 'request'))
  end
  add('spent', spent)
  if total.p50_ms and total.p95_ms then
    add('answers', ('half within %s, 95 of 100 within %s'):format(time(total.p50_ms), time(total.p95_ms)))
  end
  return lines
end

--- The limits and the cache, which are told whatever the month has.
---@param reply promptstack.StatsReply
---@param width integer
---@return promptstack.StatsLine[]
local function state(reply, width)
  local lines = {}
  for _, limit in ipairs(reply.limits) do
    local label = padded(limit.name, 12)
    local words = padded(('%s of %s'):format(limit.spent, limit.most), 24)
    local drawn = bar(limit.part, math.max(4, width - 40))
    local start = 1 + #label + #words
    local group = limit.part >= 0.8 and 'PromptstackWarning' or 'PromptstackBar'
    lines[#lines + 1] = {
      text = ' ' .. label .. words .. drawn,
      spans = { { 1, 1 + #label, 'PromptstackHint' }, { start, start + #drawn, group } },
    }
  end
  local label = padded('cache', 12)
  lines[#lines + 1] = {
    text = (' %s%s, %s'):format(label, format.count(reply.kept, 'answer'), format.size(reply.kept_bytes)),
    spans = { { 1, 1 + #label, 'PromptstackHint' } },
  }
  return lines
end

---@param group { key: string, words: string }
---@param reply promptstack.StatsReply
---@param width integer
---@return promptstack.StatsLine[]
local function bars(group, reply, width)
  local rows = reply[group.key] --[[@as promptstack.StatsRow[] ]]
  local title = ' by ' .. group.words
  local lines = { { text = title, spans = { { 0, #title, 'PromptstackTitle' } } } }
  local widest, dearest = 0, 0
  for _, row in ipairs(rows) do
    widest = math.max(widest, math.min(NAME, text.width(row.name)))
    dearest = math.max(dearest, text.width(cost(row)))
  end
  local room = math.max(4, width - widest - dearest - 13)
  for _, row in ipairs(rows) do
    local name = padded((text.fit(text.clean(row.name), NAME)), widest)
    local drawn = bar(row.part, room)
    local start = 3 + #name
    lines[#lines + 1] = {
      text = (' %s  %s %6s  %s'):format(name, padded(drawn, room), format.number(row.requests), cost(row)),
      spans = { { start, start + #drawn, 'PromptstackBar' } },
    }
  end
  return lines
end

---@param lines promptstack.StatsLine[]
---@param more promptstack.StatsLine[]
local function append(lines, more)
  if #lines > 0 then lines[#lines + 1] = { text = '' } end
  vim.list_extend(lines, more)
end

--- The lines of the month; the groups one at a time where they don't fit together.
---@param width integer
---@param most integer
---@return promptstack.StatsLine[] lines
---@return boolean all whether every group is there
function View:lines(width, most)
  local reply = self.reply
  local total = reply.total
  local lines = {} ---@type promptstack.StatsLine[]
  if total.requests == 0 and total.micro_usd == 0 and total.unknown_cost == 0 then
    lines[1] = { text = (' no model was asked in %s'):format(reply.title) }
    lines[2] = {
      text = ' requests, tokens and money stand here by day, provider, model and task',
      spans = { { 0, 72, 'PromptstackHint' } },
    }
    append(lines, state(reply, width))
    return lines, true
  end
  append(lines, vim.list_extend(sums(reply, width), state(reply, width)))
  local all = vim.list_extend({}, lines)
  for _, group in ipairs(GROUPS) do
    append(all, bars(group, reply, width))
  end
  if #all <= most then return all, true end
  append(lines, bars(assert(GROUPS[self.group]), reply, width))
  return lines, false
end

function View:draw()
  local window = self.window
  if not window:is_open() then return end
  local rows = vim.o.lines - vim.o.cmdheight
  local width = math.min(WIDTH, vim.o.columns - 4)
  local lines, all = self:lines(width, rows - 4)
  local keys = { '[ ] month', 'q close', 'g? keys' }
  if not all then table.insert(keys, 2, '<Tab> by ' .. GROUPS[self.group % #GROUPS + 1].words) end
  window:update({
    title = 'Models · ' .. self.reply.title,
    footer = table.concat(keys, ' · '),
    width = width,
    height = math.min(#lines, rows - 4),
  })
  window:set_lines(vim.tbl_map(function(line)
    return line.text
  end, lines))
  vim.bo[window.buf].modifiable = false
  vim.api.nvim_win_set_cursor(window.win, { 1, 0 })
  vim.api.nvim_buf_clear_namespace(window.buf, marks.window, 0, -1)
  for row, line in ipairs(lines) do
    for _, span in ipairs(line.spans or {}) do
      vim.api.nvim_buf_set_extmark(window.buf, marks.window, row - 1, span[1], {
        end_col = math.min(span[2], #line.text),
        hl_group = span[3],
      })
    end
  end
end

--- Goes to another month.
---@param month? string
---@param without string what is said where there is none
function View:go(month, without)
  if not month then return notify.info(without) end
  self.asked = self.asked + 1
  local asked = self.asked
  waiting.during('reading the accounts', function(on_reply)
    return rpc.stats_month({ month = month }, on_reply)
  end, function(err, reply)
    if asked ~= self.asked or not self.window:is_open() then return end
    if err then return notify.error(err) end
    self.reply = reply
    self:draw()
  end)
end

---@param reply promptstack.StatsReply
local function show(reply)
  local self = setmetatable({ reply = reply, group = 1, asked = 0 }, View)
  self.window = Window.open({
    title = 'Models',
    footer = 'q close',
    width = math.min(WIDTH, vim.o.columns - 4),
    height = 10,
    enter = true,
    filetype = 'promptstack-stats',
  })
  local window = self.window
  for _, key in ipairs({ 'h', '[' }) do
    window:map('n', key, 'the month before', function()
      self:go(self.reply.previous, '')
    end)
  end
  for _, key in ipairs({ 'l', ']' }) do
    window:map('n', key, 'the month after', function()
      self:go(self.reply.next, 'there is no month after this one yet')
    end)
  end
  window:map('n', '<Tab>', 'by day, provider, model or task, where not all fit', function()
    self.group = self.group % #GROUPS + 1
    self:draw()
  end)
  window:map_close()
  require('promptstack.ui.help').attach(window)
  local resized = vim.api.nvim_create_autocmd('VimResized', {
    callback = function()
      self:draw()
    end,
  })
  window:update({
    on_close = function()
      pcall(vim.api.nvim_del_autocmd, resized)
    end,
  })
  self:draw()
end

--- Opens the current month.
function M.open()
  waiting.during('reading the accounts', function(on_reply)
    return rpc.stats_month({}, on_reply)
  end, function(err, reply)
    if err then return notify.error(err) end
    show(reply)
  end)
end

return M
