--- The library in mini.pick: the host finds and orders, mini draws.
---
--- mini keeps no order of marks: marked prompts come in the order of the rows.
local actions = require('promptstack.pickers.actions')
local marks = require('promptstack.ui.marks')
local notify = require('promptstack.notify')
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

  local verbs = actions.bind(opts, function()
    local matches = pick.get_picker_matches() or {}
    local items = #(matches.marked or {}) > 0 and matches.marked or { matches.current }
    return vim.tbl_map(function(item)
      return item.prompt
    end, items)
  end, function(_, done)
    if pick.is_picker_active() then pick.stop() end
    -- mini's loop for keys has to end first.
    vim.schedule(done)
  end)

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
      choose = verbs.insert(opts.new_line),
      choose_marked = verbs.insert(opts.new_line),
    },
    mappings = {
      choose = '',
      choose_in_split = '',
      choose_in_vsplit = '',
      choose_in_tabpage = '',
      promptstack_insert = { char = '<CR>', func = verbs.insert(opts.new_line) },
      promptstack_new_line = { char = '<C-o>', func = verbs.insert(true) },
      promptstack_edit = { char = '<C-e>', func = verbs.edit('edit') },
      promptstack_split = { char = '<C-s>', func = verbs.edit('split') },
      promptstack_vsplit = { char = '<C-v>', func = verbs.edit('vsplit') },
      promptstack_tab = { char = '<C-t>', func = verbs.edit('tab') },
      promptstack_quickfix = { char = '<C-q>', func = verbs.list },
    },
  })
end

return M
