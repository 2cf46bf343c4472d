--- Has a model answer a text. Nothing is sent unasked, and what may be dear only when the person agrees.
local View = require('promptstack.handover.answer')
local moments = require('promptstack.ui.moment')
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')
local status = require('promptstack.composition.status')
local waiting = require('promptstack.ui.waiting')

local M = {}

--- The host ends what takes too long. To keep to a limit of tokens an hour it may have to wait for an hour.
local TIMEOUT_MS = 65 * 60 * 1000

---@class promptstack.AskJob
---@field params promptstack.AskParams
---@field win integer the window of the question
---@field done fun(answer: promptstack.AskAnswer) called for a whole answer

local start ---@type fun(job: promptstack.AskJob)

--- Asks the person what the host wants to know first.
---@param job promptstack.AskJob
---@param question string
local function confirm(job, question)
  require('promptstack.handover.choose').open(question, {
    { name = 'yes', description = 'ask now' },
    { name = 'no', description = 'send nothing' },
  }, function(choice)
    if choice.name ~= 'yes' then return end
    job.params.confirmed = true
    start(job)
  end)
end

---@param job promptstack.AskJob
---@param view? promptstack.AnswerView
---@param reply promptstack.AskReply
local function ended(job, view, reply)
  if reply.question then return confirm(job, reply.question) end
  local answer = assert(reply.answer)
  local by = answer.by
  if answer.cached then by = by .. ' · answered before' end
  if answer.kept then by = by .. ' · kept' end
  if view then view:finish(by, answer.incomplete) end
  if answer.problem then notify.warn('the answer is not in the history: ' .. answer.problem) end
  if not answer.incomplete then return job.done(answer) end
  notify.warn(('the answer is incomplete, the text stays as it is: %s'):format(answer.incomplete))
end

--- Runs when no command-line window is open: no other can be opened from there.
---@param run fun()
local function outside(run)
  if vim.fn.getcmdwintype() == '' then return run() end
  vim.api.nvim_create_autocmd('CmdwinLeave', { once = true, callback = vim.schedule_wrap(run) })
end

function start(job)
  local moment = moments.now()
  local buf = vim.api.nvim_win_is_valid(job.win) and vim.api.nvim_win_get_buf(job.win) or -1
  local model, words = 'the model', nil ---@type string, string?
  local view, stop = nil, function() end ---@type promptstack.AnswerView?, fun()
  local function give_up()
    status.wait(buf, 'ask')
    stop()
  end
  waiting.during(function()
    return words or ('%s is asked'):format(model)
  end, function(on_reply)
    local held = '' -- what is not shown yet
    local function show()
      if held == '' then return end
      if not view then
        -- The line that says what is waited for goes first.
        on_reply()
        local enter = not moments.changed(moment)
        view = View.open({ win = job.win, enter = enter, model = model, stop = give_up })
      end
      if words then view:wait() end
      words = nil
      status.wait(buf, 'ask')
      view:append(held)
      held = ''
    end
    ---@param part promptstack.AskPart
    local function take(part)
      model = part.model or model
      if part.waiting then
        words = part.waiting
        status.wait(buf, 'ask', part.waiting)
        if view then view:wait(part.waiting) end
      end
      held = held .. (part.text or '')
      if vim.fn.getcmdwintype() == '' then show() end
    end
    local cancel = rpc.ask_send(job.params, function(err, reply)
      stop = function() end
      status.wait(buf, 'ask')
      outside(function()
        show()
        on_reply()
        if not err then return ended(job, view, reply) end
        if view then view:finish(model, err.message) end
        notify.error(err)
      end)
    end, { timeout = TIMEOUT_MS }, take)
    stop = cancel
    return give_up
  end, function() end)
end

--- Has a text answered, in a split beside its window.
---@param job promptstack.AskJob
function M.start(job)
  start(job)
end

--- What would be sent, or why nothing would.
---@param params promptstack.AskParams
---@param done fun(err: promptstack.WireError?, plan: promptstack.AskPlanReply?)
function M.plan(params, done)
  waiting.during('looking who would be asked', function(on_reply)
    return rpc.ask_plan(params, on_reply)
  end, done)
end

return M
