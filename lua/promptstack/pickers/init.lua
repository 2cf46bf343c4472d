--- Chooses the picker that draws the library.
local config = require('promptstack.config')
local notify = require('promptstack.notify')

local M = {}

---@class promptstack.PickOpts
---@field query? string typed already
---@field new_line? boolean inserts on a new line
---@field selection? string[] lines for the placeholder named `selection` or `input`

--- What each picker of another plugin needs; ours and `vim.ui.select` need nothing.
---@type table<string, { plugin: string, module: string }>
local needs = {
  telescope = { plugin = 'telescope.nvim', module = 'telescope' },
  snacks = { plugin = 'snacks.nvim', module = 'snacks' },
  fzf_lua = { plugin = 'fzf-lua', module = 'fzf-lua' },
  mini = { plugin = 'mini.pick', module = 'mini.pick' },
}

--- Whether the plugin of a picker is installed.
---@param name 'telescope'|'snacks'|'fzf_lua'|'mini'
---@return boolean
function M.is_present(name)
  return (pcall(require, needs[name].module))
end

--- The picker to be used, ours where the wanted one can't be.
---@return string
local function choose()
  local wanted = config.ui('picker')
  -- Ours alone shows counts, order of marks and problems, so it is taken unless another one was asked for by name.
  if wanted == 'auto' then return 'builtin' end
  if wanted == 'found' then
    local found = vim.tbl_filter(M.is_present, { 'telescope', 'snacks', 'fzf_lua', 'mini' })
    return found[1] or 'builtin'
  end
  local need = needs[wanted]
  if need and not M.is_present(wanted) then
    notify.warn(
      ("%s is not installed, so the built-in picker opens (ui.picker = '%s')"):format(need.plugin, wanted)
    )
    return 'builtin'
  end
  return wanted
end

--- Opens the picker.
---@param opts? promptstack.PickOpts
function M.pick(opts)
  if vim.fn.getcmdwintype() ~= '' then
    notify.warn('the picker does not open from the command-line window (<C-c> leaves it)')
    return
  end
  require('promptstack.pickers.' .. choose()).pick(opts or {})
end

return M
