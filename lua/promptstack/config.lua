--- `vim.g.promptstack` and `setup()`, merged: `ui.*` is checked here, every other key by the host.
local M = {}

---@class promptstack.UiOptions
---@field picker? 'auto'|'found'|'builtin'|'telescope'|'snacks'|'fzf_lua'|'mini'|'select' which picker draws the library
---@field icons? boolean signs such as ⚠; plain letters without
---@field tab_normal? boolean the Tab key jumps in normal mode too while placeholders are filled
---@field list_keys? boolean n, e and d act in the list editor
---@field compose? 'split'|'vsplit'|'tab'|'float'|'current' where a composition opens
---@field attach? string[] file patterns, besides those of known agents, whose buffers become compositions
---@field ghost? boolean a continuation is asked for by itself after a pause in insert mode; costs money
---@field ghost_delay? number how long that pause is, in milliseconds
---@field border? 'none'|'single'|'double'|'rounded'|'solid'|'shadow'|'bold' of our windows; 'winborder' without

---@class promptstack.Options
---@field ui? promptstack.UiOptions
---@field [string] any keys of config.yaml

--- Every `ui.*` option: its default and what it may be.
---@type table<string, { default: any, type: string, values?: string[], range?: [number, number] }>
M.ui_options = {
  picker = {
    default = 'auto',
    type = 'string',
    values = { 'auto', 'found', 'builtin', 'telescope', 'snacks', 'fzf_lua', 'mini', 'select' },
  },
  icons = { default = true, type = 'boolean' },
  tab_normal = { default = true, type = 'boolean' },
  list_keys = { default = false, type = 'boolean' },
  compose = {
    default = 'split',
    type = 'string',
    values = { 'split', 'vsplit', 'tab', 'float', 'current' },
  },
  attach = { default = {}, type = 'table' },
  ghost = { default = false, type = 'boolean' },
  ghost_delay = { default = 600, type = 'number', range = { 100, 60000 } },
  border = {
    default = '',
    type = 'string',
    values = { 'none', 'single', 'double', 'rounded', 'solid', 'shadow', 'bold' },
  },
}

local given = {} ---@type promptstack.Options

---@return promptstack.Options
local function merged()
  local global = type(vim.g.promptstack) == 'table' and vim.g.promptstack or {}
  return vim.tbl_deep_extend('force', global, given)
end

--- Stores what the person gave to `setup()`.
---@param opts? promptstack.Options
function M.set(opts)
  given = opts or {}
end

---@param option { range?: [number, number] }
---@param value any
---@return boolean
local function is_outside(option, value)
  local range = option.range
  return range ~= nil and (value < range[1] or value > range[2])
end

--- What is wrong with the `ui.*` options, a line each.
---@return string[]
function M.problems()
  local found = {}
  local ui = merged().ui
  if ui ~= nil and type(ui) ~= 'table' then return { ('ui must be a table, not %s'):format(type(ui)) } end
  for key, value in pairs(ui or {}) do
    local option = M.ui_options[key]
    if not option then
      local known = vim.tbl_keys(M.ui_options)
      table.sort(known)
      found[#found + 1] = ("unknown option 'ui.%s' (allowed: %s)"):format(key, table.concat(known, ', '))
    elseif type(value) ~= option.type then
      found[#found + 1] = ('ui.%s must be a %s, not %s'):format(key, option.type, type(value))
    elseif is_outside(option, value) then
      local range = assert(option.range)
      local words = 'ui.%s must be from %d to %d, not %s'
      found[#found + 1] = words:format(key, range[1], range[2], value)
    elseif value ~= option.default and option.values and not vim.tbl_contains(option.values, value) then
      found[#found + 1] = ("ui.%s can't be '%s' (allowed: %s)"):format(
        key,
        value,
        table.concat(option.values, ', ')
      )
    end
  end
  table.sort(found)
  return found
end

--- A `ui.*` option; its default where the given value can't be used.
---@param key string
---@return any
function M.ui(key)
  local option = M.ui_options[key]
  local ui = merged().ui
  local value = nil
  if type(ui) == 'table' then value = ui[key] end
  if value == nil or type(value) ~= option.type or is_outside(option, value) then return option.default end
  if option.values and not vim.tbl_contains(option.values, value) then return option.default end
  return value
end

--- What the host has to know.
---@return table
function M.host_options()
  local options = merged()
  options.ui = nil
  return options
end

return M
