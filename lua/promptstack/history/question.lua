--- A question under a picker's rows: `y` does it, whatever else is pressed does not.
local M = {}

---@class promptstack.Question
---@field message table what the picker shows as long as the question stands
---@field yes fun()

local asked = setmetatable({}, { __mode = 'k' }) ---@type table<promptstack.Picker, promptstack.Question>

--- The question that stands, if any: moving and typing take it away.
---@param picker promptstack.Picker
---@return promptstack.Question?
local function standing(picker)
  local question = asked[picker]
  return question and picker.list.message == question.message and question or nil
end

--- Asks; `y` is a letter of the query in insert mode, which is left.
---@param picker promptstack.Picker
---@param words string
---@param yes fun()
function M.ask(picker, words, yes)
  vim.cmd.stopinsert()
  picker:say(words, 'PromptstackWarning')
  asked[picker] = { message = assert(picker.list.message), yes = yes }
end

--- Takes the question away.
---@param picker promptstack.Picker
---@return boolean was whether there was one
function M.drop(picker)
  local was = standing(picker) ~= nil
  asked[picker] = nil
  if was then
    picker.list.message = nil
    picker:move(0)
  end
  return was
end

--- The keys of an answer.
---@type promptstack.PickerKey[]
M.keys = {
  {
    'n',
    { 'y' },
    '',
    function(picker)
      local question = standing(picker)
      M.drop(picker)
      if question then question.yes() end
    end,
  },
  { 'n', { 'n' }, '', M.drop },
}

--- Lets the keys that close a picker first take away its question.
---@param picker promptstack.Picker
function M.guard(picker)
  for _, lhs in ipairs({ '<Esc>', 'q' }) do
    picker.prompt.window:map('n', lhs, 'promptstack: close', function()
      if not M.drop(picker) then picker:close() end
    end)
  end
end

return M
