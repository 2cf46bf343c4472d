--- Colours of placeholders and of references to files while one types.
---
--- The host parses; here is only noted which rows changed. One message is under way at a time, and what changes
--- meanwhile is gathered, so a host that is dead or stopped costs nothing: typing goes on and the old colours stay.
local fences = require('promptstack.placeholder.fences')
local marks = require('promptstack.ui.marks')
local rpc = require('promptstack.rpc.contract')

local M = {}

--- Of one message. Small enough that a reply is not felt, large enough for nearly every buffer.
local MAX_BYTES = 256 * 1024
--- Rows looked at in one go.
local MAX_ROWS = 2000
--- Distant changes are parsed apart; more of them than this are taken together.
local MAX_RANGES = 32

local groups = { text = 'PromptstackText', list = 'PromptstackList', choice = 'PromptstackChoice' }

---@class promptstack.Rows
---@field first integer
---@field last integer exclusive
---@field stale? boolean changed while it was parsed

---@class promptstack.Painter
---@field buf integer
---@field dirty promptstack.Rows[] sorted, apart from each other
---@field flight? promptstack.Rows what is being parsed
---@field scheduled boolean

local painters = {} ---@type table<integer, promptstack.Painter>
local listens = false

---@param painter promptstack.Painter
---@param first integer
---@param last integer
local function add_dirty(painter, first, last)
  local out, placed = {}, false ---@type promptstack.Rows[], boolean
  for _, range in ipairs(painter.dirty) do
    if range.last < first then
      out[#out + 1] = range
    elseif range.first > last then
      if not placed then
        out[#out + 1] = { first = first, last = last }
        placed = true
      end
      out[#out + 1] = range
    else
      first, last = math.min(first, range.first), math.max(last, range.last)
    end
  end
  if not placed then out[#out + 1] = { first = first, last = last } end
  local head, tail = out[1], out[#out]
  painter.dirty = #out > MAX_RANGES and head and tail and { { first = head.first, last = tail.last } } or out
end

--- Moves a range with the lines that came or went before it.
---@param range promptstack.Rows
---@param first integer
---@param old_last integer
---@param delta integer
local function shift(range, first, old_last, delta)
  if range.first >= old_last then
    range.first, range.last = range.first + delta, range.last + delta
  elseif range.last > first then
    range.first = math.min(range.first, first)
    range.last = math.max(range.last, old_last) + delta
    range.stale = true
  end
end

local paint ---@type fun(painter: promptstack.Painter)

---@param painter promptstack.Painter
local function paint_soon(painter)
  if painter.scheduled or painter.flight or #painter.dirty == 0 then return end
  painter.scheduled = true
  vim.schedule(function()
    painter.scheduled = false
    if painters[painter.buf] == painter then paint(painter) end
  end)
end

--- Whether the host has to see a line: with a placeholder or a reference in it, whatever the grammar, or a block of
--- code that begins or ends.
---@param line string
---@return boolean
local function says_something(line)
  return line:find('{{', 1, true) ~= nil or line:find('@', 1, true) ~= nil or fences.is_fence(line)
end

--- The lines of the first changed rows that can hold anything, and how far they reach.
---@param painter promptstack.Painter
---@return promptstack.Rows
---@return string[] lines
---@return integer[] rows of the lines, counted from the first
local function take(painter)
  local range = painter.dirty[1]
  local first = range.first
  local limit = math.min(range.last, first + MAX_ROWS)
  local size, lines, rows = 0, {}, {}
  local last = limit
  for i, line in ipairs(vim.api.nvim_buf_get_lines(painter.buf, first, limit, false)) do
    if #line < MAX_BYTES and says_something(line) then
      if size + #line > MAX_BYTES then
        last = first + i - 1
        break
      end
      size = size + #line
      lines[#lines + 1], rows[#rows + 1] = line, i - 1
    end
  end
  if last >= range.last then
    table.remove(painter.dirty, 1)
  else
    range.first = last
  end
  return { first = first, last = last }, lines, rows
end

---@param painter promptstack.Painter
---@param range promptstack.Rows
---@param rows integer[]
---@param found promptstack.ParseReply
local function draw(painter, range, rows, found)
  vim.api.nvim_buf_clear_namespace(painter.buf, marks.highlight, range.first, range.last)
  ---@param span { row: integer, start: integer, finish: integer }
  ---@param group string
  local function colour(span, group)
    vim.api.nvim_buf_set_extmark(painter.buf, marks.highlight, range.first + rows[span.row + 1], span.start, {
      end_col = span.finish,
      hl_group = group,
      priority = 4100,
      undo_restore = false,
      strict = false,
    })
  end
  for _, span in ipairs(found.references) do
    colour(span, 'PromptstackReference')
  end
  for _, stop in ipairs(found.stops) do
    colour(stop, groups[stop.kind])
  end
end

function paint(painter)
  if #painter.dirty == 0 or painter.flight then return end
  if not vim.api.nvim_buf_is_loaded(painter.buf) then return end
  local range, lines, rows = take(painter)
  if #lines == 0 then
    draw(painter, range, rows, { stops = {}, references = {} })
    return paint_soon(painter)
  end
  painter.flight = range
  local before = fences.before(painter.buf, range.first)
  rpc.placeholder_parse({ lines = lines, before = before }, function(err, reply)
    painter.flight = nil
    if painters[painter.buf] ~= painter or not vim.api.nvim_buf_is_loaded(painter.buf) then return end
    if err then
      -- Tried again with the next change, or when the host is back.
      return add_dirty(painter, range.first, range.last)
    end
    if range.stale then
      add_dirty(painter, range.first, range.last)
    else
      draw(painter, range, rows, reply)
    end
    paint_soon(painter)
  end)
end

--- Attaches to a buffer that was unloaded, as soon as it is loaded.
---@param buf integer
local function attach_again(buf)
  if vim.api.nvim_buf_is_loaded(buf) then return M.attach(buf) end
  -- One event of the two is enough, and the other then finds it attached.
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufWinEnter' }, {
    buffer = buf,
    once = true,
    callback = function()
      M.attach(buf)
    end,
  })
end

--- Colours the placeholders and references of a buffer, now and while it changes.
---@param buf integer
function M.attach(buf)
  if painters[buf] or not vim.api.nvim_buf_is_loaded(buf) then return end
  local painter = { buf = buf, dirty = {}, scheduled = false } ---@type promptstack.Painter
  painters[buf] = painter
  local function all()
    painter.dirty = { { first = 0, last = vim.api.nvim_buf_line_count(buf) } }
    if painter.flight then painter.flight.stale = true end
    paint_soon(painter)
  end
  vim.api.nvim_buf_attach(buf, false, {
    on_lines = function(_, _, _, first, old_last, new_last)
      if painters[buf] ~= painter then return true end
      local delta = new_last - old_last
      for _, range in ipairs(painter.dirty) do
        shift(range, first, old_last, delta)
      end
      if painter.flight then shift(painter.flight, first, old_last, delta) end
      -- Deleted rows leave one to look at: their marks have moved there.
      add_dirty(painter, first, math.max(new_last, first + 1))
      paint_soon(painter)
    end,
    on_reload = all,
    on_detach = function()
      if painters[buf] ~= painter then return end
      painters[buf] = nil
      -- Unloaded, which without 'hidden' every file is that one leaves: it is a composition when it is back.
      vim.schedule(function()
        if vim.api.nvim_buf_is_valid(buf) then attach_again(buf) end
      end)
    end,
  })
  fences.attach(buf, function(row)
    if painters[buf] ~= painter then return end
    local flight = painter.flight
    if flight and flight.last > row then flight.stale = true end
    add_dirty(painter, row, math.max(row + 1, vim.api.nvim_buf_line_count(buf)))
    paint_soon(painter)
  end)
  if not listens then
    listens = true
    -- What could not be parsed while the host was away.
    require('promptstack.host').on_ready(function()
      for _, other in pairs(painters) do
        paint_soon(other)
      end
    end)
  end
  all()
end

return M
