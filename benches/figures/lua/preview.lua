-- Takes a suggestion with a hunk for each changed line into a buffer and draws it, again and again.
local place = require('promptstack.review.place')
local preview = require('promptstack.review.preview')

local buf = vim.api.nvim_create_buf(true, false)
vim.api.nvim_buf_set_lines(buf, 0, -1, true, options.old)
vim.api.nvim_win_set_buf(0, buf)
local edits = {}
for n, line in ipairs(options.new) do
  local old = options.old[n]
  if line ~= old then
    edits[#edits + 1] = {
      start_row = n - 1,
      start_col = 0,
      end_row = n - 1,
      end_col = #old,
      expected = { old },
      lines = { line },
    }
  end
end
local suggestion = { kind = 'clarity', title = 'x', description = '', by = 'local', edits = edits }

local times = {}
for round = 1, options.rounds do
  place.clear(buf)
  local start = vim.uv.hrtime()
  local item = place.put(buf, suggestion, options.old)
  preview.show({ buf = buf, items = { item }, chosen = item, hunk = 1 }, vim.api.nvim_get_current_win())
  vim.cmd.redraw()
  times[round] = seconds_since(start)
end
assert(#vim.api.nvim_buf_get_extmarks(buf, require('promptstack.ui.marks').proposed, 0, -1, {}) >= #edits)
done(times)
