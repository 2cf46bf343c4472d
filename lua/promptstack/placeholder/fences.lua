--- The lines of a buffer at which a block of code may begin or end, kept while it changes.
---
--- What stands in such a block is literal, and only the host knows which lines do: it is told these before it is asked
--- about later ones.
local M = {}

---@class promptstack.FenceLine
---@field row integer
---@field text string

---@class promptstack.Fences
---@field lines promptstack.FenceLine[] from the first to the last
---@field listeners fun(row: integer)[]

local known = {} ---@type table<integer, promptstack.Fences>

--- Whether the host has to know of a line.
---@param line string
---@return boolean
function M.is_fence(line)
  return line:find('```', 1, true) ~= nil or line:find('~~~', 1, true) ~= nil
end

---@param buf integer
---@param first integer
---@param last integer
---@return promptstack.FenceLine[]
local function read(buf, first, last)
  local found = {}
  for index, line in ipairs(vim.api.nvim_buf_get_lines(buf, first, last, false)) do
    if M.is_fence(line) then found[#found + 1] = { row = first + index - 1, text = line } end
  end
  return found
end

---@param fences promptstack.Fences
---@param buf integer
---@param first integer
---@param last integer
---@param new_last integer
---@return boolean changed whether what follows may be something else now
local function replace(fences, buf, first, last, new_last)
  local before, old, after = {}, {}, {}
  for _, line in ipairs(fences.lines) do
    if line.row < first then
      before[#before + 1] = line
    elseif line.row < last then
      old[#old + 1] = line.text
    else
      after[#after + 1] = { row = line.row + new_last - last, text = line.text }
    end
  end
  local new = read(buf, first, new_last)
  fences.lines = vim.list_extend(vim.list_extend(before, new), after)
  if #new ~= #old then return true end
  for index, line in ipairs(new) do
    if line.text ~= old[index] then return true end
  end
  return false
end

--- Keeps the lines of a buffer from now on.
---@param buf integer
---@param on_change fun(row: integer) what stands at this row or below has to be looked at again
function M.attach(buf, on_change)
  local fences = known[buf]
  if fences then
    table.insert(fences.listeners, on_change)
    return
  end
  fences = { lines = read(buf, 0, -1), listeners = { on_change } }
  known[buf] = fences
  -- A moment later, when whoever else follows the buffer has followed this change.
  local changed = nil ---@type integer?
  local function tell(row)
    if changed then
      changed = math.min(changed, row)
      return
    end
    changed = row
    vim.schedule(function()
      local from = changed or 0
      changed = nil
      if known[buf] ~= fences then return end
      for _, listener in ipairs(fences.listeners) do
        listener(from)
      end
    end)
  end
  vim.api.nvim_buf_attach(buf, false, {
    on_lines = function(_, _, _, first, last, new_last)
      if known[buf] ~= fences then return true end
      if replace(fences, buf, first, last, new_last) or changed then tell(first) end
    end,
    on_reload = function()
      fences.lines = read(buf, 0, -1)
      tell(0)
    end,
    on_detach = function()
      if known[buf] == fences then known[buf] = nil end
    end,
  })
end

--- The lines before a row that the host has to know.
---@param buf integer
---@param row integer
---@return string[]
function M.before(buf, row)
  local texts = {}
  for _, line in ipairs(known[buf] and known[buf].lines or {}) do
    if line.row >= row then break end
    texts[#texts + 1] = line.text
  end
  return texts
end

return M
