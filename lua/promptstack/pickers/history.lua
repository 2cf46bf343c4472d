--- The history in our own picker: everything that was ever composed, newest first, found by what stands in it.
local Picker = require('promptstack.ui.picker')
local diff = require('promptstack.history.diff')
local format = require('promptstack.history.format')
local history = require('promptstack.history')
local keepers = require('promptstack.composition.keeper')
local notify = require('promptstack.notify')
local question = require('promptstack.history.question')
local rows = require('promptstack.history.rows')
local rpc = require('promptstack.rpc.contract')
local scope = require('promptstack.history.scope')
local shared = require('promptstack.history.shared')

local M = {}

---@class promptstack.HistoryOpts
---@field query? string typed already
---@field here? boolean only this project's

---@param how? promptstack.ComposeHow
---@return fun(picker: promptstack.Picker)
local function load(how)
  local function go(picker)
    shared.read(picker, picker:chosen(), function(entries)
      vim.cmd.stopinsert()
      for _, entry in ipairs(entries) do
        require('promptstack.composition').load(entry, { how = how })
      end
    end)
  end
  return function(picker)
    local risk = #picker:chosen() > 0 and history.risk(picker.origin.buf, how)
    if not risk then return go(picker) end
    question.ask(picker, risk .. ': open another one? y opens it, n stays', function()
      go(picker)
    end)
  end
end

---@param picker promptstack.Picker
local function compare(picker)
  local item = picker:current()
  if not item then return end
  local buf = picker.origin.buf
  shared.read(picker, { item }, function(entries)
    vim.cmd.stopinsert()
    diff.open(assert(entries[1]), buf)
  end)
end

---@param chosen promptstack.HistoryRow[]
---@return string
local function in_words(chosen)
  local bytes, drafts = 0, 0
  for _, row in ipairs(chosen) do
    bytes = bytes + (row.size or 0)
    drafts = drafts + (row.draft and 1 or 0)
  end
  local which = #chosen == 1 and 'this composition' or format.count(#chosen)
  local also = drafts == 0 and '' or #chosen == 1 and ', a draft' or (', %d of them drafts'):format(drafts)
  return ('delete %s for good (%s%s)? y deletes, n keeps'):format(which, format.size(bytes), also)
end

---@param picker promptstack.Picker
local function delete(picker)
  local chosen = picker:chosen() --[[@as promptstack.HistoryRow[] ]]
  if #chosen == 0 then return end
  question.ask(picker, in_words(chosen), function()
    picker:busy(true)
    local ids = vim.tbl_map(function(row)
      return row.id
    end, chosen)
    rpc.history_delete({ ids = ids }, function(err, reply)
      picker:busy(false)
      if err then return picker:say(notify.text(err)) end
      if #reply.problems == 0 then keepers.deleted(ids) end
      picker.list.marked = {}
      shared.step_off(picker, ids)
      local words = ('deleted %s, freed %s'):format(format.number(reply.count), format.size(reply.bytes))
      local hl = #reply.problems > 0 and 'PromptstackError' or 'PromptstackHint'
      picker:search({ keep = true })
      picker:settled(function()
        picker:say(table.concat(vim.list_extend({ words }, reply.problems), '; '), hl)
      end)
    end)
  end)
end

--- The marked ones, else all rows.
---@param picker promptstack.Picker
local function quickfix(picker)
  local chosen, page = vim.deepcopy(picker.list.marked), picker.page
  for index = 1, #chosen == 0 and page and page.count or 0 do
    chosen[index] = assert(page).item(index)
  end
  if #chosen == 0 then return end
  picker:close(function()
    vim.cmd.stopinsert()
    history.list(chosen --[[@as promptstack.HistoryRow[] ]])
  end)
end

---@param toggle fun(picker: promptstack.Picker)
---@return promptstack.PickerKey[]
local function keys(toggle)
  local both = { 'n', 'i' }
  return vim.list_extend({
    { both, { '<CR>' }, 'begin a new composition with it', load() },
    { both, { '<C-s>' }, 'in a split', load('split') },
    { both, { '<C-v>' }, 'in a vertical split', load('vsplit') },
    { both, { '<C-t>' }, 'in a tab', load('tab') },
    { both, { '<Tab>' }, 'mark, and go down', shared.mark(1) },
    { both, { '<S-Tab>' }, 'mark, and go up', shared.mark(-1) },
    { both, { '<C-g>' }, "only this project's, or all", toggle },
    { 'n', { 'dd' }, 'delete it, or the marked ones, after asking', delete },
    { 'n', { 'gd' }, 'compare it with the buffer you came from', compare },
    { both, { '<C-q>' }, 'files of the marked or of all into the quickfix list', quickfix },
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
    if query:find('%S') then
      return {
        ('nothing that was composed%s holds “%s”; <C-u> clears'):format(project and ' here' or '', query),
      }
    elseif project then
      return { 'nothing was composed in ' .. format.folder(project), '<C-g> shows all projects' }
    end
    return { 'nothing was composed yet', ':Prompt compose begins; what you write is kept' }
  end
end

--- Opens the history.
---@param opts? promptstack.HistoryOpts
function M.pick(opts)
  opts = opts or {}
  if not shared.may_open() then return end
  local project = opts.here and scope.project() or nil ---@type string?
  local note = nil ---@type string?
  -- The query of which all is searched: its first answer was not the whole.
  local whole = nil ---@type string?
  local picker, cancel = nil, function() end ---@type promptstack.Picker?, fun()

  local source ---@type promptstack.PickerSource

  local function label()
    source.title = scope.title('History', project)
    source.nothing = nothing(project, note)
    local all = project and '<C-g> all projects' or '<C-g> this project'
    source.hints =
      shared.hints(picker, note, { '<C-/> keys', '<CR> load', '<Esc>dd delete', all, '<Tab> mark' })
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
    -- What runs for an older query is no longer wanted.
    cancel()
    if picker then picker.preview:forget() end
    local params = { query = query, limit = limit, directory = project, whole = query == whole }
    cancel = rpc.history_list(params, function(err, reply)
      note = reply and shared.note(reply)
      label()
      on_page(err and notify.text(err), reply and rows.page(rows.of(reply), {
        matching = reply.matching,
        all = reply.all,
        project = project,
        width = shared.width(function()
          return picker
        end),
      }))
      if reply and reply.searched_newest and picker then
        whole = query
        picker:search({ keep = true })
      end
    end, { latest = 'history' })
    return cancel
  end

  ---@param id string
  ---@param on_view fun(err: string?, view: promptstack.PickerView?)
  ---@return fun() cancel
  local function preview(id, on_view)
    if shared.is_ending() then return cancel end
    local params = { id = id, query = picker and picker.query or '' }
    return rpc.history_preview(params, function(err, reply)
      shared.show_view(picker, err, reply, on_view)
    end, { latest = 'history.preview' })
  end

  source = {
    title = '',
    hints = {},
    nothing = nothing(project),
    keys = keys(toggle),
    choose = load(),
    fetch = fetch,
    preview = preview,
    watch = shared.watch,
    beside = shared.BESIDE,
    -- The piece that answers a search is looked for in each text.
    page = 100,
  }
  label()
  picker = Picker.open(source, { query = opts.query })
  shared.opened(picker, source)
end

return M
