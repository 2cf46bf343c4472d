-- Replaces the library requests of the contract, for what a real host can't be made to do on time:
-- answer late, never, or with an error. Every call is kept in `_G.fake.asked`; `_G.fake.answer(name)` answers
-- the oldest.
local contract = require('promptstack.rpc.contract')

local fake = { asked = {}, held = false, cancelled = 0 }
_G.fake = fake

-- The library: { id, title, category, uses, severity }.
fake.rows = {
  { 'commands/api-doc', 'Generate API documentation', 'commands', 9, 0 },
  { 'workflows/doc', 'Document an endpoint', 'workflows', 2, 0 },
  { 'rules/doc', 'Document as you go', 'rules', 0, 1 },
}
fake.loading = false

-- A file that is there.
function fake.file(id)
  local path = ('%s/%s.md'):format(vim.env.HOME, id:gsub('/', '-'))
  vim.fn.writefile({ '---', 'title: x', '---', 'text of ' .. id }, path)
  return path
end

local replies = {
  library_search = function(params)
    local reply = { all = #fake.rows, loading = fake.loading, matching = 0 }
    for _, column in ipairs({ 'ids', 'titles', 'categories', 'uses', 'severities', 'positions' }) do
      reply[column] = {}
    end
    for _, row in ipairs(fake.rows) do
      local from, to = row[2]:lower():find(params.query:lower(), 1, true)
      if from then
        reply.matching = reply.matching + 1
        if reply.matching <= params.limit then
          for index, column in ipairs({ 'ids', 'titles', 'categories', 'uses', 'severities' }) do
            table.insert(reply[column], row[index])
          end
          local positions = {}
          for offset = from, to do
            positions[#positions + 1] = offset - 1
          end
          table.insert(reply.positions, positions)
        end
      end
    end
    return nil, reply
  end,
  library_get = function(params)
    return nil,
      {
        id = params.id,
        title = 'Title of ' .. params.id,
        tags = { 'docs', 'api' },
        tokens = 1180,
        description = '',
        lines = { 'Write {{text:what}}.' },
        stops = { { row = 0, start = 6, finish = 19, kind = 'text', name = 'what', options = {} } },
        problems = {},
        path = fake.file(params.id),
        body_line = 4,
        source = 'user',
      }
  end,
  library_insert = function(params)
    return nil, { id = params.id, lines = { 'text of ' .. params.id }, stops = {} }
  end,
}

for name, reply in pairs(replies) do
  contract[name] = function(params, on_reply)
    local call = { name = name, params = params }
    function call.answer()
      call.answered = true
      if fake.err then
        on_reply(fake.err)
      else
        on_reply(reply(params))
      end
    end
    table.insert(fake.asked, call)
    if not fake.held then vim.schedule(call.answer) end
    return function()
      fake.cancelled = fake.cancelled + 1
    end
  end
end

-- Answers the oldest unanswered call of that name.
function fake.answer(name)
  for _, call in ipairs(fake.asked) do
    if call.name == name and not call.answered then
      call.answer()
      return true
    end
  end
  return false
end

-- Stands in for the insertion: keeps what it is given and where.
package.loaded['promptstack.insert'] = {
  put = function(reply, opts)
    fake.put = {
      lines = reply.lines,
      new_line = opts.new_line,
      selection = opts.selection,
      mode = vim.api.nvim_get_mode().mode,
      cursor = vim.api.nvim_win_get_cursor(0),
      buf = vim.api.nvim_buf_get_name(0),
    }
  end,
}
