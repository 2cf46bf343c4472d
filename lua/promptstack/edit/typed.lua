--- Reads a typed command line: which commands it runs.
---
--- Neovim's own parser does the work; it does not look behind the bar of commands that take an expression, nor into
--- those that take a command.
local M = {}

--- Their argument is a command.
local TAKES_COMMAND = {
  argdo = true,
  bufdo = true,
  cdo = true,
  cfdo = true,
  folddoclosed = true,
  folddoopen = true,
  ldo = true,
  lfdo = true,
  tabdo = true,
  windo = true,
}

--- A bar ends their expression.
local TAKES_EXPRESSION = {
  call = true,
  const = true,
  ['else'] = true,
  ['elseif'] = true,
  echo = true,
  echoerr = true,
  echomsg = true,
  echon = true,
  eval = true,
  execute = true,
  ['for'] = true,
  ['if'] = true,
  let = true,
  throw = true,
  unlet = true,
  ['while'] = true,
}

--- A command line may nest; nobody types as many levels.
local MAX_DEPTH = 20

--- What stands behind each bar of an expression.
---@param text string
---@return string[]
local function behind_bars(text)
  local found, quote, at = {}, nil, 1
  while at <= #text do
    local char = text:sub(at, at)
    if quote then
      if char == '\\' and quote == '"' then
        at = at + 1
      elseif char == quote then
        quote = nil
      end
    elseif char == '"' or char == "'" then
      quote = char
    elseif char == '|' then
      if text:sub(at + 1, at + 1) == '|' then
        at = at + 1
      else
        found[#found + 1] = text:sub(at + 1)
      end
    end
    at = at + 1
  end
  return found
end

--- What stands behind a pattern and, for a substitution, its replacement.
---@param text string begins with the delimiter
---@param parts integer
---@return string
local function behind_pattern(text, parts)
  local delimiter, at = text:sub(1, 1), 2
  while parts > 0 and at <= #text do
    local char = text:sub(at, at)
    if char == '\\' then
      at = at + 1
    elseif char == delimiter then
      parts = parts - 1
    end
    at = at + 1
  end
  return text:sub(at)
end

---@param line string
---@param depth integer
---@param visit fun(parsed: table)
local function each(line, depth, visit)
  if depth > MAX_DEPTH then return end
  local ok, parsed = pcall(vim.api.nvim_parse_cmd, line, {})
  -- What is no command runs nothing, nor does what follows it.
  if not ok then return end
  visit(parsed)
  local name, rest = parsed.cmd, table.concat(parsed.args or {}, ' ')
  local inner = {}
  if (name == 'write' or name == 'read') and vim.startswith(rest, '!') then
    return
  elseif parsed.nextcmd ~= '' then
    inner = { parsed.nextcmd }
  elseif TAKES_COMMAND[name] then
    inner = { rest }
  elseif name == 'global' or name == 'vglobal' then
    inner = { behind_pattern(rest, 1) }
  elseif name == 'substitute' then
    inner = behind_bars(behind_pattern(rest, 2))
  elseif TAKES_EXPRESSION[name] then
    inner = behind_bars(rest)
    local literal = name == 'execute' and rest:match('^(["\'])')
    if literal then inner[#inner + 1] = rest:match('^' .. literal .. '([^' .. literal .. ']*)' .. literal) end
  end
  for _, command in ipairs(inner) do
    each(command, depth + 1, visit)
  end
end

---@class promptstack.TypedLine
---@field quits_with_error boolean `:cquit` in any form
---@field hides boolean `:hide` as a command, not as a modifier
---@field writes_all_and_quits boolean `:wqall` or `:xall`

--- Tells what a command line is about to do.
---@param line string
---@return promptstack.TypedLine
function M.read(line)
  local found = {}
  each(line, 0, function(parsed)
    found[parsed.cmd] = true
  end)
  return {
    quits_with_error = found.cquit == true,
    hides = found.hide == true,
    writes_all_and_quits = found.wqall == true or found.xall == true,
  }
end

return M
