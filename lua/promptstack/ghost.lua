--- A continuation of the text at the cursor, as virtual text: asked for, accepted whole or in parts, dismissed.
---
--- There is one at a time, where the cursor is; typing its own letters leaves the rest, anything else takes it away.
local ask = require('promptstack.ghost.ask')
local draw = require('promptstack.ghost.draw')
local keepers = require('promptstack.composition.keeper')
local keys = require('promptstack.placeholder.keys')
local links = require('promptstack.placeholder.links')
local notify = require('promptstack.notify')
local places = require('promptstack.ghost.place')
local take = require('promptstack.ghost.take')

local M = {}

---@class promptstack.Ghost
---@field place promptstack.GhostPlace
---@field lines string[] what is left of it
---@field shown string[] the continuations that were shown here, this one last
---@field hidden boolean a menu is open

---@class promptstack.GhostWaiting
---@field place promptstack.GhostPlace
---@field cancel fun()

local ghost = nil ---@type promptstack.Ghost?
local waiting = nil ---@type promptstack.GhostWaiting?
local group = nil ---@type integer?
--- The text as our last acceptance left it.
local own = { buf = 0, tick = 0 }

local NOTHING = 'no continuation is shown (:Prompt complete asks for one)'

--- Keys heard while there is anything to lose.
local heard = nil ---@type integer?
local knows_cmp = false

local CONTROL_C = '\3'

local follow ---@type fun()

--- nvim-cmp tells of its menu by no autocommand.
local function listen_to_cmp()
  local cmp = package.loaded['cmp']
  if knows_cmp or type(cmp) ~= 'table' or not cmp.event then return end
  knows_cmp = true
  for _, event in ipairs({ 'menu_opened', 'menu_closed' }) do
    cmp.event:on(
      event,
      vim.schedule_wrap(function()
        follow()
      end)
    )
  end
end

--- Listens as long as there is anything to lose.
local function watch()
  if not (ghost or waiting) then
    if group then vim.api.nvim_del_augroup_by_id(group) end
    if heard then vim.on_key(nil, heard) end
    group, heard = nil, nil
    return
  end
  if group then return end
  listen_to_cmp()
  heard = vim.on_key(function(key, typed)
    -- It may be mapped to something else.
    if key == CONTROL_C or typed == CONTROL_C then vim.schedule(M.drop) end
  end)
  group = vim.api.nvim_create_augroup('promptstack.ghost', {})
  local function on(events, pattern, callback)
    vim.api.nvim_create_autocmd(events, { group = group, pattern = pattern, callback = callback })
  end
  on({ 'TextChanged', 'TextChangedI', 'TextChangedP', 'CursorMoved', 'CursorMovedI' }, nil, function()
    follow()
  end)
  -- Where the cursor will be, and whether a menu is there, is known a moment later.
  on(
    { 'InsertEnter', 'CompleteChanged', 'CompleteDone' },
    nil,
    vim.schedule_wrap(function()
      follow()
    end)
  )
  on(
    'User',
    { 'BlinkCmpMenuOpen', 'BlinkCmpMenuClose' },
    vim.schedule_wrap(function()
      follow()
    end)
  )
  on({ 'BufLeave', 'WinLeave' }, nil, function()
    M.drop()
  end)
  on('ModeChanged', nil, function()
    local inserting = (ghost or assert(waiting)).place.inserting
    local event = vim.v.event --[[@as { new_mode: string }]]
    local mode = event.new_mode
    -- The command line, <C-r>= and <C-o> come back to where they were; CTRL-C tells no InsertLeave.
    local stays = mode:find('^[iRc]') or mode:find('^ni') or (not inserting and mode:find('^n'))
    if not stays then M.drop() end
  end)
end

local function withdraw()
  local question = waiting
  waiting = nil
  if question then question.cancel() end
end

local function hide()
  if ghost then draw.hide(ghost.place.buf) end
end

--- Shows what there is, unless a menu is open.
local function redraw()
  if not ghost then return end
  ghost.hidden = keys.menu() ~= nil
  if ghost.hidden then return hide() end
  draw.show(ghost.place, ghost.lines)
end

--- Takes away what is shown, and withdraws what was asked.
---@return boolean was whether there was anything
function M.drop()
  local was = ghost ~= nil or waiting ~= nil
  withdraw()
  hide()
  ghost = nil
  watch()
  return was
end

--- Looks what has become of the place.
function follow()
  if not (ghost or waiting) then return end
  local mode = vim.api.nvim_get_mode().mode
  -- On the command line the cursor is elsewhere.
  if mode:find('^c') or mode:find('^ni') then return end
  local here = places.here()
  if waiting and not places.is_same(waiting.place, here) then withdraw() end
  if ghost and places.is_same(ghost.place, here) then
    ghost.place = here
    redraw()
  elseif ghost then
    local left = here.win == ghost.place.win and places.left(ghost.lines, ghost.place, here)
    if left then
      ghost.place, ghost.lines = here, left
      redraw()
    else
      hide()
      ghost = nil
    end
  end
  watch()
end

