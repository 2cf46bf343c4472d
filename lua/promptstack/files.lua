--- Files of the project in a text: links to them, and references that are expanded when the text is handed over.
local directory_of = require('promptstack.files.directory')
local keepers = require('promptstack.composition.keeper')
local notify = require('promptstack.notify')

local M = {}

--- Notes the files that a composition names.
---@param buf integer
---@param paths string[]
local function note(buf, paths)
  local known = keepers.origins(buf)
  if known then require('promptstack.composition.origins').add_files(known, paths) end
end

--- Puts links or references to files at the cursor.
---@param texts string[]
---@param paths string[]
---@param kind 'links'|'references'
---@param there boolean whether the cursor is where the person wanted it; else nothing is put into what is there now
---@param mode 'n'|'i'|'t' that the person was in
function M.insert(texts, paths, kind, there, mode)
  if not there then return notify.warn(('the %s are not inserted: the window is gone'):format(kind)) end
  -- Before the text, which the host gets together with them.
  note(vim.api.nvim_get_current_buf(), paths)
  require('promptstack.files.put').put(texts, kind, mode == 't')
end

--- Opens the title editor for files, and links them where the person was.
---@param titles string[]
---@param paths string[]
---@param origin promptstack.Origin
function M.edit_titles(titles, paths, origin)
  require('promptstack.files.titles').open({
    titles = titles,
    paths = paths,
    origin = origin,
    insert = function(links, linked, there)
      M.insert(links, linked, 'links', there, origin.mode)
    end,
  })
end

--- Opens the file picker.
---@param opts? { query?: string }
function M.pick(opts)
  if vim.fn.getcmdwintype() ~= '' then
    return notify.warn('the picker does not open from the command-line window (<C-c> leaves it)')
  end
  local directory = directory_of(vim.api.nvim_get_current_buf())
  require('promptstack.pickers.files').pick(directory, opts)
end

return M
