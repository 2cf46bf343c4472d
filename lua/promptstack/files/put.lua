--- Puts links and references to files where the person was, in one undo step.
local notify = require('promptstack.notify')

local M = {}

--- A line that is nothing but the beginning of one.
local BEGINNINGS = { '^%s*$', '^%s*[-*+]%s+$' }

---@param before string
---@return boolean
local function is_beginning(before)
  return vim.iter(BEGINNINGS):any(function(pattern)
    return before:find(pattern) ~= nil
  end)
end

--- What keeps a reference apart from the words beside it.
---@param before string
---@param after string
---@return string left
---@return string right
local function blanks(before, after)
  local left = before:find('[^%s([{"\']$') and ' ' or ''
  local right = after:find('^[^%s)%]},.;!?"\']') and ' ' or ''
  return left, right
end

---@param texts string[]
---@param kind 'links'|'references'
---@param before string
---@param after string
---@return string[] lines
local function arrange(texts, kind, before, after)
  if #texts > 1 and is_beginning(before) and vim.trim(after) == '' then
    return vim.tbl_map(function(index)
      return index == 1 and texts[1] or before .. texts[index]
    end, vim.fn.range(1, #texts))
  end
  local left, right = '', ''
  if kind == 'references' then
    left, right = blanks(before, after)
  end
  return { left .. table.concat(texts, kind == 'links' and ', ' or ' ') .. right }
end

--- Puts them at the cursor: each on a line of its own where they are alone, else one after the other.
---@param texts string[]
---@param kind 'links'|'references'
---@param terminal? boolean whether the person came from terminal mode
---@return boolean done
function M.put(texts, kind, terminal)
  local buf = vim.api.nvim_get_current_buf()
  if vim.bo[buf].buftype == 'terminal' then
    local ok = pcall(vim.api.nvim_put, { table.concat(texts, ' ') }, 'c', true, true)
    if not ok then notify.warn('the terminal takes no text any more') end
    if terminal then vim.cmd.startinsert() end
    return ok
  end
  if not vim.bo[buf].modifiable then
    vim.fn.setreg('"', texts)
    notify.warn(('this buffer can\'t be modified; the %s were copied to register "'):format(kind))
    return false
  end
  local row, col = require('promptstack.insert').place()
  local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1] or ''
  local lines = arrange(texts, kind, line:sub(1, col), line:sub(col + 1))
  require('promptstack.placeholder.links').break_undo(buf)
  vim.api.nvim_buf_set_text(buf, row, col, row, col, lines)
  local last = row + #lines - 1
  local behind = (#lines == 1 and col or 0) + #lines[#lines]
  require('promptstack.placeholder.jump').behind(buf, last, behind)
  return true
end

return M
