--- Accepts a suggestion that recommends a prompt of the library: it is inserted where the cursor is.
local accepting = require('promptstack.review.accept')
local moments = require('promptstack.ui.moment')
local notify = require('promptstack.notify')
local rpc = require('promptstack.rpc.contract')

local M = {}

--- Inserts the prompt below the line of the cursor, unless somebody has gone on meanwhile.
---@param review promptstack.Review
---@param item promptstack.ReviewItem
---@param id string
---@param win integer that shows the text
function M.insert(review, item, id, win)
  if item.state == 'applying' then return end
  vim.api.nvim_set_current_win(win)
  local moment = moments.now()
  item.state = 'applying'
  review.on_change()
  rpc.library_insert({ id = id }, function(err, reply)
    item.state = 'pending'
    local changed = moments.changed(moment)
    if err then
      item.state = 'failed'
      notify.error(err)
    elseif changed then
      notify.warn(("'%s' is not inserted: %s meanwhile (accept it again)"):format(id, changed))
    else
      item.state = 'applied'
      local same = vim.api.nvim_buf_get_changedtick(review.buf) == review.tick
      require('promptstack.insert').put(reply, { new_line = true })
      if same then review.tick = vim.api.nvim_buf_get_changedtick(review.buf) end
      accepting.tell(item)
    end
    review.on_change()
  end)
end

return M
