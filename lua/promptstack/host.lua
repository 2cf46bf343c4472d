--- The host process: which binary, started how, restarted when.
---
--- Starts on first use. Nothing here waits for the host: callers hear of its state by callback.
local guard = require('promptstack.guard')
local notify = require('promptstack.notify')

local M = {}

---@alias promptstack.HostState 'stopped'|'starting'|'ready'|'waiting'|'failed'

--- Pauses before each restart; the policy that people know from language clients.
local RESTART_MS = { 200, 1000, 5000, 15000 }
--- Crashes are counted over this long.
local WINDOW_MS = 3 * 60 * 1000
--- A host that has not said hello by then is taken for broken.
local HELLO_MS = 10000

local state = 'stopped' ---@type promptstack.HostState
local job = nil ---@type integer?
local generation = 0
local crashes = {} ---@type integer[]
local failure = nil ---@type promptstack.WireError?
local hello = nil ---@type promptstack.HelloReply?
local waiters = {} ---@type fun(err: promptstack.WireError?)[]
local ready_listeners = {} ---@type fun()[]
local down_listeners = {} ---@type fun(err: promptstack.WireError)[]
local stop_listeners = {} ---@type fun()[]
---@type fun(channel: integer, done: fun(err: promptstack.WireError?, reply: promptstack.HelloReply?))?
local handshake = nil
local stderr = {} ---@type string[]

--- The plugin's folder.
---@return string
function M.root()
  local here = assert(debug.getinfo(1, 'S')).source:sub(2)
  return vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(here)))
end

