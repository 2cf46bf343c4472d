--- Times, sizes and folders as the history shows them.
local text = require('promptstack.ui.picker.text')

local M = {}

local MONTHS = { 'Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec' }

--- A time as one speaks of it: `today 14:03`, `yesterday`, `12 Nov`, `2025-11-03`.
---@param seconds integer since 1970
---@param now? integer seconds since 1970
---@return string
function M.time(seconds, now)
  local at = os.date('*t', seconds) --[[@as std.osdate]]
  local today = os.date('*t', now or os.time()) --[[@as std.osdate]]
  local function is_day_of(date)
    return at.year == date.year and at.yday == date.yday
  end
  if is_day_of(today) then return ('today %02d:%02d'):format(at.hour, at.min) end
  -- Noon of the day before, so that no change of the clock counts.
  local noon =
    os.time({ year = today.year, month = today.month, day = today.day - 1, hour = 12 } --[[@as std.osdateparam]])
  if is_day_of(os.date('*t', noon)) then return 'yesterday' end
  if at.year == today.year then return ('%d %s'):format(at.day, MONTHS[at.month]) end
  return ('%04d-%02d-%02d'):format(at.year, at.month, at.day)
end

--- A time to the minute, `12 Nov 14:03`.
---@param seconds integer since 1970
---@return string
function M.moment(seconds)
  local day = M.time(seconds)
  if vim.startswith(day, 'today') then return day end
  return day .. os.date(' %H:%M', seconds)
end

--- A day, `2025-11-03`.
---@param seconds integer since 1970
---@return string
function M.day(seconds)
  return os.date('%Y-%m-%d', seconds) --[[@as string]]
end

--- A size in units of 1024: `340 B`, `1.2 KB`, `12 KB`.
---@param bytes integer
---@return string
function M.size(bytes)
  if bytes < 1000 then return ('%d B'):format(bytes) end
  local size, unit = bytes / 1024, 'KB'
  if size >= 1000 then
    size, unit = size / 1024, 'MB'
  end
  if size >= 1000 then
    size, unit = size / 1024, 'GB'
  end
  return size < 9.95 and ('%.1f %s'):format(size, unit) or ('%.0f %s'):format(size, unit)
end

M.number = require('promptstack.ui.number').thousands

--- `1 composition`, `2,000 compositions`.
---@param count integer
---@param word? string
---@return string
function M.count(count, word)
  return ('%s %s%s'):format(M.number(count), word or 'composition', count == 1 and '' or 's')
end

--- A folder with `~` for the person's home.
---@param path string
---@return string
function M.folder(path)
  return (text.clean(vim.fn.fnamemodify(path, ':~')))
end

--- The end of a path that is too wide, from a whole name on where one fits, with an ellipsis before it.
---@param path string
---@param width integer
---@return string
function M.tail(path, width)
  if text.width(path) <= width then return path end
  local chars = vim.fn.split(path, '\\zs')
  local kept, cells, name = #chars + 1, 1, nil ---@type integer, integer, integer?
  while kept > 1 and cells + text.width(chars[kept - 1]) <= width do
    kept = kept - 1
    cells = cells + text.width(chars[kept])
    if chars[kept] == '/' then name = kept end
  end
  return '…' .. table.concat(chars, '', name or kept)
end

--- The first of some words, and how many more there are.
---@param words string[]
---@param most integer
---@return string
function M.some(words, most)
  local line = table.concat(words, ', ', 1, math.min(#words, most))
  return #words > most and ('%s and %d more'):format(line, #words - most) or line
end

return M
