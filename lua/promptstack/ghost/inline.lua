--- Continuations for the editor's own inline completion, which Neovim has since 0.12: it asks our language server.
---
--- It asks whenever the cursor has moved. A model is asked only where `ui.ghost` is on, after the same pause as
--- elsewhere, or when a person has asked for it.
local ask = require('promptstack.ghost.ask')
local auto = require('promptstack.ghost.auto')
local config = require('promptstack.config')
local places = require('promptstack.ghost.place')

local M = {}

--- Neovim has waited this long already.
local WAITED_MS = 200

--- The last answer: typing its own letters asks nobody.
local last = nil ---@type { place: promptstack.GhostPlace, lines: string[] }?
local newest = nil ---@type fun()?

---@param place promptstack.GhostPlace
---@param lines? string[]
---@return lsp.InlineCompletionList
local function list(place, lines)
  if not lines then return { items = {} } end
  local position = { line = place.row, character = place.col }
  return {
    items = {
      { insertText = table.concat(lines, '\n'), range = { start = position, ['end'] = position } },
    },
  }
end

--- Answers `textDocument/inlineCompletion`. An empty list is an answer too: without one what was shown would stay.
---@param buf integer
---@param params lsp.InlineCompletionParams
---@param answer fun(err: any, result: any)
---@return fun() cancel
function M.complete(buf, params, answer)
  local place = places.at(buf, params.position.line, params.position.character)
  local over, cancel, timer = false, nil, nil ---@type boolean, fun()?, uv.uv_timer_t?
  local function finish()
    over = true
    if timer and not timer:is_closing() then timer:close() end
    if cancel then cancel() end
    cancel = nil
  end
  ---@param lines? string[]
  local function reply(lines)
    if over then return end
    over = true
    answer(nil, list(place, lines))
  end
  -- Neovim does not withdraw what it asked before.
  if newest then newest() end
  newest = function()
    local was = over
    finish()
    if not was then answer(nil, list(place)) end
  end
  local left = last and places.left(last.lines, last.place, place)
  if left then
    reply(left)
    return finish
  end
  local kinds = vim.lsp.protocol.InlineCompletionTriggerKind
  local invoked = params.context ~= nil and params.context.triggerKind == kinds.Invoked
  local function start()
    if over then return end
    if not invoked and not auto.may_ask(buf) then return reply() end
    auto.asked(buf)
    cancel = ask.start(place, { quiet = not invoked }, function(err, found)
      cancel = nil
      local none = err or found.confirm or #found.lines == 1 and found.lines[1] == ''
      local words = err and require('promptstack.notify').text(err) or found and found.confirm
      auto.trouble(words)
      if none then return reply() end
      last = { place = place, lines = found.lines }
      reply(found.lines)
    end)
  end
  if invoked then
    start()
  elseif not auto.may_ask(buf) then
    reply()
  else
    timer = vim.defer_fn(start, math.max(0, config.ui('ghost_delay') - WAITED_MS) --[[@as integer]])
  end
  return finish
end

return M
