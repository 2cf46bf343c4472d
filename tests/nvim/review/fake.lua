-- Replaces `review.suggest` of the contract, so that a test says what is suggested and when. Every call is kept in
-- `_G.fake.asked`; while `held`, its parts and its answer come when the test says so.
local contract = require('promptstack.rpc.contract')

local fake = { asked = {}, held = false, err = nil, by = 'local', problems = {} }
_G.fake = fake

-- An edit of one row, found by what stands there.
local function edit(row, start_col, expected, ...)
  return {
    start_row = row,
    start_col = start_col,
    end_row = row,
    end_col = start_col + #expected,
    expected = { expected },
    lines = { ... },
  }
end

fake.text = {
  'Write integration tests for the payment API.',
  'Always mock the network.',
  '',
  'Be thorough, and etc.',
  '',
  'Never use mocks.',
}

fake.suggestions = {
  {
    kind = 'contradiction',
    title = 'two directives contradict each other',
    description = '"always mock" against "never use mocks": '
      .. 'a reader can only follow one of them, and does not know which',
    by = 'local',
    rule = 'contradiction',
    first = 1,
    last = 5,
    edits = { edit(5, 0, 'Never use mocks.', 'Mock only the network; use real databases.') },
  },
  {
    kind = 'gap',
    title = 'no language named',
    description = 'Say which language the tests are written in.',
    by = 'local',
    rule = 'no-language',
    edits = { edit(0, 0, '', 'You know {{text:language}} well.', '', '') },
  },
  {
    kind = 'clarity',
    title = 'vague words',
    description = '"be thorough" can\'t be checked',
    by = 'local',
    rule = 'vague',
    first = 3,
    last = 3,
    edits = { edit(3, 0, 'Be thorough', 'Cover every status code'), edit(3, 11, ', and etc.', '.') },
  },
  {
    kind = 'formatting',
    title = 'an empty line too many',
    description = 'One is enough.',
    by = 'local',
    rule = 'blank-lines',
    first = 4,
    last = 4,
    edits = {
      { start_row = 4, start_col = 0, end_row = 5, end_col = 0, expected = { '', '' }, lines = { '' } },
    },
  },
  {
    kind = 'recommendation',
    title = 'a prompt of the library fits',
    description = 'workflows/tests asks for what is missing here.',
    by = 'local',
    rule = 'library',
    prompt = 'workflows/tests',
    edits = {},
  },
}

contract.review_suggest = function(params, on_reply, _, on_part)
  local call = { params = params }
  function call.part(suggestion)
    assert(on_part)({ suggestion = vim.deepcopy(suggestion) })
  end
  function call.answer()
    call.answered = true
    on_reply(fake.err, { by = fake.by, problems = fake.problems, finds_changes = false })
  end
  table.insert(fake.asked, call)
  if not fake.held then
    vim.schedule(function()
      if call.cancelled then return end
      for _, suggestion in ipairs(fake.err and {} or fake.suggestions) do
        call.part(suggestion)
      end
      call.answer()
    end)
  end
  -- Parts and answers still come, as they do when they were on their way already.
  return function()
    call.cancelled = true
  end
end

vim.api.nvim_create_autocmd('User', {
  pattern = 'PromptstackSuggestionAccepted',
  callback = function(ev)
    fake.accepted = ev.data
  end,
})

vim.api.nvim_buf_set_lines(0, 0, -1, true, fake.text)
