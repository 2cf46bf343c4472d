--- Keeps the text of a buffer: what changed goes to the host, which saves it; while the host is away, aside.
---
--- One message is under way at a time. A key press notes the rows that changed and no more.
local host = require('promptstack.host')
local origins = require('promptstack.composition.origins')
local rescue = require('promptstack.composition.rescue')
local rpc = require('promptstack.rpc.contract')

local M = {}

---@alias promptstack.KeeperState 'new'|'unsaved'|'saving'|'saved'|'failed'|'aside'|'private'

---@class promptstack.Keeper
---@field buf integer
---@field id string
---@field name? string of a draft
---@field source? string the file of the buffer, where it is one
---@field directory string
---@field created integer milliseconds since 1970
---@field is_private boolean
---@field mark? string what the last save answered
---@field path? string the file of the history
---@field rescued? string where the text was set aside
---@field rows integer lines of the buffer
---@field head integer lines at the beginning that are as the host has them
---@field tail integer lines at the end that are as the host has them
---@field step boolean whether the host has a copy at all
---@field opened boolean whether the host knows the composition
---@field misses integer messages in a row that the host could not take
---@field number integer of the last message
---@field tick integer counts the changes
---@field sent integer the tick of the last message
---@field kept integer the tick that is on the disk
---@field aside integer the tick that was set aside
---@field flight? integer when the message under way was sent
---@field wanted boolean whether a save was asked for
---@field first? integer when the first change was made that is not on the disk
---@field last integer when the last change was made
---@field timer uv.uv_timer_t
---@field failure? promptstack.WireError why the last save failed
---@field reply? promptstack.UpdateReply
---@field recounted? boolean whether the first count was asked for once more
---@field origins promptstack.Origins what the text was made of
---@field waiting fun(saved: boolean)[]

--- A pause in typing after which the host gets what changed, to count it.
local SYNC_MS = 250
--- The first change that is not on the disk is never older than this.
local LIMIT_MS = 2000
--- What is saved this late is set aside too: the host may stand still.
local PATIENCE_MS = 2000
--- How long Neovim waits for the host when it ends, or when one writes.
local WAIT_MS = 1000
--- By then the host has read its vocabulary.
local RECOUNT_MS = 1000
--- Of one message.
local MAX_BYTES = 512 * 1024

local keepers = {} ---@type table<integer, promptstack.Keeper>
local expected = setmetatable({}, { __mode = 'v' }) ---@type table<integer, promptstack.Origins>
local listeners = {} ---@type fun(keeper: promptstack.Keeper)[]

local push ---@type fun(keeper: promptstack.Keeper)

---@param keeper promptstack.Keeper
local function changed_state(keeper)
  for _, listener in ipairs(listeners) do
    listener(keeper)
  end
end

---@return integer
local function delay()
  local hello = host.hello()
  return hello and hello.autosave_ms or 500
end

--- Where the text stands.
---@param keeper promptstack.Keeper
---@return promptstack.KeeperState
function M.state(keeper)
  if keeper.is_private then return 'private' end
  if keeper.failure then return 'failed' end
  if keeper.kept == keeper.tick then return keeper.path and 'saved' or 'new' end
  if keeper.aside == keeper.tick then return 'aside' end
  if keeper.flight and keeper.wanted then return 'saving' end
  return 'unsaved'
end

