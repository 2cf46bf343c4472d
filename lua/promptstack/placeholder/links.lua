--- Changes that a session makes to the text by itself: linked stops follow, new lines take the indent.
---
--- Each joins the undo block of the change that caused it, so that one `u` takes both back.
local rpc = require('promptstack.rpc.contract')
local stops = require('promptstack.placeholder.stops')

local M = {}

--- Makes the next change part of the last undo block. Right after an undo that is refused, and then nothing is to
--- be done either: what undo brought back was consistent.
---@param buf integer
---@return boolean
function M.join(buf)
  return vim.api.nvim_buf_call(buf, function()
    return (pcall(vim.cmd.undojoin))
  end)
end

--- Ends the undo block, so that the next change is undone alone.
---@param buf integer
function M.break_undo(buf)
  -- Setting it, to whatever value, is the documented way to do so.
  vim.bo[buf].undolevels = vim.bo[buf].undolevels
end

--- Where a position goes when `lines` replace `region`.
---@param region promptstack.Span
---@param lines string[]
---@param row integer
---@param col integer
---@param stays boolean at a point where text is inserted, the position stays before it
---@return integer row, integer col
local function moved(region, lines, row, col, stays)
  if stops.precedes(row, col, region.row, region.col) then return row, col end
  local at_start = row == region.row and col == region.col
  if at_start and (stays or not stops.is_empty(region)) then return row, col end
  if stops.precedes(row, col, region.end_row, region.end_col) then return region.row, region.col end
  local last = region.row + #lines - 1
  local last_col = (#lines == 1 and region.col or 0) + #lines[#lines]
  if row > region.end_row then return row + last - region.end_row, col end
  return last, last_col + col - region.end_col
end

--- Replaces a region of the text and puts every stop where it then belongs.
---
--- Extmarks alone would not do: an edge that meets the region could go either way.
---@param session promptstack.Session
---@param region promptstack.Span
---@param lines string[]
---@param owner promptstack.SessionStop the stop that the region is in
---@param span? promptstack.Span what the owner covers afterwards, where that is not the region's new text
function M.splice(session, region, lines, owner, span)
  local buf = session.buf
  local after, passed, current_passed = {}, false, false
  for i, stop in ipairs(session.stops) do
    local old = stops.span(buf, stop)
    if stop == owner then passed = true end
    if old then
      local new = {}
      new.row, new.col = moved(region, lines, old.row, old.col, stop == owner or not passed)
      new.end_row, new.end_col = moved(region, lines, old.end_row, old.end_col, stop ~= owner and not passed)
      if stop == owner and span then new = span end
      local role = stop == session.current and 'current' or current_passed and 'after' or 'before'
      after[i] = { stop = stop, span = new, role = session.current and role or 'after' }
    end
    if stop == session.current then current_passed = true end
  end
  session.own = true
  local ok, message =
    pcall(vim.api.nvim_buf_set_text, buf, region.row, region.col, region.end_row, region.end_col, lines)
  session.own = false
  if not ok then error(message, 0) end
  for _, entry in pairs(after) do
    stops.place(buf, entry.stop, entry.span, entry.role)
  end
end

--- Fills a stop.
---@param session promptstack.Session
---@param stop promptstack.SessionStop
---@param value string[] lines without indent
function M.write(session, stop, value)
  local span = stops.span(session.buf, stop)
  if not span then return end
  stop.kept = true
  M.splice(session, span, stops.indented(value, stops.indent(session.buf, span)), stop)
end

---@param session promptstack.Session
---@param leader promptstack.SessionStop
---@param may_write fun(): boolean
local function lead(session, leader, may_write)
  if not stops.is_filled(session.buf, leader) then return end
  local value = stops.value(session.buf, leader)
  for _, stop in ipairs(session.stops) do
    -- An unfilled list gets its bullets from the list editor: how they stand depends on its line.
    local follows = stop.key == leader.key and (stop.kind ~= 'list' or stops.is_filled(session.buf, stop))
    if stop ~= leader and follows and not vim.deep_equal(stops.value(session.buf, stop), value) then
      if not may_write() then return end
      M.write(session, stop, value)
    end
  end
end

---@param session promptstack.Session
---@return fun(): boolean joins the undo block once, and says whether that was possible
local function joiner(session)
  local joined
  return function()
    if joined == nil then joined = M.join(session.buf) end
    return joined
  end
end

--- Makes the stops linked with the changed ones equal to them.
---@param session promptstack.Session
---@param touched table<integer, true> extmarks
function M.follow(session, touched)
  local may_write = joiner(session)
  local done = {}
  if session.current and touched[session.current.id] then
    done[session.current.key] = true
    lead(session, session.current, may_write)
  end
  for _, stop in ipairs(session.stops) do
    if touched[stop.id] and not done[stop.key] then
      done[stop.key] = true
      lead(session, stop, may_write)
    end
  end
end

--- Gives new stops the value that their name already has.
---@param session promptstack.Session
---@param added promptstack.SessionStop[]
function M.adopt(session, added)
  local is_new, done = {}, {}
  for _, stop in ipairs(added) do
    is_new[stop] = true
  end
  for _, stop in ipairs(session.stops) do
    if not is_new[stop] and not done[stop.key] and stops.is_filled(session.buf, stop) then
      done[stop.key] = true
      lead(session, stop, joiner(session))
    end
  end
end

--- Notes lines that come into a stop; called while the change happens, when nothing may be changed.
---@param session promptstack.Session
---@param stop promptstack.SessionStop
---@param row integer
---@param col integer
---@param new_row integer
---@param new_col integer
function M.note_lines(session, stop, row, col, new_row, new_col)
  local indent = stops.indent(session.buf, assert(stops.span(session.buf, stop)))
  if indent == '' then return end
  local text =
    stops.text_at(session.buf, { row = row, col = col, end_row = row + new_row, end_col = new_col })
  local typed = table.concat(text):match('^%s*$') ~= nil
  local pasted = not typed and vim.api.nvim_get_mode().mode:match('^[iR]') ~= nil
  for at = row + 1, row + new_row do
    table.insert(session.indents, { row = at, indent = indent, pasted = pasted })
  end
end

--- Gives noted lines the indent of their stop.
---@param session promptstack.Session
function M.indent(session)
  local noted = session.indents
  session.indents = {}
  local may_write = joiner(session)
  for _, line in ipairs(noted) do
    local text = vim.api.nvim_buf_get_lines(session.buf, line.row, line.row + 1, false)[1]
    local owner
    for _, stop in ipairs(session.stops) do
      local span = stops.span(session.buf, stop)
      if span and line.row > span.row and line.row <= span.end_row then owner = stop end
    end
    -- 'autoindent' may have done it already. A line that undo brought back has it too.
    if text and owner and (line.pasted or not vim.startswith(text, line.indent)) and may_write() then
      local here = { row = line.row, col = 0, end_row = line.row, end_col = 0 }
      local span = assert(stops.span(session.buf, owner))
      if span.end_row == line.row then span.end_col = span.end_col + #line.indent end
      local win = vim.api.nvim_get_current_win()
      local cursor = vim.api.nvim_win_get_cursor(win)
      M.splice(session, here, { line.indent }, owner, span)
      -- A cursor that stands where text is inserted is left before it.
      local typing = vim.api.nvim_win_get_buf(win) == session.buf
        and vim.api.nvim_get_mode().mode:match('^[iR]')
      if typing and cursor[1] == line.row + 1 and cursor[2] == vim.api.nvim_win_get_cursor(win)[2] then
        vim.api.nvim_win_set_cursor(win, { cursor[1], cursor[2] + #line.indent })
      end
    end
  end
end

--- Tells the host what was filled in, to be offered again.
---@param session promptstack.Session
---@param stop promptstack.SessionStop
function M.remember(session, stop)
  if stop.kind == 'choice' or not stops.is_filled(session.buf, stop) then return end
  local value = table.concat(stops.value(session.buf, stop), '\n')
  if value == '' or value == stop.remembered then return end
  stop.remembered = value
  -- Whether it arrives is of no consequence here.
  rpc.placeholder_remember({ key = stop.key, value = value }, function() end)
end

return M
