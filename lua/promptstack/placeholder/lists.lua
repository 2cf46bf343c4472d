--- List placeholders: their editor, and their bullets in the text.
local links = require('promptstack.placeholder.links')
local rpc = require('promptstack.rpc.contract')
local stops = require('promptstack.placeholder.stops')

local M = {}

--- A host that has not rendered a list by then is not waited for.
local TIMEOUT_MS = 3000

--- The items of a filled list, read from its bullets.
---@param session promptstack.Session
---@param stop promptstack.SessionStop
---@return string[]
function M.items(session, stop)
  if not stops.is_filled(session.buf, stop) then return {} end
  local items = {}
  for _, line in ipairs(stops.value(session.buf, stop)) do
    items[#items + 1] = vim.trim(line:gsub('^%s*[-*]%s', '', 1))
  end
  return items
end

--- The text before and after a stop on its lines.
---@param buf integer
---@param span promptstack.Span
---@return string before, string after
local function around(buf, span)
  local first = vim.api.nvim_buf_get_lines(buf, span.row, span.row + 1, true)[1]
  local last = vim.api.nvim_buf_get_lines(buf, span.end_row, span.end_row + 1, true)[1]
  return first:sub(1, span.col), last:sub(span.end_col + 1)
end

--- Puts the rendered lines in by touching only the stop and the blanks beside it: other stops on the line live on.
---@param session promptstack.Session
---@param stop promptstack.SessionStop
---@param reply promptstack.FillListReply
---@param before string
---@param after string
local function apply(session, stop, reply, before, after)
  local span = assert(stops.span(session.buf, stop))
  local region = vim.deepcopy(span)
  local lines = vim.list_slice(reply.lines, reply.first + 1, reply.first + reply.count)
  local new = { row = span.row, end_row = 0, col = 0, end_col = #lines[#lines] }
  if reply.first > 0 then
    -- In mid-line: what stands before keeps its line, without the blanks at its end.
    region.col = #reply.lines[1]
    table.insert(lines, 1, '')
    new.row = span.row + 1
    new.col = #lines[2]:match('^[ \t]*')
  else
    lines[1] = lines[1]:sub(#before + 1)
    new.col = #before
    if #lines == 1 then new.end_col = #before + #lines[1] end
  end
  new.end_row = new.row + reply.count - 1
  if reply.first + reply.count < #reply.lines then
    local rest = after:gsub('^%s+', '')
    region.end_col = region.end_col + #after - #rest
    local follows = reply.lines[#reply.lines]
    lines[#lines + 1] = follows:sub(1, #follows - #rest)
  else
    region.end_col = region.end_col + #after
  end
  links.splice(session, region, lines, stop, new)
end

--- Fills a list, and the unfilled ones that are linked with it.
---@param session promptstack.Session
---@param stop promptstack.SessionStop
---@param items string[]
---@param join boolean whether it belongs to the last undo block
---@param done fun(err: promptstack.WireError?)
---@param cancelled? fun(): boolean
function M.fill(session, stop, items, join, done, cancelled)
  local buf = session.buf
  local sessions = require('promptstack.placeholder.session')
  local function gone()
    if sessions.get(buf) == session and vim.api.nvim_buf_is_loaded(buf) and stops.span(buf, stop) then
      return nil
    end
    return { kind = 'not_found', message = 'its placeholder is gone', hint = 'yank what you need, q closes' }
  end
  if gone() then return done(gone()) end
  local before, after = around(buf, assert(stops.span(buf, stop)))
  rpc.placeholder_fill_list({ before = before, after = after, items = items }, function(err, reply)
    if cancelled and cancelled() then return end
    err = err or gone()
    if err then return done(err) end
    local now_before, now_after = around(buf, assert(stops.span(buf, stop)))
    if now_before ~= before or now_after ~= after then
      return M.fill(session, stop, items, join, done, cancelled)
    end
    if not vim.bo[buf].modifiable then
      return done({ kind = 'conflict', message = "the buffer can't be modified now" })
    end
    if not (join and links.join(buf)) then links.break_undo(buf) end
    apply(session, stop, reply, before, after)
    for _, other in ipairs(session.stops) do
      if other ~= stop and other.key == stop.key and not stops.is_filled(buf, other) then
        return M.fill(session, other, items, true, done)
      end
    end
    links.follow(session, { [stop.id] = true })
    links.remember(session, stop)
    sessions.draw(session)
    done(nil)
  end, { timeout = TIMEOUT_MS })
end

--- Opens the list editor of a stop.
---@param session promptstack.Session
---@param stop promptstack.SessionStop
---@param inserting boolean whether the jump began in insert mode, where the person is brought back to
function M.edit(session, stop, inserting)
  local jump = require('promptstack.placeholder.jump')
  local win = vim.api.nvim_get_current_win()
  require('promptstack.ui.list').open({
    title = stop.name,
    items = M.items(session, stop),
    insert = inserting,
    write = function(items, done, cancelled)
      -- Nothing written is nothing changed.
      if #items == 0 then return done(nil) end
      M.fill(session, stop, items, false, done, cancelled)
    end,
    closed = function(written)
      if not vim.api.nvim_win_is_valid(win) or vim.api.nvim_win_get_buf(win) ~= session.buf then return end
      vim.api.nvim_set_current_win(win)
      local span = stops.span(session.buf, stop)
      if not span then return end
      if written and inserting then
        jump.insert_at(span.end_row, span.end_col)
      else
        vim.api.nvim_win_set_cursor(win, { span.row + 1, span.col })
      end
    end,
  })
end

return M
