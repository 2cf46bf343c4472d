--- The library in snacks.picker: the host finds and orders, snacks draws.
local actions = require('promptstack.pickers.actions')
local notify = require('promptstack.notify')
local prompts = require('promptstack.pickers.prompts')

local M = {}

--- Asks the host and gives what it found to snacks, from inside a coroutine of snacks.
---@param query string
---@return fun(add: fun(item: table))
local function finder(query)
  return function(add)
    local task = require('snacks.picker.util.async').running()
    local found, answered, cancel = {}, false, function() end
    -- snacks calls from where Neovim can't be asked for anything.
    vim.schedule(function()
      cancel = prompts.search_read(query, 200, function(err, reply)
        if err then notify.warn(err) end
        found, answered = reply and prompts.entries(reply) or {}, true
        task:resume()
      end)
    end)
    task:on(
      'abort',
      vim.schedule_wrap(function()
        cancel()
      end)
    )
    while not answered do
      task:suspend()
    end
    for _, prompt in ipairs(found) do
      local line, spans = prompts.line(prompt)
      add({ text = line, prompt = prompt, spans = spans })
    end
  end
end

--- The line in pieces, each with its highlight group.
---@param item table
---@return table[]
local function format(item)
  local pieces, at = {}, 0
  for _, span in ipairs(item.spans) do
    if span[1] > at then pieces[#pieces + 1] = { item.text:sub(at + 1, span[1]) } end
    pieces[#pieces + 1] = { item.text:sub(span[1] + 1, span[2]), span[3] }
    at = span[2]
  end
  pieces[#pieces + 1] = { item.text:sub(at + 1) }
  return pieces
end

--- Opens snacks on the library.
---@param opts promptstack.PickOpts
function M.pick(opts)
  local verbs = actions.bind(opts, function(picker)
    return vim.tbl_map(function(item)
      return item.prompt
    end, picker:selected({ fallback = true }))
  end, function(picker, done)
    picker:close()
    done()
  end)

  local keys = {}
  for lhs, name in pairs({
    ['<C-o>'] = 'promptstack_new_line',
    ['<C-CR>'] = 'promptstack_new_line',
    ['<C-e>'] = 'promptstack_edit',
    ['<C-s>'] = 'edit_split',
    ['<C-v>'] = 'edit_vsplit',
    ['<C-t>'] = 'edit_tab',
    ['<C-q>'] = 'qflist',
  }) do
    keys[lhs] = { name, mode = { 'n', 'i' } }
  end
  require('snacks').picker.pick({
    source = 'promptstack',
    title = 'Prompts',
    live = true,
    supports_live = true,
    search = opts.query,
    finder = function(_, ctx)
      return finder(ctx.filter.search)
    end,
    format = format,
    preview = function(ctx)
      ctx.preview:reset()
      ctx.preview:set_title(ctx.item.prompt.id)
      prompts.preview_into(ctx.buf, ctx.item.prompt.id)
    end,
    confirm = verbs.insert(opts.new_line),
    actions = {
      promptstack_new_line = verbs.insert(true),
      promptstack_edit = verbs.edit('edit'),
      edit_split = verbs.edit('split'),
      edit_vsplit = verbs.edit('vsplit'),
      edit_tab = verbs.edit('tab'),
      qflist = verbs.list,
    },
    win = { input = { keys = keys }, list = { keys = keys } },
  })
end

return M
