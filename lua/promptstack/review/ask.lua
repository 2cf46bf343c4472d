--- Asks for suggestions and takes them in as they come. What is late or withdrawn is dropped.
local Spinner = require('promptstack.ui.spinner')
local directory_of = require('promptstack.files.directory')
local format = require('promptstack.history.format')
local notify = require('promptstack.notify')
local place = require('promptstack.review.place')
local rpc = require('promptstack.rpc.contract')

local M = {}

--- How long each part may take.
local PATIENCE_MS = 60 * 1000

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
  review.cancel = nil
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
  over(review)
  cancel()
  return true
end

--- Asks about the text as it stands.
---@param review promptstack.Review
function M.start(review)
  M.cancel(review)
  local buf = review.buf
  review.asked = review.asked + 1
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
  end
  review.spinner = Spinner.new(review.on_change)
  review.spinner:start()
  local cancel = rpc.review_suggest({ lines = lines, directory = directory_of(buf) }, function(err, reply)
    answered = true
    if is_late() then return end
    over(review)
    if err then
      review.problem = err.message
      notify.error(err)
    else
      begin()
      review.by = reply.by
      if #reply.problems > 0 then
        notify.warn('not all of the answer could be used: ' .. format.some(reply.problems, 3))
      end
    end
    review.on_change()
  end, { timeout = PATIENCE_MS }, function(suggestion)
    if is_late() then return end
    begin()
    review.by = suggestion.by
    if review.dismissed[M.key(suggestion)] then return end
    local item = place.put(buf, suggestion, lines)
    table.insert(review.items, item)
    review.chosen = review.chosen or item
    review.on_change()
  end)
  if not answered then review.cancel = cancel end
  review.on_change()
end

return M
