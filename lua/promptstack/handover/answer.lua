--- A split in which a model's answer is read while it comes. What it says is text and nothing else.
local Spinner = require('promptstack.ui.spinner')
local Window = require('promptstack.ui.window')
local format = require('promptstack.history.format')
local interrupt = require('promptstack.ui.interrupt')
local marks = require('promptstack.ui.marks')
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')

---@class promptstack.AnswerOpts
---@field win integer the window beside which it stands
---@field enter boolean whether the cursor moves into it
---@field model string
---@field stop fun() gives up what is still to come

---@class promptstack.AnswerView
---@field private opts promptstack.AnswerOpts
---@field private buf integer
---@field private bar string what stands above the text
---@field private spinner? promptstack.Spinner as long as more is to come
---@field private unwatch fun()
local View = {}
View.__index = View

--- Narrower screens get the answer below the question.
local WIDE_FROM = 100

local number = 0

---@return integer
local function scratch()
  local buf = vim.api.nvim_create_buf(false, true)
  number = number + 1
  pcall(vim.api.nvim_buf_set_name, buf, 'promptstack://answer/' .. number)
  local bo = vim.bo[buf]
  bo.bufhidden = 'wipe'
  bo.undolevels = -1
  bo.modifiable = false
  bo.filetype = 'markdown'
  return buf
end

--- Shows it in a split of the current window, or over it where that can't be split.
---@param buf integer
local function show(buf)
  local split = vim.o.columns >= WIDE_FROM and vim.cmd.vsplit or vim.cmd.split
  if not pcall(split, { mods = { split = 'belowright' } }) then
    local width, height = math.floor(vim.o.columns * 0.8), math.floor(vim.o.lines * 0.6)
    Window.open({ buf = buf, enter = true, width = width, height = height, wrap = true })
    return
  end
  vim.wo.winfixbuf = false
  vim.api.nvim_win_set_buf(0, buf)
  local wo = vim.wo[0][0]
  wo.wrap, wo.linebreak, wo.list, wo.spell, wo.foldenable = true, true, false, false, false
  wo.number, wo.relativenumber, wo.signcolumn, wo.foldcolumn = false, false, 'no', '0'
  wo.statuscolumn, wo.colorcolumn, wo.cursorline = '', '', false
end

--- Opens it.
---@param opts promptstack.AnswerOpts
---@return promptstack.AnswerView
function View.open(opts)
  local self = setmetatable({ opts = opts, buf = scratch(), bar = '' }, View)
  local before = vim.api.nvim_get_current_win()
  if vim.api.nvim_win_is_valid(opts.win) then vim.api.nvim_set_current_win(opts.win) end
  show(self.buf)
  if opts.enter then
    vim.cmd.stopinsert()
  elseif vim.api.nvim_win_is_valid(before) then
    vim.api.nvim_set_current_win(before)
  end
  self:_map()
  -- Nobody waits for it any more.
  vim.api.nvim_create_autocmd('BufWipeout', {
    buffer = self.buf,
    callback = function()
      self:_over()
      vim.schedule(opts.stop)
    end,
  })
  self.spinner = Spinner.new(function()
    self:_draw_bar()
  end)
  self.spinner:start()
  self.unwatch = interrupt.watch(function()
    self:_stop()
  end, self.buf)
  self:wait()
  return self
end

--- Says that more is to come, or why not at once.
---@param why? string
function View:wait(why)
  local words = why or ('%s answers'):format(self.opts.model)
  self:_say(words .. ' · <C-c> stops it · q closes')
end

function View:_map()
  local function map(lhs, desc, rhs)
    vim.keymap.set('n', lhs, rhs, { buffer = self.buf, nowait = true, desc = desc })
  end
  map('q', 'close', function()
    if not pcall(vim.api.nvim_win_close, 0, true) then
      pcall(vim.api.nvim_buf_delete, self.buf, { force = true })
    end
  end)
  map('<C-c>', 'stop the answer', function()
    self:_stop()
  end)
  map('g?', 'these keys', function()
    require('promptstack.ui.help').show(self.buf)
  end)
end

---@return boolean
function View:is_open()
  return vim.api.nvim_buf_is_valid(self.buf)
end

--- Shows words above the text.
---@param words string
function View:_say(words)
  self.bar = words
  self:_draw_bar()
