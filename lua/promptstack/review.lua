--- The review of a composition: suggestions in a panel, the chosen one shown in the text, accepted or dismissed.
---
--- A review belongs to its buffer and outlives its panel, of which there is one.
local Panel = require('promptstack.review.panel')
local accepting = require('promptstack.review.accept')
local ask = require('promptstack.review.ask')
local context = require('promptstack.review.context')
local fetch = require('promptstack.review.fetch')
local findings = require('promptstack.review.findings')
local interrupt = require('promptstack.ui.interrupt')
local keepers = require('promptstack.composition.keeper')
local notify = require('promptstack.notify')
local leaving = require('promptstack.review.leaving')
local place = require('promptstack.review.place')
local preview = require('promptstack.review.preview')
local recommended = require('promptstack.review.recommended')
local visible = require('promptstack.review.visible')

local M = {}

---@class promptstack.Review
---@field buf integer
---@field items promptstack.ReviewItem[]
---@field chosen? promptstack.ReviewItem
---@field hunk integer of the chosen one, from 1
---@field by? string who reviewed
---@field problem? string why there was no answer, or no end of one
---@field unusable string[] what could not be used of the answer
---@field model? string the model that is or was asked
---@field heard? boolean whether it has made a suggestion
---@field took? promptstack.ReviewTook
---@field waiting? string why nothing comes
---@field context? promptstack.ReviewContext what of the library went along
---@field confirm? { question: string, yes: fun() } what has to be answered first
---@field reviewer? string who is asked instead of whom the configuration names
---@field fresh? boolean whether the last question wanted a new answer
---@field finds_changes? boolean whether a model is there to find the change of a suggestion
---@field fetching? fun() gives up on the change that is being fetched
---@field dismissed table<string, true> what is not shown again, by `ask.key`
---@field accepted promptstack.Acceptance[]
---@field tick integer the text's changedtick when it was looked through, or by our own changes since
---@field lines? string[] the text that was looked through
---@field asked integer counts the questions, so that a late answer knows its own
---@field cancel? fun() while an answer is waited for
---@field spinner? promptstack.Spinner
---@field on_change fun()

local reviews = {} ---@type table<integer, promptstack.Review>
local view = nil ---@type promptstack.ReviewPanel? the open panel

local CLOSED = 'no suggestion is shown (:Prompt suggest)'

--- A window of this tab page that shows the text.
---@param review promptstack.Review
---@return integer?
local function window_of(review)
  local current = vim.api.nvim_get_current_win()
  if vim.api.nvim_win_get_buf(current) == review.buf then return current end
  for _, win in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    if vim.api.nvim_win_get_buf(win) == review.buf then return win end
  end
end

--- Draws what is shown of a review.
---@param review promptstack.Review
local function draw(review)
  if not view or view.review ~= review or not vim.api.nvim_buf_is_loaded(review.buf) then return end
  view:draw()
  preview.show(review, window_of(review))
  findings.show(review)
end

---@param review promptstack.Review
---@param item promptstack.ReviewItem?
---@param hunk? integer
local function choose(review, item, hunk)
  if item ~= review.chosen or not hunk then
    hunk = 1
    for index, placed in ipairs(item and item.edits or {}) do
      if not placed.done then
        hunk = index
        break
      end
    end
  end
  review.chosen, review.hunk = item, hunk
  local row = item and place.start(review.buf, item, hunk)
  local win = window_of(review)
  if row and win and view and view.review == review then preview.reveal(win, row, view.panel:covers()) end
  draw(review)
end

---@param review promptstack.Review
---@return integer 0 without a chosen one
local function index_of(review)
  for index, item in ipairs(review.items) do
    if item == review.chosen then return index end
  end
  return 0
end

--- The next suggestion that is open, from the chosen one on, the chosen one last.
---@param review promptstack.Review
---@param by 1|-1
---@return promptstack.ReviewItem?
local function next_open(review, by)
  local count, at = #review.items, index_of(review)
  for step = 1, count do
    local item = assert(review.items[(at - 1 + by * step) % count + 1])
    if item.state ~= 'applied' then return item end
  end
end

--- The review that is on the screen, should the cursor be in its panel or in its text.
---@return promptstack.Review?
local function shown()
  local buf = vim.api.nvim_get_current_buf()
  if view and (buf == view.panel.buf or buf == view.review.buf) then return view.review end
  notify.warn(CLOSED)
