--- Completion of references to files, as a language server inside Neovim: every completion plugin knows how to ask one,
--- and so does CTRL-X CTRL-O. Neovim's own inline completion asks it for continuations.
---
--- It looks for no root, tells no progress and is told of no change: it reads the line when it is asked.
local directory_of = require('promptstack.files.directory')
local rpc = require('promptstack.rpc.contract')

local M = {}

local NAME = 'promptstack'
--- Rows of a menu; more can't be looked through.
local LIMIT = 50

--- Completion plugins that ask language servers by themselves, as one types.
local plugins = { 'cmp', 'blink.cmp', 'coq', 'mini.completion' }

--- A reference without what makes it one.
---@param reference string
---@return string
local function label(reference)
  return (reference:gsub('^@"?', ''):gsub('"$', ''))
end

---@param line string
---@param row integer
---@param column integer
---@param reply promptstack.TypedReply
---@return lsp.CompletionItem[]
local function items(line, row, column, reply)
  if not reply.start then return {} end
  local typed = line:sub(reply.start + 1, column)
  local range = {
    start = { line = row, character = reply.start },
    ['end'] = { line = row, character = column },
  }
  local found = {}
  for index, reference in ipairs(reply.references) do
    found[index] = {
      label = label(reference),
      kind = vim.lsp.protocol.CompletionItemKind.File,
      -- The host has chosen and ordered: nobody else has to.
      filterText = typed,
      sortText = ('%04d'):format(index),
      insertTextFormat = vim.lsp.protocol.InsertTextFormat.PlainText,
      textEdit = { range = range, newText = reference },
    }
  end
  return found
end

--- The buffer of a request: one without a name has nothing else to be known by.
---@param uri string
---@return integer
local function buffer_of(uri)
  local current = vim.api.nvim_get_current_buf()
  if vim.uri_from_bufnr(current) == uri then return current end
  for _, buf in ipairs(vim.api.nvim_list_bufs()) do
    if vim.api.nvim_buf_is_loaded(buf) and vim.uri_from_bufnr(buf) == uri then return buf end
  end
  return current
end

---@param params lsp.CompletionParams
---@param callback fun(err: any, result: any)
---@return fun() cancel
local function complete(params, callback)
  local buf = buffer_of(params.textDocument.uri)
  local row, column = params.position.line, params.position.character
  local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1] or ''
  local nothing = { isIncomplete = false, items = {} }
  if not line:sub(1, column):find('@', 1, true) then
    callback(nil, nothing)
    return function() end
  end
  local asked = { directory = directory_of(buf), line = line, column = column, limit = LIMIT }
  return rpc.files_complete(asked, function(err, reply)
    -- A menu is no place for errors, and another letter asks again.
    if err then return callback(nil, nothing) end
    callback(nil, { isIncomplete = reply.start ~= nil, items = items(line, row, column, reply) })
  end)
end

local capabilities = {
  positionEncoding = 'utf-8',
  completionProvider = { triggerCharacters = { '@', '/' }, resolveProvider = false },
  inlineCompletionProvider = vim.fn.has('nvim-0.12') == 1 or nil,
}

--- The server, as `vim.lsp.start()` takes it in the place of a command.
---@param dispatchers vim.lsp.rpc.Dispatchers
---@return vim.lsp.rpc.PublicClient
local function server(dispatchers)
  local closing, last_id = false, 0
  local pending = {} ---@type table<integer, fun()>
  local function stop()
    if closing then return end
    closing = true
    for _, cancel in pairs(pending) do
      cancel()
    end
    dispatchers.on_exit(0, 0)
  end
  return {
    request = function(method, params, callback, on_done)
      if closing then return false end
      last_id = last_id + 1
      local id = last_id
      -- Neovim notes a request as pending after this returns, so an answer comes later.
      local answer = vim.schedule_wrap(function(err, result)
        pending[id] = nil
        if closing then return end
        if on_done then on_done(id) end
        callback(err, result)
      end)
      if method == 'initialize' then
        callback(nil, { capabilities = capabilities, serverInfo = { name = NAME } })
      elseif method == 'shutdown' then
        callback(nil, vim.NIL)
      elseif method == 'textDocument/completion' then
        pending[id] = complete(params, answer)
      elseif method == 'textDocument/inlineCompletion' then
        local buf = buffer_of(params.textDocument.uri)
        pending[id] = require('promptstack.ghost.inline').complete(buf, params, answer)
      else
        answer(nil, vim.NIL)
      end
      return true, id
    end,
    notify = function(method, params)
      if method == 'exit' then
        stop()
      elseif method == '$/cancelRequest' and pending[params.id] then
        pending[params.id]()
        pending[params.id] = nil
      end
      return not closing
    end,
    is_closing = function()
      return closing
    end,
    terminate = stop,
  }