end

function View:_draw_bar()
  if not self:is_open() then return end
  local sign = self.spinner and self.spinner:text() or ''
  local words = sign == '' and self.bar or ('%s %s'):format(sign, self.bar)
  local bar = '%#PromptstackTitle# ' .. words:gsub('%%', '%%%%') .. ' %*%<'
  for _, win in ipairs(vim.fn.win_findbuf(self.buf)) do
    if vim.wo[win].winbar ~= bar then vim.wo[win][0].winbar = bar end
  end
end

function View:_stop()
  if not self.spinner then return end
  self.opts.stop()
  self:finish(self.opts.model, 'you stopped it')
end

--- Puts lines in the place of the last one. A window follows as long as its cursor is there.
---@param last integer from 1
---@param lines string[]
function View:_put(last, lines)
  local following = vim.tbl_filter(function(win)
    return vim.api.nvim_win_get_cursor(win)[1] == last
  end, vim.fn.win_findbuf(self.buf))
  vim.bo[self.buf].modifiable = true
  vim.api.nvim_buf_set_lines(self.buf, last - 1, -1, true, lines)
  vim.bo[self.buf].modifiable = false
  for _, win in ipairs(following) do
    vim.api.nvim_win_set_cursor(win, { last + #lines - 1, #assert(lines[#lines]) })
  end
end

--- Adds a piece.
---@param piece string
function View:append(piece)
  if not self:is_open() then return end
  local last = vim.api.nvim_buf_line_count(self.buf)
  local line = assert(vim.api.nvim_buf_get_lines(self.buf, last - 1, last, true)[1])
  local lines = vim.split(line .. piece, '\n', { plain = true })
  for row = 1, #lines - 1 do
    lines[row] = lines[row]:gsub('\r$', '')
  end
  local ok, trace = pcall(self._put, self, last, lines)
  if ok then return end
  -- <C-c> is no key but ends what runs, where something runs.
  if not tostring(trace):find('Keyboard interrupt', 1, true) then error(trace, 0) end
  self:_put(last, lines)
  if vim.api.nvim_get_current_buf() == self.buf then self:_stop() end
end

--- Nothing more comes.
function View:_over()
  local spinner = self.spinner
  self.spinner = nil
  if spinner then spinner:stop() end
  self.unwatch()
end

--- Says something below the text.
---@param words string?
function View:_note(words)
  if not words then return end
  vim.api.nvim_buf_set_extmark(self.buf, marks.window, vim.api.nvim_buf_line_count(self.buf) - 1, 0, {
    virt_lines = { { { '' } }, { { words, 'PromptstackWarning' } } },
  })
end

--- Says how it ended. Where it is not all, that stands below the text too.
---@param by string who answered, and what that took
---@param why? string why it is not all of the answer
function View:finish(by, why)
  if not self:is_open() then return end
  self:_over()
  pcall(vim.keymap.del, 'n', '<C-c>', { buffer = self.buf })
  self:_say(('%s%s · q closes'):format(why and 'incomplete · ' or '', by))
  self:_note(why and 'incomplete: ' .. why)
  self:_show_hidden()
end

--- Marks the characters that are not seen, and names them.
function View:_show_hidden()
  local lines = vim.api.nvim_buf_get_lines(self.buf, 0, -1, true)
  rpc.ask_hidden({ lines = lines }, function(err, reply)
    if not self:is_open() then return end
    if err then return notify.error(err) end
    local names = {}
    for index, hidden in ipairs(reply.found) do
      names[index] = hidden.count == 1 and hidden.name or ('%s (%d times)'):format(hidden.name, hidden.count)
      local label = ('‹%s›'):format(hidden.name:match('^U%+%x+') or hidden.name)
      for _, place in ipairs(hidden.places) do
        vim.api.nvim_buf_set_extmark(self.buf, marks.window, place.row, place.start, {
          end_col = place.finish,
          hl_group = 'PromptstackWarning',
          virt_text = { { label, 'PromptstackWarning' } },
          virt_text_pos = 'inline',
          strict = false,
        })
      end
    end
    if #names == 0 then return end
    self:_say('hidden characters · ' .. self.bar)
    self:_note('not seen, and marked above: ' .. format.some(names, 3))
  end)
end

return View
