--- Compositions as rows of a picker: time, folder, name and beginning, then tags, uses and size.
local config = require('promptstack.config')
local format = require('promptstack.history.format')
local text = require('promptstack.ui.picker.text')

local M = {}

---@class promptstack.HistoryRow: promptstack.PickerItem
---@field id string of the composition
---@field time integer seconds since 1970
---@field directory string
---@field name string empty without one
---@field preview string
---@field positions integer[] byte offsets of what was found in `preview`
---@field size integer? bytes
---@field tags string
---@field uses integer
---@field draft boolean
---@field path? string
---@field buf? integer that it is open in
---@field state? string instead of the time
---@field note? string instead of the uses
---@field client? string who waits for it

--- Narrower lists show no folder.
local FOLDER_FROM = 60
--- From here on folders are wider, and tags are shown.
local WIDE_FROM = 90
local FOLDER_WIDTH, FOLDER_WIDE, TAGS_WIDTH = 14, 22, 18
--- Narrower lists show no size.
local SIZE_FROM = 44

--- The rows of a reply.
---@param reply promptstack.HistoryReply
---@return promptstack.HistoryRow[]
function M.of(reply)
  local rows = {}
  for index, id in ipairs(reply.ids) do
    rows[index] = {
      key = id,
      id = id,
      time = reply.times[index],
      directory = reply.directories[index],
      name = reply.names[index],
      preview = reply.previews[index],
      positions = reply.positions[index],
      size = reply.sizes[index],
      tags = reply.tags[index],
      uses = reply.uses[index],
      draft = reply.drafts[index],
      path = reply.folder .. '/' .. reply.files[index],
    }
  end
  return rows
end

--- A folder as a row shows it, seen from the project's where only that one is listed.
---@param directory string
---@param project string?
---@return string
local function folder(directory, project)
  if project == directory then return '' end
  local below = project and vim.startswith(directory, project .. '/')
  return below and (text.clean(directory:sub(#project + 2))) or format.folder(directory)
end

---@param row promptstack.HistoryRow
---@return string
local function note(row)
  if row.note then return row.note end
  if row.uses > 0 then return (config.ui('icons') and '×' or 'x') .. row.uses end
  return row.draft and 'draft' or ''
end

---@param whole string
---@param width integer
---@return string
local function padded(whole, width)
  return whole .. (' '):rep(width - text.width(whole))
end

---@class promptstack.HistoryColumns widths
---@field folder integer
---@field tags integer
---@field note integer
---@field size integer

--- How wide the columns are for these rows.
---@param rows promptstack.HistoryRow[]
---@param project string?
---@param width integer of the list
---@return promptstack.HistoryColumns
local function measure(rows, project, width)
  local widest = { folder = 0, tags = 0, note = 0, size = 0 }
  local function grow(column, whole)
    widest[column] = math.max(widest[column], text.width(whole))
  end
  for _, row in ipairs(rows) do
    grow('folder', folder(row.directory, project))
    grow('tags', (text.clean(row.tags)))
    grow('note', note(row))
    grow('size', row.size and format.size(row.size) or '')
  end
  local wide = width >= WIDE_FROM
  widest.folder = width >= FOLDER_FROM and math.min(widest.folder, wide and FOLDER_WIDE or FOLDER_WIDTH) or 0
  widest.tags = wide and math.min(widest.tags, TAGS_WIDTH) or 0
  if width < SIZE_FROM then widest.size = 0 end
  return widest
end

---@param row promptstack.HistoryRow
---@param columns promptstack.HistoryColumns
---@return string
local function right(row, columns)
  local parts = {}
  local function add(whole, width, left)
    if width == 0 then return end
    local pad = (' '):rep(width - text.width(whole))
    parts[#parts + 1] = left and whole .. pad or pad .. whole
  end
  add(text.fit((text.clean(row.tags)), columns.tags), columns.tags, true)
  add(note(row), columns.note)
  add(row.size and format.size(row.size) or '', columns.size)
  return table.concat(parts, '  ')
end

--- The rows as a page of the picker.
---@param rows promptstack.HistoryRow[]
---@param opts { matching: integer, all: integer, project: string?, width: fun(): integer }
---@return promptstack.PickerPage
function M.page(rows, opts)
  local now = os.time()
  local groups = vim.tbl_map(function(row)
    return row.state or format.time(row.time, now)
  end, rows)
  local columns, measured = nil, nil ---@type promptstack.HistoryColumns?, integer?
  return {
    count = #rows,
    matching = opts.matching,
    all = opts.all,
    loading = false,
    groups = groups,
    item = function(index)
      return rows[index]
    end,
    row = function(index)
      local width = opts.width()
      if not columns or measured ~= width then
        columns, measured = measure(rows, opts.project, width), width
      end
      local row = assert(rows[index])
      local name = row.name ~= '' and ('[%s] '):format(row.name) or ''
      local where = format.tail(folder(row.directory, opts.project), columns.folder)
      return {
        group = groups[index],
        sign = columns.folder > 0 and { padded(where, columns.folder + 1), 'PromptstackHint' } or nil,
        text = name .. row.preview,
        positions = vim.tbl_map(function(offset)
          return offset + #name
        end, row.positions),
        right = right(row, columns),
      }
    end,
  }
end

return M
