--- Puts a suggestion into the text: all of it or one hunk, in one undo step, and only where it still fits.
local links = require('promptstack.placeholder.links')
local notify = require('promptstack.notify')
local place = require('promptstack.review.place')

local M = {}

--- What was accepted at once, so that undo can take it back.
---@class promptstack.Acceptance
---@field item promptstack.ReviewItem
---@field edits promptstack.PlacedEdit[]
---@field change integer the number of the change in the undo tree
---@field undone boolean

---@param buf integer
---@return integer
local function change_number(buf)
  return vim.api.nvim_buf_call(buf, vim.fn.changenr)
end

---@param item promptstack.ReviewItem
local function settle(item)
  item.state = #place.open(item) == 0 and 'applied' or 'pending'
end

--- Accepts edits of a suggestion; says why where it can't.
---@param review promptstack.Review
---@param item promptstack.ReviewItem
---@param edits promptstack.PlacedEdit[]
---@return boolean ok
function M.apply(review, item, edits)
  local buf = review.buf
  if not vim.bo[buf].modifiable then
    notify.warn('this text is locked: nothing was changed')
    return false
  end
  for _, placed in ipairs(edits) do
    if not place.stands(buf, placed) then
      item.state = 'failed'
      notify.warn(place.STALE)
      return false
    end
  end
  local changed = vim.api.nvim_buf_get_changedtick(buf) ~= review.tick
  links.break_undo(buf)
  for _, found in ipairs(place.upwards(buf, edits)) do
    local span = found.span
    local ok, message = pcall(
      vim.api.nvim_buf_set_text,
      buf,
      span.row,
      span.col,
      span.end_row,
      span.end_col,
      found.placed.edit.lines
    )
    if not ok then
      item.state = 'failed'
      notify.error({ kind = 'conflict', message = ("the suggestion can't be accepted: %s"):format(message) })
      return false
    end
    found.placed.done = true
  end
  table.insert(review.accepted, { item = item, edits = edits, change = change_number(buf), undone = false })
  links.break_undo(buf)
  -- A text that has changed by suggestions alone is still the one that was looked through.
  if not changed then review.tick = vim.api.nvim_buf_get_changedtick(buf) end
  settle(item)
  M.tell(item)
  return true
end

--- Tells whoever listens.
---@param item promptstack.ReviewItem
function M.tell(item)
  local suggestion = item.suggestion
  vim.api.nvim_exec_autocmds('User', {
    pattern = 'PromptstackSuggestionAccepted',
    modeline = false,
    data = { kind = suggestion.kind, rule = suggestion.rule, by = suggestion.by },
  })
end

--- Looks whether undo or redo went over what was accepted.
---@param review promptstack.Review
function M.follow_undo(review)
  if #review.accepted == 0 then return end
  local now = change_number(review.buf)
  for _, acceptance in ipairs(review.accepted) do
    local undone = now < acceptance.change
    -- Back in the text it is only by redo, which comes by the very change.
    local redone = acceptance.undone and now == acceptance.change
    if undone and not acceptance.undone or redone then
      acceptance.undone = undone
      for _, placed in ipairs(acceptance.edits) do
        placed.done = not undone
      end
      settle(acceptance.item)
    end
  end
end

--- Looks whether a text that had changed is again what a suggestion was made for.
---@param review promptstack.Review
function M.recover(review)
  for _, item in ipairs(review.items) do
    local open = place.open(item)
    local fits = item.state == 'failed' and #open > 0
    for _, placed in ipairs(fits and open or {}) do
      fits = fits and place.stands(review.buf, placed)
    end
    if fits then item.state = 'pending' end
  end
end

return M
