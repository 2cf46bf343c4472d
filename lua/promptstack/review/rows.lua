--- Suggestions as lines of the panel: what sort, where, what.
local config = require('promptstack.config')
local place = require('promptstack.review.place')
local text = require('promptstack.ui.picker.text')
local visible = require('promptstack.review.visible')

local M = {}

--- Lines of the panel that each takes.
M.HEIGHT = 2

---@type table<promptstack.ReviewKind, { icon: string, letter: string, name: string, hl: string }>
local kinds = {
  contradiction = { icon = '▲', letter = '!', name = 'Contradiction', hl = 'PromptstackWarning' },
  formatting = { icon = '■', letter = '#', name = 'Formatting', hl = 'PromptstackWarning' },
  gap = { icon = '◆', letter = '?', name = 'Gap', hl = 'PromptstackCategory' },
  clarity = { icon = '●', letter = '~', name = 'Clarity', hl = 'PromptstackText' },
  recommendation = { icon = '★', letter = '+', name = 'Recommendation', hl = 'PromptstackList' },
  reformatting = { icon = '↻', letter = '=', name = 'Reformatting', hl = 'PromptstackChoice' },
}

--- The lines that a suggestion is about, in words.
---@param buf integer
---@param item promptstack.ReviewItem
---@return string
local function where(buf, item)
  local first, last = place.rows(buf, item)
  if not first or not last then return '' end
  if first == last then return ('line %d'):format(first + 1) end
  local words = item.suggestion.kind == 'contradiction' and 'lines %d and %d' or 'lines %d to %d'
  return words:format(first + 1, last + 1)
end

---@param item promptstack.ReviewItem
---@return string words, string hl
local function state(item)
  local icons = config.ui('icons')
  if item.state == 'applied' then return icons and 'applied ✓' or 'applied', 'PromptstackSaved' end
  if item.state == 'failed' then return icons and 'failed ✗' or 'failed', 'PromptstackError' end
  if item.state == 'applying' then return 'applying …', 'PromptstackHint' end
  local all, open = #item.edits, #place.open(item)
  if open < all then return ('%d of %d applied'):format(all - open, all), 'PromptstackHint' end
  return all > 1 and ('%d hunks'):format(all) or '', 'PromptstackHint'
end

---@param words string
---@return string
local function line_of(words)
  return (vim.trim(words):gsub('%s+', ' '))
end

--- One suggestion as lines of the panel; of the chosen one all is shown.
---@param buf integer
---@param item promptstack.ReviewItem
---@param width integer
---@param chosen boolean
---@return promptstack.PanelLine[]
function M.of(buf, item, width, chosen)
  local suggestion, kind = item.suggestion, assert(kinds[item.suggestion.kind])
  local icons = config.ui('icons')
  local mark = chosen and (icons and '▌' or '>') or ' '
  local sign = icons and kind.icon or kind.letter
  local head = mark .. sign .. ' '
  local lines = where(buf, item)
  local left = head .. kind.name .. (lines ~= '' and '  ' .. lines or '')
  local named = #left
  local title = visible.line(line_of(suggestion.title))
  local words, hl = state(item)
  local whole = left .. '  ' .. title
  local line, right = text.apart(whole, words, width - 1)
  local done = item.state == 'applied'
  local spans = {
    { 0, #mark, 'PromptstackMarked' },
    { #mark, #mark + #sign, done and 'PromptstackHint' or kind.hl },
  }
  if words == '' then right = #line end
  local last = math.min(right, #line)
  if done then
    spans[#spans + 1] = { #head, last, 'PromptstackHint' }
  else
    spans[#spans + 1] = { #head, math.min(#head + #kind.name, last), 'PromptstackTitle' }
    if named < last then
      local from = #head + #kind.name
      spans[#spans + 1] = { from, named, 'PromptstackHint' }
    end
  end
  if right < #line then spans[#spans + 1] = { right, #line, hl } end
  local indent = '   '
  local room = math.max(10, width - #indent - 1)
  local words_below =
    visible.line(line_of(item.state == 'failed' and (item.why or place.STALE) or suggestion.description))
  local wrapped = chosen and text.wrap(words_below, room) or {}
  local described = wrapped[1] or text.fit(words_below, room)
  local below = {}
  if chosen then
    for index = 2, #wrapped do
      below[#below + 1] = indent .. wrapped[index]
    end
    if not line:find(title, 1, true) then
      for _, rest in ipairs(text.wrap(title, room)) do
        below[#below + 1] = indent .. rest
      end
    end
    local hidden = visible.hidden(place.open(item))
    if #hidden > 0 then
      below[#below + 1] = ('%sinvisible characters: %s'):format(indent, table.concat(hidden, ' '))
    end
  end
  local second = indent .. described
  return {
    { text = line, spans = spans },
    { text = second, spans = { { 0, #second, done and 'PromptstackHint' or nil } }, below = below },
  }
end

return M
