--- `g?` in our windows: the keys of the buffer, read from its maps.
local Window = require('promptstack.ui.window')

local M = {}

--- What a key is for decides where it stands: the way in first, the way out last.
---@type table<string, integer>
local order = { ['<CR>'] = 0, ['g?'] = 2, q = 3, ['<Esc>'] = 3 }

---@param buf integer
---@return string[]
local function lines(buf)
  local modes = {} ---@type table<string, string>
  local rows = {} ---@type { lhs: string, desc: string }[]
  for _, mode in ipairs({ 'n', 'i' }) do
    for _, map in ipairs(vim.api.nvim_buf_get_keymap(buf, mode)) do
      local lhs, desc = map.lhs, map.desc
      if lhs and desc and not lhs:find('^<Plug>') then
        local key = lhs .. desc
        if not modes[key] then rows[#rows + 1] = { lhs = lhs, desc = desc } end
        modes[key] = (modes[key] or '') .. mode
      end
    end
  end
  table.sort(rows, function(a, b)
    local first, second = order[a.lhs] or 1, order[b.lhs] or 1
    if first ~= second then return first < second end
    return a.desc == b.desc and a.lhs < b.lhs or a.desc < b.desc
  end)
  return vim.tbl_map(function(row)
    local inserting = modes[row.lhs .. row.desc]:find('i') and '  (insert mode too)' or ''
    return (' %-9s %s%s'):format(row.lhs, row.desc, inserting)
  end, rows)
end

--- Lists the keys of the current window's buffer.
---@param buf integer
function M.show(buf)
  local back = vim.api.nvim_get_current_win()
  local shown = lines(buf)
  local width = 20
  for _, line in ipairs(shown) do
    width = math.max(width, vim.fn.strdisplaywidth(line) + 1)
  end
  local help = Window.open({
    title = 'Keys',
    footer = 'q close',
    width = width,
    height = #shown,
    enter = true,
    filetype = 'promptstack-help',
    on_close = function()
      if vim.api.nvim_win_is_valid(back) then vim.api.nvim_set_current_win(back) end
    end,
  })
  help:set_lines(shown)
  vim.bo[help.buf].modifiable = false
  help:map_close()
end

--- Makes `g?` list the keys of one of our windows.
---@param window promptstack.Window
function M.attach(window)
  window:map('n', 'g?', 'these keys', function()
    M.show(window.buf)
  end)
end

return M
