--- The library in telescope.nvim: the host finds and orders, telescope draws.
local actions = require('promptstack.pickers.actions')
local notify = require('promptstack.notify')
local prompts = require('promptstack.pickers.prompts')

local M = {}

--- A finder that asks the host; entries stay the same tables between queries, so that marks stay too.
local function finder()
  local known, cancel = {}, function() end ---@type table<string, table>, fun()
  local function find(_, query, process_result, process_complete)
    cancel()
    cancel = prompts.search_read(query or '', 200, function(err, reply)
      if err then notify.warn(err) end
      for index, prompt in ipairs(reply and prompts.entries(reply) or {}) do
        local line, spans = prompts.line(prompt)
        local entry = known[prompt.id] or {}
        known[prompt.id] = entry
        entry.value, entry.ordinal, entry.index = prompt, line, index
        entry.display = function()
          return line,
            vim.tbl_map(function(span)
              return { { span[1], span[2] }, span[3] }
            end, spans)
        end
        if process_result(entry) then return end
      end
      process_complete()
    end)
  end
  return setmetatable({
    close = function()
      cancel()
    end,
  }, { __call = find })
end

--- Opens telescope on the library.
---@param opts promptstack.PickOpts
---@param look? table telescope's own options
function M.pick(opts, look)
  local state = require('telescope.actions.state')
  local steps = require('telescope.actions')
  look = look or {}

  ---@param buf integer telescope's
  ---@return promptstack.Picked[]
  local function chosen(buf)
    local picked = state.get_current_picker(buf):get_multi_selection()
    if #picked == 0 then picked = { state.get_selected_entry() } end
    return vim.tbl_map(function(entry)
      return entry.value
    end, picked)
  end

  local verbs = actions.bind(opts, chosen, function(buf, done)
    if vim.api.nvim_buf_is_valid(buf) then steps.close(buf) end
    done()
  end)

  require('telescope.pickers')
    .new(look, {
      prompt_title = 'Prompts',
      default_text = opts.query,
      finder = finder(),
      sorter = require('telescope.sorters').new({
        discard = false,
        scoring_function = function(_, _, _, entry)
          return entry.index
        end,
      }),
      previewer = require('telescope.previewers').new_buffer_previewer({
        dyn_title = function(_, entry)
          return entry.value.id
        end,
        define_preview = function(self, entry)
          prompts.preview_into(self.state.bufnr, entry.value.id)
        end,
      }),
      attach_mappings = function(_, map)
        steps.select_default:replace(verbs.insert(opts.new_line))
        steps.select_horizontal:replace(verbs.edit('split'))
        steps.select_vertical:replace(verbs.edit('vsplit'))
        steps.select_tab:replace(verbs.edit('tab'))
        for _, mode in ipairs({ 'i', 'n' }) do
          map(mode, '<C-o>', verbs.insert(true))
          map(mode, '<C-CR>', verbs.insert(true))
          map(mode, '<C-e>', verbs.edit('edit'))
          map(mode, '<C-s>', verbs.edit('split'))
          map(mode, '<C-q>', verbs.list)
        end
        return true
      end,
    })
    :find()
end

return M