end

---@return promptstack.Review? review, promptstack.ReviewItem? item
local function chosen()
  local review = shown()
  if review and not review.chosen then notify.info('there is no suggestion') end
  return review, review and review.chosen
end

--- Accepts the suggestion that is shown.
---@param opts? { hunk?: boolean } the hunk that is shown alone
function M.accept(opts)
  local review, item = chosen()
  if not review or not item or item.state == 'applying' then return end
  if item.state == 'applied' then
    return notify.info('this suggestion is in the text already (u takes it back)')
  end
  local edits = place.open(item)
  local placed = opts and opts.hunk and item.edits[review.hunk] or nil
  if placed then edits = placed.done and {} or { placed } end
  if #edits == 0 then
    local id, win = item.suggestion.prompt, window_of(review)
    if id and win then return recommended.insert(review, item, id, win) end
    if review.finds_changes then
      return fetch.start(review, item, function()
        choose(review, item)
      end)
    end
    return notify.info('this suggestion changes nothing by itself: <CR> goes to the place')
  end
  local hidden = visible.hidden(edits)
  if #hidden > 0 and not item.seen then
    item.seen = true
    draw(review)
    return notify.warn(
      ('it has invisible characters: %s (accept it again to take them)'):format(table.concat(hidden, ' '))
    )
  end
  local ok = accepting.apply(review, item, edits)
  if not ok and item.fetched and #place.open(item) == #item.edits then
    -- Its change was made for a text that is gone: the next time another one is asked for.
    item.edits, item.fetched = {}, nil
    item.why = 'its text has changed; accept it again to ask anew'
  end
  if ok and item.state == 'applied' then
    choose(review, next_open(review, 1) or item)
  else
    choose(review, item)
  end
end

