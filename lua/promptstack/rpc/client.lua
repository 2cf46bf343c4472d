--- Requests to the host and what comes back: ids, pending callbacks, time-outs, cancelling.
---
--- Every call is a notification out and one `nvim_exec_lua` back, so nothing here ever waits.
--- The one user of `rpcnotify`.
local guard = require('promptstack.guard')
local host = require('promptstack.host')

local M = {}

---@class promptstack.CallOpts
---@field timeout? integer milliseconds until the call fails, 10000 by default; each part of a reply begins them anew
---@field on_part? fun(part: table) called for each part of a streaming reply
---@field latest? string a newer call with the same word replaces this one, which is then never answered

---@class promptstack.Pending
---@field method string
---@field params table
---@field on_reply fun(err: promptstack.WireError?, reply: any)
---@field on_part? fun(part: any)
---@field latest? string
---@field timeout integer milliseconds, for each part
---@field deadline integer
---@field sent boolean

local TIMEOUT_MS = 10000
local SWEEP_MS = 250

local next_id = 0
local pending = {} ---@type table<integer, promptstack.Pending>
local newest = {} ---@type table<string, integer>
local listeners = {} ---@type table<string, fun(data: table)[]>
local sweep = nil ---@type uv.uv_timer_t?

---@param id integer
---@return promptstack.Pending?
local function take(id)
  local call = pending[id]
  pending[id] = nil
  if call and call.latest and newest[call.latest] == id then newest[call.latest] = nil end
  return call
end

---@param id integer
---@param err promptstack.WireError?
---@param reply any
local function finish(id, err, reply)
  local call = take(id)
  if call then guard(call.on_reply, err, reply) end
end

local function fail_overdue()
  local now = vim.uv.now()
  local overdue = {}
  for id, call in pairs(pending) do
    if call.deadline <= now then overdue[#overdue + 1] = id end
  end
  table.sort(overdue)
  for _, id in ipairs(overdue) do
    local call = pending[id]
    if call then
      M.cancel(id)
      guard(call.on_reply, {
        kind = 'unavailable',
        message = ("the host has not answered '%s' in time"):format(call.method),
        hint = ':Prompt restart',
      })
    end
  end
  if next(pending) == nil and sweep then sweep:stop() end
end

local function watch_deadlines()
  sweep = sweep or assert(vim.uv.new_timer())
  if not sweep:is_active() then sweep:start(SWEEP_MS, SWEEP_MS, vim.schedule_wrap(fail_overdue)) end
end

---@param id integer
---@param call promptstack.Pending
local function send(id, call)
  local channel = host.channel()
  if not channel or call.sent then return end
  -- A channel that closed a moment ago raises; the host's end is then reported by its exit.
  call.sent = pcall(vim.rpcnotify, channel, call.method, id, call.params)
end

--- Sends a request; the host is started first where needed.
---@param method string
---@param params table
---@param on_reply fun(err: promptstack.WireError?, reply: any)
---@param opts? promptstack.CallOpts
---@return fun() cancel
function M.request(method, params, on_reply, opts)
  opts = opts or {}
  next_id = next_id + 1
  local id = next_id
  ---@type promptstack.Pending
  local call = {
    method = method,
    params = params,
    on_reply = on_reply,
    on_part = opts.on_part,
    latest = opts.latest,
    timeout = opts.timeout or TIMEOUT_MS,
    deadline = vim.uv.now() + (opts.timeout or TIMEOUT_MS),
    sent = false,
  }
  if opts.latest then
    local older = newest[opts.latest]
    if older then
      -- The host drops what a newer one replaces, so there is nothing to tell it.
      take(older)
    end
    newest[opts.latest] = id
  end
  pending[id] = call
  watch_deadlines()
  if host.channel() then
    send(id, call)
  else
    host.ensure(function(err)
      if err then finish(id, err) end
    end)
  end
  return function()
    M.cancel(id)
  end
end

--- Withdraws a request; its callback is never called.
---@param id integer
function M.cancel(id)
  local call = take(id)
  local channel = host.channel()
  if call and call.sent and channel then pcall(vim.rpcnotify, channel, 'cancel', id) end
end

--- Tells a program that has connected to this Neovim; who is gone hears nothing.
---@param channel integer
---@param method string
---@param ... any
function M.tell(channel, method, ...)
  pcall(vim.rpcnotify, channel, method, ...)
end

--- Listens to an event of the host.
---@param name string
---@param listener fun(data: table)
---@return fun() stop
function M.on(name, listener)
  listeners[name] = listeners[name] or {}
  table.insert(listeners[name], listener)
  return function()
    listeners[name] = vim.tbl_filter(function(other)
      return other ~= listener
    end, listeners[name])
  end
end

--- Takes an answer from the host.
---@param id integer
---@param err promptstack.WireError|vim.NIL|nil
---@param reply any
function M.on_reply(id, err, reply)
  if err == vim.NIL then err = nil end
  finish(id, err, reply)
end

--- Takes a part of an answer from the host.
---@param id integer
---@param part any
function M.on_part(id, part)
  local call = pending[id]
  if call and call.on_part then
    call.deadline = vim.uv.now() + call.timeout
    guard(call.on_part, part)
  end
end

--- Takes an event from the host; each also becomes a `User` autocommand.
---@param name string
---@param data table
function M.on_event(name, data)
  for _, listener in ipairs(listeners[name] or {}) do
    guard(listener, data)
  end
  local pattern = 'Promptstack' .. name:gsub('^%l', string.upper):gsub('[._](%l)', string.upper)
  vim.api.nvim_exec_autocmds('User', { pattern = pattern, modeline = false, data = data })
end

--- Tells which contract this plugin speaks; called once by the generated contract.
---@param version string
---@param schema string
function M.speak(version, schema)
  host.set_handshake(function(channel, done)
    next_id = next_id + 1
    local id = next_id
    pending[id] = {
      method = 'host.hello',
      params = {},
      on_reply = done,
      timeout = TIMEOUT_MS,
      deadline = vim.uv.now() + TIMEOUT_MS,
      sent = true,
    }
    local setup = require('promptstack.config').host_options()
    pcall(vim.rpcnotify, channel, 'host.hello', id, {
      version = version,
      schema = schema,
      cwd = vim.uv.cwd() or '',
      setup = next(setup) and setup or vim.empty_dict(),
    })
  end)
end

host.on_ready(function()
  local ids = vim.tbl_keys(pending)
  table.sort(ids)
  for _, id in ipairs(ids) do
    send(id, pending[id])
  end
end)

M.on('library.changed', function(change)
  local hello = host.hello()
  if hello then require('promptstack.greeting').show(change, hello) end
end)

M.on('history.out_of_sync', function(data)
  require('promptstack.greeting').offer_rebuild(data)
end)

host.on_down(function(err)
  -- What was sent is lost with the host; what was not waits for the next one until its deadline.
  for id, call in pairs(pending) do
    if call.sent or err.kind ~= 'unavailable' then finish(id, err) end
  end
end)

return M
