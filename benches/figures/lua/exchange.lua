-- The same exchange with the host and with a Neovim that is our child, in alternating blocks. An answer starts the
-- next exchange, so there is always exactly one under way.
local contract = require('promptstack.rpc.contract')

local child = vim.fn.jobstart({ vim.v.progpath, '--embed', '--headless', '--clean', '-n', '-i', 'NONE' }, { rpc = true })
assert(child > 0, 'a child Neovim does not start')

local waiting = {}
function _G.on_answer(id, reply)
  local callback = waiting[id]
  waiting[id] = nil
  callback(reply)
end

local answer = "local id, what = ... vim.rpcnotify(1, 'nvim_exec_lua', 'on_answer(...)', { id, _G[what] })"

local kinds = {
  {
    name = 'tiny',
    ask = function(callback)
      contract.placeholder_parse({ lines = { options.line } }, callback)
    end,
    params = { lines = { options.line } },
  },
  {
    name = 'rows',
    ask = function(callback)
      contract.library_search({ query = options.query, limit = 200 }, callback)
    end,
    params = { query = options.query, limit = 200 },
  },
}

local last_id = 0
local function ask_child(kind, callback)
  last_id = last_id + 1
  waiting[last_id] = callback
  vim.rpcnotify(child, 'nvim_exec_lua', answer, { last_id, kind.name, kind.params })
end

local result = { found = 0 }

local function block(kind, peer, left, finish)
  local start = vim.uv.hrtime()
  local took = guard(function(reply)
    table.insert(result[kind.name][peer], seconds_since(start))
    if kind.name == 'rows' then result.found = #reply.ids end
    if left == 1 then return vim.schedule(guard(finish)) end
    block(kind, peer, left - 1, finish)
  end)
  if peer == 'host' then
    kind.ask(function(err, reply)
      assert(not err, err and err.message)
      took(reply)
    end)
  else
    ask_child(kind, took)
  end
end

local function blocks(kind, left, finish)
  if left == 0 then return finish() end
  block(kind, 'host', options.exchanges, function()
    block(kind, 'child', options.exchanges, function()
      blocks(kind, left - 1, finish)
    end)
  end)
end

--- Gives the child the host's own answers, to be sent back again and again.
local function prepare(at, finish)
  local kind = kinds[at]
  if not kind then return finish() end
  result[kind.name] = { host = {}, child = {} }
  kind.ask(guard(function(err, reply)
    assert(not err, err and err.message)
    vim.fn.rpcrequest(child, 'nvim_exec_lua', 'local what, reply = ... _G[what] = reply', { kind.name, reply })
    prepare(at + 1, finish)
  end))
end

when_loaded(function()
  prepare(1, guard(function()
    blocks(kinds[1], options.blocks, function()
      blocks(kinds[2], options.blocks, function()
        vim.fn.jobstop(child)
        done(result)
      end)
    end)
  end))
end)
