--- All placeholders of a buffer as one form.
local form = require('promptstack.ui.form')
local links = require('promptstack.placeholder.links')
local lists = require('promptstack.placeholder.lists')
local notify = require('promptstack.notify')
local stops = require('promptstack.placeholder.stops')

local M = {}

---@param session promptstack.Session
---@return promptstack.SessionStop[] the first stop of each `type:name`; a filled one where there is one
local function named(session)
  local at, out = {}, {}
  for _, stop in ipairs(require('promptstack.placeholder.session').alive(session)) do
    local i = at[stop.key]
    if not i then
      out[#out + 1] = stop
      at[stop.key] = #out
    elseif not stops.is_filled(session.buf, out[i]) and stops.is_filled(session.buf, stop) then
      out[i] = stop
    end
  end
  return out
end

---@param session promptstack.Session
---@param stop promptstack.SessionStop
---@return promptstack.FormField
local function field(session, stop)
  local hint = stop.kind == 'list' and 'an item a line' or ''
  if stop.default then hint = '= ' .. stop.default end
  if stop.kind == 'choice' then hint = table.concat(stop.options, ' | ') end
  local lines = { '' }
  if stop.kind == 'list' then
    lines = lists.items(session, stop)
    if #lines == 0 then lines = { '' } end
  elseif stops.is_filled(session.buf, stop) then
    lines = stops.value(session.buf, stop)
  end
  return { name = stop.name, note = stop.kind, hint = hint, lines = lines }
end

---@param value string[]
---@return boolean
local function is_blank(value)
  return #value == 1 and value[1] == ''
end

--- Whatever the form would set that is not among a choice's options.
---@param session promptstack.Session
---@param wanted promptstack.SessionStop[]
---@param values string[][]
---@return promptstack.WireError?
local function refusal(session, wanted, values)
  for i, stop in ipairs(wanted) do
    local value = table.concat(values[i], '\n')
    if stop.kind == 'choice' and not is_blank(values[i]) and not vim.tbl_contains(stop.options, value) then
      return {
        kind = 'invalid_input',
        message = ("%s can't be '%s'"):format(stop.name, (value:gsub('\n', ' '))),
        hint = table.concat(stop.options, ', '),
      }
    end
  end
  if not vim.bo[session.buf].modifiable then
    return { kind = 'conflict', message = "the buffer can't be modified now" }
  end
end

--- Shows the form of a session's stops; what it sets is one undo step.
---@param session promptstack.Session
function M.open(session)
  local sessions = require('promptstack.placeholder.session')
  local buf = session.buf
  local wanted = named(session)
  if #wanted == 0 then return notify.info('no placeholder in this buffer') end
  local fields = vim.tbl_map(function(stop)
    return field(session, stop)
  end, wanted)
  local win = vim.api.nvim_get_current_win()

  ---@param values string[][]
  ---@param done fun(err: promptstack.WireError?)
  local function apply(values, done)
    if sessions.get(buf) ~= session then
      return done({
        kind = 'not_found',
        message = 'the placeholders are gone',
        hint = 'yank what you need, q closes',
      })
    end
    local err = refusal(session, wanted, values)
    if err then return done(err) end
    local todo, changed = {}, false
    for i, stop in ipairs(wanted) do
      local value = assert(values[i])
      -- Left alone, it yields its default.
      if is_blank(value) and not stops.is_filled(buf, stop) then value = { stop.default or '' } end
      local same = vim.deep_equal(value, fields[i].lines)
      if stop.kind == 'list' then
        if not same and not is_blank(value) then todo[#todo + 1] = { stop, value } end
      elseif not same and not (is_blank(value) and not stops.is_filled(buf, stop)) then
        if not changed then links.break_undo(buf) end
        if changed then links.join(buf) end
        changed = true
        links.write(session, stop, value)
        links.follow(session, { [stop.id] = true })
        links.remember(session, stop)
      end
    end
    -- How a list stands depends on its line, so lists come last and one after the other.
    local function next_list(failed)
      local entry = table.remove(todo, 1)
      if failed or not entry then
        if sessions.get(buf) == session then sessions.draw(session) end
        return done(failed)
      end
      lists.fill(session, entry[1], entry[2], changed, function(problem)
        changed = true
        next_list(problem)
      end)
    end
    next_list()
  end

  form.open({
    title = ('Fill · %d placeholder%s'):format(#wanted, #wanted == 1 and '' or 's'),
    fields = fields,
    apply = apply,
    closed = function()
      if vim.api.nvim_win_is_valid(win) then vim.api.nvim_set_current_win(win) end
    end,
  })
end

return M
