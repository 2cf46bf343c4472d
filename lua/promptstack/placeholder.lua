--- Placeholders in a buffer: the session that fills them, and their colours while one types.
local rpc = require('promptstack.rpc.contract')

local M = {}

--- Lines of one message to the host; the contract asks for less than 1 MiB, and a reply should not take long.
local MAX_BYTES = 256 * 1024

---@param buf? integer
---@return integer
local function resolve(buf)
  return (buf == nil or buf == 0) and vim.api.nvim_get_current_buf() or buf
end

---@param buf integer
---@return promptstack.Session?
local function session_of(buf)
  return require('promptstack.placeholder.session').get(buf)
end

--- Reads all placeholders of a buffer; again when the text changed meanwhile.
---@param buf integer
---@param done fun(err: promptstack.WireError?, found: promptstack.Stop[])
---@return fun() cancel
local function scan(buf, done)
  local cancel = function() end
  local tick = vim.api.nvim_buf_get_changedtick(buf)
  local found = {} ---@type promptstack.Stop[]
  local row, count = 0, vim.api.nvim_buf_line_count(buf)
  local function next_part()
    if row >= count then return done(nil, found) end
    local size, lines, rows = 0, {}, {}
    while row < count and size < MAX_BYTES do
      local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1]
      -- A line without braces holds no placeholder, whatever the grammar.
      if line:find('{{', 1, true) and #line < MAX_BYTES then
        lines[#lines + 1], rows[#rows + 1] = line, row
        size = size + #line
      end
      row = row + 1
    end
    if #lines == 0 then return next_part() end
    cancel = rpc.placeholder_parse({ lines = lines }, function(err, reply)
      if not vim.api.nvim_buf_is_loaded(buf) then return end
      if err then return done(err, {}) end
      if vim.api.nvim_buf_get_changedtick(buf) ~= tick then
        cancel = scan(buf, done)
        return
      end
      for _, stop in ipairs(reply.stops) do
        stop.row = rows[stop.row + 1]
        found[#found + 1] = stop
      end
      next_part()
    end)
  end
  next_part()
  return function()
    cancel()
  end
end

--- Starts a session with the placeholders of a buffer, or takes new ones into the one that lives.
---@param buf? integer
---@param done? fun(session: promptstack.Session?) nil where there is no placeholder
function M.start(buf, done)
  buf = resolve(buf)
  done = done or function() end
  local sessions = require('promptstack.placeholder.session')
  require('promptstack.ui.waiting').during('looking for placeholders', function(on_reply)
    return scan(buf, on_reply)
  end, function(err, found)
    if err then
      require('promptstack.notify').error(err)
      return done(sessions.get(buf))
    end
    if #found == 0 and not sessions.get(buf) then
      require('promptstack.notify').info('no placeholder in this buffer')
      return done(nil)
    end
    local session = sessions.begin(buf)
    sessions.add(session, found, 0, 0)
    done(session)
  end)
end

--- Takes the placeholders that were typed since into a session that lives. Nothing jumps: meanwhile one types.
---@param session promptstack.Session
local function take_in(session)
  scan(session.buf, function(err, found)
    if err then return require('promptstack.notify').error(err) end
    if session_of(session.buf) == session then
      require('promptstack.placeholder.session').add(session, found, 0, 0)
    end
  end)
end

---@param step -1|1
local function go(step)
  local buf = resolve()
  local jump = require('promptstack.placeholder.jump')
  local sessions = require('promptstack.placeholder.session')
  local session = sessions.get(buf)
  if session and #sessions.alive(session) > 0 then
    -- Stops that are known wait for no host.
    jump.go(session, step)
    if require('promptstack.host').channel() then take_in(session) end
    return
  end
  local moment = require('promptstack.ui.moment')
  local asked = moment.now()
  M.start(buf, function(started)
    if started and not moment.changed(asked) then jump.go(started, step) end
  end)
end

--- Jumps to the next placeholder, and takes in those that were typed since for the jumps to come; starts a session
--- where there is none.
function M.next()
  go(1)
end

--- Jumps to the previous placeholder; starts a session where there is none.
function M.prev()
  go(-1)
end

--- Ends the session of the current buffer.
function M.done()
  require('promptstack.placeholder.session').finish(resolve())
end

--- Shows all placeholders of the current buffer as one form.
function M.fill()
  local buf = resolve()
  local moment = require('promptstack.ui.moment')
  local asked = moment.now()
  -- The form opens in normal mode, where its <CR> and q are.
  if vim.api.nvim_get_mode().mode:match('^[iRsS]') then
    asked.mode, asked.cursor = 'n', nil
    vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes('<Esc>', true, true, true), 'ni', false)
  end
  M.start(buf, function(session)
    if not session then return end
    local changed = moment.changed(asked)
    if changed then
      local text = 'the form is not opened: %s meanwhile (run it again)'
      return require('promptstack.notify').warn(text:format(changed))
    end
    require('promptstack.placeholder.fill').open(session)
  end)
end

--- Colours a buffer's placeholders while one types.
---@param buf? integer
function M.attach(buf)
  require('promptstack.placeholder.highlight').attach(resolve(buf))
end

--- Where the session of a buffer stands.
---@param buf? integer
---@return { current: integer, total: integer }? nil without a session
function M.status(buf)
  local session = session_of(resolve(buf))
  return session and require('promptstack.placeholder.session').count(session)
end

return M
