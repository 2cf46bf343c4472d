--- From stop to stop: the landing, and what `i`, `a` and `<CR>` do on a stop.
---
--- No request to the host stands in the way of a jump.
local keys = require('promptstack.placeholder.keys')
local stops = require('promptstack.placeholder.stops')

local M = {}

---@return table
local function sessions()
  return require('promptstack.placeholder.session')
end

---@param mode string
---@return boolean
local function inserts(mode)
  return mode:match('^[iRsS\19]') ~= nil
end

--- Jumps forwards (1), backwards (-1) or to a given stop, from whatever mode.
---@param session promptstack.Session
---@param step -1|1|promptstack.SessionStop
---@param menu? boolean whether Neovim's completion menu is to be closed
function M.go(session, step, menu)
  local mode = vim.api.nvim_get_mode().mode
  local by = 0 ---@type -1|0|1
  if type(step) == 'table' then
    session.goal = step
  else
    by = step
  end
  if not inserts(mode) and not mode:match('^[vV\22]') then return M.land(session, by, false) end
  -- Insert mode is left before the cursor moves: a cursor moved by the API in insert mode corrupts undo. The keys go
  -- before what waits to be typed, so that text typed behind the <Tab> in one go arrives in the stop.
  local after = ("<Cmd>lua require('promptstack.placeholder.jump').resume(%d, %d, %s)<CR>"):format(
    session.buf,
    by,
    inserts(mode)
  )
  keys.feed((menu and '<C-e>' or '') .. '<Esc>' .. after)
end

--- The second half of a jump that began in insert mode.
---@param buf integer
---@param step -1|0|1
---@param inserting boolean
function M.resume(buf, step, inserting)
  local session = sessions().get(buf)
  if session and vim.api.nvim_get_current_buf() == buf then M.land(session, step, inserting) end
end

