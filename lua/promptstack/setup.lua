--- Choosing who is asked: what there is, what is missing and how to give it. No key is ever typed here.
local Window = require('promptstack.ui.window')
local format = require('promptstack.history.format')
local marks = require('promptstack.ui.marks')
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')
local text = require('promptstack.ui.picker.text')
local waiting = require('promptstack.ui.waiting')

local M = {}

---@class promptstack.SetupRow
---@field provider? promptstack.SetupProvider nil for what has no name yet, and for nobody
---@field name string empty for a service that has no name yet
---@field words string

---@class promptstack.SetupView
---@field window promptstack.Window
---@field reply promptstack.SetupReply
---@field rows promptstack.SetupRow[]
---@field first integer the line of the first row, from 1
---@field said string[] what the last step brought
---@field line? integer of config.yaml, where something is to be written by hand
local View = {}
View.__index = View

local WIDTH = 76

--- What is missing of a provider, or that nothing is.
---@param provider promptstack.SetupProvider
---@return string
local function describe(provider)
  local parts = { provider.model or 'no model' }
  if provider.key ~= 'none' then
    parts[#parts + 1] = 'key: ' .. provider.key_words
  elseif provider.base_url then
    parts[#parts + 1] = provider.base_url
  end
  return table.concat(parts, ' · ')
end

---@param reply promptstack.SetupReply
---@return promptstack.SetupRow[]
local function rows_of(reply)
  local rows = {} ---@type promptstack.SetupRow[]
  for _, provider in ipairs(reply.providers) do
    rows[#rows + 1] = { provider = provider, name = provider.name, words = describe(provider) }
  end
  rows[#rows + 1] = { name = '', words = "a service that speaks OpenAI's chat, by its address" }
  rows[#rows + 1] = { name = 'local', words = 'nobody: checks that need no network' }
  return rows
end

--- How to give a provider its key.
---@param provider? promptstack.SetupProvider
---@return string[]
local function about_key(provider)
  if not provider or provider.key == 'found' then return {} end
  if provider.name == 'ollama' then return { 'it runs on your machine and needs no key: ollama serve' } end
  local variable = provider.key_words:match('^%$(%S+)') or provider.name:upper():gsub('-', '_') .. '_API_KEY'
  return {
    ('key: export %s=… where Neovim is started from,'):format(variable),
    ('or %s: { cmd: [pass, show, %s] } in config.yaml (e)'):format(provider.key_name, provider.name),
  }
end

---@return promptstack.SetupRow
function View:row()
  local line = vim.api.nvim_win_get_cursor(self.window.win)[1]
  local at = math.min(math.max(line - self.first + 1, 1), #self.rows)
  return assert(self.rows[at])
end

function View:draw()
  local window = self.window
  if not window:is_open() then return end
  local before = vim.api.nvim_win_get_cursor(window.win)[1]
  local width = math.min(WIDTH, vim.o.columns - 4)
  local lines, groups = {}, {} ---@type string[], table<integer, string>
  local function add(words, group)
    for _, line in ipairs(text.wrap(words, width - 2)) do
      lines[#lines + 1] = ' ' .. line
      groups[#lines] = group
    end
  end
  local default = self.reply.default
  add(
    default == 'local' and 'nobody is asked: only the checks that need no network' or default .. ' is asked'
  )
  lines[#lines + 1] = ''
  self.first = #lines + 1
  for _, row in ipairs(self.rows) do
    local mark = row.name == default and '*' or ' '
    local name = row.name == '' and 'another' or row.name
    local line = (' %s %-10s %s'):format(mark, name, text.clean(row.words))
    lines[#lines + 1] = (text.fit(line, width))
    if row.name == default then groups[#lines] = 'PromptstackMarked' end
  end
  lines[#lines + 1] = ''
  for _, limit in ipairs(self.reply.limits) do
    add(('%s: %s of %s'):format(limit.name, limit.spent, limit.most), 'PromptstackHint')
  end
  for _, line in ipairs(about_key(self:row().provider)) do
    add(line, 'PromptstackHint')
  end
  for _, line in ipairs(self.said) do
    add(line, 'PromptstackWarning')
  end
  window:update({ width = width, height = math.min(#lines, vim.o.lines - vim.o.cmdheight - 4) })
  window:set_lines(lines)
  vim.bo[window.buf].modifiable = false
  local last = self.first + #self.rows - 1
  vim.api.nvim_win_set_cursor(window.win, { math.min(math.max(before, self.first), last), 0 })
  vim.api.nvim_win_call(window.win, function()
    vim.fn.winrestview({ topline = 1 })
  end)
  vim.api.nvim_buf_clear_namespace(window.buf, marks.window, 0, -1)
  for row, group in pairs(groups) do
    vim.api.nvim_buf_set_extmark(window.buf, marks.window, row - 1, 0, {
      end_col = #lines[row],
      hl_group = group,
    })
  end
end

--- Reads again how things are.
---@param after? fun(reply: promptstack.SetupReply)
function View:reload(after)
  rpc.setup_state({}, function(err, reply)
    if err then return notify.error(err) end
    self.reply, self.rows = reply, rows_of(reply)
    if after then after(reply) end
    self:draw()
  end)
end

--- Starts the host again, so that what was written holds.
---@param name string
---@param written string
function View:restart(name, written)
  require('promptstack.host').restart(function(err)
    if err then return notify.error(err) end
    self:reload(function(reply)
      local more = {} ---@type string[]
      if reply.default ~= name then
        more[1] = ("%s is asked all the same: setup() or the project's file says so"):format(reply.default)
      elseif name ~= 'local' then
        more[1] = 'm asks for its models, which costs nothing and shows that the key is right'
      end
      self.said = vim.list_extend({ written }, more)
    end)
  end)
end

--- Opens config.yaml at a line.
---@param line? integer
function View:edit(line)
  local hello = require('promptstack.host').hello()
  if not hello then return end
  self.window:close()
  require('promptstack.open')(hello.config_file, { line = line })
end

---@param params promptstack.ChooseParams
---@param done fun(err: promptstack.WireError?)
function View:choose(params, done)
  rpc.setup_choose(params, function(err, reply)
    done(err)
    if err then return end
    if #reply.by_hand > 0 then
      self.line = reply.line
      self.said = vim.list_extend(
        { 'your config.yaml is written so that nothing of it is changed unasked; e opens it, write:' },
        reply.by_hand
      )
      return self:draw()
    end
    local name = params.provider
    if not reply.changed then
      self.said = { 'config.yaml says so already' }
      return self:draw()
    end
    local backup = vim.fn.fnamemodify(reply.backup or '', ':t')
    self:restart(name, ('config.yaml is written, what it was is in %s; the host runs anew'):format(backup))
  end)
end

--- Asks for what is missing of a provider, then chooses it.
---@param row promptstack.SetupRow
function View:fill(row)
  local named = row.name ~= ''
  local fields = {}
  if not named then
    fields[1] = { name = 'name', note = 'of the service', hint = 'such as groq', lines = { '' } }
    fields[2] = { name = 'address', note = 'up to /v1', hint = 'https://…/v1', lines = { '' } }
  end
  fields[#fields + 1] = { name = 'model', note = 'its id', hint = 'm lists them', lines = { '' } }
  require('promptstack.ui.form').open({
    title = named and 'Which model of ' .. row.name or 'Which service',
    fields = fields,
    apply = function(values, done)
      local words = vim.tbl_map(function(lines)
        return vim.trim(lines[1] or '')
      end, values)
      local model = words[#words]
      local params = named and { provider = row.name, model = model }
        or { provider = words[1], base_url = words[2], model = model }
      if model == '' then return done({ kind = 'invalid_input', message = 'a model has to be named' }) end
      self:choose(params, done)
    end,
    closed = function()
      if self.window:is_open() then vim.api.nvim_set_current_win(self.window.win) end
    end,
  })
end

--- Asks the provider under the cursor which models it has.
function View:models()
  local row = self:row()
  if not row.provider then return notify.info('there is nobody to ask in this row') end
  waiting.during('asking ' .. row.name .. ' for its models', function(on_reply)
    return rpc.setup_models({ provider = row.name }, on_reply, { timeout = 60 * 1000 })
  end, function(err, reply)
    if not self.window:is_open() then return end
    if err then
      -- How to give a key stands here already.
      self.said = { err.kind == 'auth' and err.message or notify.text(err) }
    elseif #reply.models == 0 then
      self.said = { row.name .. ' answers, and has no model' }
    else
      local some = format.some(vim.tbl_map(text.clean, reply.models), 12)
      self.said = { ('%s answers: %s'):format(row.name, some) }
    end
    self:draw()
  end)
end

---@param reply promptstack.SetupReply
local function show(reply)
  local self = setmetatable({ reply = reply, rows = rows_of(reply), said = {}, first = 3 }, View)
  self.window = Window.open({
    title = 'Who is asked',
    footer = '<CR> choose · m models · e config.yaml · q close · g? keys',
    width = math.min(WIDTH, vim.o.columns - 4),
    height = 12,
    enter = true,
    filetype = 'promptstack-setup',
  })
  local window = self.window
  vim.wo[window.win].cursorline = true
  window:map('n', '<CR>', 'choose the one under the cursor', function()
    local row = self:row()
    local missing = row.name == '' or (row.provider and not row.provider.model)
    if missing then return self:fill(row) end
    self:choose({ provider = row.name }, function(err)
      if err then notify.error(err) end
    end)
  end)
  window:map('n', 'm', 'ask it for its models, which costs nothing', function()
    self:models()
  end)
  window:map('n', 'e', 'open config.yaml', function()
    self:edit(self.line)
  end)
  window:map_close()
  require('promptstack.ui.help').attach(window)
  self:draw()
  for at, row in ipairs(self.rows) do
    if row.name == reply.default then vim.api.nvim_win_set_cursor(window.win, { self.first + at - 1, 0 }) end
  end
  self:draw()
  vim.api.nvim_create_autocmd('CursorMoved', {
    buffer = window.buf,
    callback = function()
      self:draw()
    end,
  })
end

--- Shows who can be asked.
function M.open()
  waiting.during('reading the configuration', function(on_reply)
    return rpc.setup_state({}, on_reply)
  end, function(err, reply)
    if err then return notify.error(err) end
    show(reply)
  end)
end

return M