--- Takes the suggestion that is shown off the list.
function M.dismiss()
  local review, item = chosen()
  if not review or not item then return end
  local index = index_of(review)
  review.dismissed[ask.key(item.suggestion)] = true
  table.remove(review.items, index)
  choose(review, review.items[math.min(index, #review.items)])
end

--- Shows another suggestion.
---@param by integer how many further
function M.step(by)
  local review = shown()
  if not review then return end
  local item = nil ---@type promptstack.ReviewItem?
  for _ = 1, math.min(math.abs(by), #review.items) do
    item = next_open(review, by > 0 and 1 or -1)
    if item then review.chosen = item end
  end
  if not item then return notify.info('there is no other suggestion') end
  choose(review, item)
end

--- Shows another hunk of the suggestion that is shown.
---@param by 1|-1
function M.step_hunk(by)
  local review, item = chosen()
  if not review or not item or #item.edits == 0 then return end
  local count, at = #item.edits, review.hunk
  for _ = 1, count do
    at = (at - 1 + by) % count + 1
    if not item.edits[at].done then break end
  end
  choose(review, item, at)
end

--- Shows what the suggestion would change, as a unified diff.
function M.diff()
  local review, item = chosen()
  if review and item then require('promptstack.review.diff').open(review, item) end
end

--- Goes to the place in the text.
local function look()
  local review, item = chosen()
  local win = review and window_of(review)
  if not review or not item or not win then return end
  local row, col = place.start(review.buf, item, review.hunk)
  if not row then return notify.info('this suggestion is about the text as a whole') end
  vim.api.nvim_set_current_win(win)
  vim.cmd.normal({ "m'", bang = true })
  vim.api.nvim_win_set_cursor(win, { row + 1, col or 0 })
  draw(review)
end

--- Draws once, however much there was to draw for.
---@param review promptstack.Review
---@return fun()
local function soon(review)
  local waiting = false
  return function()
    if waiting then return end
    waiting = true
    vim.schedule(function()
      waiting = false
      if reviews[review.buf] ~= review or not vim.api.nvim_buf_is_loaded(review.buf) then return end
      accepting.follow_undo(review)
      accepting.recover(review)
      draw(review)
    end)
  end
end

--- Withdraws what is being asked for.
---@param review promptstack.Review
---@return boolean was whether there was anything
local function withdraw(review)
  local fetched = fetch.cancel(review)
  return ask.cancel(review) or fetched
end

---@param review promptstack.Review
local function watch(review)
  vim.api.nvim_buf_attach(review.buf, false, {
    on_lines = function()
      if reviews[review.buf] ~= review then return true end
      review.on_change()
    end,
    on_reload = review.on_change,
    on_detach = function()
      if reviews[review.buf] ~= review then return end
      reviews[review.buf] = nil
      withdraw(review)
      -- Windows can't always be closed from here.
      vim.schedule(function()
        if view and view.review == review then view.panel:close() end
      end)
    end,
  })
end

---@param buf integer
---@return promptstack.Review
local function begin(buf)
  ---@type promptstack.Review
  local review = {
    buf = buf,
    items = {},
    hunk = 1,
    dismissed = {},
    accepted = {},
    tick = -1,
    asked = 0,
    unusable = {},
    on_change = function() end,
  }
  review.on_change = soon(review)
  reviews[buf] = review
  watch(review)
  return review
end

---@param review promptstack.Review
local function show(review)
  if view and view.review == review and view.panel:is_open() then
    vim.api.nvim_set_current_win(view.panel.win)
    return
  end
  if view then view.panel:close() end
  local text_win = vim.api.nvim_get_current_win()
  local function cancel()
    local was = withdraw(review)
    if was then draw(review) end
    return was
  end
  local opened, group, unwatch ---@type promptstack.ReviewPanel, integer, fun()
  opened = Panel.open(review, {
    accept = function(hunk)
      M.accept({ hunk = hunk })
    end,
    dismiss = M.dismiss,
    look = look,
    diff = M.diff,
    ask = function(opts)
      if opts.all then review.dismissed = {} end
      fetch.cancel(review)
      ask.start(review, { fresh = true })
    end,
    cancel = cancel,
    choose = function(item)
      choose(review, item)
    end,
    step = M.step,
    step_hunk = M.step_hunk,
    context = function()
      context.open(review, function()
        ask.start(review, { fresh = true })
      end)
    end,
    answer = function(yes)
      local question = review.confirm
      if not question then return notify.info('there is nothing to answer') end
      review.confirm = nil
      if yes then question.yes() end
      draw(review)
    end,
  }, function()
    if view ~= opened then return end
    local inside = vim.api.nvim_get_current_win() == opened.panel.win
    view = nil
    vim.api.nvim_del_augroup_by_id(group)
    unwatch()
    -- Nobody waits for the answer any more.
    withdraw(review)
    preview.clear(review.buf)
    findings.clear(review.buf)
    if inside and vim.api.nvim_win_is_valid(text_win) then vim.api.nvim_set_current_win(text_win) end
  end)
  view = opened
  group = leaving.watch(review.buf, opened.panel)
  unwatch = interrupt.watch(cancel, opened.panel.buf)
  choose(review, review.chosen)
end

--- Whether what was found still is about the text as it stands.
---@param review promptstack.Review
---@return boolean
local function is_current(review)
  return review.tick == vim.api.nvim_buf_get_changedtick(review.buf)
    or vim.deep_equal(review.lines, vim.api.nvim_buf_get_lines(review.buf, 0, -1, true))
end

---@param buf integer
---@return string? why it can't be looked through
local function obstacle(buf)
  if vim.fn.getcmdwintype() ~= '' then
    return 'the panel does not open from the command-line window (<C-c> leaves it)'
  end
  local kind = vim.bo[buf].buftype
  if not vim.bo[buf].modifiable or kind ~= '' and kind ~= 'acwrite' then
    return 'suggestions need a text that can be changed'
  end
  if require('promptstack.history').is_blank(buf) then return 'there is nothing to look through yet' end
end

--- Opens the panel with the suggestions for the current buffer, which becomes a composition where it is none. They are
--- asked for where there are none, or the text has changed since by other hands than ours.
---@param opts? { by?: string } who looks it through: `local`, or a provider's name
function M.suggest(opts)
  local buf = vim.api.nvim_get_current_buf()
  if view and buf == view.panel.buf then buf = view.review.buf end
  local known = reviews[buf]
  local problem = not (known and known.fetching) and obstacle(buf)
  if problem then return notify.warn(problem) end
  vim.cmd.stopinsert()
  if not keepers.get(buf) then require('promptstack.composition').attach(buf) end
  local review = reviews[buf] or begin(buf)
  show(review)
  local by = opts and opts.by
  local other = by ~= nil and by ~= review.reviewer
  if other then review.reviewer = by end
  if other or not review.cancel and not review.fetching and not is_current(review) then ask.start(review) end
end

return M