--- Every place where the binary is looked for, in order.
---@return string[]
function M.candidates()
  local found = {}
  if vim.env.PROMPTSTACK_BIN and vim.env.PROMPTSTACK_BIN ~= '' then return { vim.env.PROMPTSTACK_BIN } end
  found[#found + 1] = M.root() .. '/target/release/promptstack'
  local on_path = vim.fn.exepath('promptstack')
  if on_path ~= '' then found[#found + 1] = on_path end
  return found
end

--- The binary, if it is there.
---@return string?
function M.binary()
  for _, path in ipairs(M.candidates()) do
    if vim.fn.executable(path) == 1 then return path end
  end
end

---@param list function[]
---@param err promptstack.WireError?
local function call_all(list, err)
  for _, callback in ipairs(list) do
    guard(callback, err)
  end
end

---@param err promptstack.WireError?
local function tell_waiters(err)
  local waiting = waiters
  waiters = {}
  call_all(waiting, err)
end

---@param err promptstack.WireError
---@param always? boolean whether it is said even when whoever waits will say it
local function fail(err, always)
  local heard = #waiters > 0
  state = 'failed'
  failure = err
  tell_waiters(err)
  call_all(down_listeners, err)
  if always or not heard then notify.error(err, { lasting = true }) end
end

local start ---@type fun()

---@param code integer
local function on_exit(code)
  job = nil
  local now = vim.uv.now()
  crashes = vim.tbl_filter(function(at)
    return now - at < WINDOW_MS
  end, crashes)
  crashes[#crashes + 1] = now
  local last = vim.trim(table.concat(stderr, ' '))
  local message = ('the host ended unexpectedly (exit code %d)%s'):format(
    code,
    last ~= '' and ': ' .. last or ''
  )
  local pause = RESTART_MS[#crashes]
  if not pause then
    fail({
      kind = 'internal',
      message = ('the host ended %d times in 3 minutes and is left stopped; your text is safe in the buffer'):format(
        #crashes
      ),
      hint = ':Prompt restart starts it again, :Prompt log says more',
    }, true)
    return
  end
  state = 'waiting'
  local mine = generation
  vim.defer_fn(function()
    if mine == generation and state == 'waiting' then start() end
  end, pause)
  call_all(down_listeners, { kind = 'unavailable', message = message, hint = 'it is being restarted' })
end

function start()
  -- Neovim would wait for ever for the end of a process that begins while it ends.
  if vim.v.exiting ~= vim.NIL then return end
  local binary = M.binary()
  if not binary then
    fail({
      kind = 'unavailable',
      message = 'the host is not built',
      hint = 'run :Prompt build, or put `promptstack` on your PATH',
    })
    return
  end
  generation = generation + 1
  local mine = generation
  state = 'starting'
  failure = nil
  stderr = {}
  local ok, channel = pcall(vim.fn.jobstart, { binary, 'host' }, {
    rpc = true,
    on_stderr = function(_, lines)
      vim.list_extend(stderr, lines)
      stderr = vim.list_slice(stderr, math.max(1, #stderr - 5))
    end,
    on_exit = vim.schedule_wrap(function(_, code)
      if mine == generation and job then on_exit(code) end
    end),
  })
  if not ok or channel <= 0 then
    fail({
      kind = 'unavailable',
      message = ('the host %s does not start: %s'):format(binary, ok and 'it can not be run' or channel),
      hint = 'run :Prompt build',
    })
    return
  end
  job = channel
  vim.api.nvim_create_autocmd('VimLeavePre', {
    group = vim.api.nvim_create_augroup('promptstack.host', {}),
    callback = M.stop,
  })
  -- Whoever starts the host without asking it anything has not loaded what says hello.
  if not handshake then require('promptstack.rpc.contract') end
  assert(handshake)(channel, function(err, reply)
    if mine ~= generation or state ~= 'starting' then return end
    if err then
      M.stop()
      fail(err)
      return
    end
    state = 'ready'
    hello = reply
    tell_waiters(nil)
    call_all(ready_listeners)
  end)
  vim.defer_fn(function()
    if mine == generation and state == 'starting' then
      M.stop()
      fail({
        kind = 'unavailable',
        message = ('the host did not say hello within %d s'):format(HELLO_MS / 1000),
        hint = ':Prompt restart',
      })
    end
  end, HELLO_MS)
end

--- Sets what is said first on a new channel.
---@param say fun(channel: integer, done: fun(err: promptstack.WireError?, reply: promptstack.HelloReply?))
function M.set_handshake(say)
  handshake = say
end

--- Calls back when the host is ready or can not be.
---@param done fun(err: promptstack.WireError?)
function M.ensure(done)
  if state == 'ready' then
    done(nil)
  elseif state == 'failed' then
    done(failure)
  else
    waiters[#waiters + 1] = done
    if state == 'stopped' then start() end
  end
end

--- The channel to a host that has said hello.
---@return integer?
function M.channel()
  return state == 'ready' and job or nil
end

---@return promptstack.HostState
function M.state()
  return state
end

--- What the host said of itself, once it is ready.
---@return promptstack.HelloReply?
function M.hello()
  return hello
end

---@param listener fun()
function M.on_ready(listener)
  table.insert(ready_listeners, listener)
end

--- Listens to the host's end; the error says whether it comes back by itself.
---@param listener fun(err: promptstack.WireError)
function M.on_down(listener)
  table.insert(down_listeners, listener)
end

--- Listens to the moment before the host is ended on purpose: what it should still do can be asked for.
---@param listener fun()
function M.before_stop(listener)
  table.insert(stop_listeners, listener)
end

--- Ends the host without a restart.
function M.stop()
  if state == 'ready' then call_all(stop_listeners) end
  generation = generation + 1
  local channel = job
  job = nil
  state = 'stopped'
  if not channel then return end
  -- A host that has just died has no process any more.
  local alive, pid = pcall(vim.fn.jobpid, channel)
  vim.fn.jobstop(channel)
  -- One that stands still hears of its end only when it goes on, and Neovim would wait for it when it quits.
  if alive then vim.uv.kill(pid, 'sigcont') end
end

--- Ends the host, forgets its crashes and starts it again.
---@param done? fun(err: promptstack.WireError?)
function M.restart(done)
  M.stop()
  call_all(down_listeners, { kind = 'unavailable', message = 'the host is restarted' })
  crashes = {}
  M.ensure(done or function() end)
end

return M
