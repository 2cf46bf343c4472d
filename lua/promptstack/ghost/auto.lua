--- Asks for continuations by itself after a pause in insert mode: only where `ui.ghost` is on, and once for a text.
local config = require('promptstack.config')
local ghost = require('promptstack.ghost')
local keepers = require('promptstack.composition.keeper')
local keys = require('promptstack.placeholder.keys')
local notify = require('promptstack.notify')
local places = require('promptstack.ghost.place')
local sessions = require('promptstack.placeholder.session')
local stops = require('promptstack.placeholder.stops')

local M = {}

--- Buffers in which something was typed since a continuation was last asked for.
local typed = {} ---@type table<integer, true>
--- What was said already: not at each pause again.
local told = nil ---@type string?
local timer = nil ---@type uv.uv_timer_t?

--- Whether the cursor is in a placeholder that is being filled: a value is no text to be continued.
---@param place promptstack.GhostPlace
---@return boolean
local function is_filling(place)
  local session = sessions.get(place.buf)
  for _, stop in ipairs(session and sessions.alive(session) or {}) do
    local span = stops.span(place.buf, stop)
    if span and stops.touches(span, place.row, place.col) then return true end
  end
  return false
end

--- Whether the editor's own inline completion asks here.
---@param buf integer
---@return boolean
local function is_by_editor(buf)
  local inline = vim.lsp.inline_completion
  return inline ~= nil and inline.is_enabled({ bufnr = buf })
end

--- Whether a continuation may be asked for unasked at the cursor; whoever asks then has to call `asked`.
---@param buf integer
---@return boolean
function M.may_ask(buf)
  if not (config.ui('ghost') and typed[buf]) or vim.api.nvim_get_current_buf() ~= buf then return false end
  local keeper = keepers.get(buf)
  if not keeper or keeper.is_private or not vim.bo[buf].modifiable then return false end
  if vim.api.nvim_get_mode().mode ~= 'i' or ghost.is_busy() or keys.menu() then return false end
  local place = places.here()
  local before = vim.api.nvim_buf_get_lines(buf, math.max(0, place.row - 2), place.row, false)
  before[#before + 1] = place.head
  return table.concat(before):find('%S') ~= nil and not is_filling(place)
end

--- Notes that one was asked for: the same text is not asked about twice.
---@param buf integer
function M.asked(buf)
  typed[buf] = nil
end

--- Says once why there is none.
---@param words string? nil where there is one
function M.trouble(words)
  if words and words ~= told then notify.warn(('no continuation by itself: %s'):format(words)) end
  told = words
end

local function stop()
  if timer then timer:stop() end
end

local function try()
  local buf = vim.api.nvim_get_current_buf()
  if is_by_editor(buf) or not M.may_ask(buf) then return end
  M.asked(buf)
  ghost.ask({ by_itself = true, on_trouble = M.trouble })
end

local function wait()
  timer = timer or assert(vim.uv.new_timer())
  timer:stop()
  timer:start(config.ui('ghost_delay'), 0, vim.schedule_wrap(try))
end

--- Watches a composition.
---@param buf integer
function M.attach(buf)
  local group = vim.api.nvim_create_augroup('promptstack.ghost.auto.' .. buf, {})
  local function on(events, callback)
    vim.api.nvim_create_autocmd(events, { group = group, buffer = buf, callback = callback })
  end
  on({ 'TextChangedI', 'TextChangedP' }, function()
    -- What was accepted was not typed, and is not paid for again.
    if ghost.is_own(buf) then return end
    typed[buf] = true
    wait()
  end)
  on({ 'CursorMovedI', 'CompleteDone' }, function()
    if typed[buf] then wait() end
  end)
  on({ 'InsertLeave', 'BufLeave' }, function()
    typed[buf] = nil
    stop()
  end)
  on('BufUnload', function()
    typed[buf] = nil
    pcall(vim.api.nvim_del_augroup_by_id, group)
  end)
end

return M
