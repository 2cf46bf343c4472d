--- To whom a composition can be handed over: what there is here, and what the host knows of.
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')
local text = require('promptstack.ui.picker.text')

local M = {}

---@class promptstack.Target: promptstack.Choice
---@field kind 'register'|'terminal'|'host'|'client'|'ai'
---@field label string what is said of it afterwards: `terminal (claude)`
---@field register? string
---@field role? string of the model
---@field buf? integer of a terminal, or the one that a client waits for

--- Of a command, in what is said of a terminal.
local LABEL = 30

--- Command-line completion has to answer at once.
local PATIENCE_MS = 400

--- The last target of each directory.
local last = {} ---@type table<string, string[]>

---@param name string
---@param description string
---@param target table
---@return promptstack.Target
local function named(name, description, target)
  target.name, target.description = name, description
  target.label = target.label or name
  return target
end

---@return promptstack.Target
function M.clipboard()
  if vim.fn.has('clipboard') == 1 then
    return named('clipboard', 'for other programs', { kind = 'register', register = '+' })
  end
  return named('clipboard', 'none here: register "', { kind = 'register', register = '"' })
end

---@param register_name string
---@return promptstack.Target
local function register(register_name)
  local keys = register_name == '"' and 'p' or ('"%sp'):format(register_name)
  local target = { kind = 'register', register = register_name }
  return named('register ' .. register_name, 'to be put with ' .. keys, target)
end

--- A model, by its role where one is named.
---@param name string `ai` or `ai:ROLE`
---@return promptstack.Target
local function model(name)
  return named(name, 'a model answers in a split', { kind = 'ai', role = name:match('^ai:(.+)') })
end

---@param name string
---@return boolean
local function is_model(name)
  return name == 'ai' or vim.startswith(name, 'ai:')
end

---@param buf integer
---@return boolean
local function runs(buf)
  if not vim.api.nvim_buf_is_loaded(buf) or vim.bo[buf].buftype ~= 'terminal' then return false end
  local channel = vim.bo[buf].channel
  local ok, ended = pcall(vim.fn.jobwait, { channel }, 0)
  return ok and ended[1] == -1
end

