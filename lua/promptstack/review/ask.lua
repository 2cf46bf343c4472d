--- Asks for suggestions and takes them in as they come. What is late or withdrawn is dropped.
local Spinner = require('promptstack.ui.spinner')
local context = require('promptstack.review.context')
local directory_of = require('promptstack.files.directory')
local keepers = require('promptstack.composition.keeper')
local notify = require('promptstack.notify')
local place = require('promptstack.review.place')
local rpc = require('promptstack.rpc.contract')
local status = require('promptstack.composition.status')

local M = {}

--- How long nothing may come. The host gives up before that, and the person may at any time.
local PATIENCE_MS = 11 * 60 * 1000

--- What makes a suggestion the same one in the next answer, wherever it stands by then.
---@param suggestion promptstack.ReviewSuggestion
---@return string
function M.key(suggestion)
  local parts = { suggestion.kind, suggestion.rule or '', suggestion.title, suggestion.description }
  for _, edit in ipairs(suggestion.edits) do
    vim.list_extend(parts, edit.expected)
  end
  return table.concat(parts, '\0')
end

---@param review promptstack.Review
local function take_off(review)
  place.clear(review.buf)
  review.items, review.accepted = {}, {}
  review.chosen, review.hunk = nil, 1
end

---@param review promptstack.Review
local function over(review)
  review.cancel, review.waiting = nil, nil
  status.wait(review.buf, 'suggest')
  if review.spinner then review.spinner:stop() end
  review.spinner = nil
end

--- Withdraws the question; what is known stays.
---@param review promptstack.Review
---@return boolean was whether there was one
function M.cancel(review)
  local cancel = review.cancel
  if not cancel then return false end
  review.asked = review.asked + 1
  if review.model then review.problem = 'cancelled' end
  over(review)
  cancel()
  return true
end

---@param review promptstack.Review
---@param reply promptstack.ReviewReply
local function take_reply(review, reply)
  review.by, review.took = reply.by, reply.took
  review.finds_changes = reply.finds_changes
  review.unusable = reply.problems
  if reply.confirm then
    review.confirm = {
      question = reply.confirm,
      yes = function()
        M.start(review, { fresh = review.fresh, confirmed = true })
      end,
    }
  end
end

--- Asks about the text as it stands.
---@param review promptstack.Review
---@param opts? { fresh?: boolean, confirmed?: boolean }
function M.start(review, opts)
  opts = opts or {}
  M.cancel(review)
  local buf = review.buf
  review.asked = review.asked + 1
  review.confirm, review.model, review.fresh = nil, nil, opts.fresh
  local asked, begun, answered = review.asked, false, false
  local lines = vim.api.nvim_buf_get_lines(buf, 0, -1, true)
  local tick = vim.api.nvim_buf_get_changedtick(buf)
  local function is_late()
    return review.asked ~= asked or not vim.api.nvim_buf_is_loaded(buf)
  end
  -- Until there is something new, the old list stays.
  local function begin()
    if begun then return end
    begun = true
    take_off(review)
    review.tick, review.lines, review.problem = tick, lines, nil
    review.heard, review.took, review.unusable = false, nil, {}
  end
  review.spinner = Spinner.new(review.on_change)
  review.spinner:start()
  ---@param suggestion promptstack.ReviewSuggestion
  local function take(suggestion)
    begin()
    if not review.model then review.by = suggestion.by end
    review.heard = review.heard or suggestion.by == review.model
    if review.dismissed[M.key(suggestion)] then return end
    local item = place.put(buf, suggestion, lines)
    table.insert(review.items, item)
    review.chosen = review.chosen or item
  end
  local cancel = rpc.review_suggest({
    lines = lines,
    directory = directory_of(buf),
    by = review.reviewer,
    fresh = opts.fresh or false,
    confirmed = opts.confirmed or false,
    without = context.without(buf),
    keep_nothing = not keepers.is_kept(buf),
  }, function(err, reply)
    answered = true
    if is_late() then return end
    over(review)
    if err then
      review.problem = err.message
      notify.error(err)
    else
      begin()
      take_reply(review, reply)
    end
    review.on_change()
  end, { timeout = PATIENCE_MS }, function(part)
    if is_late() then return end
    review.waiting = part.waiting
    status.wait(buf, 'suggest', part.waiting)
    if part.asked then
      begin()
      review.model, review.by = part.asked, part.asked
    end
    if part.context then review.context = part.context end
    if part.suggestion then take(part.suggestion) end
    review.on_change()
  end)
  if not answered then review.cancel = cancel end
  review.on_change()
end

return M
