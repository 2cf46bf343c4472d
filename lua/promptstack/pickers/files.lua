--- The file picker: files from a directory down, found while the directory is still being read.
local Picker = require('promptstack.ui.picker')
local config = require('promptstack.config')
local files = require('promptstack.files')
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')

local M = {}

--- While the directory is read, rows are asked for again after this long.
local AGAIN_MS = 100

---@class promptstack.FileItem: promptstack.PickerItem
---@field secret boolean

---@param picker promptstack.Picker
---@return string[]
local function paths_of(picker)
  return vim.tbl_map(function(item)
    return item.key
  end, picker:chosen())
end

---@param err promptstack.WireError
---@param picker promptstack.Picker
local function say(picker, err)
  picker:say(notify.text(err))
end

--- Whether files that may hold secrets were chosen on purpose: it takes the same key once more.
---@param picker promptstack.Picker
---@param state { confirmed?: string }
---@return boolean
local function is_meant(picker, state)
  local secret = {} ---@type string[]
  for _, item in
    ipairs(picker:chosen() --[[@as promptstack.FileItem[] ]])
  do
    if item.secret then secret[#secret + 1] = item.key end
  end
  local names = table.concat(secret, ', ')
  if names == '' or state.confirmed == names then return true end
  state.confirmed = names
  picker:say(('may hold secrets: %s · the same key again takes it all the same'):format(names))
  return false
end

---@param directory string
---@param state { confirmed?: string }
---@return fun(picker: promptstack.Picker)
local function link(directory, state)
  return function(picker)
    local paths = paths_of(picker)
    if #paths == 0 or not is_meant(picker, state) then return end
    picker:busy(true)
    rpc.files_titles({ directory = directory, paths = paths }, function(err, reply)
      picker:busy(false)
      if err then return say(picker, err) end
      local origin = vim.deepcopy(picker.origin)
      -- Titles are edited from normal mode; the way back leads to the mode that the person was in.
      picker.origin.mode = 'n'
      picker:close(function()
        files.edit_titles(reply.titles, paths, origin)
      end)
    end)
  end
end

---@param state { confirmed?: string }
---@return fun(picker: promptstack.Picker)
local function refer(state)
  return function(picker)
    local paths = paths_of(picker)
    if #paths == 0 or not is_meant(picker, state) then return end
    picker:busy(true)
    rpc.files_links({ titles = paths, paths = paths }, function(err, reply)
      picker:busy(false)
      if err then return say(picker, err) end
      for index, text in ipairs(reply.references) do
        if text == '' then
          picker:say(("%s can't be referred to; <CR> links it"):format(paths[index]))
          return
        end
      end
      local mode = picker.origin.mode
      picker:close(function(there)
        files.insert(reply.references, paths, 'references', there, mode)
      end)
    end)
  end
end

---@param directory string
---@param how 'edit'|'split'|'vsplit'|'tab'
---@return fun(picker: promptstack.Picker)
local function open(directory, how)
  return function(picker)
    local paths = paths_of(picker)
    if #paths == 0 then return end
    picker.origin.mode = 'n'
    picker:close(function()
      for _, path in ipairs(paths) do
        require('promptstack.open')(vim.fs.joinpath(directory, path), { how = how })
      end
    end)
  end
end

---@param by integer
---@return fun(picker: promptstack.Picker)
local function mark(by)
  return function(picker)
    picker:mark(by)
  end
end

---@param directory string
---@param state { confirmed?: string }
---@return promptstack.PickerKey[]
local function keys(directory, state)
  local both = { 'n', 'i' }
  return {
    { both, { '<CR>' }, 'edit the titles, then insert links', link(directory, state) },
    { both, { '<C-o>', '<C-CR>' }, 'insert as @references', refer(state) },
    { both, { '<Tab>' }, 'mark; marked ones are inserted in this order', mark(1) },
    { both, { '<S-Tab>' }, 'mark, and go up', mark(-1) },
    { both, { '<C-e>' }, 'edit the file', open(directory, 'edit') },
    { both, { '<C-s>' }, 'open it in a split', open(directory, 'split') },
    { both, { '<C-v>' }, 'open it in a vertical split', open(directory, 'vsplit') },
    { both, { '<C-t>' }, 'open it in a tab', open(directory, 'tab') },
  }
end

--- Cuts folders from the beginning of a path until it fits: the end of it says more.
---@param path string
---@param positions integer[]
---@param width integer
---@return string path
---@return integer[] positions
local function fitting(path, positions, width)
  if vim.fn.strdisplaywidth(path) <= width then return path, positions end
  local cut = 0
  while vim.fn.strdisplaywidth(path:sub(cut + 1)) + 2 > width do
    local slash = path:find('/', cut + 1, true)
    if not slash then break end
    cut = slash
  end
  local sign = config.ui('icons') and '…/' or '../'
  local moved = {}
  for _, offset in ipairs(positions) do
    if offset >= cut then moved[#moved + 1] = offset - cut + #sign end
  end
  return sign .. path:sub(cut + 1), moved
end

---@param reply promptstack.FilesReply
---@param picker fun(): promptstack.Picker?
---@return promptstack.PickerPage
local function page(reply, picker)
  local sign = { config.ui('icons') and '⚠' or '!', 'PromptstackWarning' }
  return {
    count = #reply.paths,
    matching = reply.matching,
    all = reply.all,
    loading = reply.loading,
    groups = {},
    item = function(index)
      return { key = reply.paths[index], secret = reply.secret[index] }
    end,
    row = function(index)
      local opened = picker()
      local width = opened and vim.api.nvim_win_get_width(opened.window.win) - 6 or vim.o.columns
      local path, positions = fitting(reply.paths[index], reply.positions[index], width)
      return {
        group = '',
        sign = reply.secret[index] and sign or nil,
        text = path,
        positions = positions,
        right = '',
      }
    end,
  }
end

---@param bytes integer
---@return string
local function size(bytes)
  if bytes < 1024 then return ('%d bytes'):format(bytes) end
  if bytes < 1024 * 1024 then return ('%.1f KB'):format(bytes / 1024) end
  return ('%.1f MB'):format(bytes / 1024 / 1024)
end

---@param path string
---@param reply promptstack.FilePreview
---@return promptstack.PickerView
local function view(path, reply)
  return {
    name = ('%s  %s'):format(path, size(reply.bytes)),
    title = '',
    left = '',
    right = '',
    notes = reply.note and { { reply.note, 'PromptstackWarning' } } or {},
    lines = reply.lines,
    spans = {},
  }
end

---@param query string
---@param found promptstack.PickerPage
---@return string[]
local function nothing(query, found)
  if found.loading then return { 'looking for files…' } end
  if found.all == 0 then
    return { 'there is no file here', 'hidden files and those that .gitignore names are left out' }
  end
  return { ('no file matches “%s”; <C-u> clears'):format(query) }
end

--- Opens the picker.
---@param directory string where it begins
---@param opts? { query?: string }
---@return fun() close
function M.pick(directory, opts)
  local state = {} ---@type { confirmed?: string }
  local picker, closed, fresh = nil, false, true ---@type promptstack.Picker?, boolean, boolean
  local asked, told = 0, false
  ---@param number integer of the request whose rows are shown
  local function again(number)
    if closed or number ~= asked or not picker then return end
    -- Whoever has not moved wants the best row, whatever comes.
    picker:search({ keep = picker.list.selected > 1 or picker.list.message ~= nil })
  end
  picker = Picker.open({
    title = ('Files · %s'):format(vim.fn.fnamemodify(directory, ':~')),
    hints = { '<C-/> keys', '<CR> link', '<Tab> mark', '<C-o> @reference' },
    keys = keys(directory, state),
    choose = link(directory, state),
    nothing = nothing,
    fetch = function(query, limit, on_page)
      asked = asked + 1
      local number = asked
      local params = { directory = directory, query = query, limit = limit, fresh = fresh }
      fresh = false
      return rpc.files_find(params, function(err, reply)
        if closed then return end
        on_page(err and notify.text(err), reply and page(reply, function()
          return picker
        end))
        if picker then
          picker:busy(reply ~= nil and reply.loading)
          if reply and reply.limited and not told then
            told = true
            picker:say(('only the first %d files are listed'):format(reply.all), 'PromptstackWarning')
          end
        end
        if not (reply and reply.loading) then return end
        vim.defer_fn(function()
          again(number)
        end, AGAIN_MS)
      end, { latest = 'files.find' })
    end,
    preview = function(path, on_view)
      return rpc.files_preview({ directory = directory, path = path }, function(err, reply)
        on_view(err and notify.text(err), reply and view(path, reply))
      end, { latest = 'files.preview' })
    end,
    watch = function()
      return function()
        closed = true
      end
    end,
  }, opts)
  return function()
    picker:close()
  end
end

return M
