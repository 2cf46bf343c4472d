--- The shelf in our own picker: drafts that were not handed over yet, and what is being written right now.
local Picker = require('promptstack.ui.picker')
local format = require('promptstack.history.format')
local notify = require('promptstack.notify')
local question = require('promptstack.history.question')
local rows = require('promptstack.history.rows')
local rpc = require('promptstack.rpc.contract')
local scope = require('promptstack.history.scope')
local shared = require('promptstack.history.shared')
local shelf = require('promptstack.history.shelf')

local M = {}

---@class promptstack.DraftsOpts
---@field query? string typed already
---@field all? boolean those of all projects

---@param how? promptstack.ComposeHow
---@return fun(picker: promptstack.Picker)
local function resume(how)
  return function(picker)
    local row = picker:current() --[[@as promptstack.HistoryRow?]]
    if row and row.buf then
      picker:close(function()
        vim.cmd.stopinsert()
        shelf.show(row)
      end)
    elseif row then
      shared.read(picker, { row }, function(entries)
        vim.cmd.stopinsert()
        require('promptstack.composition').resume(assert(entries[1]), { how = how })
      end)
    end
  end
end

---@param picker promptstack.Picker
local function put_away(picker)
  local chosen = picker:chosen() --[[@as promptstack.HistoryRow[] ]]
  if #chosen == 0 then return end
  picker:busy(true)
  shelf.put_away(chosen, function(gone, err)
    picker:busy(false)
    local ids = vim.tbl_map(function(row)
      return row.id
    end, gone)
    picker.list.marked = vim.tbl_filter(function(row)
      return not vim.tbl_contains(ids, row.id)
    end, picker.list.marked)
    shared.step_off(picker, ids)
    picker.preview:forget()
    picker:search({ keep = true })
    picker:settled(function()
      if err then return picker:say(err) end
      picker:say(
        ('put away %s; :Prompt history still finds what was written'):format(format.number(#gone)),
        'PromptstackHint'
      )
    end)
  end)
end

---@param toggle fun(picker: promptstack.Picker)
---@return promptstack.PickerKey[]
local function keys(toggle)
  local both = { 'n', 'i' }
  return vim.list_extend({
    { both, { '<CR>' }, 'go on with it', resume() },
    { both, { '<C-s>' }, 'in a split', resume('split') },
    { both, { '<C-v>' }, 'in a vertical split', resume('vsplit') },
    { both, { '<C-t>' }, 'in a tab', resume('tab') },
    { both, { '<Tab>' }, 'mark, and go down', shared.mark(1) },
    { both, { '<S-Tab>' }, 'mark, and go up', shared.mark(-1) },
    { both, { '<C-g>' }, "all projects, or only this one's", toggle },
    { 'n', { 'dd' }, 'put it, or the marked ones, away; the history keeps them', put_away },
  }, question.keys)
end

--- What is said where no row is.
---@param project string?
---@param note string? what there is to say of the index
---@return fun(query: string, page: promptstack.PickerPage): string[]
local function nothing(project, note)
  return function(query, page)
    -- An index that is not there yet knows of none.
    if note and page.all == 0 then return { note } end
    if query:find('%S') then return { ('no draft holds “%s”; <C-u> clears'):format(query) } end
    local where = project and 'no drafts in ' .. format.folder(project) or 'no drafts'
    local how = ':Prompt compose begins one; what you write is kept'
    return project and { where, how, '<C-g> shows those of all projects' } or { where, how }
  end
end

--- Opens the shelf.
---@param opts? promptstack.DraftsOpts
function M.pick(opts)
  opts = opts or {}
  if not shared.may_open() then return end
  local project = not opts.all and scope.project() or nil ---@type string?
  local picker, cancel = nil, function() end ---@type promptstack.Picker?, fun()
  local local_rows = {} ---@type table<string, promptstack.HistoryRow>

  local source ---@type promptstack.PickerSource

  ---@param note string?
  local function label(note)
    source.title = scope.title('Drafts', project)
    source.nothing = nothing(project, note)
    local all = project and '<C-g> all projects' or '<C-g> this project'
    source.hints = shared.hints(picker, note, { '<C-/> keys', '<CR> go on', '<Esc>dd put away', all })
  end

  ---@param it promptstack.Picker
  local function toggle(it)
    project = not project and scope.project() or nil
    label()
    it:search()
  end

  ---@param query string
  ---@param limit integer
  ---@param on_page fun(err: string?, page: promptstack.PickerPage?)
  ---@return fun() cancel
  local function fetch(query, limit, on_page)
    if shared.is_ending() then return cancel end
    cancel()
    if picker then picker.preview:forget() end
    local params = { query = query, limit = limit, directory = project, drafts = true, whole = true }
    cancel = rpc.history_list(params, function(err, reply)
      label(reply and shared.note(reply))
      local found, added = shelf.merge(reply and rows.of(reply) or {}, query, project)
      local_rows = {}
      for _, row in ipairs(found) do
        if row.buf then local_rows[row.key] = row end
      end
      -- What is open can be gone back to even when the host has nothing to say.
      if err and #found == 0 then return on_page(notify.text(err)) end
      if err then label(notify.text(err)) end
      on_page(
        nil,
        rows.page(found, {
          matching = (reply and reply.matching or 0) + added,
          all = (reply and reply.all or 0) + added,
          project = project,
          width = shared.width(function()
            return picker
          end),
        })
      )
    end, { latest = 'history' })
    return cancel
  end

  ---@param key string
  ---@param on_view fun(err: string?, view: promptstack.PickerView?)
  ---@return fun() cancel
  local function preview(key, on_view)
    if shared.is_ending() then return cancel end
    local row = local_rows[key]
    if row then
      on_view(nil, shelf.view(row))
      shared.show_view(picker, nil, nil, function() end)
      return function() end
    end
    local params = { id = key, query = picker and picker.query or '' }
    return rpc.history_preview(params, function(err, reply)
      shared.show_view(picker, err, reply, on_view)
    end, { latest = 'history.preview' })
  end

  source = {
    title = '',
    hints = {},
    nothing = nothing(project),
    keys = keys(toggle),
    choose = resume(),
    fetch = fetch,
    preview = preview,
    watch = shared.watch,
    beside = shared.BESIDE,
  }
  label()
  picker = Picker.open(source, { query = opts.query })
  shared.opened(picker, source)
end

return M
