--- Watches a session's buffer: which stop a change is in, and the events that a session lives by.
local keys = require('promptstack.placeholder.keys')
local links = require('promptstack.placeholder.links')
local stops = require('promptstack.placeholder.stops')

local M = {}

---@return table
local function sessions()
  return require('promptstack.placeholder.session')
end

--- Makes a stop into which one types the current one, before the text that comes has moved anything.
---@param session promptstack.Session
---@param stop promptstack.SessionStop
local function take_over(session, stop)
  local old = session.current
  session.current, session.hint = stop, nil
  if old then
    session.left[old] = true
    local span = stops.span(session.buf, old)
    if span then stops.place(session.buf, old, span, 'before', nil, old.filled) end
  end
  stops.place(session.buf, stop, assert(stops.span(session.buf, stop)), 'current', nil, true)
end

--- Notes a change. Runs before Neovim moves the extmarks, so spans are still those of the text before it.
---@param session promptstack.Session
---@param row integer
---@param col integer
---@param old_row integer
---@param old_col integer
---@param new_row integer
---@param new_col integer
local function on_bytes(session, row, col, old_row, old_col, new_row, new_col)
  local buf = session.buf
  local end_row, end_col = row + old_row, old_row == 0 and col + old_col or old_col
  local inserts = old_row == 0 and old_col == 0
  if inserts and new_row == 0 and new_col == 0 then return end
  for _, line in ipairs(session.indents) do
    if line.row > row then line.row = line.row + new_row - old_row end
  end
  local typing = vim.api.nvim_get_mode().mode:match('^[iR]') ~= nil
  local region = { row = row, col = col, end_row = end_row, end_col = end_col } ---@type promptstack.Span
  local inside, at_edge ---@type promptstack.SessionStop?, promptstack.SessionStop?
  for _, stop in ipairs(session.stops) do
    local span = stops.span(buf, stop)
    if span and stops.touches(span, row, col) and stops.touches(span, end_row, end_col) then
      local beside = inserts and not stops.is_empty(span) and stops.is_edge(span, row, col)
      if stop == session.current and (not beside or stop.grows) then
        inside = stop
      elseif not beside and (not inside or inside ~= session.current) then
        inside = stop
      elseif beside and typing and stop.filled then
        -- One goes on with a value; beside a placeholder one does not.
        at_edge = stop
      end
    elseif span and stops.touches(region, span.row, span.col) then
      -- Deleted with what surrounds it, should it be empty now.
      stop.kept = false
    end
  end
  inside = inside or at_edge
  if inside then
    if typing and inside ~= session.current then take_over(session, inside) end
    inside.kept = true
    inside.grows = inside == session.current
    session.touched[inside.id] = true
    if new_row > 0 then links.note_lines(session, inside, row, col, new_row, new_col) end
  else
    session.outside = true
  end
  sessions().settle_soon(session)
end

--- Attaches to the session's buffer; what is attached goes with the session.
---@param session promptstack.Session
function M.start(session)
  local buf = session.buf
  vim.api.nvim_buf_attach(buf, false, {
    on_bytes = function(_, _, _, row, col, _, old_row, old_col, _, new_row, new_col)
      if sessions().get(buf) ~= session then return true end
      if not session.own then on_bytes(session, row, col, old_row, old_col, new_row, new_col) end
    end,
    on_reload = function()
      -- The file was read anew: no stop is where it was.
      vim.schedule(function()
        if sessions().get(buf) == session then sessions().finish(buf) end
      end)
    end,
    on_detach = function()
      vim.schedule(function()
        if sessions().get(buf) == session then sessions().finish(buf) end
      end)
    end,
  })
  local function on(event, callback)
    vim.api.nvim_create_autocmd(event, { group = session.group, buffer = buf, callback = callback })
  end
  on('InsertEnter', function()
    keys.retake(session)
    -- Others set their maps at InsertEnter too, some of them a moment later.
    vim.schedule(function()
      if sessions().get(buf) == session then keys.retake(session) end
    end)
  end)
  on('InsertLeave', function()
    -- At once: what was typed and ended in one go has not been followed yet, as callbacks wait for typeahead.
    session.pending = true
    sessions().settle(session, true)
  end)
  vim.api.nvim_create_autocmd('ModeChanged', {
    group = session.group,
    pattern = 's:*',
    callback = function()
      if session.menu then require('promptstack.placeholder.offer').close(session) end
    end,
  })
  on('TextChangedI', function()
    require('promptstack.placeholder.offer').complete(session)
  end)
  on('CompleteDone', function()
    if session.pending then vim.schedule(function()
      sessions().settle(session)
    end) end
  end)
  vim.api.nvim_create_autocmd('BufEnter', {
    group = session.group,
    callback = function()
      -- A moment later: the command-line window and plugins' panels become no files only after they were entered.
      vim.schedule(function()
        local here = vim.api.nvim_get_current_buf()
        local kind = vim.bo[here].buftype
        if sessions().get(buf) == session and here ~= buf and (kind == '' or kind == 'acwrite') then
          sessions().finish(buf)
        end
      end)
    end,
  })
end

return M
