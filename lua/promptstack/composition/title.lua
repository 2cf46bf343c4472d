--- Names a composition: as the person says, or as a model proposes and the person agrees.
local buffer_name = require('promptstack.composition.buffer_name')
local keepers = require('promptstack.composition.keeper')
local moments = require('promptstack.ui.moment')
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')
local status = require('promptstack.composition.status')
local waiting = require('promptstack.ui.waiting')

local M = {}

--- The host ends what takes too long. To keep to a limit of tokens an hour it may have to wait for an hour.
local TIMEOUT_MS = 65 * 60 * 1000

--- Whether a composition is still written on.
---@param keeper promptstack.Keeper
---@return boolean
local function is_there(keeper)
  return keepers.get(keeper.buf) == keeper and vim.api.nvim_buf_is_loaded(keeper.buf)
end

--- Gives a composition its name; it is saved with it at once.
---@param keeper promptstack.Keeper
---@param name string
local function give(keeper, name)
  local params = { id = keeper.id, name = name, directory = keeper.directory }
  rpc.composition_rename(params, function(err, reply)
    if not is_there(keeper) then return end
    if err then return notify.error(err) end
    keeper.name = reply.name
    buffer_name.follow(keeper)
    keepers.touch(keeper)
    keepers.save(keeper)
    local where = keeper.is_private and ', here alone: it is private' or ''
    notify.info(("named '%s'%s"):format(reply.name, where))
  end)
end

--- Has the person take the name that is proposed, or another one.
---@param keeper promptstack.Keeper
---@param name string
---@param moment promptstack.Moment
local function propose(keeper, name, moment)
  -- Who does something else by now would type into the question.
  if moments.changed(moment) then
    notify.info(("a model proposes '%s' (:Prompt title %s takes it)"):format(name, name))
    return
  end
  vim.ui.input({ prompt = 'Name: ', default = name }, function(answer)
    if answer and is_there(keeper) then give(keeper, answer) end
  end)
end

---@param keeper promptstack.Keeper
---@param confirmed boolean
local function ask(keeper, confirmed)
  local moment = moments.now()
  local words = 'a model is asked for a name'
  waiting.during(function()
    return words
  end, function(on_reply)
    local cancel = rpc.ai_title({
      lines = vim.api.nvim_buf_get_lines(keeper.buf, 0, -1, true),
      confirmed = confirmed,
      keep_nothing = not keepers.is_kept(keeper.buf),
    }, function(...)
      status.wait(keeper.buf, 'title')
      on_reply(...)
    end, { timeout = TIMEOUT_MS }, function(part)
      words = ('%s, %d s'):format(part.why, part.seconds)
      status.wait(keeper.buf, 'title', words)
    end)
    return function()
      status.wait(keeper.buf, 'title')
      cancel()
    end
  end, function(err, reply)
    if not is_there(keeper) then return end
    if err then return notify.error(err) end
    if not reply.confirm then return propose(keeper, reply.name, moment) end
    require('promptstack.handover.choose').open(reply.confirm, {
      { name = 'yes', description = 'ask for a name' },
      { name = 'no', description = 'send nothing' },
    }, function(choice)
      if choice.name == 'yes' and is_there(keeper) then ask(keeper, true) end
    end)
  end)
end

--- Names the composition in the current buffer; without a name a model is asked for one.
---@param name? string
function M.run(name)
  local keeper = keepers.get(vim.api.nvim_get_current_buf())
  if not keeper then return notify.warn('this buffer is no composition (:Prompt attach makes it one)') end
  if name and name ~= '' then return give(keeper, name) end
  ask(keeper, false)
end

return M
