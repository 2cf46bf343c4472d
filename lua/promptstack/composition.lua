--- A buffer in which a prompt is composed: it can't be lost, and says where it stands.
local buffer_name = require('promptstack.composition.buffer_name')
local config = require('promptstack.config')
local keepers = require('promptstack.composition.keeper')
local notify = require('promptstack.notify')
local origins = require('promptstack.composition.origins')
local rpc = require('promptstack.rpc.contract')

local M = {}

---@alias promptstack.ComposeHow 'split'|'vsplit'|'tab'|'float'|'current'

---@class promptstack.ComposeOpts
---@field how? promptstack.ComposeHow where it opens; `ui.compose` without
---@field is_private? boolean nothing of it is kept

--- How long a draft is looked for before one goes on without it.
local LOOK_MS = 2000

local BAR = "%{%v:lua.require'promptstack'.winbar()%}"

---@param buf integer
local function show_bar(buf)
  -- Somebody who has a bar of their own has put the status where they want it.
  if vim.go.winbar ~= '' and vim.go.winbar ~= BAR then return end
  for _, win in ipairs(vim.fn.win_findbuf(buf)) do
    if vim.api.nvim_win_get_config(win).relative == '' and vim.wo[win].winbar == '' then
      vim.wo[win][0].winbar = BAR
    end
  end
end

local redraws = false

local function redraw_on_change()
  if redraws then return end
  redraws = true
  keepers.on_change(function(keeper)
    if #vim.fn.win_findbuf(keeper.buf) > 0 then vim.cmd.redrawstatus({ bang = true }) end
  end)
end

--- Makes a buffer a composition: its placeholders are coloured as you type, its text is kept in the history.
---@param buf integer
---@param opts? promptstack.KeepOpts
---@return promptstack.Keeper
function M.attach(buf, opts)
  redraw_on_change()
  opts = opts or {}
  local name = vim.api.nvim_buf_get_name(buf)
  if vim.bo[buf].buftype == '' and name ~= '' then opts.source = opts.source or name end
  local keeper = keepers.attach(buf, opts)
  require('promptstack.placeholder').attach(buf)
  require('promptstack.references').attach(buf)
  require('promptstack.lsp').attach(buf)
  if config.ui('ghost') then require('promptstack.ghost.auto').attach(buf) end
  vim.api.nvim_create_autocmd('BufWinEnter', {
    group = vim.api.nvim_create_augroup('promptstack.composition.' .. buf, {}),
    buffer = buf,
    callback = function()
      show_bar(buf)
    end,
  })
  show_bar(buf)
  require('promptstack.host').ensure(function(err)
    if err then notify.error(err) end
  end)
  return keeper
end

--- `:w`: the text is in the history at once; with another file's name it is written there too.
---@param buf integer
---@param file string
local function write(buf, file)
  local keeper = keepers.get(buf)
  if file ~= vim.api.nvim_buf_get_name(buf) then
    local lines = vim.api.nvim_buf_get_lines(buf, 0, -1, true)
    local ok, problem = pcall(vim.fn.writefile, lines, file)
    if ok and problem == 0 then
      notify.info(('written to %s'):format(vim.fn.fnamemodify(file, ':~:.')))
    else
      notify.error({ kind = 'unavailable', message = ("can't write %s: %s"):format(file, problem) })
    end
    return
  end
  if not keeper then return end
  if keeper.is_private then
    vim.bo[buf].modified = false
    notify.info('this composition is private: nothing is written (:w {file} writes it to a file)')
    return
  end
  keepers.save_and_wait({ keeper })
  local state = keepers.state(keeper)
  if state == 'saved' or state == 'new' then
    vim.bo[buf].modified = false
  elseif state == 'aside' then
    vim.bo[buf].modified = false
    notify.warn(
      ('the host is away; the text is in %s and comes into the history with it'):format(keeper.rescued)
    )
  else
    notify.error(keeper.failure or {
      kind = 'unavailable',
      message = 'the text is not saved yet',
      hint = ':w tries again',
    })
  end
end

--- Puts a text into a buffer that was there before anything can be undone.
---@param buf integer
---@param lines string[]
local function set_lines(buf, lines)
  vim.bo[buf].undolevels = -1
  vim.api.nvim_buf_set_lines(buf, 0, -1, true, lines)
  vim.bo[buf].undolevels = vim.go.undolevels
  vim.bo[buf].modified = false
end

--- A buffer that is a composition and nothing else; its text is not kept yet.
---@param title string
---@return integer buf
local function new_buffer(title)
  local buf = vim.api.nvim_create_buf(true, false)
  vim.api.nvim_buf_set_name(buf, buffer_name.free(title))
  local bo = vim.bo[buf]
  bo.buftype = 'acwrite'
  bo.bufhidden = 'hide'
  bo.swapfile = false
  bo.undofile = false
  vim.api.nvim_create_autocmd({ 'BufWriteCmd', 'FileWriteCmd' }, {
    buffer = buf,
    callback = function(args)
      write(buf, args.match ~= '' and args.match or args.file)
    end,
  })
  -- So that `:q` finds nothing that it would have to ask for.
  vim.api.nvim_create_autocmd('QuitPre', {
    buffer = buf,
    callback = function()
      local keeper = keepers.get(buf)
      if not keeper or keeper.is_private then return end
      keepers.save_and_wait({ keeper })
      local state = keepers.state(keeper)
      if state == 'saved' or state == 'aside' or state == 'new' then vim.bo[buf].modified = false end
    end,
  })
  return buf
end

