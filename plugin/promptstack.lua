-- Commands, <Plug> maps and highlight defaults. Nothing is loaded before it is used.
if vim.g.loaded_promptstack then return end
vim.g.loaded_promptstack = true

if vim.fn.has('nvim-0.10') == 0 then
  vim.api.nvim_create_user_command('Promptstack', function()
    vim.notify('promptstack: needs Neovim 0.10 or newer', vim.log.levels.ERROR)
  end, { nargs = '*' })
  return
end

local function run(args)
  require('promptstack.commands').run(args)
end

local function complete(lead, line, position)
  return require('promptstack.commands').complete(lead, line, position)
end

---@param name string
---@param sub? string the subcommand it stands for
---@param desc string
local function command(name, sub, desc)
  vim.api.nvim_create_user_command(name, function(args)
    if sub then table.insert(args.fargs, 1, sub) end
    run(args)
  end, { nargs = '*', bang = true, range = true, complete = complete, desc = desc })
end

-- Some small plugins define :Prompt too, and ours is not forced over it.
if vim.fn.exists(':Prompt') ~= 2 then
  command('Prompt', nil, 'promptstack: pick a prompt, or run a subcommand')
end
command('Promptstack', nil, 'promptstack: pick a prompt, or run a subcommand')
command('PromptInsert', 'insert', 'promptstack: insert a prompt by its id')
command('PromptCompose', 'compose', 'promptstack: begin a composition, or go on with a draft')
command('PromptHistory', 'history', 'promptstack: find what was composed')
command('PromptSuggest', 'suggest', 'promptstack: show what could be better in this text')

for _, name in ipairs({
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
  'files',
  'fill',
  'history',
  'log',
  'next',
  'next-suggestion',
  'pick',
  'prev',
  'prev-suggestion',
  'private',
  'rebuild',
  'restart',
  'save',
  'send',
  'settings',
  'setup',
  'stats',
  'suggest',
  'trust',
  'validate',
}) do
  vim.keymap.set({ 'n', 'i' }, ('<Plug>(promptstack-%s)'):format(name), function()
    require('promptstack.commands').call(name)
  end, { desc = 'promptstack: ' .. name })
end

for _, word in ipairs({ 'accept', 'line', 'word', 'next', 'dismiss' }) do
  vim.keymap.set({ 'n', 'i' }, ('<Plug>(promptstack-ghost-%s)'):format(word), function()
    require('promptstack').complete(word)
  end, { desc = 'promptstack: continuation, ' .. word })
end

-- Files that programs hand to an editor to have a prompt, or a message, written: their buffers are compositions.
local handed_over = {
  '*/claude-prompt-*.md', -- Claude Code, ctrl-g
  '*/.tmp' .. ('[^/]'):rep(6) .. '.md', -- Codex, ctrl-g: six letters by chance
  '*/codex-*.md',
  '*/gemini-edit-*/buffer.txt', -- Gemini CLI, ctrl-x
  '*/qwen-edit-*/buffer.txt', -- Qwen Code
  '*/copilot-*.md', -- Copilot CLI
  '*/opencode-*.md', -- opencode, /editor
  '*/crush-*.md', -- Crush
  '*/aider-*.md', -- aider, /editor
  'COMMIT_EDITMSG', -- git
  'MERGE_MSG',
  'TAG_EDITMSG',
  'NOTES_EDITMSG',
  'PULLREQ_EDITMSG', -- hub
}
local given = type(vim.g.promptstack) == 'table'
  and type(vim.g.promptstack.ui) == 'table'
  and vim.g.promptstack.ui.attach
vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufNewFile' }, {
  group = vim.api.nvim_create_augroup('promptstack.attach', {}),
  pattern = vim.list_extend(handed_over, type(given) == 'table' and given or {}),
  desc = 'promptstack: this file becomes a composition',
  callback = function(args)
    require('promptstack').attach(args.buf)
  end,
})

-- `default` links give way to a colour scheme and come back after `:highlight clear`.
for group, target in pairs({
  PromptstackNormal = 'NormalFloat',
  PromptstackBorder = 'FloatBorder',
  PromptstackTitle = 'FloatTitle',
  PromptstackHint = 'Comment',
  PromptstackMatch = 'Special',
  PromptstackSelection = 'Visual',
  PromptstackMarked = 'Statement',
  PromptstackCategory = 'Directory',
  PromptstackCount = 'Number',
  PromptstackWarning = 'DiagnosticWarn',
  PromptstackError = 'DiagnosticError',
  PromptstackText = 'Identifier',
  PromptstackList = 'Function',
  PromptstackChoice = 'String',
  PromptstackCurrent = 'IncSearch',
  PromptstackFilled = 'Underlined',
  PromptstackProgress = 'Comment',
  PromptstackSaved = 'DiagnosticOk',
  PromptstackReference = 'Underlined',
  PromptstackAdd = 'DiffAdd',
  PromptstackDelete = 'DiffDelete',
  PromptstackBar = 'Function',
  PromptstackStruck = '@markup.strikethrough',
  PromptstackGhost = 'Comment',
}) do
  vim.api.nvim_set_hl(0, group, { link = target, default = true })
end

-- Where this Neovim listens, for `promptstack edit`; told once there is time for it.
local function register()
  vim.schedule(function()
    require('promptstack.servers').register()
  end)
end
if vim.v.vim_did_enter == 1 then
  register()
else
  vim.api.nvim_create_autocmd('VimEnter', { once = true, callback = register })
end
