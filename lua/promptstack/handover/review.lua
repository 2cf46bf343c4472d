--- What is to be said before a text is handed over: what blocks it, and what has to be confirmed.
local Window = require('promptstack.ui.window')
local config = require('promptstack.config')
local marks = require('promptstack.ui.marks')
local text = require('promptstack.ui.picker.text')

local M = {}

---@class promptstack.ReviewOpts
---@field title string
---@field findings promptstack.TextFinding[]
---@field first integer the row of the buffer at which the text begins
---@field go fun(finding: promptstack.TextFinding)
---@field confirm? fun() without it there is nothing to confirm: it is blocked

--- What stops a text by itself.
---@param finding promptstack.TextFinding
---@return boolean
function M.blocks(finding)
  return finding.kind == 'unfilled' or finding.kind == 'reference'
end

---@param finding promptstack.TextFinding
---@param first integer
---@return string
local function place(finding, first)
  if finding.file then return ('%s:%d:%d'):format(finding.file, finding.row + 1, finding.start + 1) end
  return ('%d:%d'):format(finding.row + first + 1, finding.start + 1)
end

--- A finding in one line.
---@param finding promptstack.TextFinding
---@param first integer
---@return string line
---@return string group
---@return integer sign its length in bytes
function M.line(finding, first)
  local icons = config.ui('icons')
  local sign, group = icons and '▲' or 'W', 'PromptstackWarning'
  if M.blocks(finding) then
    sign, group = icons and '✗' or 'E', 'PromptstackError'
  elseif finding.kind == 'note' then
    sign, group = icons and '·' or 'i', 'PromptstackHint'
  end
  local message = finding.kind == 'unfilled' and 'not filled: ' .. finding.message or finding.message
  if finding.hint then message = ('%s (%s)'):format(message, finding.hint) end
  return ('%s %s  %s'):format(sign, place(finding, first), (text.clean(message))), group, #sign
end

--- Shows findings; nothing happens but what the person chooses.
---@param opts promptstack.ReviewOpts
function M.open(opts)
  local lines, spans, width = {}, {}, math.max(50, text.width(opts.title) + 3)
  for row, finding in ipairs(opts.findings) do
    local line, group, sign = M.line(finding, opts.first)
    lines[row], spans[row] = line, { group = group, sign = sign }
    width = math.max(width, text.width(line) + 1)
  end
  -- Its keys are those of normal mode.
  vim.cmd.stopinsert()
  local window = Window.open({
    title = opts.title,
    footer = opts.confirm and 'y send anyway · <CR> go there · q cancel' or '<CR> go there · q close',
    width = math.min(width, vim.o.columns - 6),
    height = math.min(#lines, math.floor(vim.o.lines * 0.6)),
    enter = true,
    filetype = 'promptstack-review',
    wrap = true,
  })
  window:set_lines(lines)
  vim.bo[window.buf].modifiable = false
  vim.wo[window.win].cursorline = true
  vim.wo[window.win].linebreak = true
  vim.wo[window.win].breakindent = true
  vim.wo[window.win].breakindentopt = 'shift:2'
  for row, span in ipairs(spans) do
    vim.api.nvim_buf_set_extmark(window.buf, marks.window, row - 1, 0, {
      end_col = span.sign,
      hl_group = span.group,
    })
  end
  local rows = vim.api.nvim_win_text_height(window.win, {}).all
  window:update({ height = math.min(rows, math.floor(vim.o.lines * 0.6)) })
  window:map('n', '<CR>', 'go there', function()
    local finding = opts.findings[vim.api.nvim_win_get_cursor(window.win)[1]]
    window:close()
    if finding then opts.go(finding) end
  end)
  if opts.confirm then
    window:map('n', 'y', 'send anyway', function()
      window:close()
      opts.confirm()
    end)
  end
  window:map_close(opts.confirm and 'cancel' or 'close')
  require('promptstack.ui.help').attach(window)
end

return M
