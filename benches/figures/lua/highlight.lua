-- Types one letter after another into two equal buffers, of which one is a composition, in alternating blocks, and
-- notes the processor time that this process took for each until nothing is left to do.
local lines = {}
for i = 1, options.lines do
  local stop = i % 10 == 0 and ('{{text:name_%d=value}}'):format(i) or 'plain words'
  lines[i] = ('Line %d of the composition with %s and a little more behind it.'):format(i, stop)
end

local result = { attached = {}, plain = {} }
local buffers = {}
for kind in pairs(result) do
  buffers[kind] = vim.api.nvim_create_buf(true, false)
  vim.api.nvim_buf_set_lines(buffers[kind], 0, -1, true, lines)
end

local edits = 0

--- One letter in a line with a placeholder, on the screen.
local function edit(kind, left, finish)
  if left == 0 then return finish() end
  edits = edits + 1
  local row = options.lines / 2 + 9
  local start = os.clock()
  vim.api.nvim_buf_set_text(buffers[kind], row, 5, row, 5, { 'x' })
  vim.defer_fn(guard(function()
    table.insert(result[kind], os.clock() - start)
    vim.api.nvim_buf_set_text(buffers[kind], row, 5, row, 6, {})
    vim.defer_fn(guard(function()
      edit(kind, left - 1, finish)
    end), options.pause_ms)
  end), options.pause_ms)
end

local function show(kind)
  vim.api.nvim_win_set_buf(0, buffers[kind])
  vim.api.nvim_win_set_cursor(0, { options.lines / 2 + 10, 5 })
end

local function blocks(left)
  if left == 0 then return done(result) end
  show('plain')
  vim.defer_fn(guard(function()
    edit('plain', options.edits, function()
      show('attached')
      vim.defer_fn(guard(function()
        edit('attached', options.edits, function()
          blocks(left - 1)
        end)
      end), 100)
    end)
  end), 100)
end

require('promptstack.composition').attach(buffers.attached)
when_loaded(function()
  local namespace = require('promptstack.ui.marks').highlight
  local marks = vim.api.nvim_buf_get_extmarks(buffers.attached, namespace, 0, -1, {})
  assert(#marks == options.lines / 10, ('%d placeholders are coloured'):format(#marks))
  blocks(options.blocks)
end)
