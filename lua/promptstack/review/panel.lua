--- The panel of a review: its list, and its keys.
local Panel = require('promptstack.ui.panel')
local context = require('promptstack.review.context')
local rows = require('promptstack.review.rows')
local text = require('promptstack.ui.picker.text')
local visible = require('promptstack.review.visible')

--- What its keys do.
---@class promptstack.ReviewActions
---@field accept fun(hunk?: boolean)
---@field dismiss fun()
---@field look fun()
---@field diff fun()
---@field ask fun(opts: { all?: boolean })
---@field cancel fun(): boolean
---@field choose fun(item: promptstack.ReviewItem)
---@field step fun(by: integer)
---@field step_hunk fun(by: integer)
---@field context fun()
---@field answer fun(yes: boolean) to the question that stands

---@class promptstack.ReviewPanel
---@field review promptstack.Review
---@field panel promptstack.Panel
---@field private drawing boolean
---@field private broken integer the width for which the lines were made
---@field private head integer lines above the first suggestion
local View = {}
View.__index = View

local KEYS = { 'a accept', 'd dismiss', '<CR> look', 'r retry', 'q close', 'g? keys' }

---@param review promptstack.Review
---@return string
local function title(review)
  local sign = review.spinner and review.spinner:text() or ''
  if sign ~= '' and not review.model then
    return ('Suggestions · %s looking (<C-c> cancels)'):format(sign)
  end
  local open = 0
  for _, item in ipairs(review.items) do
    if item.state ~= 'applied' then open = open + 1 end
  end
  if not review.by then return 'Suggestions' end
  local parts = { 'Suggestions', review.by, vim.trim(('%d %s'):format(open, sign)) }
  if review.took then parts[#parts + 1] = review.took.cost or 'cost unknown' end
  return table.concat(parts, ' · ')
end

--- What is said above the suggestions, with its colour.
---@param review promptstack.Review
---@return [string, string][]
local function notes(review)
  local found = {} ---@type [string, string][]
  local function note(words, group)
    found[#found + 1] = { words, group }
  end
  if review.confirm then note(review.confirm.question .. ' (y asks, n does not)', 'PromptstackWarning') end
  if review.cancel and review.model then
    local what = review.waiting and 'waiting: ' .. review.waiting or 'asking ' .. review.model
    note(what .. ' (<C-c> cancels)', 'PromptstackHint')
  end
  if review.problem and not review.cancel and #review.items > 0 then
    local what = review.heard and 'the answer broke off' or 'no answer'
    note(('%s: %s; r asks again'):format(what, review.problem), 'PromptstackError')
  end
  for _, problem in ipairs(review.unusable) do
    note('not all of the answer could be used: ' .. problem, 'PromptstackWarning')
  end
  local along = context.summary(review)
  if along then note(along, 'PromptstackHint') end
  return found
end

--- What stands there without suggestions.
---@param review promptstack.Review
---@return string
local function words(review)
  if review.cancel then return 'looking through the text …' end
  if review.confirm then return 'nothing was asked yet' end
  if review.problem then return ('no answer: %s; r asks again'):format(review.problem) end
  if not review.by then return 'not looked through; r asks again' end
  if next(review.dismissed) then return 'nothing else to suggest; R shows again what was dismissed' end
  return review.by == 'local' and 'nothing to suggest: the checks found nothing'
    or ('nothing to suggest: %s found nothing'):format(review.by)
end

--- Draws everything anew; the cursor stands at the chosen suggestion.
function View:draw()
  local panel, review = self.panel, self.review
  if not panel:is_open() or self.drawing then return end
  self.drawing = true
  local width = panel:width()
  self.broken = width
  local lines = {} ---@type promptstack.PanelLine[]
  for _, note in ipairs(notes(review)) do
    for _, line in ipairs(text.wrap(visible.line(note[1]), width - 2)) do
      lines[#lines + 1] = { text = ' ' .. line, spans = { { 0, #line + 1, note[2] } } }
    end
  end
  self.head = #lines
  local at = 1
  for _, item in ipairs(review.items) do
    if item == review.chosen then at = #lines + 1 end
    vim.list_extend(lines, rows.of(review.buf, item, width, item == review.chosen))
  end
  if #review.items == 0 then
    for _, line in ipairs(text.wrap(words(review), width - 2)) do
      lines[#lines + 1] = { text = ' ' .. line, spans = { { 0, #line + 1, 'PromptstackHint' } } }
    end
  end
  panel:set_title(title(review))
  panel:draw(lines)
  -- A question is in sight as long as it stands.
  if review.confirm then at = 1 end
  vim.api.nvim_win_set_cursor(panel.win, { at, 0 })
  self.drawing = false
end

--- The suggestion under the cursor becomes the chosen one.
---@param choose fun(item: promptstack.ReviewItem)
function View:_follow(choose)
  if self.drawing or not self.panel:is_open() then return end
  local row = vim.api.nvim_win_get_cursor(self.panel.win)[1] - self.head
  local item = self.review.items[math.ceil(row / rows.HEIGHT)]
  if not item then return end
  if item ~= self.review.chosen then return choose(item) end
  -- On the second line of the same one.
  if row % rows.HEIGHT == 0 then vim.api.nvim_win_set_cursor(self.panel.win, { self.head + row - 1, 0 }) end
end

---@param actions promptstack.ReviewActions
function View:_map(actions)
  local panel = self.panel
  local function map(keys, desc, action)
    for _, lhs in ipairs(type(keys) == 'table' and keys or { keys }) do
      panel:map('n', lhs, desc, action)
    end
  end
  map('a', 'accept', function()
    actions.accept()
  end)
  map('A', 'accept this hunk alone', function()
    actions.accept(true)
  end)
  map('d', 'dismiss', actions.dismiss)
  map('<CR>', 'look at it in the text', actions.look)
  map('gd', 'show it as a diff', actions.diff)
  map('r', 'ask again', function()
    actions.ask({})
  end)
  map('R', 'ask again, with what was dismissed', function()
    actions.ask({ all = true })
  end)
  map({ 'j', '<Down>' }, 'next suggestion', function()
    actions.step(vim.v.count1)
  end)
  map({ 'k', '<Up>' }, 'previous suggestion', function()
    actions.step(-vim.v.count1)
  end)
  map(']h', 'next hunk', function()
    actions.step_hunk(1)
  end)
  map('[h', 'previous hunk', function()
    actions.step_hunk(-1)
  end)
  map('c', 'what of the library goes along', actions.context)
  map('y', 'yes, ask', function()
    actions.answer(true)
  end)
  map('n', 'no, do not ask', function()
    actions.answer(false)
  end)
  map('<C-c>', 'cancel the question', function()
    actions.cancel()
  end)
  map('<Esc>', 'cancel the question, or close', function()
    if not actions.cancel() then panel:close() end
  end)
  map('q', 'close', function()
    panel:close()
  end)
  require('promptstack.ui.help').attach(panel --[[@as promptstack.Window]])
  vim.api.nvim_create_autocmd('CursorMoved', {
    buffer = panel.buf,
    callback = function()
      self:_follow(actions.choose)
    end,
  })
end

--- Opens the panel of a review; the cursor is in it.
---@param review promptstack.Review
---@param actions promptstack.ReviewActions
---@param on_close fun()
---@return promptstack.ReviewPanel
function View.open(review, actions, on_close)
  local self = setmetatable({ review = review, drawing = false, broken = 0, head = 0 }, View)
  self.panel = Panel.open({
    name = 'suggestions',
    filetype = 'promptstack-suggestions',
    title = title(review),
    footer = KEYS,
    on_shape = function()
      if self.panel and self.panel:is_open() and self.panel:width() ~= self.broken then self:draw() end
    end,
    on_close = on_close,
  })
  self:_map(actions)
  return self
end

return View