--- The terminals of this Neovim in which a program runs.
---@return promptstack.Target[]
function M.terminals()
  local found = {} ---@type promptstack.Target[]
  for _, buf in ipairs(vim.api.nvim_list_bufs()) do
    if runs(buf) then
      local name = vim.api.nvim_buf_get_name(buf)
      local folder, command = name:match('^term://(.-)//%d+:(.*)$')
      local title = vim.b[buf].term_title
      local parts = { command or name } ---@type string[]
      if type(title) == 'string' and title ~= '' and title ~= name then parts[2] = title end
      if folder then parts[#parts + 1] = folder end
      local label = ('terminal (%s)'):format(text.fit(text.clean(parts[1] or ''), LABEL))
      local target = { kind = 'terminal', buf = buf, label = label }
      found[#found + 1] = named('terminal:' .. buf, table.concat(parts, ' · '), target)
    end
  end
  return found
end

--- The programs that wait for a file that they have given to this editor.
---@return promptstack.Target[]
function M.clients()
  local edit = package.loaded['promptstack.edit']
  return vim.tbl_map(function(waiting)
    local file = vim.fn.fnamemodify(waiting.file, ':~:.')
    local target = { kind = 'client', buf = waiting.buf, label = ('client (%s)'):format(file) }
    return named('client', 'waits for ' .. file, target)
  end, edit and edit.waiting() or {})
end

--- Asks the host for commands and panes.
---@param done fun(err: promptstack.WireError?, targets: promptstack.Target[])
---@return fun() cancel
local function outside(done)
  return rpc.handover_targets({ tmux = vim.env.TMUX, pane = vim.env.TMUX_PANE }, function(err, reply)
    done(
      err,
      vim.tbl_map(function(target)
        local program = target.name:find(':', 1, true) and target.description:match('^(.-) · ')
        local label = program and ('%s (%s)'):format(target.name, program) or nil
        return named(target.name, target.description, { kind = 'host', label = label })
      end, reply and reply.targets or {})
    )
  end)
end

--- All of them, those that are most likely meant first.
---@param done fun(err: promptstack.WireError?, targets: promptstack.Target[])
---@return fun() cancel
function M.list(done)
  return outside(function(err, others)
    local found = M.clients()
    vim.list_extend(found, M.terminals())
    vim.list_extend(found, others)
    vim.list_extend(found, { M.clipboard(), register('"'), model('ai') })
    done(err, found)
  end)
end

--- Names for completion.
---@param lead string
---@return string[]
function M.complete(lead)
  local names = { 'ai', 'clipboard', 'register' }
  if #M.clients() > 0 then names[#names + 1] = 'client' end
  local terminals = M.terminals()
  if #terminals > 0 then names[#names + 1] = 'terminal' end
  for _, target in ipairs(#terminals > 1 and terminals or {}) do
    names[#names + 1] = target.name
  end
  local answered = false
  outside(function(_, others)
    for _, target in ipairs(others) do
      names[#names + 1] = target.name
    end
    answered = true
  end)
  vim.wait(PATIENCE_MS, function()
    return answered
  end, 5)
  names[#names + 1] = '--dry-run'
  return vim.tbl_filter(function(name)
    return vim.startswith(name, lead)
  end, names)
end

---@param title string
---@param targets promptstack.Target[]
---@param found fun(target: promptstack.Target)
local function one_of(title, targets, found)
  if #targets == 1 then return found(targets[1]) end
  require('promptstack.handover.choose').open(title, targets, found)
end

--- Asks the host for the targets, and calls back with all of them unless it could not say.
---@param done fun(targets: promptstack.Target[])
local function with_all(done)
  require('promptstack.ui.waiting').during('looking for terminals and panes', M.list, function(err, targets)
    -- What is here needs no host.
    if err then notify.error(err) end
    done(targets)
  end)
end

--- The target that words name, should it be one that is here.
---@param words string[]
---@return promptstack.Target[]? targets nil when only the host can know it
---@return string? problem
local function here(words)
  local word, more = assert(words[1]), words[2]
  if word == 'clipboard' or word == '+' then return { M.clipboard() } end
  if word == 'register' then
    if more and more:find('^[%w"*+-]$') then return { register(more) } end
    return {}, 'which register? :Prompt send register {a-z}'
  end
  if word == 'terminal' then return M.terminals(), 'no terminal runs a program (:terminal opens one)' end
  if vim.startswith(word, 'terminal:') then
    local found = vim.tbl_filter(function(target)
      return target.name == word
    end, M.terminals())
    return found, ('there is no %s any more (:Prompt send terminal)'):format(word)
  end
  if word == 'client' then
    return M.clients(), 'no program waits for a file (`promptstack edit` as its $EDITOR)'
  end
  if is_model(word) then return { model(word) } end
end

--- The model that is named, without a name the last one of this directory.
---@param words string[]
---@param directory string
---@return promptstack.Target?
function M.model(words, directory)
  local name = (#words > 0 and words or last[directory] or {})[1]
  return name and is_model(name) and model(name) or nil
end

--- Finds the target that is named; without a name the last one of this directory, else asks.
---@param words string[]
---@param directory string
---@param found fun(target: promptstack.Target)
function M.resolve(words, directory, found)
  ---@param target promptstack.Target
  local function take(target)
    local name = target.kind == 'client' and { 'client' } or vim.split(target.name, ' ', { plain = true })
    last[directory] = name
    found(target)
  end
  local wanted = #words > 0 and words or last[directory]
  local is_asked = #words > 0
  ---@param targets promptstack.Target[]
  local function ask(targets)
    one_of('Send to', targets, take)
  end
  if not wanted then return with_all(ask) end
  local targets, problem = here(wanted)
  if targets and #targets > 0 then return one_of('Send to', targets, take) end
  if targets and is_asked then return notify.warn(problem or 'there is no such target') end
  with_all(function(all)
    for _, target in ipairs(targets and {} or all) do
      if target.name == wanted[1] then return take(target) end
    end
    -- The last one is gone.
    if not is_asked then return ask(all) end
    local names = vim.tbl_map(function(target)
      return target.name
    end, all)
    notify.warn(("there is no target '%s' (%s)"):format(wanted[1], table.concat(names, ', ')))
  end)
end

return M
