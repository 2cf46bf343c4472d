--- Our own picker: counts, marks in order, matched letters, previews, and words where something is wrong.
local Picker = require('promptstack.ui.picker')
local actions = require('promptstack.pickers.actions')
local notify = require('promptstack.notify')
local prompts = require('promptstack.pickers.prompts')
local rpc = require('promptstack.rpc.contract')

local M = {}

--- Asks the host while the picker stays open; it closes only when that went well.
---@param picker promptstack.Picker
---@param ask fun(chosen: promptstack.Picked[], done: fun(err: promptstack.WireError?, reply: any))
---@param use fun(reply: any, there: boolean) called where the person was
---@param chosen? promptstack.PickerItem[]
local function act(picker, ask, use, chosen)
  chosen = chosen or picker:chosen()
  if #chosen == 0 then return end
  picker:busy(true)
  ask(chosen --[[@as promptstack.Picked[] ]], function(err, reply)
    picker:busy(false)
    if err then
      local home = vim.pesc(vim.fn.expand('~') .. '/')
      picker:say((notify.text(err):gsub(home, '~/')))
    else
      picker:close(function(there)
        use(reply, there)
      end)
    end
  end)
end

---@param new_line boolean?
---@param selection string[]?
---@return fun(picker: promptstack.Picker)
local function insert(new_line, selection)
  return function(picker)
    act(picker, actions.read, function(reply, there)
      local terminal = picker.origin.mode == 't'
      actions.put(reply, there, { new_line = new_line, selection = selection, terminal = terminal })
    end)
  end
end

---@param how 'edit'|'split'|'vsplit'|'tab'
---@return fun(picker: promptstack.Picker)
local function edit(how)
  return function(picker)
    -- Files are opened in normal mode, whatever the person was in.
    act(picker, actions.files, function(replies)
      vim.cmd.stopinsert()
      actions.show(replies, how)
    end)
  end
end

--- The marked prompts, else all rows.
---@param picker promptstack.Picker
local function quickfix(picker)
  local chosen, page = vim.deepcopy(picker.list.marked), picker.page
  if #chosen == 0 and page then
    for index = 1, page.count do
      chosen[index] = page.item(index)
    end
  end
  act(picker, actions.files, function(replies)
    vim.cmd.stopinsert()
    actions.list(replies)
  end, chosen)
end

---@param by integer
---@return fun(picker: promptstack.Picker)
local function mark(by)
  return function(picker)
    picker:mark(by)
  end
end

---@param opts promptstack.PickOpts
---@return promptstack.PickerKey[]
local function keys(opts)
  local both = { 'n', 'i' }
  return {
    { both, { '<CR>' }, 'insert at the cursor', insert(opts.new_line, opts.selection) },
    { both, { '<C-o>', '<C-CR>' }, 'insert on a new line', insert(true, opts.selection) },
    { both, { '<Tab>' }, 'mark; marked ones are inserted in this order', mark(1) },
    { both, { '<S-Tab>' }, 'mark, and go up', mark(-1) },
    { both, { '<C-e>' }, 'edit the file', edit('edit') },
    { both, { '<C-s>' }, 'open it in a split', edit('split') },
    { both, { '<C-v>' }, 'open it in a vertical split', edit('vsplit') },
    { both, { '<C-t>' }, 'open it in a tab', edit('tab') },
    { both, { '<C-q>' }, 'marked or all into the quickfix list', quickfix },
  }
end

---@param reply promptstack.SearchReply
---@return promptstack.PickerPage
local function page(reply)
  return {
    count = #reply.ids,
    matching = reply.matching,
    all = reply.all,
    loading = reply.loading,
    groups = reply.categories,
    item = function(index)
      return prompts.entry(reply, index)
    end,
    row = function(index)
      return {
        group = reply.categories[index],
        sign = prompts.sign(reply.severities[index]),
        text = reply.titles[index],
        positions = reply.positions[index],
        right = prompts.uses(reply.uses[index]),
      }
    end,
  }
end

--- Opens the picker.
---@param opts promptstack.PickOpts
---@return fun() close
function M.pick(opts)
  local picker = Picker.open({
    title = 'Prompts',
    hints = { '<C-/> keys', '<CR> insert', '<Tab> mark', '<C-o> new line' },
    keys = keys(opts),
    choose = insert(opts.new_line, opts.selection),
    nothing = prompts.nothing,
    fetch = function(query, limit, on_page)
      return prompts.search('picker', query, limit, function(err, reply)
        on_page(err, reply and page(reply))
      end)
    end,
    preview = function(id, on_view)
      return rpc.library_get({ id = id }, function(err, reply)
        on_view(err and notify.text(err), reply and prompts.view(reply))
      end, { latest = 'picker.preview' })
    end,
    watch = rpc.on_library_changed,
  }, { query = opts.query })
  return function()
    picker:close()
  end
end

return M
