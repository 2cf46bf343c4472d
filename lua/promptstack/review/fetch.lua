--- Fetches the change that a suggestion means from a model, with the text locked meanwhile. Every way out unlocks it,
--- and what comes is shown, not put in.
local notify = require('promptstack.notify')
local place = require('promptstack.review.place')
local rpc = require('promptstack.rpc.contract')
local status = require('promptstack.composition.status')
local waiting = require('promptstack.ui.waiting')

local M = {}

--- How long a text may be locked.
M.LIMIT_MS = 60 * 1000

local ESCAPE = '\27'

--- Goes on in normal mode: what Neovim does to a text when insert mode ends must still be allowed.
---@param go fun()
local function in_normal_mode(go)
  local inserts = vim.api.nvim_get_mode().mode:find('^[iR]') ~= nil
  vim.cmd.stopinsert()
  if not inserts then return go() end
  vim.api.nvim_create_autocmd('InsertLeave', { once = true, callback = vim.schedule_wrap(go) })
end

--- Gives up on the change that is being fetched.
---@param review promptstack.Review
---@return boolean was whether there was one
function M.cancel(review)
  if not review.fetching then return false end
  review.fetching()
  return true
end

---@param review promptstack.Review
---@param item promptstack.ReviewItem
---@param why string
local function fail(review, item, why)
  item.state, item.why = 'failed', why
  review.on_change()
end

--- Takes the edits in, if the text is still the one that they were made for.
---@param review promptstack.Review
---@param item promptstack.ReviewItem
---@param lines string[]
---@param reply promptstack.ReviewApplyReply
local function take(review, item, lines, reply)
  if not vim.deep_equal(lines, vim.api.nvim_buf_get_lines(review.buf, 0, -1, true)) then
    local why = 'the text changed while its change was fetched; accept it again to ask anew'
    fail(review, item, why)
    return notify.warn(why)
  end
  item.edits, item.fetched, item.seen = {}, true, nil
  place.put_edits(review.buf, item, reply.edits, lines)
  local cost = reply.took and reply.took.cost
  notify.info(
    ('the change is shown in the text%s: accept it again to put it in'):format(
      cost and ' (' .. cost .. ')' or ''
    )
  )
end

---@param review promptstack.Review
---@param item promptstack.ReviewItem
---@param on_shown fun()
---@param confirmed boolean
local function begin(review, item, on_shown, confirmed)
  local buf = review.buf
  if review.fetching or not vim.api.nvim_buf_is_loaded(buf) or not vim.bo[buf].modifiable then return end
  local lines = vim.api.nvim_buf_get_lines(buf, 0, -1, true)
  local is_over, words = false, 'the text is locked while its change is fetched'
  local hide, withdraw, keys ---@type fun()?, fun()?, integer
  local timer = assert(vim.uv.new_timer())
  vim.bo[buf].modifiable = false
  item.state, item.why = 'applying', nil
  --- Everything as it was before.
  ---@return boolean first
  local function unlock()
    if is_over then return false end
    is_over = true
    review.fetching = nil
    status.wait(buf, 'apply')
    timer:close()
    vim.on_key(nil, keys)
    if vim.api.nvim_buf_is_valid(buf) then vim.bo[buf].modifiable = true end
    item.state = 'pending'
    if hide then hide() end
    review.on_change()
    return true
  end
  review.fetching = function()
    if not unlock() then return end
    if withdraw then withdraw() end
    notify.info('cancelled: the text is as it was')
  end
  keys = vim.on_key(function(_, typed)
    local current = vim.api.nvim_get_current_buf()
    if typed ~= ESCAPE or current ~= buf then return end
    -- Options can't be set from here.
    vim.schedule(function()
      if not is_over then M.cancel(review) end
    end)
  end)
  timer:start(
    M.LIMIT_MS,
    0,
    vim.schedule_wrap(function()
      if not unlock() then return end
      if withdraw then withdraw() end
      local why = ('no change came within %d s; accept it again to ask anew'):format(
        math.ceil(M.LIMIT_MS / 1000)
      )
      fail(review, item, why)
      notify.warn(why)
    end)
  )
  waiting.during(function()
    return words
  end, function(done)
    hide = done
    return function()
      M.cancel(review)
    end
  end, function() end)
  withdraw = rpc.review_apply({
    lines = lines,
    title = item.suggestion.title,
    description = item.suggestion.description,
    confirmed = confirmed,
  }, function(err, reply)
    if not unlock() then return end
    if err then
      fail(review, item, notify.text(err))
      notify.error(err)
    elseif reply.confirm then
      review.confirm = {
        question = reply.confirm,
        yes = function()
          begin(review, item, on_shown, true)
        end,
      }
    else
      take(review, item, lines, reply)
      on_shown()
    end
    review.on_change()
  end, { timeout = M.LIMIT_MS * 2 }, function(part)
    if not part.waiting then return end
    words = 'the text is locked: ' .. part.waiting
    status.wait(buf, 'apply', part.waiting)
  end)
  review.on_change()
end

--- Fetches the change of a suggestion.
---@param review promptstack.Review
---@param item promptstack.ReviewItem
---@param on_shown fun() called once it can be shown
function M.start(review, item, on_shown)
  in_normal_mode(function()
    begin(review, item, on_shown, false)
  end)
end

return M
