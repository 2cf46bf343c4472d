--- The placeholder session of a buffer: which stops live, which is the current one, when it ends.
---
--- Works on text alone: nothing here needs the host, so a session outlives it.
local keys = require('promptstack.placeholder.keys')
local links = require('promptstack.placeholder.links')
local marks = require('promptstack.ui.marks')
local stops = require('promptstack.placeholder.stops')

local M = {}

---@class promptstack.Session
---@field buf integer
---@field stops promptstack.SessionStop[] as the text has them
---@field current? promptstack.SessionStop
---@field group integer its autocommands
---@field borrowed promptstack.Borrowed[]
---@field own boolean whether the change under way is ours
---@field pending boolean whether a change waits to be looked at
---@field touched table<integer, true> extmarks of stops that changed since
---@field left table<promptstack.SessionStop, true> stops from which the typing has gone elsewhere since
---@field outside boolean whether something changed outside of all stops since
---@field indents promptstack.NewLine[] lines typed or pasted into a stop since
---@field copies table<string, [string, string]> maps of ours that have no key, by mode and name
---@field hint? string keys, shown until the first jump
---@field goal? promptstack.SessionStop where a jump to a given stop goes
---@field menu? promptstack.Menu the menu that is open
---@field taken? { stop: promptstack.SessionStop, value: string } on its way from the menu into the text
---@field values? string[] values used before for the current stop
---@field landed integer counts the jumps, so that a late reply knows its own

--- A line that came into a stop and should take its indent.
---@class promptstack.NewLine
---@field row integer
---@field indent string
---@field pasted boolean pasted in insert mode: its own blanks come on top

local sessions = {} ---@type table<integer, promptstack.Session>

---@param buf integer
---@return promptstack.Session?
function M.get(buf)
  return sessions[buf]
end

--- Stops that still stand in the text.
---@param session promptstack.Session
---@return promptstack.SessionStop[]
function M.alive(session)
  return vim.tbl_filter(function(stop)
    local span = stops.span(session.buf, stop)
    return span ~= nil and (stop.kept or not stops.is_empty(span))
  end, session.stops)
end

--- Puts the stops into the order of the text, which moving lines may have changed.
---@param session promptstack.Session
function M.sort(session)
  local at = {} ---@type table<promptstack.SessionStop, integer>
  local spans = {} ---@type table<promptstack.SessionStop, promptstack.Span>
  local nowhere = { row = vim.api.nvim_buf_line_count(session.buf), col = 0, end_row = 0, end_col = 0 }
  for i, stop in ipairs(session.stops) do
    at[stop], spans[stop] = i, stops.span(session.buf, stop) or nowhere
  end
  table.sort(session.stops, function(a, b)
    local x, y = assert(spans[a]), assert(spans[b])
    if x.row == y.row and x.col == y.col then return at[a] < at[b] end
    return stops.precedes(x.row, x.col, y.row, y.col)
  end)
end

