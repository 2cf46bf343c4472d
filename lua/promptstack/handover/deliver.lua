--- Brings a text to its reader.
local keepers = require('promptstack.composition.keeper')
local rpc = require('promptstack.rpc.contract')

local M = {}

--- Enter that comes together with a pasted text is to some programs a part of it.
local ENTER_MS = 100
--- The host gives a command a minute.
local TIMEOUT_MS = 70 * 1000

---@class promptstack.Delivery
---@field lines string[]
---@field enter boolean
---@field directory string
---@field win integer the window of the text
---@field composition? string the id of the composition that it is

--- A line in which nothing is a command to the program that reads it: an ESC could end the pasting, a CTRL-C the
--- program.
---@param line string
---@return string
local function harmless(line)
  -- What ends a line in a buffer of the format "dos" belongs to no line; a newline in one stands for NUL.
  local shown = line:gsub('\r$', ''):gsub('[%z\1-\8\10-\31\127]', function(char)
    local byte = char == '\n' and 0 or char:byte()
    return byte == 127 and '␡' or ('\226\144%c'):format(0x80 + byte)
  end)
  -- C1 controls, as UTF-8 writes them.
  return (shown:gsub('\194[\128-\159]', '\239\191\189'))
end

---@param target promptstack.Target
---@param delivery promptstack.Delivery
---@return promptstack.WireError?
local function to_terminal(target, delivery)
  local channel = vim.bo[assert(target.buf)].channel
  local text = table.concat(vim.tbl_map(harmless, delivery.lines), '\n')
  local ok, message = pcall(vim.api.nvim_chan_send, channel, ('\27[200~%s\27[201~'):format(text))
  if not ok then
    return {
      kind = 'unavailable',
      message = ('the %s takes no text any more: %s'):format(target.label, message),
      hint = ':Prompt send terminal',
    }
  end
  if delivery.enter then
    vim.defer_fn(function()
      pcall(vim.api.nvim_chan_send, channel, '\r')
    end, ENTER_MS)
  end
end

---@param target promptstack.Target
---@param delivery promptstack.Delivery
---@return promptstack.WireError?
local function to_register(target, delivery)
  local ok, message = pcall(vim.fn.setreg, assert(target.register), delivery.lines, 'c')
  if not ok then
    return {
      kind = 'unavailable',
      message = ('not copied to register %s: %s'):format(target.register, message),
    }
  end
end

--- Writes the text into the file that a program waits for, and hands it back.
---@param target promptstack.Target
---@param delivery promptstack.Delivery
---@return promptstack.WireError?
local function hand_back(target, delivery)
  local buf = assert(target.buf)
  local ok, message = pcall(function()
    if not vim.deep_equal(vim.api.nvim_buf_get_lines(buf, 0, -1, true), delivery.lines) then
      vim.api.nvim_buf_set_lines(buf, 0, -1, true, delivery.lines)
    end
    vim.api.nvim_buf_call(buf, function()
      vim.cmd.write({ mods = { silent = true } })
    end)
  end)
  if not ok then
    return { kind = 'unavailable', message = ('not written: %s'):format(message), hint = ':w tries again' }
  end
  local waits = require('promptstack.edit.waits')
  local wait = waits.of(buf)
  if not wait then return end
  -- It has left the shelf already, or is nobody's draft.
  wait.keeper = nil
  waits.finish(wait, 'done', vim.api.nvim_get_current_buf() == buf)
  require('promptstack.edit.watch').refresh()
end

--- The same, where the buffer of that file is a composition: what the person wrote stays in the history as they wrote
--- it.
---@param target promptstack.Target
---@param delivery promptstack.Delivery
---@param done fun(err: promptstack.WireError?, output: string[])
local function to_client(target, delivery, done)
  local buf = assert(target.buf)
  local keeper = keepers.get(buf)
  local function go()
    -- From here on the buffer holds what its reader gets.
    keepers.release(buf)
    done(hand_back(target, delivery), {})
  end
  if not keeper or keeper.is_private then return go() end
  keepers.save(keeper, function()
    rpc.composition_shelve({ id = keeper.id, sent_to = target.label, draft = false }, go)
  end)
end

--- Has a model answer, and names it in the target.
---@param target promptstack.Target
---@param delivery promptstack.Delivery
---@param done fun(err: promptstack.WireError?, output: string[])
local function to_model(target, delivery, done)
  require('promptstack.handover.ask').start({
    params = { lines = delivery.lines, role = target.role, composition = delivery.composition },
    win = delivery.win,
    done = function(answer)
      target.label = ('%s (%s)'):format(target.name, answer.by)
      done(nil, {})
    end,
  })
end

--- Delivers, and calls back with what a command printed.
---@param target promptstack.Target
---@param delivery promptstack.Delivery
---@param done fun(err: promptstack.WireError?, output: string[])
function M.to(target, delivery, done)
  if target.kind == 'terminal' then return done(to_terminal(target, delivery), {}) end
  if target.kind == 'register' then return done(to_register(target, delivery), {}) end
  if target.kind == 'ai' then return to_model(target, delivery, done) end
  if target.kind == 'client' then return to_client(target, delivery, done) end
  -- A command gets what was written, a program in a pane nothing that it would do something at.
  local is_pane = vim.startswith(target.name, 'tmux:')
  local lines = is_pane and vim.tbl_map(harmless, delivery.lines) or delivery.lines
  require('promptstack.ui.waiting').during('sending to ' .. target.label, function(on_reply)
    return rpc.handover_deliver({
      target = target.name,
      lines = lines,
      enter = delivery.enter,
      tmux = vim.env.TMUX,
      pane = vim.env.TMUX_PANE,
      directory = delivery.directory,
    }, on_reply, { timeout = TIMEOUT_MS })
  end, function(err, reply)
    done(err, reply and reply.output or {})
  end)
end

return M
