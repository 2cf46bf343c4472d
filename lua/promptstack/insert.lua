--- Puts a prompt's text into a buffer and starts filling it.
local notify = require('promptstack.notify')
local stops = require('promptstack.placeholder.stops')

local M = {}

---@class promptstack.InsertOpts
---@field new_line? boolean on a line of its own below the cursor's
---@field selection? string[] fills the placeholder named `selection` or `input`
---@field terminal? boolean the person came from terminal mode, and goes back to it

--- Where charwise text goes: in insert mode to the cursor; in normal mode before the character under it, but behind
--- the last one of a line, where a person who has just typed stands.
---@return integer row, integer col
function M.place()
  local cursor = vim.api.nvim_win_get_cursor(0)
  local row, col = cursor[1] - 1, cursor[2]
  local line = vim.api.nvim_get_current_line()
  -- Right after a picker that runs in a terminal the mode may still be that terminal's.
  local typing = vim.api.nvim_get_mode().mode:match('^[iRs]') ~= nil
  if not typing and col > 0 and col + vim.str_utf_end(line, col + 1) + 1 >= #line then col = #line end
  return row, math.min(col, #line)
end

--- Fills the stop that is named `selection` or `input`.
---@param reply promptstack.InsertReply
---@param selection string[]
---@return promptstack.InsertReply reply its stops are `promptstack.PlacedStop`s
---@return boolean filled
local function with_selection(reply, selection)
  local target ---@type promptstack.Stop?
  for _, stop in ipairs(reply.stops) do
    if stop.kind ~= 'choice' and (stop.name == 'selection' or stop.name == 'input') then
      target = stop
      break
    end
  end
  if not target then return reply, false end
  local lines = vim.deepcopy(reply.lines)
  local line = assert(lines[target.row + 1])
  local text = stops.indented(selection, line:sub(1, target.start):match('^[ \t]*') or '')
  local last = #text
  text[1] = line:sub(1, target.start) .. text[1]
  local last_col = #assert(text[last])
  text[last] = text[last] .. line:sub(target.finish + 1)
  table.remove(lines, target.row + 1)
  for i = last, 1, -1 do
    table.insert(lines, target.row + 1, text[i])
  end
  local moved = {} ---@type promptstack.PlacedStop[]
  for _, stop in ipairs(reply.stops) do
    local copy = vim.deepcopy(stop) ---@type promptstack.PlacedStop
    if stop.row > target.row then
      copy.row = stop.row + last - 1
    elseif stop.row == target.row and stop.start > target.start then
      local shift = last_col - target.finish
      copy.row = stop.row + last - 1
      copy.start = stop.start + shift
      copy.finish = stop.finish + shift
    end
    -- The filled one stays a stop; the session is told what it was.
    if stop == target then
      copy.source = line:sub(target.start + 1, target.finish)
      copy.finish_row, copy.finish = target.row + last - 1, last_col
    end
    moved[#moved + 1] = copy
  end
  return { id = reply.id, lines = lines, stops = moved, hash = reply.hash }, true
end

--- Inserts a prompt at the cursor of the current window, in one undo step, and jumps to its first placeholder.
---@param reply promptstack.InsertReply
---@param opts? promptstack.InsertOpts
function M.put(reply, opts)
  opts = opts or {}
  local buf = vim.api.nvim_get_current_buf()
  if opts.selection then
    local filled
    reply, filled = with_selection(reply, opts.selection)
    if not filled then
      notify.warn(
        ("'%s' has no placeholder named selection or input; the selection is not in it"):format(reply.id)
      )
    end
  end
  if vim.bo[buf].buftype == 'terminal' then
    return require('promptstack.insert.terminal').open(reply, opts.terminal)
  end
  if not vim.bo[buf].modifiable then
    vim.fn.setreg('"', reply.lines)
    notify.warn(("this buffer can't be modified; '%s' was copied to register \""):format(reply.id))
    return
  end
  local links = require('promptstack.placeholder.links')
  local sessions = require('promptstack.placeholder.session')
  local row, col = M.place()
  local session = sessions.get(buf)
  -- Our own insertion is not the change outside of all stops that would end the session.
  if session then
    sessions.settle(session, true)
    -- Where it is inserted at the edge of the current stop, the text is no part of that stop's value.
    sessions.activate(session, nil)
    session.own = true
  end
  links.break_undo(buf)
  local ok, message
  if opts.new_line and vim.api.nvim_get_current_line() ~= '' then
    row, col = row + 1, 0
    ok, message = pcall(vim.api.nvim_buf_set_lines, buf, row, row, true, reply.lines)
  else
    ok, message = pcall(vim.api.nvim_buf_set_text, buf, row, col, row, col, reply.lines)
  end
  if session then session.own = false end
  if not ok then
    local text = ("'%s' can't be inserted: %s"):format(reply.id, message)
    return notify.error({ kind = 'conflict', message = text })
  end
  local composition = package.loaded['promptstack.composition']
  if composition then composition.inserted(buf, reply) end
  M.begin(buf, reply, row, col)
end

--- Inserts the prompt with an id at the cursor of the current window.
---@param id string
---@param opts? promptstack.InsertOpts
function M.by_id(id, opts)
  local moment = require('promptstack.ui.moment')
  local asked = moment.now()
  require('promptstack.ui.waiting').during('reading ' .. id, function(on_reply)
    return require('promptstack.rpc.contract').library_insert({ id = id }, on_reply)
  end, function(err, reply)
    if err then return notify.error(err) end
    local changed = moment.changed(asked)
    if changed then
      return notify.warn(("'%s' is not inserted: %s meanwhile (run it again)"):format(id, changed))
    end
    M.put(reply, vim.tbl_extend('keep', opts or {}, { terminal = asked.mode == 't' }))
  end)
end

--- Starts or extends the session for text that has just come into a buffer.
---@param buf integer
---@param reply promptstack.InsertReply
---@param row integer
---@param col integer
function M.begin(buf, reply, row, col)
  local jump = require('promptstack.placeholder.jump')
  local links = require('promptstack.placeholder.links')
  local sessions = require('promptstack.placeholder.session')
  if #reply.stops > 0 then
    local session = sessions.begin(buf)
    local added = sessions.add(session, reply.stops, row, col)
    links.adopt(session, added)
    sessions.draw(session)
    for _, stop in ipairs(added) do
      if not stops.is_filled(buf, stop) then return jump.go(session, stop) end
    end
  end
  local last = row + #reply.lines - 1
  jump.behind(buf, last, (#reply.lines == 1 and col or 0) + #reply.lines[#reply.lines])
end

return M
