--- Where the relative paths of a buffer begin: for a composition where it was begun, else in the working directory.
---@param buf integer
---@return string
return function(buf)
  local keeper = require('promptstack.composition.keeper').get(buf)
  return keeper and keeper.directory or vim.uv.cwd() or '/'
end
