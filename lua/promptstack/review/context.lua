--- What of the library goes along with a text to a model: shown with tokens and reasons, switched off and on.
local Window = require('promptstack.ui.window')
local keepers = require('promptstack.composition.keeper')
local marks = require('promptstack.ui.marks')
local notify = require('promptstack.notify')
local number = require('promptstack.ui.number')
local text = require('promptstack.ui.picker.text')

local M = {}

--- The prompts that are not to go along with a text, by id.
---@param buf integer
---@return string[]
function M.without(buf)
  local known = keepers.origins(buf)
  return known and known.without or {}
end

---@param tokens integer
---@return string
local function told(tokens)
  return ('~%s tok'):format(number.thousands(tokens))
end

--- What goes along, in a few words: `3 prompts go along, ~1,240 tok (c shows them)`.
---@param review promptstack.Review
---@return string?
function M.summary(review)
  if not review.context or not review.model then return nil end
  local without, count, tokens = M.without(review.buf), 0, 0
  for _, prompt in ipairs(review.context.chosen) do
    if not vim.tbl_contains(without, prompt.id) then
      count, tokens = count + 1, tokens + prompt.tokens
    end
  end
  if #review.context.chosen == 0 then return nil end
  local noun = count == 1 and 'prompt goes' or 'prompts go'
  return ('%d %s along, %s (c shows them)'):format(count, noun, told(tokens))
end

--- Two lines for each prompt that was chosen, one for each that was not.
---@param review promptstack.Review
---@param along promptstack.ReviewContext
---@param width integer
---@return string[] lines
---@return string[] groups
local function rows(review, along, width)
  local without = M.without(review.buf)
  local lines, groups = {}, {} ---@type string[], string[]
  local function add(line, group)
    lines[#lines + 1], groups[#groups + 1] = line, group
  end
  for _, prompt in ipairs(along.chosen) do
    local is_off = vim.tbl_contains(without, prompt.id)
    local tokens = told(prompt.tokens) .. (prompt.cut and ', cut' or '')
    local line = (' [%s] %s  %s'):format(is_off and ' ' or 'x', prompt.id, text.clean(prompt.title))
    add((text.apart(line, tokens, width - 1)), is_off and 'PromptstackHint' or 'PromptstackTitle')
    add((text.fit('     ' .. text.clean(table.concat(prompt.reasons, '; ')), width - 1)), 'PromptstackHint')
  end
  for _, prompt in ipairs(along.dropped) do
    add((text.fit(('  -  %s  %s'):format(prompt.id, text.clean(prompt.why)), width - 1)), 'PromptstackHint')
  end
  return lines, groups
end

--- Opens the list of what goes along.
---@param review promptstack.Review
---@param ask fun() asks again, with what is chosen now
function M.open(review, ask)
  local along = review.context
  if not along or not review.model then
    return notify.info('nothing of the library goes along: no model was asked')
  end
  if #along.chosen + #along.dropped == 0 then
    return notify.info('nothing in the library has to do with this text')
  end
  local width = math.min(76, vim.o.columns - 4)
  local lines = rows(review, along, width)
  local window = Window.open({
    title = 'What goes along',
    footer = '<Space> off or on · r ask again · q close · g? keys',
    width = width,
    height = math.min(#lines, math.floor(vim.o.lines * 0.6)),
    enter = true,
    filetype = 'promptstack-context',
    zindex = 60,
    on_close = review.on_change,
  })
  vim.wo[window.win].cursorline = true
  local function draw()
    local shown, groups = rows(review, along, width)
    window:set_lines(shown)
    vim.bo[window.buf].modifiable = false
    vim.api.nvim_buf_clear_namespace(window.buf, marks.window, 0, -1)
    for row, line in ipairs(shown) do
      vim.api.nvim_buf_set_extmark(window.buf, marks.window, row - 1, 0, {
        end_col = #line,
        hl_group = groups[row],
      })
    end
  end
  draw()
  for _, key in ipairs({ '<Space>', '<CR>' }) do
    window:map('n', key, 'leave it out, or take it along again', function()
      local row = vim.api.nvim_win_get_cursor(window.win)[1]
      local prompt = along.chosen[math.ceil(row / 2)]
      if not prompt then return notify.info('this one was not chosen') end
      local keeper = keepers.get(review.buf)
      if not keeper then return notify.info('this text is no composition any more') end
      keepers.switch(keeper, prompt.id)
      draw()
    end)
  end
  window:map('n', 'r', 'ask again', function()
    window:close()
    ask()
  end)
  window:map_close()
  require('promptstack.ui.help').attach(window)
end

return M
