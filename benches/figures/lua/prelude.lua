-- Stands before each measurement. Options come from Rust; `done` hands the result over as a file, once.
local options = ...

local function write(result)
  local file = assert(io.open(options.out .. '.new', 'w'))
  file:write(vim.json.encode(result))
  file:close()
  assert(os.rename(options.out .. '.new', options.out))
end

local function done(result)
  local ok, err = pcall(write, result)
  if not ok then write({ error = err }) end
end

--- Wraps a callback, so that a failure ends the measurement with its message.
local function guard(callback)
  return function(...)
    local ok, err = pcall(callback, ...)
    if not ok then write({ error = tostring(err) }) end
  end
end

local function seconds_since(start)
  return (vim.uv.hrtime() - start) / 1e9
end

--- Calls back when the library is loaded and the host has nothing left to do.
local function when_loaded(callback)
  local contract = require('promptstack.rpc.contract')
  contract.library_search({ query = '', limit = 1 }, guard(function(err, reply)
    assert(not err, err and err.message)
    if reply.loading then
      vim.defer_fn(function()
        when_loaded(callback)
      end, 50)
    else
      vim.defer_fn(guard(callback), options.settle_ms or 1500)
    end
  end))
end
