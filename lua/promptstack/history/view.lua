--- A composition of the history as a picker's preview shows it.
local format = require('promptstack.history.format')

local M = {}

---@type table<promptstack.StopKind, string>
local stop_groups = { text = 'PromptstackText', list = 'PromptstackList', choice = 'PromptstackChoice' }

--- More of them are in the file's own front matter.
local LISTED = 4

---@param reply promptstack.HistoryPreviewReply
---@return [string, string][]
local function notes(reply)
  local found = {}
  local function add(word, list)
    if #list > 0 then
      found[#found + 1] = { ('%s: %s'):format(word, format.some(list, LISTED)), 'PromptstackHint' }
    end
  end
  if reply.answer then add('answer of', { reply.answer }) end
  add(
    'sent to',
    vim
      .iter(reply.sent)
      :rev()
      :map(function(sent)
        return ('%s (%s)'):format(sent.to, format.moment(sent.at))
      end)
      :totable()
  )
  add('prompts', reply.prompts)
  add('files', reply.files)
  add('tags', reply.tags)
  if reply.total > #reply.lines then
    local words = ('the first %s of %s'):format(
      format.number(#reply.lines),
      format.count(reply.total, 'line')
    )
    found[#found + 1] = { words, 'PromptstackHint' }
  end
  return found
end

--- What is known of it, and its text.
---@param reply promptstack.HistoryPreviewReply
---@return promptstack.PickerView
function M.of(reply)
  local spans = {}
  for _, stop in ipairs(reply.stops) do
    spans[#spans + 1] =
      { row = stop.row, start = stop.start, finish = stop.finish, hl = stop_groups[stop.kind] }
  end
  for _, hit in ipairs(reply.hits) do
    spans[#spans + 1] = { row = hit.row, start = hit.start, finish = hit.finish, hl = 'PromptstackMatch' }
  end
  local begun, saved = format.moment(reply.created), format.moment(reply.updated)
  return {
    name = reply.name or begun,
    title = format.folder(reply.directory),
    left = begun == saved and saved or ('begun %s · saved %s'):format(begun, saved),
    right = (reply.draft and 'draft · ' or '') .. format.size(reply.bytes),
    notes = notes(reply),
    lines = reply.lines,
    spans = spans,
  }
end

--- Colours a preview's window as Markdown, in which compositions are written.
---@param picker promptstack.Picker
function M.colour(picker)
  local window = picker.preview_window
  if not window or not window:is_open() then return end
  if vim.treesitter.highlighter.active[window.buf] then return end
  -- A Neovim without the parser shows it without colours.
  pcall(vim.treesitter.start, window.buf, 'markdown')
end

--- Scrolls a preview to a line of the text.
---@param picker promptstack.Picker
---@param view promptstack.PickerView
---@param row integer from 0
function M.scroll(picker, view, row)
  local window = picker.preview_window
  if not window or not window:is_open() then return end
  local before = vim.api.nvim_buf_line_count(window.buf) - #view.lines
  local line = before + row + 1
  if before < 0 or line <= vim.api.nvim_win_get_height(window.win) then return end
  vim.api.nvim_win_call(window.win, function()
    vim.api.nvim_win_set_cursor(window.win, { line, 0 })
    vim.cmd.normal({ 'zz', bang = true })
  end)
end

return M
