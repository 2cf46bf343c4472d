--- Highlight groups, linked with `default` so that a colour scheme or a person may set them.
local M = {}

--- Every group: what it is linked to, and what it colours.
---@type { [1]: string, [2]: string, [3]: string }[]
M.groups = {
  { 'PromptstackNormal', 'NormalFloat', 'text in our windows' },
  { 'PromptstackBorder', 'FloatBorder', 'their borders' },
  { 'PromptstackTitle', 'FloatTitle', 'their titles' },
  { 'PromptstackHint', 'Comment', 'key hints and quiet text' },
  { 'PromptstackMatch', 'Special', 'matched letters in the picker' },
  { 'PromptstackSelection', 'Visual', 'the chosen row' },
  { 'PromptstackMarked', 'Statement', 'the sign of a marked row' },
  { 'PromptstackCategory', 'Directory', 'categories' },
  { 'PromptstackCount', 'Number', 'use counts' },
  { 'PromptstackWarning', 'DiagnosticWarn', 'the sign of a prompt with a warning' },
  { 'PromptstackError', 'DiagnosticError', 'the sign of a prompt with an error' },
  { 'PromptstackText', 'Identifier', '{{text:…}} placeholders' },
  { 'PromptstackList', 'Type', '{{list:…}} placeholders' },
  { 'PromptstackChoice', 'Constant', '{{choice:…}} placeholders' },
  { 'PromptstackCurrent', 'IncSearch', 'the placeholder that is being filled' },
  { 'PromptstackFilled', 'Underlined', 'text filled into a placeholder while the session lives' },
  { 'PromptstackProgress', 'Comment', 'the 2/5 at the end of the line' },
}

--- Defines the groups; again after a colour scheme cleared them.
function M.define()
  for _, group in ipairs(M.groups) do
    vim.api.nvim_set_hl(0, group[1], { link = group[2], default = true })
  end
end

return M
