--- The library in fzf-lua: the host finds and orders, fzf draws.
local actions = require('promptstack.pickers.actions')
local notify = require('promptstack.notify')
local prompts = require('promptstack.pickers.prompts')

local M = {}

--- Between the number of a row, which fzf does not show, and its text.
local TAB = '\t'

--- A previewer that asks the host.
---@param of fun(row: string): promptstack.PromptEntry?
local function previewer(of)
  local Previewer = require('fzf-lua.previewer.builtin').base:extend()

  function Previewer:new(o, opts, window)
    Previewer.super.new(self, o, opts, window)
    setmetatable(self, Previewer)
    return self
  end

  function Previewer:populate_preview_buf(row)
    local prompt = of(row)
    local buf = self:get_tmp_buffer()
    self:set_preview_buf(buf)
    if prompt then
      self.win:update_preview_title(' ' .. prompt.id .. ' ')
      prompts.preview_into(buf, prompt.id)
    end
  end

  return Previewer
end

--- Opens fzf-lua on the library.
---@param opts promptstack.PickOpts
function M.pick(opts)
  local fzf = require('fzf-lua')
  -- Rows are named by numbers: ids and titles may hold what fzf or a shell would take for its own.
  local known, numbers = {}, {} ---@type promptstack.PromptEntry[], table<string, integer>

  ---@param row string
  ---@return promptstack.PromptEntry?
  local function of(row)
    return known[tonumber(row:match('^%d+')) or 0]
  end

  local verbs = actions.bind(opts, function(rows)
    return vim.tbl_map(of, rows or {})
  end, function(_, done)
    done()
  end)

  local cancel = function() end

  local function find(args)
    return function(give)
      cancel()
      cancel = prompts.search_read(args[1] or '', 200, function(err, reply)
        if err then notify.warn(err) end
        for _, prompt in ipairs(reply and prompts.entries(reply) or {}) do
          local number = numbers[prompt.id] or #known + 1
          numbers[prompt.id], known[number] = number, prompt
          give(number .. TAB .. prompts.line(prompt):gsub(TAB, ' '))
        end
        give(nil)
      end)
    end
  end

  fzf.fzf_live(find, {
    prompt = '> ',
    query = opts.query,
    exec_empty_query = true,
    winopts = { title = ' Prompts ' },
    previewer = {
      _ctor = function()
        return previewer(of)
      end,
    },
    fzf_opts = { ['--multi'] = true, ['--delimiter'] = TAB, ['--with-nth'] = '2..', ['--no-sort'] = true },
    actions = {
      ['enter'] = verbs.insert(opts.new_line),
      ['ctrl-o'] = verbs.insert(true),
      ['ctrl-e'] = verbs.edit('edit'),
      ['ctrl-s'] = verbs.edit('split'),
      ['ctrl-v'] = verbs.edit('vsplit'),
      ['ctrl-t'] = verbs.edit('tab'),
      ['ctrl-q'] = verbs.list,
    },
  })
end

return M
