-- Replaces the history requests of the contract, for what a real host can't be made to do on time: answer late, with
-- an error, with a note, or a thousand rows. Every call is kept in `_G.fake.asked`.
local contract = require('promptstack.rpc.contract')

-- Saturday, 21 November 2026, 15:00 where the test is.
local NOW = os.time({ year = 2026, month = 11, day = 21, hour = 15 })
local time = os.time
rawset(os, 'time', function(date)
  return date and time(date) or NOW
end)

local MINUTE, DAY = 60, 24 * 3600
local home = vim.env.HOME
local fake = { asked = {}, held = false, err = nil, note = nil, ranked_newest = nil, deleted = {} }
_G.fake = fake

fake.rows = {
  {
    id = 'a',
    time = NOW - 57 * MINUTE,
    directory = home .. '/src/payments',
    name = 'payments',
    text = 'Write integration tests for the payment API.\nAlways mock the network.\n\n{{text:what}}\n',
    tags = 'api, tests',
    uses = 0,
    draft = true,
  },
  {
    id = 'b',
    time = NOW - DAY,
    directory = home .. '/src/payments/service/adapters/http',
    name = '',
    text = 'Never use mocks: # they lie.\n',
    tags = '',
    uses = 12,
    draft = false,
  },
  {
    id = 'c',
    time = NOW - 9 * DAY,
    directory = '/srv/work/a-rather-long-folder-name/with/more',
    name = '',
    text = 'Explain the borrow checker\tto 日本語 readers, in words that a person understands who never wrote Rust.\n'
      .. ('More of it. '):rep(400),
    tags = 'rust',
    uses = 2,
    draft = false,
  },
  {
    id = 'd',
    time = NOW - 400 * DAY,
    directory = home,
    name = '',
    text = 'x\n',
    tags = '',
    uses = 0,
    draft = false,
  },
}