---@param session promptstack.Session
---@param step -1|0|1
---@param inserting boolean
---@return promptstack.SessionStop?
local function target(session, step, inserting)
  sessions().sort(session)
  local alive = sessions().alive(session)
  local cursor = vim.api.nvim_win_get_cursor(0)
  local row, col = cursor[1] - 1, cursor[2]
  if step == 0 then return session.goal end
  -- From the stop in which the cursor stands, else from the current one, else from the cursor.
  local from = session.current
  local under = session.current and sessions().at(session, row, col)
  -- Leaving insert mode has moved the cursor, and the stop in which one typed is the current one.
  if under and not inserting then from = under end
  for i, stop in ipairs(alive) do
    if stop == from then return alive[(i - 1 + step) % #alive + 1] end
  end
  local best
  for _, stop in ipairs(alive) do
    local span = assert(stops.span(session.buf, stop))
    if step == 1 and not best and stops.precedes(row, col, span.end_row, span.end_col) then best = stop end
    if step == -1 and stops.precedes(span.row, span.col, row, col) then best = stop end
  end
  return best or alive[step == 1 and 1 or #alive]
end

--- Puts the cursor on a place, which in visual mode may be the line's end.
---@param row integer
---@param col integer
local function put_cursor(row, col)
  vim.api.nvim_win_set_cursor(0, { row + 1, col })
end

--- Starts visual mode over a span that is not empty.
---@param span promptstack.Span
local function visual(span)
  local row, col = span.end_row, span.end_col
  if vim.o.selection ~= 'exclusive' then
    if col == 0 then
      row = row - 1
      col = #(vim.api.nvim_buf_get_lines(0, row, row + 1, false)[1] or '')
    else
      local line = vim.api.nvim_buf_get_lines(0, row, row + 1, false)[1]
      col = col - 1
      col = col + vim.str_utf_start(line, col + 1)
    end
  end
  put_cursor(span.row, span.col)
  vim.cmd('normal! v')
  put_cursor(row, col)
end

--- Makes insert mode begin at a place, from normal mode.
---@param row integer
---@param col integer
function M.insert_at(row, col)
  local line = vim.api.nvim_buf_get_lines(0, row, row + 1, false)[1] or ''
  put_cursor(row, col)
  keys.feed(col >= #line and '<Cmd>startinsert!<CR>' or '<Cmd>startinsert<CR>')
end

--- Puts the cursor behind a place, in the mode that is on.
---@param buf integer
---@param row integer
---@param col integer
function M.behind(buf, row, col)
  if inserts(vim.api.nvim_get_mode().mode) then
    local code = "<Esc><Cmd>lua require('promptstack.placeholder.jump').insert_at(%d, %d)<CR>"
    return keys.feed(code:format(row, col))
  end
  local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1] or ''
  if col > 0 then col = col - 1 + vim.str_utf_start(line, col) end
  put_cursor(row, col)
end

--- Jumps, from normal mode.
---@param session promptstack.Session
---@param step -1|0|1
---@param inserting boolean whether the jump began in insert mode
function M.land(session, step, inserting)
  if sessions().get(session.buf) ~= session then return end
  sessions().settle(session, true)
  local stop = target(session, step, inserting)
  if sessions().get(session.buf) ~= session then return end
  if not (stop and stops.span(session.buf, stop)) then
    if #sessions().alive(session) == 0 then sessions().finish(session.buf) end
    return
  end
  M.to(session, stop, inserting)
end

--- Lands on a stop, from normal mode.
---@param session promptstack.Session
---@param stop promptstack.SessionStop
---@param inserting boolean
function M.to(session, stop, inserting)
  local span = stops.span(session.buf, stop)
  if not span then return end
  session.landed = session.landed + 1
  if not session.current then
    session.hint = inserting and ' · <Tab> next' or ' · i fills · <Tab> (<C-i> too) next'
  end
  local offer = require('promptstack.placeholder.offer')
  offer.close(session)
  session.values = nil
  sessions().activate(session, stop)
  put_cursor(span.row, span.col)
  vim.cmd('normal! zv')
  if not inserting then
    offer.show(session, stop, false)
    return
  end
  if stop.kind == 'list' then return require('promptstack.placeholder.lists').edit(session, stop, true) end
  if stops.is_empty(span) then return M.insert_at(span.row, span.col) end
  visual(span)
  -- Select mode with the black hole as its register: what is typed replaces, and no register changes.
  vim.cmd('normal! o\7\18_')
  offer.show(session, stop, true)
end

--- Whether select mode stands over the current stop.
---@param session promptstack.Session
---@return boolean
function M.selects(session)
  local span = session.current and stops.span(session.buf, session.current)
  if not span then return false end
  local from, to = vim.fn.getpos('v'), vim.fn.getpos('.')
  local cursor_in = stops.touches(span, to[2] - 1, to[3] - 1)
  return cursor_in and stops.touches(span, from[2] - 1, from[3] - 1)
end

--- The stop under the cursor if it is the highlighted one.
---@param session promptstack.Session
---@return promptstack.SessionStop?
local function under_cursor(session)
  local stop = session.current
  local span = stop and stops.span(session.buf, stop)
  local cursor = vim.api.nvim_win_get_cursor(0)
  if span and not stops.is_empty(span) and stops.touches(span, cursor[1] - 1, cursor[2]) then
    local at_end = cursor[1] - 1 == span.end_row and cursor[2] == span.end_col
    if not at_end then return stop end
  end
end

--- What `i` and `a` do on the highlighted unfilled stop: its text is replaced, its list or its choices open.
---@param session promptstack.Session
---@return boolean acted false where they are to mean what they always mean
function M.fill(session)
  local stop = under_cursor(session)
  if vim.v.count > 0 or not stop or stops.is_filled(session.buf, stop) then return false end
  if stop.kind ~= 'text' then return M.open(session) end
  visual(assert(stops.span(session.buf, stop)))
  keys.feed('"_c')
  return true
end

--- Opens the list or the choices of the stop under the cursor.
---@param session promptstack.Session
---@return boolean opened
function M.open(session)
  local stop = under_cursor(session)
  if not stop then return false end
  if stop.kind == 'list' then
    require('promptstack.placeholder.lists').edit(session, stop, false)
    return true
  end
  return require('promptstack.placeholder.offer').ask(session, stop)
end

return M
