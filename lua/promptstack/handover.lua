--- A text on its way to its reader: it is made ready and looked through, what has to be is confirmed, it is delivered,
--- and the composition leaves the shelf.
local directory_of = require('promptstack.files.directory')
local keepers = require('promptstack.composition.keeper')
local notify = require('promptstack.notify')
local review = require('promptstack.handover.review')
local rpc = require('promptstack.rpc.contract')

local M = {}

---@class promptstack.SendOpts
---@field enter? boolean presses Enter afterwards, in a terminal or a pane
---@field dry_run? boolean only shows what would be sent
---@field range? [integer, integer] lines from 1, instead of the whole buffer

---@class promptstack.Handover
---@field buf integer
---@field win integer
---@field words string[] the target as it was named
---@field opts promptstack.SendOpts
---@field directory string
---@field first integer row of the buffer at which the text begins
---@field lines string[]
---@field tick integer of the buffer when it was read
---@field allowed string[] files that may go although they may hold secrets
---@field confirmed table<string, boolean>

---@param count integer
---@param word string
---@return string
local function counted(count, word)
  return ('%d %s%s'):format(count, word, count == 1 and '' or 's')
end

--- Goes to a place of the text, or of a file that is expanded in it.
---@param job promptstack.Handover
---@param finding promptstack.TextFinding
local function go(job, finding)
  if finding.file then
    local path = finding.file:gsub(':%d+%-?%d*$', '')
    local file = vim.startswith(path, '/') and path
      or vim.startswith(path, '~/') and vim.fs.normalize(path)
      or vim.fs.joinpath(job.directory, path)
    require('promptstack.open')(file, { how = 'split', line = finding.row + 1, column = finding.start + 1 })
    return
  end
  if not vim.api.nvim_buf_is_loaded(job.buf) then return notify.warn('the buffer is gone') end
  if vim.api.nvim_win_is_valid(job.win) and vim.api.nvim_win_get_buf(job.win) == job.buf then
    vim.api.nvim_set_current_win(job.win)
  end
  local line, column = finding.row + job.first + 1, finding.start + 1
  require('promptstack.open')(job.buf, { line = line, column = column })
end

