--- Which line of the title editor stands for which file, whatever is done to the lines.
---
--- A line that is changed keeps its file; a line that was deleted and comes back, pasted elsewhere or by undo, is known
--- by its text. A line that nothing is known of stands for no file.
local M = {}

---@class promptstack.FileRow
---@field path? string nil for a line that stands for no file
---@field text string

---@class promptstack.FileRows
---@field rows promptstack.FileRow[] one a line
---@field gone promptstack.FileRow[][] what went together, the latest last

---@param titles string[]
---@param paths string[]
---@return promptstack.FileRows
function M.new(titles, paths)
  local rows = {}
  for index, title in ipairs(titles) do
    rows[index] = { path = paths[index], text = title }
  end
  return { rows = rows, gone = {} }
end

--- The file of a deleted line with this text: of the latest deletion, and of its lines the first, as files may well
--- have the same title.
---@param self promptstack.FileRows
---@param text string
---@return string?
local function take_back(self, text)
  for at = #self.gone, 1, -1 do
    local together = self.gone[at]
    for index, row in ipairs(together) do
      if row.text == text then
        table.remove(together, index)
        if #together == 0 then table.remove(self.gone, at) end
        return row.path
      end
    end
  end
end

---@param self promptstack.FileRows
---@param rows promptstack.FileRow[]
local function remember(self, rows)
  local files = vim.tbl_filter(function(row)
    return row.path ~= nil
  end, rows)
  if #files > 0 then table.insert(self.gone, files) end
end

--- Gives lines without a file one that was deleted with the same text.
---@param self promptstack.FileRows
local function claim(self)
  for _, row in ipairs(self.rows) do
    if not row.path then row.path = take_back(self, row.text) end
  end
end

--- Follows a change: the lines from `first` to before `last` became `lines`.
---@param self promptstack.FileRows
---@param first integer from 0
---@param last integer
---@param lines string[]
function M.replace(self, first, last, lines)
  local old = vim.list_slice(self.rows, first + 1, math.min(last, #self.rows))
  local new = vim.tbl_map(function(text)
    return { text = text }
  end, lines) ---@type promptstack.FileRow[]
  if #old == #new then
    -- Changed in place, from the first letter to the last perhaps.
    for index, row in ipairs(new) do
      row.path = old[index].path
    end
  else
    local left = {} ---@type promptstack.FileRow[]
    for _, row in ipairs(old) do
      local same = vim.iter(new):find(function(other)
        return not other.path and other.text == row.text
      end)
      if same then
        same.path = row.path
      else
        left[#left + 1] = row
      end
    end
    -- A line that was split or joined goes on where it began.
    for _, row in ipairs(new) do
      if #old > 0 and not row.path and #left > 0 then row.path = table.remove(left, 1).path end
    end
    remember(self, left)
  end
  local rows = vim.list_slice(self.rows, 1, first)
  vim.list_extend(rows, new)
  vim.list_extend(rows, vim.list_slice(self.rows, last + 1))
  self.rows = rows
  claim(self)
end

--- Makes the number of rows that of the buffer's lines: an emptied buffer has a line that was in no change.
---@param self promptstack.FileRows
---@param lines string[]
function M.fit(self, lines)
  remember(self, vim.list_slice(self.rows, #lines + 1))
  self.rows = vim.list_slice(self.rows, 1, #lines)
  for index = #self.rows + 1, #lines do
    self.rows[index] = { text = lines[index] }
  end
  claim(self)
end

--- The files in the order of the lines, each with its title; one whose title was deleted is named by its path.
---@param self promptstack.FileRows
---@return string[] titles
---@return string[] paths
function M.files(self)
  local titles, paths = {}, {}
  for _, row in ipairs(self.rows) do
    if row.path then
      local title = vim.trim(row.text)
      titles[#titles + 1] = title ~= '' and title or row.path
      paths[#paths + 1] = row.path
    end
  end
  return titles, paths
end

return M
