--- Keys borrowed while a session lives, and given back as they were.
---
--- Every key that does not act does what it did before: the map that ours hides runs, or the bare key.
local config = require('promptstack.config')

local M = {}

---@class promptstack.Borrowed
---@field mode string
---@field lhs string
---@field act? fun() ours; by it the map is known again
---@field desc string
---@field before? table<string, any> the buffer-local map that was there, as maparg() gives it

local MENUS = { cmp_menu = true, ['blink-cmp-menu'] = true }

---@param keys string
---@return string
local function raw(keys)
  return vim.api.nvim_replace_termcodes(keys, true, true, true)
end

--- Types keys before whatever waits to be typed.
---@param keys string
---@param remap? boolean
function M.feed(keys, remap)
  vim.api.nvim_feedkeys(raw(keys), remap and 'mi' or 'ni', false)
end

--- The completion menu that is open: Neovim's own, or a plugin's, which `pumvisible()` does not see.
---@return 'native'|'plugin'|nil
function M.menu()
  if vim.fn.pumvisible() == 1 then return 'native' end
  for _, win in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    local shape = vim.api.nvim_win_get_config(win)
    if shape.relative ~= '' and not shape.hide and MENUS[vim.bo[vim.api.nvim_win_get_buf(win)].filetype] then
      return 'plugin'
    end
  end
end

---@param buf integer
---@param mode string
---@param lhs string
---@return table<string, any>?
local function local_map(buf, mode, lhs)
  local map = vim.api.nvim_buf_call(buf, function()
    return vim.fn.maparg(lhs, mode, false, true)
  end)
  return map.buffer == 1 and map or nil
end

---@param mode string
---@param lhs string
---@return table<string, any>?
local function global_map(mode, lhs)
  for _, map in ipairs(vim.api.nvim_get_keymap(mode)) do
    if map.lhsraw == raw(lhs) or map.lhsrawalt == raw(lhs) then
      -- Neovim's own of 0.11 and later, which is a bare <Tab> but for its snippets, is nobody's map.
      local own = map.desc and map.desc:find('^vim%.snippet%.jump')
      return not own and map or nil
    end
  end
end

---@param buf integer
---@param borrowed promptstack.Borrowed
local function set(buf, borrowed)
  local opts = { buffer = buf, nowait = true, desc = borrowed.desc }
  vim.keymap.set(borrowed.mode, borrowed.lhs, assert(borrowed.act), opts)
end

--- Maps a key in the session's buffer and keeps what it hides.
---@param session promptstack.Session
---@param mode string
---@param lhs string
---@param desc string
---@param act fun(borrowed: promptstack.Borrowed)
function M.take(session, mode, lhs, desc, act)
  ---@type promptstack.Borrowed
  local borrowed = { mode = mode, lhs = lhs, desc = desc, before = local_map(session.buf, mode, lhs) }
  borrowed.act = function()
    act(borrowed)
  end
  table.insert(session.borrowed, borrowed)
  set(session.buf, borrowed)
end

--- The keys that run what a borrowed key hides: to be typed with remapping where the second value says so.
---@param session promptstack.Session
---@param borrowed promptstack.Borrowed
---@return string? keys nil where no map is hidden, empty for a `<Nop>`
function M.hidden(session, borrowed)
  local map = borrowed.before or global_map(borrowed.mode, borrowed.lhs)
  if not map then return nil end
  if map.rhs == '' and not map.callback then return '' end
  -- The map itself, under another name: expressions, callbacks and script-local names keep working.
  local name = ('<Plug>(promptstack-hidden-%s)'):format(borrowed.lhs:gsub('[<>]', ''))
  local copy = vim.tbl_extend('force', map, { lhs = name, lhsraw = raw(name), buffer = 1 })
  copy.lhsrawalt = nil
  vim.api.nvim_buf_call(session.buf, function()
    vim.fn.mapset(borrowed.mode, false, copy)
  end)
  session.copies[borrowed.mode .. ' ' .. name] = { borrowed.mode, name }
  return name
end

