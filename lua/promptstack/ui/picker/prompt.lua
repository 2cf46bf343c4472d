--- The line of the picker that is typed in: a window of one line over the first line of the list.
local Window = require('promptstack.ui.window')
local frame = require('promptstack.ui.picker.frame')
local marks = require('promptstack.ui.marks')

---@class promptstack.PromptOpts
---@field group integer of autocommands
---@field on_query fun(query: string)
---@field on_leave fun(win: integer) the cursor is in another window
---@field on_close fun()

---@class promptstack.PickerPrompt
---@field window promptstack.Window
---@field flush fun() tells of what was typed now, not in a moment
---@field private over promptstack.Window
local Prompt = {}
Prompt.__index = Prompt

---@param over promptstack.Window the list's
---@return table place
local function place(over)
  local config = vim.api.nvim_win_get_config(over.win)
  local edge = frame.of(over.win)
  return {
    row = (config.row or 0) + edge.row,
    col = (config.col or 0) + edge.col,
    width = config.width,
    height = 1,
  }
end

--- Completion and pairs of other plugins have nothing to offer here.
---@param buf integer
local function keep_others_out(buf)
  -- Most of them know a prompt by this; see also close().
  vim.bo[buf].buftype = 'prompt'
  vim.fn.prompt_setprompt(buf, '')
  vim.b[buf].completion = false
  vim.b[buf].minicompletion_disable = true
  vim.b[buf].minipairs_disable = true
  if vim.fn.exists('+autocomplete') == 1 then vim.bo[buf].autocomplete = false end
  -- In a prompt buffer it is a command for windows, and what is typed behind it goes where that leads.
  vim.keymap.set('i', '<C-w>', '<C-S-w>', { buffer = buf, desc = 'promptstack: delete a word' })
end

---@param over promptstack.Window
---@param query string
---@param opts promptstack.PromptOpts
---@return promptstack.PickerPrompt
function Prompt.open(over, query, opts)
  local inserting = vim.api.nvim_get_mode().mode:sub(1, 1) == 'i'
  local shape = vim.tbl_extend('error', place(over), {
    border = 'none',
    enter = true,
    zindex = 51,
    filetype = 'promptstack_picker',
    on_close = opts.on_close,
  })
  local window = Window.open(shape --[[@as promptstack.WindowOpts]])
  local self = setmetatable({ window = window, over = over }, Prompt)
  keep_others_out(window.buf)
  query = query:gsub('[%c]', ' ')
  window:set_lines({ query })
  vim.bo[window.buf].modified = false
  -- A column of its own: text scrolled sideways passes behind it.
  vim.wo[window.win].statuscolumn = '%#PromptstackHint# > '
  vim.wo[window.win].sidescrolloff = 0
  vim.api.nvim_win_set_cursor(window.win, { 1, #query })
  if not inserting then vim.cmd.startinsert({ bang = true }) end
  self:listen(query, opts)
  return self
end

---@private
---@param query string
---@param opts promptstack.PromptOpts
function Prompt:listen(query, opts)
  local buf = self.window.buf
  local told, scheduled = query, false
  local function tell()
    scheduled = false
    if not self.window:is_open() then return end
    local lines = vim.api.nvim_buf_get_lines(buf, 0, -1, true)
    local now = table.concat(lines, ' '):gsub('%c', ' ')
    if #lines > 1 or now ~= lines[1] then
      -- Pasted lines become one.
      vim.api.nvim_buf_set_lines(buf, 0, -1, true, { now })
      vim.api.nvim_win_set_cursor(self.window.win, { 1, #now })
    end
    -- Else :q refuses to close it.
    vim.bo[buf].modified = false
    if now ~= told then
      told = now
      opts.on_query(now)
    end
  end
  self.flush = function()
    if scheduled then tell() end
  end
  -- TextChangedI waits while keys are pending; this does not.
  vim.api.nvim_buf_attach(buf, false, {
    on_lines = function()
      if not scheduled then
        scheduled = true
        vim.schedule(tell)
      end
    end,
  })
  vim.api.nvim_create_autocmd('WinLeave', {
    group = opts.group,
    buffer = buf,
    callback = function()
      vim.schedule(function()
        local win = vim.api.nvim_get_current_win()
        if self.window:is_open() and win ~= self.window.win then opts.on_leave(win) end
      end)
    end,
  })
end

--- Follows the list's window.
function Prompt:place()
  self.window:update(place(self.over))
end

--- Shows the count at the end of the line, for borders that have no room for it.
---@param count string
function Prompt:show_count(count)
  if not vim.api.nvim_buf_is_valid(self.window.buf) then return end
  vim.api.nvim_buf_clear_namespace(self.window.buf, marks.window, 0, -1)
  if count ~= '' then
    vim.api.nvim_buf_set_extmark(self.window.buf, marks.window, 0, 0, {
      virt_text = { { ' ' .. count .. ' ', 'PromptstackCount' } },
      virt_text_pos = 'right_align',
    })
  end
end

function Prompt:focus()
  if self.window:is_open() then vim.api.nvim_set_current_win(self.window.win) end
end

--- Empties the line.
function Prompt:clear()
  vim.api.nvim_buf_set_lines(self.window.buf, 0, -1, true, { '' })
end

function Prompt:close()
  if vim.api.nvim_buf_is_valid(self.window.buf) then
    -- Leaving a prompt buffer ends insert mode, in which the person may have been before.
    vim.bo[self.window.buf].buftype = 'nofile'
    vim.bo[self.window.buf].bufhidden = 'wipe'
  end
  self.window:close()
end

return Prompt