end

--- Whether somebody else opens menus here as one types.
---@return boolean
local function is_served()
  if vim.fn.exists('+autocomplete') == 1 and vim.o.autocomplete then return true end
  return vim.iter(plugins):any(function(plugin)
    return package.loaded[plugin] ~= nil
  end)
end

--- Opens the menu for the reference that is being typed. The host's choice is shown as it is: what Neovim makes of a
--- server's answer would lose what does not begin with the letters typed since.
---@param buf integer
local function offer(buf)
  local cursor = vim.api.nvim_win_get_cursor(0)
  local column, line = cursor[2], vim.api.nvim_get_current_line()
  local before = line:sub(1, column)
  if not (before:find('@%S*$') or before:find('@"[^"]*$')) or is_served() then return end
  local asked = { directory = directory_of(buf), line = line, column = column, limit = LIMIT }
  rpc.files_complete(asked, function(err, reply)
    if err or not reply.start or vim.api.nvim_get_current_buf() ~= buf then return end
    local is_here = vim.api.nvim_get_mode().mode:find('^i') ~= nil
      and vim.deep_equal(vim.api.nvim_win_get_cursor(0), cursor)
      and vim.api.nvim_get_current_line() == line
    local rest = reply.references
    if not is_here or #rest == 0 or (#rest == 1 and rest[1] == before:sub(reply.start + 1)) then return end
    vim.fn.complete(
      reply.start + 1,
      vim.tbl_map(function(reference)
        return { word = reference, abbr = label(reference), dup = 1 }
      end, rest)
    )
  end, { latest = 'files.complete' })
end

--- Opens the menu at `@` where nobody else would: only in buffers that are nothing but a composition.
---@param buf integer
---@param group integer of autocommands
local function open_by_itself(buf, group)
  -- Before, 'completeopt' is the same for all buffers, and the first file would be in the text before anybody chose it.
  if vim.fn.has('nvim-0.11') == 0 or vim.bo[buf].buftype ~= 'acwrite' then return end
  local wanted = vim.split(vim.go.completeopt, ',', { trimempty = true })
  for _, flag in ipairs({ 'menuone', 'noselect' }) do
    if not vim.tbl_contains(wanted, flag) then wanted[#wanted + 1] = flag end
  end
  vim.bo[buf].completeopt = table.concat(wanted, ',')
  local typed = false
  vim.api.nvim_create_autocmd('InsertCharPre', {
    group = group,
    buffer = buf,
    callback = function()
      typed = true
    end,
  })
  -- What a menu puts into the text opens no other one.
  vim.api.nvim_create_autocmd({ 'TextChangedI', 'TextChangedP' }, {
    group = group,
    buffer = buf,
    callback = function()
      if typed then offer(buf) end
      typed = false
    end,
  })
end

--- What Neovim's Markdown file type takes CTRL-X CTRL-O for: tags of HTML, which no prompt is made of.
local HTML = 'htmlcomplete#CompleteTags'

--- Lets CTRL-X CTRL-O ask here, whatever a file type that is set later has for it by default.
---@param buf integer
local function take_omnifunc(buf)
  local omnifunc = vim.bo[buf].omnifunc
  if omnifunc == '' or omnifunc == HTML then vim.bo[buf].omnifunc = 'v:lua.vim.lsp.omnifunc' end
end

--- Ends the server with the last buffer that it serves.
local function stop_with_the_last()
  vim.api.nvim_create_autocmd('LspDetach', {
    group = vim.api.nvim_create_augroup('promptstack.lsp', {}),
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      if not client or client.name ~= NAME then return end
      pcall(vim.api.nvim_del_augroup_by_name, 'promptstack.lsp.' .. event.buf)
      vim.schedule(function()
        if next(client.attached_buffers) == nil then client:stop() end
      end)
    end,
  })
end

--- Completes references in a buffer from now on, as long as it is loaded.
---@param buf integer
function M.attach(buf)
  if not vim.api.nvim_buf_is_loaded(buf) then return end
  if #vim.lsp.get_clients({ name = NAME, bufnr = buf }) > 0 then return end
  local id = vim.lsp.start({ name = NAME, cmd = server }, {
    bufnr = buf,
    silent = true,
    reuse_client = function(client)
      return client.name == NAME and not client:is_stopped()
    end,
  })
  if not id then return end
  local group = vim.api.nvim_create_augroup('promptstack.lsp.' .. buf, {})
  open_by_itself(buf, group)
  take_omnifunc(buf)
  vim.api.nvim_create_autocmd('FileType', {
    group = group,
    buffer = buf,
    callback = vim.schedule_wrap(function()
      if vim.api.nvim_buf_is_loaded(buf) then take_omnifunc(buf) end
    end),
  })
  stop_with_the_last()
end

return M
