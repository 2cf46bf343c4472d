--- Files that programs outside have given to an editor: `promptstack edit FILE` opens one here and waits for it.
local guard = require('promptstack.guard')
local notify = require('promptstack.notify')
local origins = require('promptstack.ui.origin')
local waits = require('promptstack.edit.waits')

local M = {}

---@class promptstack.EditRequest
---@field channel integer where the outcome is sent
---@field file string absolute path
---@field line integer 0 for none

---@class promptstack.Waiting
---@field buf integer
---@field file string as the program named it
---@field modified boolean whether it has changes that are not written
---@field hidden boolean whether no window shows it

--- The buffer that this Neovim was started for by `promptstack edit` itself.
local own = nil ---@type integer?

--- Who this Neovim is.
---@return { pid: integer, cwd: string, uis: integer }
function M.hello()
  return { pid = vim.fn.getpid(), cwd = vim.uv.cwd() or '', uis = #vim.api.nvim_list_uis() }
end

---@param buf integer
---@return promptstack.Keeper?
local function compose(buf)
  local composition = require('promptstack.composition') --[[@as any]]
  guard(composition.attach, buf, { client = true })
  return require('promptstack.composition.keeper').get(buf)
end

---@param request promptstack.EditRequest
---@param origin promptstack.Origin
local function show(request, origin)
  local place = require('promptstack.edit.place').open(request.file, request.line)
  local buf = place.buf
  local wait = waits.of(buf)
  if wait then
    table.insert(wait.channels, request.channel)
    return
  end
  wait = {
    buf = buf,
    file = request.file,
    channels = { request.channel },
    origin = origin,
    win = place.win,
    borrowed = place.was_there and not waits.is_ours(buf),
    bufhidden = vim.bo[buf].bufhidden,
  }
  vim.bo[buf].bufhidden = 'hide'
  waits.add(wait)
  require('promptstack.edit.watch').refresh()
  wait.keeper = compose(buf)
  notify.info((':wq hands %s back, :Prompt abort gives up'):format(waits.name(wait)))
end

--- Takes a file from a client, which hears of the outcome by a notification.
---@param request promptstack.EditRequest
---@return { refused?: string }
function M.open(request)
  if vim.v.exiting ~= vim.NIL then return { refused = 'it is about to end' } end
  local origin = origins.here()
  local function is_wanted()
    return waits.is_there(request.channel)
  end
  local function open()
    -- The command-line window is gone once it is left.
    if not vim.api.nvim_win_is_valid(origin.win) then origin = origins.here() end
    local ok, message = pcall(show, request, origin)
    if not ok then waits.refuse(request.channel, "it can't be opened there: " .. tostring(message)) end
  end
  -- The client gets its answer before anything may ask the person.
  vim.schedule(function()
    require('promptstack.edit.place').reach_normal_mode(is_wanted, open)
  end)
  return vim.empty_dict()
end

--- Hears from a client that it waits no longer.
---@param channel integer
function M.withdraw(channel)
  waits.drop(channel, 'the wait was given up')
  require('promptstack.edit.watch').refresh()
end

--- Makes the current buffer the one that this Neovim was started for.
function M.here()
  local buf = vim.api.nvim_get_current_buf()
  own = buf
  local keeper = compose(buf)
  if not keeper then return end
  -- What saves comes first: it was there before.
  require('promptstack.host').before_stop(function()
    local is_handed_back = vim.v.exiting == 0 and vim.v.dying == 0
    if not is_handed_back or not vim.api.nvim_buf_is_loaded(buf) or vim.bo[buf].modified then return end
    waits.hand_back_at_exit(keeper, vim.api.nvim_buf_get_name(buf))
  end)
end

--- Gives up on the current buffer: whoever waits for it hears of failure and the file is left as it was.
function M.abort()
  local buf = vim.api.nvim_get_current_buf()
  local wait = waits.of(buf)
  if wait then
    require('promptstack.edit.watch').abort(wait)
    return
  end
  if buf == own then
    waits.keep(buf)
    vim.cmd.cquit()
    return
  end
  local others = vim.tbl_map(waits.name, waits.list())
  local hint = #others > 0 and ('; they wait for %s: go there first'):format(table.concat(others, ', ')) or ''
  notify.warn('no program waits for this buffer' .. hint)
end

--- What programs wait for, hidden or not.
---@return promptstack.Waiting[]
function M.waiting()
  return vim.tbl_map(function(wait)
    return {
      buf = wait.buf,
      file = wait.file,
      modified = vim.bo[wait.buf].modified,
      hidden = #vim.fn.win_findbuf(wait.buf) == 0,
    }
  end, waits.list())
end

return M
