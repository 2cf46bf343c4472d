--- The library in mini.pick: the host finds and orders, mini draws.
---
--- mini keeps no order of marks: marked prompts come in the order of the rows.
local actions = require('promptstack.pickers.actions')
local marks = require('promptstack.ui.marks')
local notify = require('promptstack.notify')
local origins = require('promptstack.ui.origin')
local prompts = require('promptstack.pickers.prompts')

local M = {}

---@param buf integer
---@param items table[]
local function show(buf, items)
  local lines = vim.tbl_map(function(item)
    return item.text
  end, items)
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.api.nvim_buf_clear_namespace(buf, marks.window, 0, -1)
  for row, item in ipairs(items) do
    for _, span in ipairs(item.spans) do
      local mark = { end_col = span[2], hl_group = span[3], strict = false }
      vim.api.nvim_buf_set_extmark(buf, marks.window, row - 1, span[1], mark)
    end
  end
end

--- Opens mini.pick on the library.
---@param opts promptstack.PickOpts
function M.pick(opts)
  local pick = require('mini.pick')
  local origin = origins.here()

  ---@param ask fun(chosen: promptstack.Picked[], done: fun(err: promptstack.WireError?, reply: any))
  ---@param use fun(reply: any, there: boolean)
  ---@return fun(): boolean stop
  local function act(ask, use)
    return function()
      local matches = pick.get_picker_matches() or {}
      local items = #(matches.marked or {}) > 0 and matches.marked or { matches.current }
      local chosen = vim.tbl_map(function(item)
        return item.prompt
      end, items)
      if #chosen > 0 then
        ask(chosen, function(err, reply)
          if err then return notify.error(err) end
          if pick.is_picker_active() then pick.stop() end
          -- mini's loop for keys has to end first.
          vim.schedule(function()
            origins.back(origin, function() end, function(there)
              use(reply, there)
            end)
          end)
        end)
      end
      return false
    end
  end

  local function insert(new_line)
    return act(actions.read, function(reply, there)
      actions.put(reply, there, { new_line = new_line, selection = opts.selection })
    end)
  end

  local function edit(how)
    return act(actions.files, function(replies)
      actions.show(replies, how)
    end)
  end

  local cancel = function() end

  local function find(_, _, query)
    local tick = pick.get_querytick()
    cancel()
    cancel = prompts.search_read(table.concat(query), 200, function(err, reply)
      if err then notify.warn(err) end
      if not pick.is_picker_active() then return end
      local items = {}
      for index, prompt in ipairs(reply and prompts.entries(reply) or {}) do
        local line, spans = prompts.line(prompt)
        items[index] = { text = line, spans = spans, prompt = prompt }
      end
      pick.set_picker_items(items, { do_match = false, querytick = tick })
    end)
  end

  -- The query is there before the picker asks for keys.
  if opts.query and opts.query ~= '' then
    vim.api.nvim_create_autocmd('User', {
      pattern = 'MiniPickStart',
      once = true,
      callback = function()
        pick.set_picker_query(vim.fn.split(opts.query, '\\zs'))
      end,
    })
  end
  pick.start({
    source = {
      name = 'Prompts',
      items = {},
      match = find,
      show = show,
      preview = function(buf, item)
        prompts.preview_into(buf, item.prompt.id)
      end,
      choose = insert(opts.new_line),
      choose_marked = insert(opts.new_line),
    },
    mappings = {
      choose = '',
      choose_in_split = '',
      choose_in_vsplit = '',
      choose_in_tabpage = '',
      promptstack_insert = { char = '<CR>', func = insert(opts.new_line) },
      promptstack_new_line = { char = '<C-o>', func = insert(true) },
      promptstack_edit = { char = '<C-e>', func = edit('edit') },
      promptstack_split = { char = '<C-s>', func = edit('split') },
      promptstack_vsplit = { char = '<C-v>', func = edit('vsplit') },
      promptstack_tab = { char = '<C-t>', func = edit('tab') },
      promptstack_quickfix = { char = '<C-q>', func = act(actions.files, actions.list) },
    },
  })
end

return M
