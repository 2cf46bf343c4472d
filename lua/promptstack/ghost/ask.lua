--- Asks for one continuation; what is awaited is shown, and can be withdrawn.
local Spinner = require('promptstack.ui.spinner')
local draw = require('promptstack.ghost.draw')
local keepers = require('promptstack.composition.keeper')
local rpc = require('promptstack.rpc.contract')
local status = require('promptstack.composition.status')

local M = {}

--- How long an answer may take.
local PATIENCE_MS = 60 * 1000

---@class promptstack.GhostQuestion
---@field shown? string[] continuations that were shown already and are not wanted
---@field another? boolean one that was given before will not do
---@field confirmed? boolean
---@field quiet? boolean shows no spinner

--- Asks for what comes next at a place.
---@param place promptstack.GhostPlace
---@param question promptstack.GhostQuestion
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.ContinuationReply)
---@return fun() cancel the request is ended, nothing is answered
function M.start(place, question, on_reply)
  local before = vim.api.nvim_buf_get_lines(place.buf, 0, place.row, true)
  before[#before + 1] = place.head
  local after = vim.api.nvim_buf_get_lines(place.buf, place.row + 1, -1, true)
  table.insert(after, 1, place.tail)
  local why = ''
  local spinner ---@type promptstack.Spinner
  spinner = Spinner.new(function()
    local sign = spinner:text()
    if not question.quiet then draw.wait(place, sign ~= '' and sign .. why or '') end
  end)
  spinner:start()
  local function over()
    spinner:stop()
    status.wait(place.buf, 'complete')
  end
  local cancel = rpc.ai_complete({
    before = before,
    after = after,
    shown = question.shown or {},
    another = question.another or false,
    confirmed = question.confirmed or false,
    keep_nothing = not keepers.is_kept(place.buf),
  }, function(err, reply)
    over()
    on_reply(err, reply)
  end, { timeout = PATIENCE_MS }, function(waiting)
    local words = ('%s, %d s'):format(waiting.why, waiting.seconds)
    why = ' ' .. words
    status.wait(place.buf, 'complete', words)
  end)
  return function()
    over()
    cancel()
  end
end

return M
