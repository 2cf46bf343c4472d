-- Saves a composition again and again, each time after a change in the middle, and notes what the editor itself does
-- for it: sending what changed, and taking the answer.
local lines = {}
for i = 1, math.floor(options.bytes / 64) do
  lines[i] = ('words of a line that somebody wrote '):rep(2):sub(1, 63)
end

local client = require('promptstack.rpc.client')
local composition = require('promptstack.composition')
local keepers = require('promptstack.composition.keeper')

vim.cmd.enew()
local buf = vim.api.nvim_get_current_buf()
vim.api.nvim_buf_set_lines(buf, 0, -1, true, lines)
composition.attach(buf)

local result = { saves = {} }
local spent = 0

local on_reply = client.on_reply
client.on_reply = function(...)
  local start = vim.uv.hrtime()
  on_reply(...)
  spent = spent + seconds_since(start)
end

local function save(left)
  if left == 0 then return done(result) end
  local row = math.floor(#lines / 2)
  vim.api.nvim_buf_set_text(buf, row, 0, row, 1, { string.char(97 + left % 26) })
  local keeper = assert(keepers.get(buf))
  spent = 0
  local start = vim.uv.hrtime()
  keepers.save(keeper, guard(function(saved)
    assert(saved, 'not saved')
    vim.schedule(guard(function()
      table.insert(result.saves, spent)
      save(left - 1)
    end))
  end))
  spent = spent + seconds_since(start)
end

when_loaded(function()
  save(options.saves)
end)
