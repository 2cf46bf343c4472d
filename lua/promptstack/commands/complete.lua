local words = { 'accept', 'line', 'word', 'next', 'dismiss' }

---@type promptstack.Command
return {
  desc = 'continue the text at the cursor; accept, line and word take it, next asks for another, dismiss',
  impl = function(args)
    local word = args.fargs[1]
    if word and not vim.tbl_contains(words, word) then
      require('promptstack.notify').warn(
        ("there is no ':Prompt complete %s' (%s)"):format(word, table.concat(words, ', '))
      )
      return
    end
    require('promptstack').complete(word --[[@as promptstack.GhostPart?]])
  end,
  complete = function(lead)
    return vim.tbl_filter(function(word)
      return vim.startswith(word, lead)
    end, words)
  end,
}
