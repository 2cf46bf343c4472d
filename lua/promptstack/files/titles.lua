--- The title editor: a small buffer with the title of a file on each line, edited as any buffer.
local Window = require('promptstack.ui.window')
local files = require('promptstack.files.rows')
local marks = require('promptstack.ui.marks')
local notify = require('promptstack.notify')
local origins = require('promptstack.ui.origin')
local rpc = require('promptstack.rpc.contract')

local M = {}

local FOOTER = '<CR> insert · dd drop · q cancel · g? keys'

---@class promptstack.TitlesOpts
---@field titles string[]
---@field paths string[]
---@field origin promptstack.Origin where the links go
---@field insert fun(links: string[], paths: string[], there: boolean) called there

--- A name that no buffer has, so that the buffer can be written.
---@return string
local function free_name()
  local number = 1
  while vim.fn.bufexists('promptstack://titles/' .. number) == 1 do
    number = number + 1
  end
  return 'promptstack://titles/' .. number
end

--- Shows the path behind each title.
---@param buf integer
---@param state promptstack.FileRows
local function draw(buf, state)
  vim.api.nvim_buf_clear_namespace(buf, marks.window, 0, -1)
  for index, row in ipairs(state.rows) do
    local text, group = row.path or '', 'PromptstackHint'
    if not row.path then
      text, group = vim.trim(row.text) ~= '' and 'no file: left out' or '', 'PromptstackWarning'
    end
    if text ~= '' and index <= vim.api.nvim_buf_line_count(buf) then
      vim.api.nvim_buf_set_extmark(buf, marks.window, index - 1, 0, {
        virt_text = { { '  ' .. text, group } },
        virt_text_pos = 'eol',
      })
    end
  end
end

--- Follows the lines of the buffer.
---@param buf integer
---@param state promptstack.FileRows
local function follow(buf, state)
  draw(buf, state)
  vim.api.nvim_buf_attach(buf, false, {
    on_lines = function(_, _, _, first, last, new_last)
      files.replace(state, first, last, vim.api.nvim_buf_get_lines(buf, first, new_last, false))
      vim.schedule(function()
        if not vim.api.nvim_buf_is_valid(buf) then return end
        files.fit(state, vim.api.nvim_buf_get_lines(buf, 0, -1, true))
        draw(buf, state)
      end)
    end,
  })
end

---@param titles string[]
---@param paths string[]
---@return integer
local function wanted_width(titles, paths)
  local width = vim.fn.strdisplaywidth(FOOTER) + 2
  for index, title in ipairs(titles) do
    width = math.max(width, vim.fn.strdisplaywidth(title .. paths[index]) + 4)
  end
  return math.min(width, 100, vim.o.columns - 6)
end

--- Opens the editor; the current window is the one that the person comes from, in normal mode.
---@param opts promptstack.TitlesOpts
---@return promptstack.Window
function M.open(opts)
  local state = files.new(opts.titles, opts.paths)
  local applying, over = false, false
  local window ---@type promptstack.Window
  window = Window.open({
    title = #opts.paths == 1 and 'Link a file' or ('Link %d files'):format(#opts.paths),
    footer = FOOTER,
    width = wanted_width(opts.titles, opts.paths),
    height = math.min(math.max(#opts.paths + 1, 3), math.floor(vim.o.lines * 0.6)),
    enter = true,
    filetype = 'promptstack-titles',
    on_close = function()
      if applying or over then return end
      over = true
      origins.back(opts.origin, function() end)
    end,
  })
  local buf = window.buf
  vim.bo[buf].undolevels = -1
  window:set_lines(opts.titles)
  vim.bo[buf].undolevels = vim.go.undolevels
  vim.bo[buf].buftype = 'acwrite'
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].swapfile = false
  vim.api.nvim_buf_set_name(buf, free_name())
  vim.bo[buf].modified = false
  follow(buf, state)

  local function apply()
    if applying or over then return end
    files.fit(state, vim.api.nvim_buf_get_lines(buf, 0, -1, true))
    local titles, paths = files.files(state)
    if #paths == 0 then
      window:close()
      return notify.info('no file is left, so nothing was inserted')
    end
    applying = true
    rpc.files_links({ titles = titles, paths = paths }, function(err, reply)
      applying = false
      if over then return end
      if err then
        notify.error(err)
        -- It was closed by what wrote it: what was typed would be gone.
        if not window:is_open() then
          M.open({ titles = titles, paths = paths, origin = opts.origin, insert = opts.insert })
        end
        return
      end
      over = true
      origins.back(opts.origin, function()
        window:close()
      end, function(there)
        opts.insert(reply.links, paths, there)
      end)
    end)
  end
  vim.api.nvim_create_autocmd('BufWriteCmd', {
    buffer = buf,
    callback = function()
      vim.bo[buf].modified = false
      apply()
    end,
  })
  window:map('n', '<CR>', 'insert the links', apply)
  window:map('n', 'ZZ', 'insert the links', apply)
  window:map('n', 'q', 'cancel', function()
    window:close()
  end)
  require('promptstack.ui.help').attach(window)
  return window
end

return M