--- Goes to the first placeholder that has to be filled, and names all of them.
---@param job promptstack.Handover
---@param unfilled promptstack.TextFinding[]
local function ask_to_fill(job, unfilled)
  local names, seen = {}, {}
  for _, finding in ipairs(unfilled) do
    if not seen[finding.message] then names[#names + 1] = finding.message end
    seen[finding.message] = true
  end
  go(job, unfilled[1])
  local list = table.concat(names, ', ')
  notify.warn(('not sent, still to be filled: %s (:Prompt next, :Prompt fill)'):format(list))
end

--- Whether the buffer is nothing but a composition.
---@param buf integer
---@return boolean
local function is_pure(buf)
  return vim.bo[buf].buftype == 'acwrite'
    and vim.startswith(vim.api.nvim_buf_get_name(buf), 'promptstack://compose/')
end

--- Takes a composition that was handed over out of sight: its windows close, where others stay; the history has it.
---@param buf integer
local function put_away(buf)
  for _, win in ipairs(vim.fn.win_findbuf(buf)) do
    local floats = vim.api.nvim_win_get_config(win).relative ~= ''
    local others = vim.tbl_filter(function(other)
      return other ~= win and vim.api.nvim_win_get_config(other).relative == ''
    end, vim.api.nvim_list_wins())
    local ours = vim.w[win].promptstack_opened == buf
    if not ((floats or (ours and #others > 0)) and pcall(vim.api.nvim_win_close, win, false)) then
      local before = vim.api.nvim_win_call(win, function()
        return vim.fn.bufnr('#')
      end)
      local known = before > 0 and before ~= buf and vim.fn.buflisted(before) == 1
      vim.api.nvim_win_set_buf(win, known and before or vim.api.nvim_create_buf(true, false))
    end
  end
  pcall(vim.api.nvim_buf_delete, buf, {})
end

--- The reader, as one speaks of it.
---@param target promptstack.Target
---@return string
local function reader(target)
  return target.name == 'clipboard' and 'the clipboard' or target.label
end

--- Says that it was sent, and takes the composition from the shelf.
---@param job promptstack.Handover
---@param target promptstack.Target
---@param prepared promptstack.PrepareReply
---@param keeper? promptstack.Keeper
local function sent(job, target, prepared, keeper)
  local size = prepared.tokens.text:gsub(' %(.*', '')
  local verb = target.kind == 'register' and 'copied to' or 'sent to'
  local words = ('%s %s: %s'):format(verb, reader(target), size)
  if target.kind == 'ai' then words = 'answered by ' .. target.label:match('%((.-) · ') end
  if target.register == '"' and target.name == 'clipboard' then
    words = ('there is no clipboard here, copied to register ": %s'):format(size)
  end
  if not keeper or keeper.is_private or job.opts.range then return notify.info(words) end
  keepers.save(keeper, function(saved)
    if not saved then
      return notify.warn(words .. '; the composition is not saved yet and stays on the shelf (:Prompt save)')
    end
    local is_here = vim.api.nvim_buf_is_loaded(job.buf)
    -- Who has gone on writing has a draft again.
    local changed = is_here and vim.api.nvim_buf_get_changedtick(job.buf) ~= job.tick
    local params = { id = keeper.id, sent_to = target.label, draft = changed }
    rpc.composition_shelve(params, function(err)
      if err then return notify.error(err) end
      -- What is in a register has not reached anybody yet; an answer is read beside what was asked.
      local stays = target.kind == 'register' or target.kind == 'ai'
      local goes = is_here and not changed and not stays and is_pure(job.buf)
      if goes then put_away(job.buf) end
      local told = goes or target.kind == 'ai'
      notify.info(words .. (told and ' (:Prompt history has it)' or ''))
    end)
  end)
end

---@param target promptstack.Target
---@param output string[]
local function show_output(target, output)
  if #output == 0 then return end
  local window = require('promptstack.ui.window').open({
    title = 'Output of ' .. target.label,
    footer = 'q close',
    width = math.min(90, vim.o.columns - 8),
    height = math.min(#output, vim.o.lines - 8),
    enter = true,
    filetype = 'promptstack-output',
    wrap = true,
  })
  window:set_lines(output)
  vim.bo[window.buf].modifiable = false
  window:map_close()
  require('promptstack.ui.help').attach(window)
end

---@param job promptstack.Handover
---@param target promptstack.Target
---@param prepared promptstack.PrepareReply
local function deliver(job, target, prepared)
  local keeper = keepers.get(job.buf)
  -- One that is its client's file is put away before the file gets what is made of it.
  if target.buf == job.buf then keeper = nil end
  local delivery = {
    lines = prepared.lines,
    enter = job.opts.enter == true,
    directory = job.directory,
    win = job.win,
    composition = keeper and keeper.id,
  }
  local function go_on()
    require('promptstack.handover.deliver').to(target, delivery, function(err, output)
      if err then return notify.error(err) end
      sent(job, target, prepared, keeper)
      show_output(target, output)
    end)
  end
  if target.kind ~= 'ai' or not keeper or keeper.is_private then return go_on() end
  -- The answer is kept with the name of what it answers.
  keepers.save(keeper, function()
    delivery.composition = keeper.id
    go_on()
  end)
end

---@param finding promptstack.TextFinding
---@return string
local function key_of(finding)
  return table.concat({
    finding.kind,
    finding.file or '',
    finding.row,
    finding.start,
    finding.message,
  }, '\0')
end

local prepare ---@type fun(job: promptstack.Handover, target: promptstack.Target?)

--- Delivers when everything that has to be is confirmed, else asks.
---@param job promptstack.Handover
---@param target promptstack.Target
---@param prepared promptstack.PrepareReply
local function confirm(job, target, prepared)
  local open = vim.tbl_filter(function(finding)
    return finding.kind ~= 'note' and not job.confirmed[key_of(finding)]
  end, prepared.findings)
  if #open == 0 then return deliver(job, target, prepared) end
  review.open({
    title = ('%s to confirm before it goes to %s'):format(counted(#open, 'thing'), reader(target)),
    findings = open,
    first = job.first,
    go = function(finding)
      go(job, finding)
    end,
    confirm = function()
      local again = false
      for _, finding in ipairs(open) do
        job.confirmed[key_of(finding)] = true
        if finding.kind == 'secret_file' and finding.path then
          table.insert(job.allowed, finding.path)
          again = true
        end
      end
      -- What is in those files has not been looked at yet.
      if again then
        prepare(job, target)
      else
        deliver(job, target, prepared)
      end
    end,
  })
end

---@param job promptstack.Handover
---@param prepared promptstack.PrepareReply
---@param target? promptstack.Target where it is known already
local function take(job, prepared, target)
  if job.opts.dry_run then
    local dry_run = require('promptstack.handover.dry_run')
    local model = require('promptstack.handover.targets').model(job.words, job.directory)
    if not model then return dry_run.open(prepared, job.first) end
    local keeper = keepers.get(job.buf)
    local params = { lines = prepared.lines, role = model.role, composition = keeper and keeper.id }
    return require('promptstack.handover.ask').plan(params, function(err, plan)
      dry_run.open(prepared, job.first, plan or assert(err))
    end)
  end
  local blocking = vim.tbl_filter(review.blocks, prepared.findings)
  if #blocking > 0 then
    local all_unfilled = vim.iter(blocking):all(function(finding)
      return finding.kind == 'unfilled'
    end)
    if all_unfilled then return ask_to_fill(job, blocking) end
    return review.open({
      title = ('Not sent · %s to mend'):format(counted(#blocking, 'thing')),
      findings = blocking,
      first = job.first,
      go = function(finding)
        go(job, finding)
      end,
    })
  end
  if target then return confirm(job, target, prepared) end
  require('promptstack.handover.targets').resolve(job.words, job.directory, function(found)
    confirm(job, found, prepared)
  end)
end

function prepare(job, target)
  require('promptstack.ui.waiting').during('making it ready', function(on_reply)
    return rpc.handover_prepare({
      directory = job.directory,
      lines = job.lines,
      allowed = job.allowed,
    }, on_reply)
  end, function(err, prepared)
    if err then return notify.error(err) end
    take(job, prepared, target)
  end)
end

--- Hands the current buffer over.
---@param words string[] the target as `:Prompt send` takes it; the last one of this directory without
---@param opts? promptstack.SendOpts
function M.send(words, opts)
  opts = opts or {}
  local buf = vim.api.nvim_get_current_buf()
  if vim.bo[buf].buftype == 'terminal' then
    return notify.warn('a terminal is no text to send (it is a target: :Prompt send terminal)')
  end
  local sessions = require('promptstack.placeholder.session')
  local session = sessions.get(buf)
  if session then sessions.settle(session, true) end
  local first, last = 0, -1
  if opts.range then
    first, last = opts.range[1] - 1, opts.range[2]
  end
  local lines = vim.api.nvim_buf_get_lines(buf, first, last, false)
  local empty = vim.iter(lines):all(function(line)
    return vim.trim(line) == ''
  end)
  if empty then return notify.warn('there is nothing to send') end
  prepare({
    buf = buf,
    win = vim.api.nvim_get_current_win(),
    words = words,
    opts = opts,
    directory = directory_of(buf),
    first = first,
    lines = lines,
    tick = vim.api.nvim_buf_get_changedtick(buf),
    allowed = {},
    confirmed = {},
  })
end

return M
