---@type promptstack.Command
return {
  desc = 'hand this over: to a terminal, a pane, a command, a model, a register; ! presses Enter; --dry-run shows it',
  impl = function(args)
    local words, dry_run = {}, false
    for _, word in ipairs(args.fargs) do
      if word == '--dry-run' then
        dry_run = true
      else
        words[#words + 1] = word
      end
    end
    local first, last =
      args.line1, --[[@as integer]]
      args.line2 --[[@as integer]]
    require('promptstack.handover').send(words, {
      enter = args.bang,
      dry_run = dry_run,
      range = args.range > 0 and { first, last } or nil,
    })
  end,
  complete = function(lead)
    return require('promptstack.handover.targets').complete(lead)
  end,
}
