--- `:Prompt {subcommand}`: the table of subcommands and their completion.
local notify = require('promptstack.notify')

local M = {}

---@class promptstack.CommandArgs
---@field fargs string[] what follows the subcommand
---@field bang boolean
---@field range integer 0 without a range, as nvim_create_user_command() gives it
---@field line1 integer
---@field line2 integer

---@class promptstack.Command
---@field desc string one line for completion menus and help
---@field impl fun(args: promptstack.CommandArgs)
---@field complete? fun(lead: string): string[]

--- Every subcommand has a module of its name beside this file.
M.names = {
  'abort',
  'accept',
  'attach',
  'build',
  'cleanup',
  'complete',
  'compose',
  'copy',
  'diff',
  'dismiss',
  'done',
  'drafts',
  'edit',
  'files',
  'fill',
  'history',
  'insert',
  'log',
  'next',
  'next-suggestion',
  'pick',
  'prev',
  'prev-suggestion',
  'preview',
  'private',
  'rebuild',
  'restart',
  'save',
  'send',
  'settings',
  'setup',
  'stats',
  'suggest',
  'title',
  'trust',
  'validate',
}

---@param name string
---@return promptstack.Command
local function load(name)
  return require('promptstack.commands.' .. name)
end

--- The subcommand meant by a word: its name, or its only beginning.
---@param word string
---@return string?
local function resolve(word)
  if vim.tbl_contains(M.names, word) then return word end
  local found = vim.tbl_filter(function(name)
    return vim.startswith(name, word)
  end, M.names)
  return #found == 1 and found[1] or nil
end

--- Runs `:Prompt` with what the person typed.
---@param args table as nvim_create_user_command() gives it
function M.run(args)
  local word = args.fargs[1]
  if word and #word > 1 and vim.endswith(word, '!') then
    word, args.bang = word:sub(1, -2), true
  end
  if not word then return M.call('pick', args) end
  local name = resolve(word)
  if not name then
    notify.warn(("there is no ':Prompt %s' (%s)"):format(word, table.concat(M.names, ', ')))
    return
  end
  args.fargs = vim.list_slice(args.fargs, 2)
  M.call(name, args)
end

--- Runs one subcommand.
---@param name string
---@param args? table
function M.call(name, args)
  args = args or {}
  load(name).impl({
    fargs = args.fargs or {},
    bang = args.bang or false,
    range = args.range or 0,
    line1 = args.line1 or 0,
    line2 = args.line2 or 0,
  })
end

--- Completes `:Prompt`.
---@param lead string
---@param line string
---@param position integer
---@return string[]
function M.complete(lead, line, position)
  -- Everything before the word under the cursor, without range, bang and the command itself.
  local before = line:sub(1, position - #lead)
  local command, rest = before:match('(%a+)!?%s+(.*)$')
  local words = vim.split(rest or '', '%s+', { trimempty = true })
  local alone = ({
    PromptInsert = 'insert',
    PromptCompose = 'compose',
    PromptHistory = 'history',
    PromptSuggest = 'suggest',
  })[command]
  if alone then table.insert(words, 1, alone) end
  if #words == 0 then
    return vim.tbl_filter(function(name)
      return vim.startswith(name, lead)
    end, M.names)
  end
  local name = resolve((words[1]:gsub('!$', '')))
  local complete = name and load(name).complete
  return complete and #words == 1 and complete(lead) or {}
end

return M