--- Calls back whenever what is shown of a composition changes.
---@param listener fun(keeper: promptstack.Keeper)
function M.on_change(listener)
  listeners[#listeners + 1] = listener
end

---@param buf integer
---@return promptstack.Keeper?
function M.get(buf)
  return keepers[buf]
end

--- Whether anything of a buffer's text may be kept: only of a composition that is not private.
---@param buf integer
---@return boolean
function M.is_kept(buf)
  local keeper = keepers[buf]
  return keeper ~= nil and not keeper.is_private
end

--- What a buffer's text is made of; nil where it neither is a composition nor becomes one in a moment.
---@param buf integer
---@return promptstack.Origins?
function M.origins(buf)
  local keeper = keepers[buf]
  return keeper and keeper.origins or expected[buf]
end

---@return promptstack.Keeper[]
function M.all()
  return vim.tbl_values(keepers)
end

--- Takes note that compositions were deleted: what stands in a buffer of theirs is on no disk, until it changes.
---@param ids string[]
function M.deleted(ids)
  for _, keeper in pairs(keepers) do
    if vim.tbl_contains(ids, keeper.id) then
      keeper.path, keeper.mark = nil, nil
      changed_state(keeper)
    end
  end
end

--- Whether there is anything to lose.
---@param keeper promptstack.Keeper
---@return boolean
local function is_unsaved(keeper)
  return not keeper.is_private and keeper.kept ~= keeper.tick and vim.api.nvim_buf_is_loaded(keeper.buf)
end

---@param keeper promptstack.Keeper
local function set_aside(keeper)
  if not is_unsaved(keeper) or keeper.aside == keeper.tick then return end
  local written, text = rescue.write(keeper)
  if written then
    keeper.aside = keeper.tick
  else
    keeper.failure = { kind = 'unavailable', message = text, hint = ':Prompt save tries again' }
  end
  changed_state(keeper)
end

---@param keeper promptstack.Keeper
---@param saved boolean
local function tell_waiting(keeper, saved)
  local waiting = keeper.waiting
  keeper.waiting = {}
  for _, callback in ipairs(waiting) do
    callback(saved)
  end
end

---@param keeper promptstack.Keeper
---@param ms integer
local function wake_in(keeper, ms)
  keeper.timer:start(
    math.max(ms, 10),
    0,
    vim.schedule_wrap(function()
      if keepers[keeper.buf] == keeper then M.look(keeper) end
    end)
  )
end

--- Does what is due, and comes back when something will be.
---@param keeper promptstack.Keeper
function M.look(keeper)
  if keeper.kept == keeper.tick or keeper.failure then return end
  local now = vim.uv.now()
  local pause, age = now - keeper.last, now - (keeper.first or now)
  local wait = delay()
  local stuck = keeper.flight and now - keeper.flight > PATIENCE_MS or not host.channel()
  if not keeper.is_private and (pause >= wait or age >= LIMIT_MS - SYNC_MS) then
    keeper.wanted = true
    if stuck and age >= wait then set_aside(keeper) end
    push(keeper)
    if keeper.flight then wake_in(keeper, LIMIT_MS) end
    return
  end
  if pause >= SYNC_MS and keeper.sent ~= keeper.tick then push(keeper) end
  if keeper.is_private then
    if keeper.sent ~= keeper.tick then wake_in(keeper, SYNC_MS) end
    return
  end
  local due = math.min(wait - pause, LIMIT_MS - SYNC_MS - age)
  if keeper.sent ~= keeper.tick then due = math.min(due, math.max(SYNC_MS - pause, 0)) end
  wake_in(keeper, due)
end

--- Notes a change, of lines or of what is known beside them.
---@param keeper promptstack.Keeper
function M.touch(keeper)
  local was_kept = keeper.kept == keeper.tick
  keeper.tick = keeper.tick + 1
  keeper.last = vim.uv.now()
  keeper.first = keeper.first or keeper.last
  keeper.failure = nil
  if not keeper.timer:is_active() then wake_in(keeper, math.min(SYNC_MS, delay())) end
  if was_kept then vim.schedule(function()
    changed_state(keeper)
  end) end
end

---@param keeper promptstack.Keeper
---@param first integer
---@param last integer
---@param new_last integer
local function on_lines(keeper, first, last, new_last)
  keeper.rows = keeper.rows + new_last - last
  keeper.head = math.min(keeper.head, first)
  keeper.tail = math.min(keeper.tail, keeper.rows - new_last)
  M.touch(keeper)
end

--- Leaves a prompt of the library out of what goes along to a model, or takes it along again. That is saved like a
--- letter; of a private composition it is known as long as its buffer is.
---@param keeper promptstack.Keeper
---@param id string
function M.switch(keeper, id)
  origins.switch(keeper.origins, id)
  if not keeper.is_private then M.touch(keeper) end
end

---@param keeper promptstack.Keeper
local function forget_step(keeper)
  keeper.step = false
  keeper.sent = -1
end

--- The host no longer knows the composition, or only what is on the disk of it.
---@param keeper promptstack.Keeper
local function forget_host(keeper)
  forget_step(keeper)
  keeper.opened = false
  origins.forget_told(keeper.origins)
end

---@param keeper promptstack.Keeper
---@param err promptstack.WireError
---@param asked boolean whether a save was asked for
local function failed(keeper, err, asked)
  if err.kind == 'conflict' or err.kind == 'not_found' then
    -- It has another text, or none: it gets the whole of it.
    if err.kind == 'conflict' then
      forget_step(keeper)
    else
      forget_host(keeper)
    end
    keeper.misses = keeper.misses + 1
    if keeper.misses < 3 then
      keeper.wanted = keeper.wanted or asked
      return push(keeper)
    end
  end
  forget_host(keeper)
  if not host.channel() then
    keeper.wanted = keeper.wanted or asked
    set_aside(keeper)
    tell_waiting(keeper, keeper.aside == keeper.tick)
    return
  end
  if asked then
    keeper.failure = err
    set_aside(keeper)
    keeper.failure = err
    tell_waiting(keeper, false)
  end
  changed_state(keeper)
end

--- Asks once more for the count of a text that nobody has changed: the first one may be made while the host still
--- reads its vocabulary, and is rough then.
---@param keeper promptstack.Keeper
local function recount(keeper)
  if keeper.recounted then return end
  keeper.recounted = true
  vim.defer_fn(function()
    if keepers[keeper.buf] ~= keeper or not host.channel() then return end
    if keeper.flight or keeper.sent ~= keeper.tick then return end
    keeper.sent = -1
    push(keeper)
  end, RECOUNT_MS)
end

---@param keeper promptstack.Keeper
---@param reply promptstack.UpdateReply
---@param tick integer
local function arrived(keeper, reply, tick)
  keeper.misses = 0
  keeper.reply = reply
  recount(keeper)
  if reply.new_id then keeper.id = reply.new_id end
  if reply.conflict then
    require('promptstack.notify').warn(
      ('%s was changed by another editor; this text is saved beside it as %s'):format(
        vim.fs.basename(reply.conflict),
        vim.fs.basename(reply.path or '')
      )
    )
  end
  if reply.saved then
    keeper.kept = tick
    keeper.mark, keeper.path = reply.mark, reply.path
    keeper.failure = nil
    if tick == keeper.tick then
      keeper.first = nil
      rescue.drop(keeper)
    else
      keeper.first = keeper.last
    end
    M.written(keeper)
    tell_waiting(keeper, true)
  end
  changed_state(keeper)
end

--- A buffer that is nothing but a composition has nothing left to write.
---@param keeper promptstack.Keeper
function M.written(keeper)
  if keeper.source or keeper.kept ~= keeper.tick or not vim.api.nvim_buf_is_valid(keeper.buf) then return end
  if vim.bo[keeper.buf].buftype == 'acwrite' then vim.bo[keeper.buf].modified = false end
end

---@param keeper promptstack.Keeper
---@param on_reply fun(err: promptstack.WireError?)
local function open(keeper, on_reply)
  local name = keeper.name
  rpc.composition_open({
    id = keeper.id,
    mark = keeper.mark,
    name = name,
    directory = keeper.directory,
    source = keeper.source,
    is_private = keeper.is_private,
  }, function(err, reply)
    if err then return on_reply(err) end
    -- Named meanwhile, it is opened once more, under that name.
    keeper.opened = keeper.name == name
    if reply.is_private and not keeper.is_private then
      keeper.is_private = true
      rescue.drop(keeper)
    end
    on_reply()
  end)
end

--- Sends lines in messages of bounded size, one after the other; the last one saves.
---@param keeper promptstack.Keeper
---@param params promptstack.UpdateParams
---@param done fun(err: promptstack.WireError?, reply: promptstack.UpdateReply)
local function send(keeper, params, done)
  local size, count = 0, 0
  for index, line in ipairs(params.lines) do
    size = size + #line + 5
    if size > MAX_BYTES and index > 1 then break end
    count = index
  end
  if count == #params.lines then return rpc.composition_update(params, done) end
  local rest = vim.list_slice(params.lines, count + 1)
  local part = vim.tbl_extend('force', params, {
    lines = vim.list_slice(params.lines, 1, count),
    total = params.head + count + params.tail,
    save = false,
  })
  rpc.composition_update(part --[[@as promptstack.UpdateParams]], function(err, reply)
    if err then return done(err, reply) end
    keeper.number = keeper.number + 1
    params.number, params.head, params.lines = keeper.number, params.head + count, rest
    send(keeper, params, done)
  end)
end

function push(keeper)
  if keeper.flight or not vim.api.nvim_buf_is_loaded(keeper.buf) then return end
  local save = keeper.wanted and not keeper.is_private and keeper.kept ~= keeper.tick
  if keeper.sent == keeper.tick and not save then return end
  keeper.flight = vim.uv.now()
  if not keeper.opened then
    open(keeper, function(err)
      keeper.flight = nil
      if keepers[keeper.buf] ~= keeper then return end
      if err then return failed(keeper, err, save) end
      push(keeper)
    end)
    return
  end
  local rows = vim.api.nvim_buf_line_count(keeper.buf)
  local head = keeper.step and math.min(keeper.head, rows) or 0
  local tail = keeper.step and math.min(keeper.tail, rows - head) or 0
  local bo = vim.bo[keeper.buf] ---@type vim.bo
  keeper.number = keeper.number + 1
  local tick = keeper.tick
  keeper.sent, keeper.step, keeper.wanted = tick, true, false
  keeper.head, keeper.tail, keeper.rows = rows, rows, rows
  ---@type promptstack.UpdateParams
  local params = {
    id = keeper.id,
    number = keeper.number,
    head = head,
    tail = tail,
    lines = vim.api.nvim_buf_get_lines(keeper.buf, head, rows - tail, false),
    total = rows,
    format = bo.fileformat --[[@as promptstack.FileFormat]],
    ended = bo.endofline or bo.fixendofline,
    save = save,
  }
  origins.refresh_values(keeper.origins, keeper.buf)
  local told = origins.tell(keeper.origins, params)
  if save then keeper.wanted = true end
  send(keeper, params, function(err, reply)
    keeper.flight = nil
    if save and tick == keeper.tick then keeper.wanted = false end
    if keepers[keeper.buf] ~= keeper then return end
    if err then return failed(keeper, err, save) end
    keeper.origins.told = told
    arrived(keeper, reply, tick)
    -- What changed meanwhile.
    if keeper.wanted and keeper.kept ~= keeper.tick then return push(keeper) end
    if keeper.kept ~= keeper.tick and not keeper.timer:is_active() then M.look(keeper) end
  end)
  changed_state(keeper)
end

--- Saves now; a failure is tried again.
---@param keeper promptstack.Keeper
---@param done? fun(saved: boolean)
function M.save(keeper, done)
  if keeper.is_private or keeper.kept == keeper.tick then
    if done then done(not keeper.is_private) end
    return
  end
  if done then table.insert(keeper.waiting, done) end
  keeper.failure = nil
  keeper.wanted = true
  push(keeper)
end

--- Saves now, and waits at most a second for it; what is not saved by then is set aside.
---@param list promptstack.Keeper[]
function M.save_and_wait(list)
  local unsaved = vim.tbl_filter(is_unsaved, list)
  if #unsaved == 0 then return end
  if host.channel() then
    for _, keeper in ipairs(unsaved) do
      M.save(keeper)
    end
    vim.wait(WAIT_MS, function()
      return vim.iter(unsaved):all(function(keeper)
        return keeper.kept == keeper.tick or keeper.failure ~= nil or not host.channel()
      end)
    end, 2)
  end
  for _, keeper in ipairs(unsaved) do
    set_aside(keeper)
  end
end

--- Sees that the text is out of this Neovim's hands, where nobody may wait: what others have scheduled would run in the
--- middle of what is going on.
---@param keeper promptstack.Keeper
function M.save_without_waiting(keeper)
  if not is_unsaved(keeper) then return end
  if host.channel() and keeper.opened and not keeper.flight then
    M.save(keeper)
  else
    set_aside(keeper)
  end
end

---@param keeper promptstack.Keeper
local function watch(keeper)
  local buf = keeper.buf
  vim.api.nvim_buf_attach(buf, false, {
    on_lines = function(_, _, _, first, last, new_last)
      if keepers[buf] ~= keeper then return true end
      on_lines(keeper, first, last, new_last)
    end,
    on_reload = function()
      if keepers[buf] ~= keeper then return end
      forget_step(keeper)
      keeper.rows = vim.api.nvim_buf_line_count(buf)
      on_lines(keeper, 0, keeper.rows, keeper.rows)
    end,
    on_detach = function()
      if keepers[buf] == keeper then M.release(buf) end
    end,
  })
  local group = vim.api.nvim_create_augroup('promptstack.keeper.' .. buf, {})
  vim.api.nvim_create_autocmd({ 'InsertLeave', 'BufLeave' }, {
    group = group,
    buffer = buf,
    callback = function()
      M.save(keeper)
    end,
  })
  -- Its text is gone with it: a last look before that.
  vim.api.nvim_create_autocmd('BufUnload', {
    group = group,
    buffer = buf,
    callback = function()
      M.save_without_waiting(keeper)
    end,
  })
end

local watching = false

local function watch_editor()
  if watching then return end
  watching = true
  local group = vim.api.nvim_create_augroup('promptstack.keeper', {})
  vim.api.nvim_create_autocmd('FocusLost', {
    group = group,
    callback = function()
      for _, keeper in pairs(keepers) do
        M.save(keeper)
      end
    end,
  })
  -- The last values may not have been sent, and nobody knows them afterwards.
  require('promptstack.placeholder.session').before_end(function(buf)
    local known = M.origins(buf)
    if known then origins.refresh_values(known, buf) end
  end)
  host.before_stop(function()
    M.save_and_wait(M.all())
  end)
  vim.api.nvim_create_autocmd('VimLeavePre', {
    group = group,
    callback = function()
      M.save_and_wait(M.all())
    end,
  })
  host.on_down(function()
    for _, keeper in pairs(keepers) do
      forget_host(keeper)
      set_aside(keeper)
    end
  end)
  host.on_ready(function()
    for _, keeper in pairs(keepers) do
      if is_unsaved(keeper) then M.save(keeper) end
    end
  end)
end

--- Notes what is put into a buffer that is a composition in a moment.
---@param buf integer
---@return promptstack.Origins known to hand over to `attach`; forgotten with the last who holds them
function M.expect(buf)
  watch_editor()
  local known = origins.new()
  expected[buf] = known
  return known
end

---@class promptstack.KeepOpts
---@field id? string of a composition that was saved before
---@field mark? string
---@field name? string
---@field source? string
---@field is_private? boolean
---@field directory? string
---@field origins? promptstack.Origins what is known of the text already
---@field saved? boolean whether what stands in the buffer is on the disk already

--- Keeps the text of a buffer from now on.
---@param buf integer
---@param opts? promptstack.KeepOpts
---@return promptstack.Keeper
function M.attach(buf, opts)
  local known = keepers[buf]
  if known then return known end
  opts = opts or {}
  local seconds, micros = vim.uv.gettimeofday()
  ---@type promptstack.Keeper
  local keeper = {
    buf = buf,
    id = opts.id or require('promptstack.composition.uuid').new(),
    mark = opts.mark,
    name = opts.name,
    source = opts.source,
    is_private = opts.is_private or false,
    directory = opts.directory or vim.uv.cwd() or '/',
    created = assert(seconds) * 1000 + math.floor(assert(micros) / 1000),
    rows = vim.api.nvim_buf_line_count(buf),
    head = 0,
    tail = 0,
    step = false,
    opened = false,
    misses = 0,
    number = 0,
    tick = 0,
    sent = -1,
    kept = opts.saved ~= false and 0 or -1,
    aside = -1,
    wanted = false,
    last = vim.uv.now(),
    timer = assert(vim.uv.new_timer()),
    origins = opts.origins or origins.new(),
    waiting = {},
  }
  if opts.mark then keeper.path = '' end
  keepers[buf] = keeper
  watch_editor()
  watch(keeper)
  -- So that it is counted at once.
  push(keeper)
  if keeper.kept ~= keeper.tick then wake_in(keeper, SYNC_MS) end
  return keeper
end

--- Stops keeping a buffer's text; what was saved stays.
---@param buf integer
function M.release(buf)
  local keeper = keepers[buf]
  if not keeper then return end
  keepers[buf] = nil
  keeper.timer:stop()
  if not keeper.timer:is_closing() then keeper.timer:close() end
  pcall(vim.api.nvim_del_augroup_by_name, 'promptstack.keeper.' .. buf)
  if keeper.opened and host.channel() then rpc.composition_close({ id = keeper.id }, function() end) end
end

return M