--- Asks the person about the price first, then asks the model.
---@param question string
---@param place promptstack.GhostPlace
---@param again fun()
local function confirm(question, place, again)
  local choices = {
    { name = 'yes', description = 'ask' },
    { name = 'no', description = 'send nothing' },
  }
  require('promptstack.handover.choose').open(question, choices, function(choice)
    if choice.name ~= 'yes' or vim.api.nvim_get_current_buf() ~= place.buf then return end
    if not place.inserting then return again() end
    vim.api.nvim_create_autocmd(
      'InsertEnter',
      { buffer = place.buf, once = true, callback = vim.schedule_wrap(again) }
    )
    require('promptstack.placeholder.jump').insert_at(place.row, place.col)
  end)
end

---@class promptstack.GhostWish
---@field by_itself? boolean nobody asked: errors and questions go to `on_trouble`
---@field on_trouble? fun(words: string?) nil where all went well
---@field confirmed? boolean
---@field other? boolean another one than was given or shown here

--- Asks for a continuation where the cursor is, and shows it.
---@param wish? promptstack.GhostWish
function M.ask(wish)
  wish = wish or {}
  local place = places.here()
  local shown = ghost and wish.other and places.is_same(ghost.place, place) and ghost.shown or {}
  withdraw()
  if #shown == 0 then
    hide()
    ghost = nil
  end
  local mine = { place = place, cancel = function() end } ---@type promptstack.GhostWaiting
  waiting = mine
  ---@type promptstack.GhostQuestion
  local question = { shown = shown, another = wish.other, confirmed = wish.confirmed }
  mine.cancel = ask.start(place, question, function(err, reply)
    -- Withdrawn, but on its way already.
    if waiting ~= mine then return end
    waiting = nil
    local text = not err and table.concat(reply.lines, '\n') or ''
    local price = not err and reply.confirm or nil
    if wish.on_trouble then wish.on_trouble(err and notify.text(err) or price) end
    if not wish.by_itself and err then notify.error(err) end
    -- What comes for another place is nobody's.
    local is_late = not vim.api.nvim_buf_is_loaded(place.buf) or not places.is_same(place, places.here())
    if price and not wish.by_itself and not is_late then
      confirm(price, place, function()
        M.ask(vim.tbl_extend('force', wish, { confirmed = true }))
      end)
    elseif not err and not price and not is_late then
      if text ~= '' then
        local all = vim.list_extend({ unpack(shown) }, { text })
        ghost = { place = place, lines = reply.lines, shown = all, hidden = false }
        redraw()
      elseif not wish.by_itself then
        notify.info(('%s has nothing to add here'):format(reply.model))
      end
    end
    watch()
  end)
  watch()
end

--- What of a continuation is shown.
---@return string? text
function M.text()
  if ghost and not ghost.hidden then return table.concat(ghost.lines, '\n') end
end

--- Whether a continuation is shown or waited for.
---@return boolean
function M.is_busy()
  return ghost ~= nil or waiting ~= nil
end

--- Whether a text is as our last acceptance left it.
---@param buf integer
---@return boolean
function M.is_own(buf)
  return own.buf == buf and own.tick == vim.api.nvim_buf_get_changedtick(buf)
end

--- Puts the continuation, or the part of it that comes next, into the text; what is left stays.
---@param part promptstack.GhostPart
---@return boolean was whether there was one
function M.accept(part)
  follow()
  -- What a menu hides is not seen before it is taken.
  if not ghost or ghost.hidden then
    notify.info(NOTHING)
    return false
  end
  local place = ghost.place
  local buf, win = place.buf, assert(place.win)
  if not vim.bo[buf].modifiable then
    notify.warn('this text is locked: nothing was changed')
    return false
  end
  withdraw()
  local taken, left = take(ghost.lines, part)
  links.break_undo(buf)
  vim.api.nvim_buf_set_text(buf, place.row, place.col, place.row, place.col, taken)
  local row, last = place.row + #taken - 1, assert(taken[#taken])
  local col = #last + (#taken == 1 and place.col or 0)
  -- In normal mode the cursor stands on the last letter, as behind `p`.
  if not place.inserting then col = math.max(0, col - #vim.fn.matchstr(last, '.$')) end
  vim.api.nvim_win_set_cursor(win, { row + 1, col })
  -- Neovim would take what is typed at the new place for one with what was typed at the old one.
  links.break_undo(buf)
  own = { buf = buf, tick = vim.api.nvim_buf_get_changedtick(buf) }
  hide()
  if left then
    ghost.place, ghost.lines, ghost.shown = places.here(), left, { table.concat(left, '\n') }
    redraw()
  else
    ghost = nil
  end
  watch()
  return true
end

---@return boolean
local function is_composition()
  local buf = vim.api.nvim_get_current_buf()
  if not keepers.get(buf) then
    notify.warn('this buffer is no composition (:Prompt attach makes it one)')
    return false
  end
  if not vim.bo[buf].modifiable then
    notify.warn('this text is locked')
    return false
  end
  return true
end

--- Asks for a continuation, or does something with the one that is shown.
---@param what? promptstack.GhostPart|'next'|'dismiss'
---@return boolean done whether there was anything to do it with
function M.run(what)
  -- Behind <C-o> the cursor and the mode are not yet what they will be again.
  if vim.api.nvim_get_mode().mode:find('^ni') then
    local there = ghost ~= nil
    vim.schedule(function()
      M.run(what)
    end)
    return there
  end
  if what == 'dismiss' then
    local was = M.drop()
    if not was then notify.info(NOTHING) end
    return was
  end
  if what and what ~= 'next' then return M.accept(what) end
  if not is_composition() then return false end
  M.ask({ other = what == 'next' })
  return true
end

return M