local function admitted(params)
  local found = {}
  for _, row in ipairs(fake.rows) do
    local here = not params.directory
      or row.directory == params.directory
      or vim.startswith(row.directory, params.directory .. '/')
    if here and (not params.drafts or row.draft) then found[#found + 1] = row end
  end
  return found
end

local replies = {
  history_list = function(params)
    local searched_newest = not params.whole and fake.searched_newest or nil
    local reply = {
      note = fake.note,
      searched_newest = searched_newest,
      ranked_newest = fake.ranked_newest,
      folder = home,
      matching = 0,
    }
    local columns = 'ids times directories names previews positions sizes tags uses drafts files'
    for column in columns:gmatch('%a+') do
      reply[column] = {}
    end
    local rows = admitted(params)
    reply.all = #rows
    for index, row in ipairs(rows) do
      if index > (searched_newest or #rows) then break end
      local preview = vim.fn.strcharpart(vim.trim((row.text:gsub('%s+', ' '))), 0, 100)
      local from, to = preview:lower():find(params.query:lower(), 1, true)
      if from then
        reply.matching = reply.matching + 1
        local positions = {}
        for offset = from, params.query == '' and 0 or to do
          positions[#positions + 1] = offset - 1
        end
        local add = {
          ids = row.id,
          times = row.time,
          directories = row.directory,
          names = row.name,
          previews = preview,
          positions = positions,
          sizes = #row.text,
          tags = row.tags,
          uses = row.uses,
          drafts = row.draft,
          files = row.id .. '.md',
        }
        if reply.matching <= params.limit then
          for column, value in pairs(add) do
            local cells = assert(reply[column])
            cells[#cells + 1] = value
          end
        end
      end
    end
    return nil, reply
  end,
  history_preview = function(params)
    for _, row in ipairs(fake.rows) do
      if row.id == params.id then
        local lines = vim.split(vim.trim(row.text), '\n')
        return nil,
          {
            id = row.id,
            name = row.name ~= '' and row.name or nil,
            directory = row.directory,
            created = row.time - 20 * MINUTE,
            updated = row.time,
            bytes = #row.text,
            tags = row.tags ~= '' and vim.split(row.tags, ', ') or {},
            draft = row.draft,
            sent = row.uses > 0 and { { to = 'claude', at = row.time } } or {},
            prompts = { 'commands/api-doc' },
            files = { 'src/main.rs' },
            lines = lines,
            total = #lines,
            stops = {},
            hits = {},
          }
      end
    end
    return { kind = 'not_found', message = ("there is no composition '%s'"):format(params.id) }
  end,
  history_get = function(params)
    for _, row in ipairs(fake.rows) do
      if row.id == params.id then
        return nil,
          {
            id = row.id,
            mark = 'mark of ' .. row.id,
            name = row.name ~= '' and row.name or nil,
            lines = vim.split(vim.trim(row.text), '\n'),
            format = 'unix',
            ended = true,
            path = home .. '/' .. row.id .. '.md',
            directory = row.directory,
            created = row.time,
            updated = row.time,
            tags = {},
            draft = row.draft,
            sent = {},
            prompts = {},
            files = {},
            without = {},
          }
      end
    end
    return { kind = 'not_found', message = ("there is no composition '%s'"):format(params.id) }
  end,
  history_delete = function(params)
    local bytes = 0
    fake.rows = vim.tbl_filter(function(row)
      local goes = vim.tbl_contains(params.ids, row.id)
      bytes = bytes + (goes and #row.text or 0)
      return not goes
    end, fake.rows)
    return nil, { count = #params.ids, bytes = bytes, problems = {} }
  end,
  history_state = function()
    local bytes, drafts, oldest = 0, 0, nil
    for _, row in ipairs(fake.rows) do
      bytes, drafts = bytes + #row.text, drafts + (row.draft and 1 or 0)
      oldest = math.min(oldest or row.time, row.time)
    end
    return nil,
      {
        count = #fake.rows,
        bytes = bytes,
        drafts = drafts,
        oldest = oldest,
        note = fake.note,
        rebuild = false,
      }
  end,
  history_cleanup = function(params)
    local reply = {
      choice = 'this',
      count = 0,
      bytes = 0,
      spared = 0,
      times = {},
      directories = {},
      previews = {},
      problems = {},
    }
    local kept = {}
    for index, row in ipairs(fake.rows) do
      local goes = params.everything
        or params.older_than_days and row.time < NOW - params.older_than_days * DAY
        or params.keep_last and index > params.keep_last
      if goes and row.draft then
        reply.spared = reply.spared + 1
      elseif goes then
        reply.count, reply.bytes = reply.count + 1, reply.bytes + #row.text
        if reply.count <= (fake.previewed or 100) then
          table.insert(reply.times, row.time)
          table.insert(reply.directories, row.directory)
          table.insert(reply.previews, vim.fn.strcharpart((row.text:gsub('%s+', ' ')), 0, 100))
        end
      end
      if not goes or row.draft then kept[#kept + 1] = row end
    end
    if params.delete and fake.conflict then
      local conflict = fake.conflict
      fake.conflict = nil
      return conflict
    end
    if params.delete then fake.rows = kept end
    return nil, reply
  end,
  history_rebuild = function()
    return nil, { count = #fake.rows, unreadable = fake.unreadable or {} }
  end,
  composition_shelve = function(params)
    for _, row in ipairs(fake.rows) do
      if row.id == params.id then row.draft = params.draft end
    end
    return nil, {}
  end,
}

for name, reply in pairs(replies) do
  contract[name] = function(params, on_reply, _, on_part)
    local call = { name = name, params = params, on_part = on_part }
    function call.answer()
      call.answered = true
      if call.cancelled then return end
      if fake.err then
        on_reply(fake.err)
      else
        on_reply(reply(params))
      end
    end
    table.insert(fake.asked, call)
    if not fake.held then vim.schedule(call.answer) end
    return function()
      call.cancelled = true
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