---@param session promptstack.Session
---@return { current: integer, total: integer }
function M.count(session)
  local alive = M.alive(session)
  for i, stop in ipairs(alive) do
    if stop == session.current then return { current = i, total = #alive } end
  end
  return { current = 0, total = #alive }
end

--- Draws all stops anew: their colours, which of them takes in what is typed, the `2/5`.
---@param session promptstack.Session
function M.draw(session)
  local count = M.count(session)
  local role = session.current and 'before' or 'after' ---@type promptstack.StopRole
  for _, stop in ipairs(session.stops) do
    local span = stops.span(session.buf, stop)
    if stop == session.current then
      local label = ('%d/%d %s'):format(count.current, count.total, stop.name)
      if session.hint then label = label .. session.hint end
      if span then stops.place(session.buf, stop, span, 'current', label) end
      role = 'after'
    elseif span then
      stops.place(session.buf, stop, span, role)
    end
  end
end

--- Makes a stop the current one.
---@param session promptstack.Session
---@param stop? promptstack.SessionStop
function M.activate(session, stop)
  local old = session.current
  if old and old ~= stop then
    links.remember(session, old)
    session.hint = nil
  end
  session.current = stop
  M.sort(session)
  M.draw(session)
end

--- The stop under the cursor in normal mode.
---@param session promptstack.Session
---@param row integer
---@param col integer
---@return promptstack.SessionStop?
function M.at(session, row, col)
  for _, stop in ipairs(M.alive(session)) do
    local span = assert(stops.span(session.buf, stop))
    if stops.touches(span, row, col) and stops.precedes(row, col, span.end_row, span.end_col) then
      return stop
    end
  end
end

---@param session promptstack.Session
local function all_filled(session)
  for _, stop in ipairs(M.alive(session)) do
    if not stops.is_filled(session.buf, stop) then return false end
  end
  return true
end

---@param session promptstack.Session
local function has_text(session)
  for _, stop in ipairs(session.stops) do
    local span = stops.span(session.buf, stop)
    if span and not stops.is_empty(span) then return true end
  end
  return false
end

--- Whether all that changed is the current stop, which was filled and is: nothing that is drawn changes then.
---@param session promptstack.Session
---@param touched table<integer, true>
---@return boolean
local function typed_on(session, touched)
  local stop = session.current
  if not (stop and stop.id and stop.filled) then return false end
  return vim.tbl_count(touched) == 1 and touched[stop.id] == true and stops.is_filled(session.buf, stop)
end

--- Looks at what changed: indents, linked stops, colours, and whether the session is over.
---@param session promptstack.Session
---@param now? boolean without waiting for the completion menu to close
function M.settle(session, now)
  if sessions[session.buf] ~= session or not session.pending then return end
  -- Text that moves below an open completion menu would misplace what it completes.
  if not now and vim.fn.pumvisible() == 1 then return end
  session.pending = false
  local touched, outside = session.touched, session.outside
  session.touched, session.outside = {}, false
  if not vim.api.nvim_buf_is_loaded(session.buf) then return M.finish(session.buf) end
  for stop in pairs(session.left) do
    links.remember(session, stop)
  end
  session.left = {}
  links.indent(session)
  links.follow(session, touched)
  local span = session.current and stops.span(session.buf, session.current)
  -- Whoever clears every namespace takes the stop away.
  if not span then session.current = nil end
  local empty_now = span and stops.is_empty(span)
  if not has_text(session) and not (empty_now and vim.api.nvim_get_mode().mode:match('^[iR]')) then
    return M.finish(session.buf)
  end
  if outside and all_filled(session) then return M.finish(session.buf) end
  if outside or not typed_on(session, touched) then M.draw(session) end
end

---@param session promptstack.Session
function M.settle_soon(session)
  if session.pending then return end
  session.pending = true
  vim.schedule(function()
    M.settle(session)
  end)
end

--- The buffer's session, begun where there is none.
---@param buf integer
---@return promptstack.Session
function M.begin(buf)
  local session = sessions[buf]
  if session then return session end
  ---@type promptstack.Session
  session = {
    buf = buf,
    stops = {},
    group = vim.api.nvim_create_augroup('promptstack.session.' .. buf, {}),
    borrowed = {},
    copies = {},
    own = false,
    pending = false,
    touched = {},
    left = {},
    outside = false,
    indents = {},
    landed = 0,
  }
  sessions[buf] = session
  require('promptstack.placeholder.watch').start(session)
  keys.borrow(session)
  return session
end

--- A stop that may be filled already.
---@class promptstack.PlacedStop: promptstack.Stop
---@field source? string the placeholder as it was written, where other text stands in its place
---@field finish_row? integer

--- Takes placeholders of the buffer into the session; those that it already has are left as they are.
---@param session promptstack.Session
---@param found promptstack.PlacedStop[]
---@param row integer where their text begins
---@param col integer
---@return promptstack.SessionStop[] added
function M.add(session, found, row, col)
  local known = {}
  for _, stop in ipairs(session.stops) do
    local span = stops.span(session.buf, stop)
    if span then known[('%d:%d'):format(span.row, span.col)] = true end
  end
  local added = {}
  for _, stop in ipairs(found) do
    local finish_row = stop.finish_row or stop.row
    local span = {
      row = row + stop.row,
      col = stop.start + (stop.row == 0 and col or 0),
      end_row = row + finish_row,
      end_col = stop.finish + (finish_row == 0 and col or 0),
    }
    if not known[('%d:%d'):format(span.row, span.col)] then
      ---@type promptstack.SessionStop
      local new = {
        key = stop.kind .. ':' .. stop.name,
        kind = stop.kind,
        name = stop.name,
        source = stop.source or stops.text_at(session.buf, span)[1],
        default = stop.default,
        options = stop.options,
        kept = false,
        grows = false,
        filled = false,
      }
      stops.place(session.buf, new, span, 'after')
      table.insert(session.stops, new)
      table.insert(added, new)
    end
  end
  M.sort(session)
  M.draw(session)
  return added
end

local end_listeners = {} ---@type fun(buf: integer)[]

--- Calls back before a session ends, while its stops are still known.
---@param listener fun(buf: integer)
function M.before_end(listener)
  table.insert(end_listeners, listener)
end

--- Ends the session: its keys go back, its colours go.
---@param buf integer
function M.finish(buf)
  local session = sessions[buf]
  if not session then return end
  if session.current and vim.api.nvim_buf_is_loaded(buf) then links.remember(session, session.current) end
  if vim.api.nvim_buf_is_loaded(buf) then
    for _, listener in ipairs(end_listeners) do
      listener(buf)
    end
  end
  sessions[buf] = nil
  pcall(vim.api.nvim_del_augroup_by_id, session.group)
  if session.menu then session.menu:close() end
  keys.give_back(session)
  if vim.api.nvim_buf_is_valid(buf) then vim.api.nvim_buf_clear_namespace(buf, marks.session, 0, -1) end
end

return M
