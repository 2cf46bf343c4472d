--- What is shown of a composition: whether it is saved, how long it is, which placeholder is next.
local config = require('promptstack.config')
local keepers = require('promptstack.composition.keeper')
local number = require('promptstack.ui.number')

local M = {}

--- Of a name in a bar, in cells.
local NAME_WIDTH = 40

local waits = {} ---@type table<integer, table<string, string>>

--- Notes why a model that was asked about a text says nothing yet.
---@param buf integer
---@param task string for which it is asked
---@param why? string nil once it is over
function M.wait(buf, task, why)
  local of_buf = waits[buf] or {}
  if of_buf[task] == why then return end
  of_buf[task] = why
  waits[buf] = next(of_buf) and of_buf or nil
  vim.cmd.redrawstatus({ bang = true })
end

---@param count integer
---@param word string
---@return string
local function counted(count, word)
  return ('%s %s%s'):format(number.thousands(count), word, count == 1 and '' or 's')
end

---@param keeper promptstack.Keeper
---@return string text
---@return string group
local function saved(keeper)
  local state = keepers.state(keeper)
  local icons = config.ui('icons')
  if state == 'private' then return 'private, not kept', 'PromptstackWarning' end
  if state == 'failed' then return 'NOT SAVED: ' .. assert(keeper.failure).message, 'PromptstackError' end
  if state == 'aside' then return 'set aside, the host is away', 'PromptstackWarning' end
  if state == 'new' then return '', 'PromptstackHint' end
  if state == 'saved' then return icons and 'saved ✓' or 'saved', 'PromptstackSaved' end
  return icons and 'saving…' or 'saving', 'PromptstackHint'
end

--- The parts of the status of a buffer, each with its highlight group.
---@param buf integer
---@return [string, string][]
function M.parts(buf)
  local parts = {} ---@type [string, string][]
  local function add(text, group)
    if text ~= '' then parts[#parts + 1] = { text, group } end
  end
  local keeper = keepers.get(buf)
  if keeper then
    add(saved(keeper))
    for _, why in vim.spairs(waits[buf] or {}) do
      add('waiting: ' .. why, 'PromptstackWarning')
    end
    local reply = keeper.reply
    -- Of an empty buffer the line break alone would be counted.
    local is_empty = keeper.rows == 1 and vim.api.nvim_buf_get_lines(buf, 0, 1, false)[1] == ''
    if is_empty then
      add('empty', 'PromptstackHint')
      reply = nil
    end
    if reply then add(counted(reply.chars, 'char'), 'PromptstackHint') end
    if not is_empty then add(counted(keeper.rows, 'line'), 'PromptstackHint') end
    if reply then
      local groups = { fine = 'PromptstackHint', warn = 'PromptstackWarning', refuse = 'PromptstackError' }
      add(reply.tokens.text, groups[reply.tokens.level])
    end
  end
  local placeholder = package.loaded['promptstack.placeholder']
  local progress = placeholder and placeholder.status(buf)
  if progress then add(('%d/%d'):format(progress.current, progress.total), 'PromptstackProgress') end
  return parts
end

--- The status as a text, with nothing that a status line would take for an item of its own.
---@param buf integer
---@return string
function M.text(buf)
  local texts = vim.tbl_map(function(part)
    return part[1]
  end, M.parts(buf))
  return (table.concat(texts, ' · '):gsub('[\r\n]', ' '))
end

--- A name that leaves room for what stands behind it, whether the text is saved before all.
---@param name string
---@return string
local function shortened(name)
  if vim.fn.strdisplaywidth(name) <= NAME_WIDTH then return name end
  local cut = vim.fn.strcharpart(name, 0, NAME_WIDTH)
  while vim.fn.strdisplaywidth(cut) > NAME_WIDTH - 1 do
    cut = vim.fn.strcharpart(cut, 0, vim.fn.strchars(cut) - 1)
  end
  return vim.trim(cut) .. '…'
end

--- The status as 'winbar' takes it.
---@param buf integer
---@return string
function M.bar(buf)
  local keeper = keepers.get(buf)
  local out = {}
  for index, part in ipairs(M.parts(buf)) do
    local sep = index > 1 and '%#PromptstackHint# · ' or ''
    out[index] = ('%s%%#%s#%s'):format(sep, part[2], (part[1]:gsub('%%', '%%%%'):gsub('[\r\n]', ' ')))
  end
  local name = keeper and keeper.name and (' %s  '):format((shortened(keeper.name):gsub('%%', '%%%%'))) or ' '
  return ('%%#PromptstackTitle#%s%s%%*%%<'):format(name, table.concat(out))
end

return M
