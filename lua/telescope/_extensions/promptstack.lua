--- `:Telescope promptstack`.
local function pick(look)
  look = look or {}
  require('promptstack.pickers.telescope').pick({ query = look.default_text or look.query }, look)
end

return require('telescope').register_extension({ exports = { promptstack = pick, pick = pick } })
