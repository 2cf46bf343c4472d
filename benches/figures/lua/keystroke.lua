-- Types every prefix of every query, round by round, each when the one before is answered.
local contract = require('promptstack.rpc.contract')

local typed, times, most = {}, {}, 0
for _, query in ipairs(options.queries) do
  for i = 1, #query do
    typed[#typed + 1] = query:sub(1, i)
    times[#typed] = {}
  end
end

local function press(round, key)
  if key > #typed then
    round, key = round + 1, 1
  end
  if round > options.rounds then return done({ times = times, most = most }) end
  local start = vim.uv.hrtime()
  contract.library_search({ query = typed[key], limit = 200 }, guard(function(err, reply)
    local took = seconds_since(start)
    assert(not err, err and err.message)
    assert(#reply.positions == #reply.ids)
    most = math.max(most, #reply.ids)
    -- The first round warms up.
    if round > 0 then table.insert(times[key], took) end
    vim.schedule(guard(function()
      press(round, key + 1)
    end))
  end))
end

when_loaded(function()
  press(0, 1)
end)