--- Shows a buffer where compositions open.
---@param buf integer
---@param how? promptstack.ComposeHow
local function show(buf, how)
  local win = vim.fn.win_findbuf(buf)[1]
  if win then return vim.api.nvim_set_current_win(win) end
  how = how or config.ui('compose')
  if how == 'float' then
    require('promptstack.ui.window').open({
      buf = buf,
      title = 'Composition',
      width = math.min(100, vim.o.columns - 8),
      height = math.max(8, math.floor(vim.o.lines * 0.6)),
      enter = true,
      wrap = true,
      footer = 'what you write is kept',
    })
  else
    local where = how == 'current' and 'edit' or how --[[@as 'split'|'vsplit'|'tab']]
    require('promptstack.open')(buf, { how = where })
    -- Closes when the composition has been handed over.
    if how ~= 'current' then vim.w.promptstack_opened = buf end
  end
  -- Here, so that what other plugins do with markdown finds the buffer in a window.
  if vim.bo[buf].filetype == '' then vim.bo[buf].filetype = 'markdown' end
  show_bar(buf)
end

--- How the lines of a text end.
---@param buf integer
---@param entry promptstack.HistoryEntry
local function set_format(buf, entry)
  vim.bo[buf].fileformat = entry.format
  vim.bo[buf].endofline = entry.ended
  vim.bo[buf].fixendofline = entry.ended
end

--- Opens a composition with a text that is there already.
---@param entry promptstack.HistoryEntry
---@param opts? promptstack.ComposeOpts
---@param keep promptstack.KeepOpts
local function show_entry(entry, opts, keep)
  local buf = new_buffer(keep.name or os.date('%Y-%m-%d_%H-%M-%S') --[[@as string]])
  set_format(buf, entry)
  set_lines(buf, entry.lines)
  keep.origins = origins.new()
  -- A new composition has them to tell.
  origins.begin(keep.origins, entry, keep.mark ~= nil)
  M.attach(buf, keep)
  show(buf, opts and opts.how)
end

--- Goes on with a composition of the history under its own id, as with a draft.
---@param entry promptstack.HistoryEntry
---@param opts? promptstack.ComposeOpts
function M.resume(entry, opts)
  for _, keeper in ipairs(keepers.all()) do
    if keeper.id == entry.id then return show(keeper.buf, opts and opts.how) end
  end
  show_entry(entry, opts, {
    id = entry.id,
    mark = entry.mark,
    name = entry.name,
    directory = entry.directory,
  })
end

--- Begins a new composition with the text of an old one.
---@param entry promptstack.HistoryEntry
---@param opts? promptstack.ComposeOpts
function M.load(entry, opts)
  show_entry(entry, opts, { saved = false })
end

---@param name string
---@param opts promptstack.ComposeOpts
local function compose_named(name, opts)
  local directory = vim.uv.cwd() or '/'
  for _, keeper in ipairs(keepers.all()) do
    if keeper.name == name and keeper.directory == directory then return show(keeper.buf, opts.how) end
  end
  -- One may type at once; the draft's text comes above what is there by then.
  local buf = new_buffer(name)
  show(buf, opts.how)
  local known = keepers.expect(buf)
  rpc.composition_open({ name = name, directory = directory }, function(err, reply)
    if not vim.api.nvim_buf_is_loaded(buf) then return end
    if err then notify.error(err) end
    local entry = not err and reply.entry or nil
    local untouched = vim.api.nvim_buf_line_count(buf) == 1
      and vim.api.nvim_buf_get_lines(buf, 0, 1, true)[1] == ''
    if entry and untouched then
      set_format(buf, entry)
      set_lines(buf, entry.lines)
    elseif entry then
      vim.api.nvim_buf_set_lines(buf, 0, 0, true, entry.lines)
    end
    if entry then origins.begin(known, entry, true) end
    M.attach(buf, {
      name = name,
      directory = directory,
      id = entry and entry.id,
      mark = entry and entry.mark,
      origins = known,
      saved = untouched,
    })
  end, { timeout = LOOK_MS })
end

--- Opens a composition: a new one, or the draft of this project that has the name.
---@param name? string
---@param opts? promptstack.ComposeOpts
function M.compose(name, opts)
  opts = opts or {}
  if name and name ~= '' and not opts.is_private then return compose_named(name, opts) end
  local title = opts.is_private and 'private' or os.date('%Y-%m-%d_%H-%M-%S') --[[@as string]]
  local buf = new_buffer(title)
  M.attach(buf, { is_private = opts.is_private })
  show(buf, opts.how)
end

--- Saves a composition at once.
---@param buf? integer
function M.keep(buf)
  local keeper = keepers.get(buf or vim.api.nvim_get_current_buf())
  if keeper then keepers.save_without_waiting(keeper) end
end

--- Saves the composition in the current buffer, and says how that went.
function M.save()
  local keeper = keepers.get(vim.api.nvim_get_current_buf())
  if not keeper then return notify.warn('this buffer is no composition (:Prompt attach makes it one)') end
  if keeper.is_private then return notify.warn('this composition is private and is not kept') end
  keepers.save(keeper, function(done)
    if done then
      notify.info('saved')
    else
      notify.error(keeper.failure or { kind = 'unavailable', message = 'not saved' })
    end
  end)
end

--- Notes that a prompt was inserted, for what is known of the composition.
---@param buf integer
---@param reply promptstack.InsertReply
function M.inserted(buf, reply)
  local known = keepers.origins(buf)
  if known then origins.add_prompt(known, reply) end
end

return M
