--- `:checkhealth promptstack`
local M = {}

local health = vim.health

--- Nothing else happens while a check waits for the host.
local PATIENCE_MS = 1000

---@param number integer
---@param word string
---@return string
local function count(number, word)
  return require('promptstack.history.format').count(number, word)
end

local function check_neovim()
  health.start('Neovim')
  local version = tostring(vim.version())
  if vim.fn.has('nvim-0.10') == 1 then
    health.ok('Neovim ' .. version)
  else
    health.error('Neovim ' .. version .. ' is too old', { 'install 0.10, 0.11 or 0.12' })
  end
  local commands = vim.api.nvim_get_commands({})
  local ours = commands.Prompt and (commands.Prompt.definition or ''):find('promptstack', 1, true)
  if ours then
    health.ok(':Prompt is ours')
  else
    health.warn(':Prompt belongs to another plugin', { 'use :Promptstack, it takes the same subcommands' })
  end
  for _, problem in ipairs(require('promptstack.config').problems()) do
    health.error(problem)
  end
end

local function check_host()
  local host = require('promptstack.host')
  health.start('Host')
  local binary = host.binary()
  if not binary then
    health.error('the host is not built; looked for ' .. table.concat(host.candidates(), ', '), {
      'run :Prompt build (needs cargo)',
      'or put a promptstack binary on your PATH',
    })
    return
  end
  health.ok(binary)
  local failed = nil ---@type promptstack.WireError?
  local settled = false
  host.ensure(function(err)
    failed, settled = err, true
  end)
  vim.wait(PATIENCE_MS, function()
    return settled
  end, 10)
  local hello = host.hello()
  if failed or not hello then
    local text = failed and require('promptstack.notify').text(failed) or 'it does not answer'
    health.error(
      'the host is ' .. host.state() .. ': ' .. text,
      { ':Prompt restart', ':Prompt build', ':Prompt log' }
    )
    return
  end
  health.ok('it runs, version ' .. hello.version)
  health.info('configuration: ' .. hello.config_file)
  health.info('log: ' .. hello.log_file)
  health.info('your prompts: ' .. hello.prompts_dir)
  for _, notice in ipairs(hello.notices) do
    health.info(notice)
  end
  for _, problem in ipairs(hello.problems) do
    local text = require('promptstack.notify').problem(problem)
    if problem.severity == 'error' then
      health.error(text)
    else
      health.warn(text)
    end
  end
end

--- What the host answers; nil where it does not.
---@generic R
---@param ask fun(params: table, on_reply: fun(err: promptstack.WireError?, reply: R))
---@return R?
local function answer(ask)
  local found = nil
  ask({}, function(err, reply)
    found = not err and reply or nil
  end)
  vim.wait(PATIENCE_MS, function()
    return found ~= nil
  end, 10)
  return found
end

local function check_library()
  health.start('Library')
  local summary = answer(require('promptstack.rpc.contract').library_validate)
  if not summary then
    health.warn('the library could not be checked')
  elseif summary.errors + summary.warnings > 0 then
    health.warn(
      ('%s; %s and %s in %s'):format(
        count(summary.checked, 'prompt'),
        count(summary.errors, 'error'),
        count(summary.warnings, 'warning'),
        count(summary.files, 'file')
      ),
      { ':Prompt validate lists them' }
    )
  else
    health.ok(count(summary.checked, 'prompt') .. ', nothing to mend')
  end
end

local function check_history()
  health.start('History')
  local state = answer(require('promptstack.rpc.contract').history_state)
  if not state then
    health.warn('the history could not be counted')
    return
  end
  local size = require('promptstack.history.format').size(state.bytes)
  local words = ('%s, %s, %s'):format(count(state.count, 'composition'), count(state.drafts, 'draft'), size)
  if state.note then
    health.warn(('%s; %s'):format(words, state.note), state.rebuild and { ':Prompt rebuild' } or {})
  else
    health.ok(words)
  end
end

local function check_models()
  health.start('Models')
  local state = answer(require('promptstack.rpc.contract').setup_state)
  if not state then
    health.warn('the configuration of models could not be read')
    return
  end
  for _, task in ipairs(state.tasks) do
    local who = task.provider == 'local' and 'nobody, local checks only'
      or ('%s, %s'):format(task.provider, task.model or 'no model')
    health.info(('%s: %s'):format(task.name, who))
  end
  for _, provider in ipairs(state.providers) do
    local words = ('%s: key %s'):format(provider.name, provider.key_words)
    if provider.configured and provider.key == 'missing' then
      health.warn(words, { ':Prompt setup' })
    elseif provider.configured and not provider.model then
      health.warn(provider.name .. ': no model is said', { ':Prompt setup' })
    elseif provider.configured then
      health.ok(provider.key == 'none' and provider.name .. ': needs no key' or words)
    end
  end
  for _, limit in ipairs(state.limits) do
    local words = ('%s: %s of %s spent'):format(limit.name, limit.spent, limit.most)
    if limit.part >= 1 then
      health.warn(words, { ':Prompt stats' })
    else
      health.info(words)
    end
  end
end

local function check_pickers()
  health.start('Pickers')
  local chosen = require('promptstack.config').ui('picker')
  health.info("ui.picker = '" .. chosen .. "'")
  for _, name in ipairs({ 'telescope', 'snacks', 'fzf_lua', 'mini' }) do
    if require('promptstack.pickers').is_present(name) then health.info(name .. ' is installed') end
  end
end

--- Runs every check.
function M.check()
  check_neovim()
  check_host()
  if require('promptstack.host').state() == 'ready' then
    check_library()
    check_history()
    check_models()
  end
  check_pickers()
end

return M
