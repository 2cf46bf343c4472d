-- Answers `stats.month` with months that are the same each day; what was asked for is kept in `_G.fake.asked`.
local contract = require('promptstack.rpc.contract')

local fake = { asked = {} }
_G.fake = fake

local function row(name, part, requests, micro, more)
  return vim.tbl_extend('force', {
    name = name,
    part = part,
    requests = requests,
    hits = 3,
    hit_percent = 25,
    failures = 0,
    cancelled = 0,
    input = 12400,
    output = 3200,
    micro_usd = micro,
    cost = ('$%.2f'):format(micro / 1e6),
    unknown_cost = 0,
    unsettled = 0,
  }, more or {})
end

local limits = {
  { name = 'today', most = '$50.00', spent = '$45.00', part = 0.9 },
  { name = 'this month', most = '$500.00', spent = '$62.50', part = 0.125 },
}

local months = {
  ['2026-11'] = {
    title = 'November 2026',
    previous = '2026-10',
    total = row('', 1, 12, 62500000, {
      failures = 1,
      cancelled = 2,
      unknown_cost = 1,
      unsettled = 1,
      p50_ms = 850,
      p95_ms = 4000,
    }),
    by_day = {
      row('2026-11-19', 0.28, 4, 12500000),
      row('2026-11-20', 0.01, 3, 5000, { cost = '$0.005', unknown_cost = 1 }),
      row('2026-11-21', 1, 5, 45000000),
    },
    by_provider = { row('claude', 1, 11, 62500000), row('mine', 0, 1, 0, { unknown_cost = 1 }) },
    by_model = {
      row('claude-sonnet-5-5', 1, 11, 62500000),
      row('a-model-with-a-very-long-name-of-its-own', 0, 1, 0, { unknown_cost = 1 }),
    },
    by_role = { row('ask', 1, 8, 50000000), row('suggest', 0.25, 4, 12500000) },
  },
  ['2026-10'] = {
    title = 'October 2026',
    previous = '2026-09',
    next = '2026-11',
    total = row('', 1, 0, 0, { hits = 0, hit_percent = 0 }),
    by_day = {},
    by_provider = {},
    by_model = {},
    by_role = {},
  },
}

contract.stats_month = function(params, on_reply)
  fake.asked[#fake.asked + 1] = params.month or 'now'
  local month = vim.deepcopy(assert(months[params.month or '2026-11'])) ---@type table
  month = vim.tbl_extend('error', month, { limits = limits, kept = 14, kept_bytes = 210000 })
  vim.schedule(function()
    on_reply(nil, month --[[@as promptstack.StatsReply]])
  end)
  return function() end
end