--- Does what the key did before it was borrowed.
---@param session promptstack.Session
---@param borrowed promptstack.Borrowed
function M.pass(session, borrowed)
  local hidden = M.hidden(session, borrowed)
  if hidden == '' then return end
  local count = vim.v.count > 0 and borrowed.mode == 'n' and tostring(vim.v.count) or ''
  M.feed(count .. (hidden or borrowed.lhs), hidden ~= nil)
end

--- Takes keys again over which others, at InsertEnter, have put theirs; theirs are then what ours hide.
---@param session promptstack.Session
function M.retake(session)
  if not vim.api.nvim_buf_is_valid(session.buf) then return end
  for _, borrowed in ipairs(session.borrowed) do
    local map = local_map(session.buf, borrowed.mode, borrowed.lhs)
    if not map or map.callback ~= borrowed.act then
      borrowed.before = map
      set(session.buf, borrowed)
    end
  end
end

--- Gives the keys for which `which` holds back.
---@param session promptstack.Session
---@param which? fun(borrowed: promptstack.Borrowed): boolean all without
function M.give_back(session, which)
  local kept = {}
  -- The last first: of two on one key the later hides the earlier.
  for i = #session.borrowed, 1, -1 do
    local borrowed = session.borrowed[i]
    if which and not which(borrowed) then
      table.insert(kept, 1, borrowed)
    elseif vim.api.nvim_buf_is_valid(session.buf) then
      local map = local_map(session.buf, borrowed.mode, borrowed.lhs)
      -- Whoever has mapped it since keeps it.
      if map and map.callback == borrowed.act then
        vim.keymap.del(borrowed.mode, borrowed.lhs, { buffer = session.buf })
        if borrowed.before then
          vim.api.nvim_buf_call(session.buf, function()
            vim.fn.mapset(borrowed.mode, false, borrowed.before)
          end)
        end
      end
    end
  end
  session.borrowed = kept
  if not which then
    for _, copy in pairs(session.copies) do
      if vim.api.nvim_buf_is_valid(session.buf) then
        pcall(vim.keymap.del, copy[1], copy[2], { buffer = session.buf })
      end
    end
  end
end

--- Borrows what a session needs.
---@param session promptstack.Session
function M.borrow(session)
  local jump = require('promptstack.placeholder.jump')
  local tab_modes = config.ui('tab_normal') and { 'n', 'i', 's' } or { 'i', 's' }
  for _, mode in ipairs(tab_modes) do
    for lhs, step in pairs({ ['<Tab>'] = 1, ['<S-Tab>'] = -1 }) do
      local desc = step == 1 and 'promptstack: next placeholder' or 'promptstack: previous placeholder'
      M.take(session, mode, lhs, desc, function(borrowed)
        -- A snippet that was expanded inside of a stop comes first.
        local snippet = mode ~= 'n' and vim.snippet
        if snippet and snippet.active({ direction = step }) then return snippet.jump(step) end
        local menu = mode == 'i' and M.menu()
        if menu then
          local hidden = M.hidden(session, borrowed)
          if hidden then return M.feed(hidden, true) end
          -- Passing a bare key on would insert a tab: the menu closes, leaves what was typed, and we jump.
        end
        jump.go(session, step, menu == 'native')
      end)
    end
  end
  -- No expression maps: behind an `f` or `t` Neovim evaluates those before it has moved the cursor.
  for _, lhs in ipairs({ 'i', 'a' }) do
    M.take(session, 'n', lhs, 'promptstack: replace the placeholder', function(borrowed)
      if not jump.fill(session) then M.pass(session, borrowed) end
    end)
  end
  M.take(session, 'n', '<CR>', 'promptstack: choose or list', function(borrowed)
    if not jump.open(session) then M.pass(session, borrowed) end
  end)
  for _, lhs in ipairs({ '<BS>', '<C-h>', '<Del>' }) do
    -- Neovim's own would put the placeholder into a register.
    M.take(session, 's', lhs, 'promptstack: empty the placeholder', function(borrowed)
      if jump.selects(session) then return M.feed('<C-g>"_c') end
      M.pass(session, borrowed)
    end)
  end
end

return M
