-- Types one letter after another into a composition of a given size, and notes the processor time that this process
-- took for each until the next one: the letter, the screen, what is sent, what comes back.
local line = ('words of a line that somebody wrote '):rep(2):sub(1, 63)
local lines = {}
for i = 1, math.floor(options.bytes / 64) do
  lines[i] = line
end

local buf = vim.api.nvim_get_current_buf()
vim.api.nvim_buf_set_lines(buf, 0, -1, true, lines)
require('promptstack.composition').attach(buf)

local keepers = require('promptstack.composition.keeper')
local result = { letters = {}, saves = 0 }
local saves = {}

local function type_letter(left)
  if left == 0 then
    result.saves = vim.tbl_count(saves)
    return done(result)
  end
  local row = math.floor(#lines / 2)
  local start = os.clock()
  vim.api.nvim_buf_set_text(buf, row, left % 60, row, left % 60, { 'x' })
  vim.cmd.redraw()
  vim.defer_fn(guard(function()
    table.insert(result.letters, os.clock() - start)
    local keeper = assert(keepers.get(buf))
    assert(not keeper.failure, keeper.failure and keeper.failure.message)
    if keeper.mark then saves[keeper.mark] = true end
    type_letter(left - 1)
  end), options.pause_ms)
end

vim.api.nvim_win_set_cursor(0, { math.floor(#lines / 2), 0 })
when_loaded(function()
  type_letter(options.letters)
end)
