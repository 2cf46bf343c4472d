--- What the pickers of the history and of the shelf have in common.
local format = require('promptstack.history.format')
local history = require('promptstack.history')
local notify = require('promptstack.notify')
local question = require('promptstack.history.question')
local rpc = require('promptstack.rpc.contract')
local text = require('promptstack.ui.picker.text')
local view = require('promptstack.history.view')

local M = {}

--- From this many columns on the preview stands beside the list; rows of the history are long.
M.BESIDE = 150

--- Whether a picker can open here.
---@return boolean
function M.may_open()
  if vim.fn.getcmdwintype() == '' then return true end
  notify.warn('the picker does not open from the command-line window (<C-c> leaves it)')
  return false
end

--- Whether Neovim ends: what is asked for then would start a host that nobody ends, and Neovim waits for it for ever.
---@return boolean
function M.is_ending()
  return vim.v.exiting ~= vim.NIL
end

---@param by integer
---@return fun(picker: promptstack.Picker)
function M.mark(by)
  return function(picker)
    picker:mark(by)
  end
end

--- Calls back when what is listed may have changed.
---@param refresh fun()
---@return fun() stop
function M.watch(refresh)
  local stops = {
    rpc.on_composition_saved(refresh),
    rpc.on_composition_sent(refresh),
    rpc.on_history_rebuilt(refresh),
  }
  return function()
    for _, stop in ipairs(stops) do
      stop()
    end
  end
end

--- What has to be said of a reply besides its rows.
---@param reply promptstack.HistoryReply
---@return string?
function M.note(reply)
  if reply.note then return reply.note end
  if reply.searched_newest then
    return ('searched so far: the newest %s'):format(format.number(reply.searched_newest))
  end
  if reply.ranked_newest then
    return ('ranked: the newest %s; others by date'):format(format.number(reply.ranked_newest))
  end
end

--- The keys in the border, after what has to be said.
---@param picker promptstack.Picker?
---@param note string?
---@param hints string[]
---@return string[]
function M.hints(picker, note, hints)
  if not note then return hints end
  local width = picker and picker.window:is_open() and vim.api.nvim_win_get_width(picker.window.win) or 60
  local sign = require('promptstack.config').ui('icons') and '⚠ ' or '! '
  local shown = text.fit(sign .. note, width - 2)
  return vim.list_extend({ shown }, hints)
end

--- The list's width, as soon as there is one.
---@param picker fun(): promptstack.Picker?
---@return fun(): integer
function M.width(picker)
  return function()
    local it = picker()
    return it and it.window:is_open() and vim.api.nvim_win_get_width(it.window.win) or vim.o.columns
  end
end

--- Reads compositions while the picker stays open; it closes when that went well.
---@param picker promptstack.Picker
---@param chosen promptstack.PickerItem[]
---@param use fun(entries: promptstack.HistoryEntry[]) called where the person was
function M.read(picker, chosen, use)
  if #chosen == 0 then return end
  picker:busy(true)
  local ids = vim.tbl_map(function(item)
    return item.id
  end, chosen)
  history.read(ids, function(err, entries)
    picker:busy(false)
    if err then return picker:say(notify.text(err)) end
    picker:close(function()
      use(entries)
    end)
  end)
end

--- Moves the selection from rows that are about to go to the next one that stays.
---@param picker promptstack.Picker
---@param ids string[]
function M.step_off(picker, ids)
  local page, at = picker.page, picker.list.selected
  if not page then return end
  local function stays(index)
    return not vim.tbl_contains(ids, page.item(index).id)
  end
  for index = at, page.count do
    if stays(index) then return picker:select(index) end
  end
  for index = math.min(at, page.count), 1, -1 do
    if stays(index) then return picker:select(index) end
  end
end

--- Shows what a row stands for, from the first place on at which something was found.
---@param picker promptstack.Picker?
---@param err promptstack.WireError?
---@param reply promptstack.HistoryPreviewReply?
---@param on_view fun(err: string?, view: promptstack.PickerView?)
function M.show_view(picker, err, reply, on_view)
  local shown = reply and view.of(reply)
  on_view(err and notify.text(err), shown)
  if not picker then return end
  -- The same row may be found by other words the next time.
  picker.preview:forget()
  view.colour(picker)
  local hit = reply and reply.hits[1]
  if shown and hit then view.scroll(picker, shown, hit.row) end
end

--- Makes an opened picker ours; another one that was open already is left as it is.
---@param picker promptstack.Picker
---@param source promptstack.PickerSource
function M.opened(picker, source)
  if picker.source == source then question.guard(picker) end
end

return M
