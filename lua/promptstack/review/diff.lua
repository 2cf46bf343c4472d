--- The chosen suggestion as a unified diff in a window.
local Window = require('promptstack.ui.window')
local notify = require('promptstack.notify')
local place = require('promptstack.review.place')
local text = require('promptstack.ui.picker.text')
local visible = require('promptstack.review.visible')

local M = {}

-- Newer versions of Neovim have it under another name.
local unified = vim.text.diff or vim.diff

--- The text with all edits in it that are not there yet; nil where one does not fit any more.
---@param buf integer
---@param item promptstack.ReviewItem
---@return string[]?
local function after(buf, item)
  local scratch = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(scratch, 0, -1, true, vim.api.nvim_buf_get_lines(buf, 0, -1, true))
  local open = place.open(item)
  local edits = place.upwards(buf, open)
  local fits = #edits == #open
  for _, found in ipairs(edits) do
    local span = found.span
    fits = fits and place.stands(buf, found.placed)
    if fits then
      local lines = found.placed.edit.lines
      vim.api.nvim_buf_set_text(scratch, span.row, span.col, span.end_row, span.end_col, lines)
    end
  end
  local lines = vim.api.nvim_buf_get_lines(scratch, 0, -1, true)
  vim.api.nvim_buf_delete(scratch, { force = true })
  return fits and lines or nil
end

---@param lines string[]
---@return string
local function joined(lines)
  return table.concat(lines, '\n') .. '\n'
end

--- Opens the window.
---@param review promptstack.Review
---@param item promptstack.ReviewItem
function M.open(review, item)
  if #place.open(item) == 0 then return notify.info('this suggestion changes nothing by itself') end
  local changed = after(review.buf, item)
  if not changed then return notify.warn(place.STALE) end
  local before = vim.api.nvim_buf_get_lines(review.buf, 0, -1, true)
  local patch = unified(joined(before), joined(changed), { ctxlen = 3 }) --[[@as string]]
  local lines = vim.tbl_map(visible.line, vim.split(patch, '\n', { plain = true, trimempty = true }))
  local width = 50
  for _, line in ipairs(lines) do
    width = math.max(width, text.width(line) + 1)
  end
  vim.cmd.stopinsert()
  local window = Window.open({
    title = 'Diff · ' .. visible.line(item.suggestion.title),
    footer = 'q close · g? keys',
    width = math.min(width, vim.o.columns - 6),
    height = math.min(#lines, math.floor(vim.o.lines * 0.6)),
    enter = true,
    filetype = 'diff',
    zindex = 60,
  })
  window:set_lines(lines)
  vim.bo[window.buf].modifiable = false
  window:map_close()
  require('promptstack.ui.help').attach(window)
end

return M
