--- What can be done with prompts that were picked, whichever picker it was.
local notify = require('promptstack.notify')
local origins = require('promptstack.ui.origin')
local rpc = require('promptstack.rpc.contract')

local M = {}

---@class promptstack.Picked
---@field id string
---@field title string
---@field severity integer 0 without findings, 1 with a warning, 2 with an error

--- Asks for several things at once and calls back with all answers in order, or with the first error.
---@generic T
---@param list T[]
---@param ask fun(element: T, on_reply: fun(err: promptstack.WireError?, reply: any))
---@param done fun(err: promptstack.WireError?, replies: any[]?)
local function gather(list, ask, done)
  local replies, left, failed = {}, #list, false
  for index, element in ipairs(list) do
    ask(element, function(err, reply)
      if failed then return end
      if err then
        failed = true
        done(err)
        return
      end
      replies[index] = reply
      left = left - 1
      if left == 0 then done(nil, replies) end
    end)
  end
end

--- Joins prompts to one text with an empty line between them, so that one undo takes all of them back.
---@param replies promptstack.InsertReply[]
---@return promptstack.InsertReply
local function join(replies)
  local joined = { id = replies[1].id, lines = {}, stops = {}, hash = replies[1].hash }
  for index, reply in ipairs(replies) do
    if index > 1 then table.insert(joined.lines, '') end
    for _, stop in ipairs(reply.stops) do
      table.insert(joined.stops, vim.tbl_extend('force', stop, { row = stop.row + #joined.lines }))
    end
    vim.list_extend(joined.lines, reply.lines)
  end
  return joined
end

---@param prompt promptstack.Picked
---@param on_reply fun(err: promptstack.WireError?, reply: promptstack.InsertReply?)
local function ask_insert(prompt, on_reply)
  rpc.library_insert({ id = prompt.id }, on_reply)
end

--- Gets the text of prompts; one with an error is refused before any other is counted as used.
---@param prompts promptstack.Picked[]
---@param done fun(err: promptstack.WireError?, reply: promptstack.InsertReply?)
function M.read(prompts, done)
  local function read_all()
    gather(prompts, ask_insert, function(err, replies)
      done(err, replies and join(replies))
    end)
  end
  for _, prompt in ipairs(prompts) do
    if prompt.severity == 2 then
      ask_insert(prompt, function(err)
        if err then
          done(err)
        else
          -- It was mended a moment ago.
          read_all()
        end
      end)
      return
    end
  end
  read_all()
end

--- Inserts prompts where the person was.
---@param origin promptstack.Origin
---@param prompts promptstack.Picked[]
---@param opts? { new_line?: boolean, selection?: string[] }
function M.insert(origin, prompts, opts)
  if #prompts == 0 then return end
  M.read(prompts, function(err, reply)
    if err or not reply then
      notify.error(err or { kind = 'internal', message = 'the host sent no text' })
      return
    end
    origins.back(origin, function() end, function(there)
      M.put(reply, there, vim.tbl_extend('keep', opts or {}, { terminal = origin.mode == 't' }))
    end)
  end)
end

--- Puts a text that was read at the cursor.
---@param reply promptstack.InsertReply
---@param there boolean whether the cursor is where the person wanted it; else nothing is put into what is there now
---@param opts? promptstack.InsertOpts
function M.put(reply, there, opts)
  if not there then
    notify.warn(("'%s' is not inserted: the window is gone"):format(reply.id))
    return
  end
  require('promptstack.insert').put(reply, opts)
end

--- Gets the files of prompts.
---@param prompts promptstack.Picked[]
---@param done fun(err: promptstack.WireError?, replies: promptstack.PromptReply[]?)
function M.files(prompts, done)
  gather(prompts, function(prompt, on_reply)
    rpc.library_get({ id = prompt.id }, on_reply)
  end, done)
end

--- The place in a prompt's file to look at first: a finding, else the first line of its text.
---@param prompt promptstack.PromptReply
---@return integer line
---@return integer column
local function place(prompt)
  local problem = prompt.problems[1]
  if problem and problem.line > 0 then return problem.line, problem.column end
  return prompt.body_line, 1
end

--- Shows the files of prompts in windows.
---@param replies promptstack.PromptReply[]
---@param how 'edit'|'split'|'vsplit'|'tab'
function M.show(replies, how)
  -- So that <C-o> comes back.
  vim.cmd.normal({ "m'", bang = true })
  for _, reply in ipairs(replies) do
    local line, column = place(reply)
    local buf = require('promptstack.open')(reply.path, { how = how, line = line, column = column })
    require('promptstack.placeholder').attach(buf)
  end
end

--- Opens the files of prompts.
---@param prompts promptstack.Picked[]
---@param how 'edit'|'split'|'vsplit'|'tab'
function M.edit(prompts, how)
  M.files(prompts, function(err, replies)
    if err or not replies then
      notify.error(err or { kind = 'internal', message = 'the host named no file' })
      return
    end
    M.show(replies, how)
  end)
end

--- Puts the files of prompts into the quickfix list and opens it.
---@param replies promptstack.PromptReply[]
function M.list(replies)
  local items = vim.tbl_map(function(reply)
    local line, column = place(reply)
    local problem = reply.problems[1]
    return {
      filename = reply.path,
      lnum = line,
      col = column,
      text = problem and ('%s: %s'):format(reply.title, problem.message) or reply.title,
      type = problem and (problem.severity == 'error' and 'E' or 'W') or '',
    }
  end, replies)
  vim.fn.setqflist({}, ' ', { title = 'promptstack: prompts', items = items })
  vim.cmd.copen()
end

---@class promptstack.PickerVerbs
---@field insert fun(new_line?: boolean): fun(context: any)
---@field edit fun(how: 'edit'|'split'|'vsplit'|'tab'): fun(context: any)
---@field list fun(context: any) fills the quickfix list

--- What can be bound to keys of another plugin's picker that is about to open; each verb gets what that picker hands to
--- its mappings.
---@param opts promptstack.PickOpts
---@param chosen fun(context: any): promptstack.Picked[]
---@param close fun(context: any, done: fun()) ends the picker, then calls `done`
---@return promptstack.PickerVerbs
function M.bind(opts, chosen, close)
  local origin = origins.here()

  ---@param ask fun(chosen: promptstack.Picked[], done: fun(err: promptstack.WireError?, reply: any))
  ---@param use fun(reply: any, there: boolean)
  ---@return fun(context: any)
  local function act(ask, use)
    return function(context)
      local list = chosen(context)
      if #list == 0 then return end
      ask(list, function(err, reply)
        if err then return notify.error(err) end
        close(context, function()
          origins.back(origin, function() end, function(there)
            use(reply, there)
          end)
        end)
      end)
    end
  end

  return {
    insert = function(new_line)
      return act(M.read, function(reply, there)
        M.put(reply, there, {
          new_line = new_line,
          selection = opts.selection,
          terminal = origin.mode == 't',
        })
      end)
    end,
    edit = function(how)
      return act(M.files, function(replies)
        M.show(replies, how)
      end)
    end,
    list = act(M.files, M.list),
  }
end

return M
