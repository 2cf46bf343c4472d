--- What a stop offers: the options of a choice, and the values last used for a name.
---
--- For the help file. A choice shows its options in a small menu as soon as one jumps to it from insert mode. The
--- placeholder stays selected: <C-n>, <C-p> and the arrows choose, <CR> or <C-y> takes, <C-e> closes the menu, typing
--- replaces the placeholder as in any other stop, and what is typed is completed from the options. In normal mode `i`,
--- `a` or <CR> asks with vim.ui.select().
--- The last five values of a text are named behind the `2/5`. From insert mode <C-n> or <Down> opens the same menu with
--- them while the placeholder is selected; in normal mode <CR> asks with vim.ui.select().
local keys = require('promptstack.placeholder.keys')
local links = require('promptstack.placeholder.links')
local rpc = require('promptstack.rpc.contract')
local stops = require('promptstack.placeholder.stops')

local M = {}

---@return table
local function sessions()
  return require('promptstack.placeholder.session')
end

---@param session promptstack.Session
function M.close(session)
  local menu = session.menu
  session.menu = nil
  if menu then menu:close() end
  keys.give_back(session, function(borrowed)
    return borrowed.desc == 'promptstack: menu'
  end)
end

--- Puts a value into a stop, undone alone, and the cursor behind it.
---@param session promptstack.Session
---@param stop promptstack.SessionStop
---@param value string
---@param inserting boolean
local function fill(session, stop, value, inserting)
  if sessions().get(session.buf) ~= session or not vim.bo[session.buf].modifiable then return end
  links.break_undo(session.buf)
  links.write(session, stop, vim.split(value, '\n', { plain = true }))
  links.follow(session, { [stop.id] = true })
  sessions().draw(session)
  local span = stops.span(session.buf, stop)
  if inserting and span then require('promptstack.placeholder.jump').insert_at(span.end_row, span.end_col) end
end

--- Takes what was chosen in the menu; runs in normal mode.
---@param buf integer
function M.take(buf)
  local session = sessions().get(buf)
  local taken = session and session.taken
  if not session or not taken then return end
  session.taken = nil
  fill(session, taken.stop, taken.value, true)
end

---@param session promptstack.Session
---@param stop promptstack.SessionStop
---@param items string[]
local function open_menu(session, stop, items)
  M.close(session)
  session.menu = require('promptstack.ui.menu').open(items, '<C-n> next · <CR> take')
  ---@param lhs string
  ---@param act fun()
  local function take(lhs, act)
    keys.take(session, 's', lhs, 'promptstack: menu', function(borrowed)
      if session.menu and session.menu:is_open() then
        act()
      else
        keys.pass(session, borrowed)
      end
    end)
  end
  for lhs, step in pairs({ ['<C-n>'] = 1, ['<Down>'] = 1, ['<C-p>'] = -1, ['<Up>'] = -1 }) do
    take(lhs, function()
      session.menu:move(step)
    end)
  end
  for _, lhs in ipairs({ '<CR>', '<C-y>' }) do
    take(lhs, function()
      session.taken = { stop = stop, value = session.menu:item() }
      keys.feed(("<Esc><Cmd>lua require('promptstack.placeholder.offer').take(%d)<CR>"):format(session.buf))
    end)
  end
  take('<C-e>', function()
    M.close(session)
  end)
end

--- Offers a stop's values where one has just landed.
---@param session promptstack.Session
---@param stop promptstack.SessionStop
---@param inserting boolean whether the stop is selected
function M.show(session, stop, inserting)
  if stop.kind == 'choice' then
    if inserting then open_menu(session, stop, stop.options) end
    return
  end
  local landing = session.landed
  rpc.placeholder_values({ key = stop.key }, function(err, reply)
    if err or #reply.values == 0 or session.landed ~= landing then return end
    if sessions().get(session.buf) ~= session or session.current ~= stop then return end
    session.values = reply.values
    local selected = inserting and vim.api.nvim_get_mode().mode == 's'
    local key = selected and '<C-n>' or '<CR>'
    local first = reply.values[1]:gsub('\n.*', '…')
    if vim.fn.strdisplaywidth(first) > 20 then first = vim.fn.strcharpart(first, 0, 19) .. '…' end
    if selected then
      for _, lhs in ipairs({ '<C-n>', '<Down>' }) do
        keys.take(session, 's', lhs, 'promptstack: menu', function()
          -- Those of the menu take over, and are given back with it.
          open_menu(session, stop, reply.values)
        end)
      end
    elseif inserting then
      return
    end
    local more = #reply.values > 1 and (' +%d'):format(#reply.values - 1) or ''
    session.hint = (' · %s %s%s'):format(key, first, more)
    sessions().draw(session)
  end)
end

--- Asks for one of the stop's values in a list of its own.
---@param session promptstack.Session
---@param stop promptstack.SessionStop
---@return boolean asked
function M.ask(session, stop)
  local items = stop.kind == 'choice' and stop.options or session.values
  if not items or #items == 0 then return false end
  vim.ui.select(items, { prompt = stop.name }, function(value)
    if value then fill(session, stop, value, false) end
  end)
  return true
end

--- Completes what is typed into a choice from its options.
---@param session promptstack.Session
function M.complete(session)
  local stop = session.current
  if not stop or stop.kind ~= 'choice' or vim.fn.pumvisible() == 1 then return end
  local span = stops.span(session.buf, stop)
  if not span then return end
  local cursor = vim.api.nvim_win_get_cursor(0)
  if cursor[1] - 1 ~= span.row or cursor[2] ~= span.end_col or span.end_row ~= span.row then return end
  local typed = stops.text(session.buf, stop)[1]
  local matching = vim.tbl_filter(function(option)
    return typed ~= '' and option ~= typed and vim.startswith(option:lower(), typed:lower())
  end, stop.options)
  if #matching == 0 then return end
  -- Nothing may be inserted before it is chosen, or typing on would not work.
  local before = vim.o.completeopt
  vim.o.completeopt = 'menuone,noinsert,noselect'
  vim.api.nvim_create_autocmd({ 'CompleteDone', 'InsertLeave' }, {
    buffer = session.buf,
    once = true,
    callback = function()
      vim.o.completeopt = before
    end,
  })
  vim.fn.complete(span.col + 1, matching)
end

return M
